"""Ranges of numbers in selections: durations and times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from xpubreak.errors import SelectionError

OPEN = 2**53 - 1
"""Upper end of a range without one: the largest integer that a browser's numbers hold exactly."""


@dataclass(frozen=True, order=True)
class Range:
    """Integers from ``start`` up to, not including, ``stop``."""

    start: int
    stop: int

    def __str__(self) -> str:
        return f"≥ {self.start}" if self.stop >= OPEN else f"{self.start} … {self.stop}"

    def __and__(self, other: Range) -> Range:
        return Range(max(self.start, other.start), min(self.stop, other.stop))

    def __bool__(self) -> bool:
        return self.start < self.stop


def read_ranges(name: str, value: Any) -> frozenset[Range]:
    """Read one range or several: ``(start, stop)``, ``slice(start, stop)``, or a list of them; None is no bound.

    Raises
    ------
    SelectionError
        For anything else.
    """
    several = [value] if _is_pair(value) or isinstance(value, slice | Range) else value
    if isinstance(several, str) or not isinstance(several, Iterable):
        raise SelectionError(f"{name}: {value!r} is no range. Write (start, stop); None leaves an end open.")
    return frozenset(_read(name, item) for item in several)


def joined(ranges: Iterable[Range]) -> frozenset[Range]:
    """The same numbers in the fewest ranges: touching ones become one, empty ones go."""
    found: list[Range] = []
    for item in sorted(item for item in ranges if item):
        if found and item.start <= found[-1].stop:
            found[-1] = Range(found[-1].start, max(found[-1].stop, item.stop))
        else:
            found.append(item)
    return frozenset(found)


def both(mine: Iterable[Any], others: Iterable[Any]) -> frozenset[Range]:
    """Numbers that are in some range of either side."""
    return joined([a & b for a in mine for b in others])


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(_is_end(end) for end in value)


def _is_end(value: Any) -> bool:
    return value is None or (isinstance(value, int | float | np.integer) and not isinstance(value, bool))


def _read(name: str, item: Any) -> Range:
    if isinstance(item, Range):
        return item
    if isinstance(item, slice):
        item = (item.start, item.stop)
    if not _is_pair(item):
        raise SelectionError(f"{name}: {item!r} is no range. Write (start, stop); None leaves an end open.")
    start, stop = item
    try:
        return Range(0 if start is None else int(start), OPEN if stop is None else int(stop))
    except (ValueError, OverflowError):
        raise SelectionError(f"{name}: {item!r} has an end that is no number.") from None
