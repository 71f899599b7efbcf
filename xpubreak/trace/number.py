"""Numbers of a trace: decimal text to exact integers. Floats would lose nanoseconds of absolute times."""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation

from xpubreak.trace.columns import NONE

_MAX_NS = 1 << 61
_MAX_DIGITS = 40
_MAX_EXPONENT = 30
_MAX_TIME_CHARS = 1000
_EXACT = Context(prec=_MAX_TIME_CHARS + 10)


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
        None for what is no finite number, or lies beyond ±2⁶¹ ns.
    """
    whole, _, fraction = text.strip(b'" ').partition(b".")
    if len(fraction) <= 3 and len(whole) < 17:
        try:
            value_ns = int(whole) * 1000
            if fraction:
                if not fraction.isdigit():
                    return _from_decimal(text)
                part_ns = int(fraction) * (1000, 100, 10, 1)[len(fraction)]
                value_ns += -part_ns if whole[:1] == b"-" else part_ns
        except ValueError:
            return _from_decimal(text)
        return value_ns if abs(value_ns) < _MAX_NS else None
    return _from_decimal(text)


def _from_decimal(text: bytes) -> int | None:
    if len(text) > _MAX_TIME_CHARS:
        return None
    try:
        value = Decimal(text.strip(b'" ').decode("ascii"))
        if not value.is_finite() or value.adjusted() > _MAX_EXPONENT:
            return None
        if not value or value.adjusted() < -_MAX_EXPONENT:
            return 0
        value_ns = int(value.scaleb(3, _EXACT).to_integral_value(context=_EXACT))
    except (InvalidOperation, UnicodeDecodeError, ValueError):
        return None
    return value_ns if abs(value_ns) < _MAX_NS else None


def to_index(value: object) -> int:
    """Convert an id (number, or number in quotes) to an integer in the range of int64; −1 for anything else."""
    if isinstance(value, str):
        try:
            value = int(value[:_MAX_DIGITS])
        except ValueError:
            return NONE
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and -_MAX_NS < value < _MAX_NS:
        return value
    return NONE
