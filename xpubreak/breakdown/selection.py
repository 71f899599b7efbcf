"""Selections: which rows a person is looking at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from xpubreak.breakdown.dimension import DIMENSIONS, dimension
from xpubreak.breakdown.rows import Tables
from xpubreak.classify.backend import find_role
from xpubreak.errors import SelectionError
from xpubreak.trace.columns import BoolArray
from xpubreak.trace.strings import Strings

TEXT = "text"
MAX_PATTERN = 200
_MAX_MATCHED = 4096  # characters of a name that a pattern sees: bounds what a hostile name can cost

Value = str | int
Clause = tuple[str, frozenset[Value]]


@dataclass(frozen=True)
class Selection:
    """Clauses by dimension, all of which have to hold; within one, any value will do.

    Parameters
    ----------
    clauses
        Sorted (dimension, values). The dimension ``"text"`` holds search texts: a plain text matches anywhere in the
        kernel, operator or module name, whatever the case; ``/…/`` is a regular expression. Several texts must all
        match.
    """

    clauses: tuple[Clause, ...] = ()

    @classmethod
    def of(cls, **values: Any) -> Selection:
        """Make a selection from keywords; values may be one value, several, a range, or a slice of numbers.

        Raises
        ------
        SelectionError
            For a dimension that does not exist, or values of the wrong type.
        """
        clauses = {name: _values(name, value) for name, value in values.items() if value is not None}
        return cls(tuple(sorted(clauses.items(), key=lambda clause: clause[0])))

    @classmethod
    def from_json(cls, data: Mapping[str, Iterable[Value]]) -> Selection:
        """Read what `to_json` wrote."""
        return cls.of(**{str(name): list(values) for name, values in data.items()})

    def to_json(self) -> dict[str, list[Value]]:
        """Write as plain JSON: ``{"backend": ["cpu", "vllm"], "layer": [3]}``."""
        return {
            name: sorted(values, key=lambda value: (isinstance(value, str), value)) for name, values in self.clauses
        }

    def __and__(self, other: Selection) -> Selection:
        """Both: values of a common dimension intersect, search texts add up."""
        merged = dict(self.clauses)
        for name, values in other.clauses:
            mine = merged.get(name)
            merged[name] = values if mine is None else (mine | values if name == TEXT else mine & values)
        return Selection(tuple(sorted(merged.items(), key=lambda clause: clause[0])))

    def __bool__(self) -> bool:
        return bool(self.clauses)

    def __str__(self) -> str:
        parts = []
        for name, values in self.to_json().items():
            parts.append(f"{name} {', '.join(str(value) for value in values) or 'nothing'}")
        return " · ".join(parts) or "everything"

    def mask(self, tables: Tables) -> BoolArray:
        """Which rows are selected, bool[n]."""
        selected = np.ones(len(tables.rows), dtype=bool)
        for name, values in self.clauses:
            if name == TEXT:
                for text in values:
                    selected &= _mentions(tables, str(text))
            else:
                selected &= dimension(name).mask(tables, values)
        return selected


def _values(name: str, value: Any) -> frozenset[Value]:
    if name != TEXT and name not in DIMENSIONS:
        raise SelectionError(f"There is no dimension {name!r}. Choose from {', '.join([*DIMENSIONS, TEXT])}.")
    if isinstance(value, slice):
        if value.start is None or value.stop is None:
            raise SelectionError(f"{name}: a slice needs both ends, for example slice(3, 6) for 3, 4 and 5.")
        value = range(value.start, value.stop, value.step or 1)
    is_one = isinstance(value, str) or not isinstance(value, Iterable)
    several = [value] if is_one else list(value)
    plain = [item.item() if isinstance(item, np.generic) else item for item in several]
    if name == "backend":  # both vllm and vllm-xpu-kernels name the same backend
        plain = [
            role.key if isinstance(item, str) and (role := find_role(item)) is not None else item for item in plain
        ]
    for item in plain:
        if isinstance(item, bool) or not isinstance(item, str | int):
            raise SelectionError(f"{name}: {item!r} is neither a text nor a number.")
        if name == TEXT:
            pattern_of(str(item))
        else:
            DIMENSIONS[name].check(item)
    return frozenset(plain)


def pattern_of(text: str) -> re.Pattern[str]:
    """Compile a search text.

    Raises
    ------
    SelectionError
        For an invalid or oversized regular expression.
    """
    if len(text) > MAX_PATTERN:
        raise SelectionError(f"A search text may have {MAX_PATTERN} characters, this one has {len(text)}.")
    if len(text) > 2 and text.startswith("/") and text.endswith("/"):
        try:
            return re.compile(text[1:-1], re.IGNORECASE)
        except re.error as error:
            raise SelectionError(f"{text} is no regular expression: {error}.") from error
    return re.compile(re.escape(text), re.IGNORECASE)


def _mentions(tables: Tables, text: str) -> BoolArray:
    pattern, strings, rows = pattern_of(text), tables.strings, tables.rows
    found = np.zeros(len(rows), dtype=bool)
    for column in (rows.display, rows.name, rows.op, rows.module):
        found |= np.isin(column, matching(strings, np.unique(column), pattern))
    return found


def matching(strings: Strings, ids: np.ndarray, pattern: re.Pattern[str]) -> list[int]:
    """Ids of the strings that a pattern is found in."""
    return [i for i in ids.tolist() if i >= 0 and pattern.search(strings.text(i)[:_MAX_MATCHED])]
