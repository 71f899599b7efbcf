"""Units: everything inside is integer nanoseconds and bytes; only text for people is scaled."""

from __future__ import annotations

NS_PER_US = 1_000
NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000


def format_ns(duration_ns: float) -> str:
    """Scale a duration for reading: ``850 ns``, ``12.3 µs``, ``4.56 ms``, ``1.23 s``."""
    magnitude_ns = abs(duration_ns)
    if magnitude_ns < NS_PER_US:
        return f"{duration_ns:.0f} ns"
    if magnitude_ns < NS_PER_MS:
        return f"{duration_ns / NS_PER_US:.3g} µs" if magnitude_ns < 999_500 else "1.00 ms"
    if magnitude_ns < NS_PER_S:
        return _three_digits(duration_ns / NS_PER_MS, "ms")
    return _three_digits(duration_ns / NS_PER_S, "s")


def _three_digits(value: float, unit: str) -> str:
    decimals = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{decimals}f} {unit}"


def format_share(part: float, whole: float) -> str:
    """Percentage of a whole, ``–`` where there is no whole."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    return f"{percent:.1f} %" if percent < 99.95 or part == whole else "99.9 %"
