"""``bd.assert_within(baseline, "5%")``: a test that fails where a run got slower."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xpubreak.breakdown.compare.compare import compare
from xpubreak.breakdown.compare.comparereport import signed_ns, signed_share
from xpubreak.breakdown.compare.differences import ALPHA
from xpubreak.errors import SelectionError, SlowerError
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.compare.comparison import Comparison

NOISE = ("ignore", "fail", "strict")
_LIMIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(%|ns|us|µs|ms|s)?\s*\Z")
_NS = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
_MOST_NAMED = 10


def assert_within(
    bd: Breakdown,
    baseline: Breakdown,
    limit: str | float,
    *,
    by: str | tuple[str, ...] | None = None,
    noise: str = "ignore",
    at_least_frac: float = 0.01,
    alpha: float = ALPHA,
) -> Comparison:
    """Raise where a run is slower than a baseline by more than a limit.

    Parameters
    ----------
    bd
        The candidate.
    baseline
        What to compare with.
    limit
        Most that it may be slower: ``"5%"``, ``"200us"`` a step, or a fraction such as 0.05.
    by
        Check every value of these dimensions as well as the whole, such as ``"backend"`` or ``("layer", "backend")``.
    noise
        What to make of a difference beyond the limit that may be noise: ``"ignore"`` it; ``"fail"`` on it; or be
        ``"strict"``, and fail wherever the interval reaches beyond the limit, so that passing is evidence.
    at_least_frac
        With ``by``: rows that take less than this share of a step in both runs are not checked.
    alpha
        See ``xb.compare``.

    Returns
    -------
    Comparison
        For a look at it.

    Raises
    ------
    SlowerError
        An `AssertionError` that names what got slower, worst first.
    SelectionError
        The limit or an option cannot be read, or the runs have nothing in common that could be compared: a check
        that cannot fail would be none.
    """
    if noise not in NOISE:
        raise SelectionError(f"noise={noise!r}: it is one of {', '.join(NOISE)}.")
    frac, most_ns = read_limit(limit)
    found = compare(baseline, bd, titles=(baseline.title or "baseline", bd.title or "candidate"), alpha=alpha)
    errors = [note for note in found.notes if note.code in ("empty-side", "no-common-steps", "other-weight")]
    if any(note.severity == "error" for note in errors):
        raise SelectionError(f"Nothing can be checked: {errors[0].message}")
    if noise != "fail" and not found.matched.pairing.is_testable:
        note = next(note for note in found.notes if note.code in ("too-few-steps", "no-common-steps"))
        raise SelectionError(f"{note.message} To compare all the same, say noise='fail'.")
    dimensions = (by,) if isinstance(by, str) else tuple(by or ())
    whole = found.totals.to_dict("records")[0]
    rows = [(f"{found.a.weight} time", whole)]
    if dimensions:
        least = at_least_frac * max(whole["a_ns"], whole["b_ns"])
        rows += [
            (" · ".join(f"{name} {row[name]}" for name in dimensions), row)
            for row in found.by(*dimensions).to_dict("records")
            if max(row["a_ns"], row["b_ns"]) >= least
        ]
    slow = [(name, row) for name, row in rows if _is_slower(row, max(frac * row["a_ns"], most_ns), noise)]
    if slow:
        raise SlowerError(_message(found, str(limit), slow), found)
    return found


def _is_slower(row: Mapping[Any, Any], allowed_ns: float, noise: str) -> bool:
    if noise == "strict":
        return bool(row["high_ns"] > allowed_ns)
    if row["delta_ns"] <= allowed_ns:
        return False
    return noise == "fail" or row["verdict"] in ("slower", "only in B")


def read_limit(limit: str | float) -> tuple[float, float]:
    """Read a limit: as a fraction, and in nanoseconds.

    Raises
    ------
    SelectionError
        It is none.
    """
    if isinstance(limit, int | float) and not isinstance(limit, bool) and 0 <= limit < 10:
        return float(limit), 0.0
    found = _LIMIT.match(limit) if isinstance(limit, str) else None
    if found is None:
        raise SelectionError(f"{limit!r} is no limit. Write '5%', '200us' or a fraction such as 0.05.")
    number, unit = float(found[1]), found[2]
    if unit == "%":
        return number / 100, 0.0
    if unit is None:
        raise SelectionError(f"{limit!r} has no unit. Write '{limit}%' or '{limit}us'.")
    return 0.0, number * _NS[unit]


def _message(found: Comparison, limit: str, slow: Sequence[tuple[str, Mapping[Any, Any]]]) -> str:
    slow = sorted(slow, key=lambda item: -item[1]["delta_ns"])
    per = found.matched.pairing.per
    lines = [f"{found.b_title} is slower than {found.a_title} by more than {limit}:"]
    for name, row in slow[:_MOST_NAMED]:
        interval = (
            f", between {signed_ns(row['low_ns'])} and {signed_ns(row['high_ns'])}"
            if row["low_ns"] == row["low_ns"]
            else ""
        )
        lines.append(
            f"  {name}: {format_ns(row['a_ns'])} → {format_ns(row['b_ns'])} per {per}, {signed_ns(row['delta_ns'])} "
            f"({signed_share(row['delta_frac'])}{interval}; {row['verdict']})"
        )
    if len(slow) > _MOST_NAMED:
        lines.append(f"  and {len(slow) - _MOST_NAMED} more")
    kernels = found.kernels
    worst = kernels[kernels["verdict"].isin(("slower", "only in B"))].head(3).to_dict("records")
    lines += [f"  most of it: {row['b_kernel'] or row['a_kernel']} {signed_ns(row['delta_ns'])}" for row in worst[:3]]
    lines += [f"  note: {note.message}" for note in found.notes if note.severity != "info"]
    return "\n".join(lines)
