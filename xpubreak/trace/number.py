"""Numbers of a trace: decimal text to exact integers. Floats would lose nanoseconds of absolute times."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation

from xpubreak.trace.columns import NONE

MAX_DURATION_NS = 1 << 53
"""104 days: what takes longer is a mistake, and a few such sums are no 64-bit integers any more."""
MAX_BYTES = 1 << 48
"""256 TiB: no device holds as much."""

_MAX_NS = 1 << 61
_MAX_DIGITS = 40
_MAX_EXPONENT = 30
_MAX_TIME_CHARS = 1000
_MAX_EXACT = 1 << 53
_EXACT = Context(prec=_MAX_TIME_CHARS + 10)
# Python's int and Decimal take more than that for a number: "1_0", "+5", digits of other scripts.
_DECIMAL = re.compile(rb"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_INTEGER = re.compile("-?[0-9]+")


def us_to_ns(text: bytes) -> int | None:
    """Convert microseconds, as JSON text (number or quoted number), to integer nanoseconds.

    Parameters
    ----------
    text
        For example ``b"4609930764454.552"``, ``b"1.5e3"``, ``b'"12"'``. Digits beyond the nanosecond are rounded
        half to even.

    Returns
    -------
    int or None
        None for what is no finite number, or lies beyond ±2⁶¹ ns (73 years, so that times since 1970 fit).
    """
    if text[:1] == b'"' == text[-1:]:
        text = text[1:-1]
    whole, _, fraction = text.partition(b".")
    if len(whole) < 17 and whole.removeprefix(b"-").isdigit():
        if not fraction and len(whole) == len(text):
            return _in_range(int(whole) * 1000)
        if len(fraction) <= 3 and fraction.isdigit():
            part_ns = int(fraction) * (1000, 100, 10, 1)[len(fraction)]
            return _in_range(int(whole) * 1000 + (-part_ns if whole[:1] == b"-" else part_ns))
    return _from_decimal(text)


def duration_ns(text: bytes) -> int | None:
    """Convert a duration as `us_to_ns` does; None also for what is longer than `MAX_DURATION_NS`."""
    found_ns = us_to_ns(text)
    return None if found_ns is None or found_ns > MAX_DURATION_NS else found_ns


def _from_decimal(text: bytes) -> int | None:
    if len(text) > _MAX_TIME_CHARS or _DECIMAL.fullmatch(text) is None:
        return None
    try:
        value = Decimal(text.decode("ascii"))
    except InvalidOperation:  # an exponent of more digits than a processor's word has
        return None
    if value.adjusted() > _MAX_EXPONENT:
        return None
    if not value or value.adjusted() < -_MAX_EXPONENT:
        return 0
    return _in_range(int(value.scaleb(3, _EXACT).to_integral_value(context=_EXACT)))


def _in_range(value_ns: int) -> int | None:
    return value_ns if -_MAX_NS < value_ns < _MAX_NS else None


def to_index(value: object) -> int:
    """Convert an id (number, or number in quotes) to an integer in the range of int64; −1 for anything else."""
    if isinstance(value, str):
        value = int(value) if len(value) <= _MAX_DIGITS and _INTEGER.fullmatch(value) else None
    elif isinstance(value, float):  # a whole number that something has written as 3.0
        value = int(value) if value.is_integer() and abs(value) <= _MAX_EXACT else None
    if isinstance(value, int) and not isinstance(value, bool) and -_MAX_NS < value < _MAX_NS:
        return value
    return NONE
