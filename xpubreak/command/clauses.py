"""Selections as text: ``phase=decode,layer=0:4,backend=cpu|triton``."""

from __future__ import annotations

import re
from typing import Any

from xpubreak.breakdown.dimension import DIMENSIONS, RANGES, UNDER
from xpubreak.breakdown.selection import TEXT, Selection
from xpubreak.errors import SelectionError

_NEXT = re.compile(r",(?=\s*[a-z_]+\s*=)")  # a comma that no dimension follows belongs to a name
_SPAN = re.compile(r"(-?\d*):(-?\d*)")
_NUMBER = re.compile(r"-?\d+")


def read_clauses(text: str) -> Selection:
    """Read clauses that all have to hold.

    Parameters
    ----------
    text
        ``dimension=value`` with commas between; ``|`` between values, any of which will do; ``0:4`` for the numbers 0
        to 3, and for ranges of time in nanoseconds. The value of ``text`` is taken as it is: ``text=/fmha|attn/``.

    Raises
    ------
    SelectionError
        Says what cannot be read, or which dimensions there are.
    """
    selection = Selection()
    for clause in _NEXT.split(text):
        name, sign, value = (part.strip() for part in clause.partition("="))
        if not sign or not name or not value:
            raise SelectionError(f"{clause.strip()!r} is no clause such as phase=decode.")
        selection = selection & Selection.of(**{name: _values(name, value)})
    return selection


def _values(name: str, text: str) -> Any:
    if name == TEXT:
        return text
    if name in RANGES:
        return _range(name, text)
    is_number = name == UNDER.name or (
        name in DIMENSIONS and DIMENSIONS[name].words is None and not DIMENSIONS[name].strings
    )
    found: list[Any] = []
    for value in (part.strip() for part in text.split("|")):
        if not is_number:
            found.append("" if value in ("''", '""') else value)
        elif _NUMBER.fullmatch(value):
            found.append(int(value))
        else:
            first, end = _range(name, value)
            if first is None or end is None:
                raise SelectionError(f"{name}={value}: a range of numbers needs both ends, such as 0:4.")
            found.extend(range(first, min(end, first + (1 << 20))))
    return found


def _range(name: str, text: str) -> tuple[int | None, int | None]:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise SelectionError(f"{name}={text}: it takes a number, or a range such as 0:4.")
    first, end = (int(part) if part not in ("", "-") else None for part in match.groups())
    if first is not None and end is not None and first >= end:
        raise SelectionError(f"{name}={text} is empty: {end} is left out, and {first} is not below it.")
    return first, end
