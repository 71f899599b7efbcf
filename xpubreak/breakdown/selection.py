"""Selections: which rows a person is looking at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from xpubreak.breakdown.dimension import DIMENSIONS, RANGES, UNDER, dimension
from xpubreak.breakdown.range import Range, read_ranges
from xpubreak.breakdown.rows import Tables
from xpubreak.breakdown.searchtext import FoundText, finder, pattern_of
from xpubreak.classify.backend import find_role
from xpubreak.errors import SelectionError
from xpubreak.trace.columns import BoolArray
from xpubreak.trace.compiled import compile_loop, is_worth_a_walk
from xpubreak.trace.strings import Strings

TEXT = "text"
SHOWN = ("display", "op", "module")
"""Columns of names that views show, and searches look in."""
_NAMES = (*DIMENSIONS, *RANGES, UNDER.name, TEXT)

Value = str | int | Range
Clause = tuple[str, frozenset[Value]]


_TOLD_ROWS = 8


@dataclass(frozen=True)
class Selection:
    """Clauses by dimension, all of which have to hold; within one, any value will do.

    Parameters
    ----------
    clauses
        Sorted (dimension, values). The dimension ``"text"`` holds search texts: a plain text matches anywhere in the
        kernel, operator or module name as tables and views show it, whatever the case; ``/…/`` is a regular
        expression. Several texts must all match. Names as they are in the trace, mangled ones too, are the
        dimension ``"name"``. ``"under"`` holds nodes of the call tree, all of which a row must lie at or below.
        ``"duration_ns"`` and ``"time_ns"`` hold ranges of nanoseconds; a row has to
        touch all ranges of time.
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
    def from_json(cls, data: Mapping[str, Iterable[Any]]) -> Selection:
        """Read what `to_json` wrote."""
        return cls.of(**{str(name): list(values) for name, values in data.items()})

    def to_json(self) -> dict[str, list[Any]]:
        """Write as plain JSON: ``{"backend": ["cpu", "vllm"], "layer": [3], "duration_ns": [[0, 5000]]}``."""
        return {
            name: [[item.start, item.stop] if isinstance(item, Range) else item for item in sorted(values, key=_order)]
            for name, values in self.clauses
        }

    def __and__(self, other: Selection) -> Selection:
        """Both: values of a common dimension intersect, search texts add up."""
        merged = dict(self.clauses)
        for name, values in other.clauses:
            mine = merged.get(name)
            merged[name] = values if mine is None else _intersect(name, mine, values)
        return Selection(tuple(sorted(merged.items(), key=lambda clause: clause[0])))

    def __bool__(self) -> bool:
        return bool(self.clauses)

    def __str__(self) -> str:
        parts = []
        for name, values in self.clauses:
            texts = [str(value) for value in sorted(values, key=_order)]
            if name == "row" and len(texts) > _TOLD_ROWS:  # of any number, which are nobody's to read
                texts[_TOLD_ROWS - 1 :] = [f"… ({len(texts):,} in all)"]
            parts.append(f"{name} {', '.join(texts) or 'nothing'}")
        return " · ".join(parts) or "everything"

    def mask(self, tables: Tables) -> BoolArray:
        """Which rows are selected, bool[n]."""
        masks = [mask for name, values in self.clauses for mask in _masks(tables, name, values)]
        if not masks:
            return np.ones(len(tables.rows), dtype=bool)
        return reduce(np.logical_and, masks)


def _order(value: Any) -> Any:
    return isinstance(value, str), value


def _intersect(name: str, mine: frozenset[Value], others: frozenset[Value]) -> frozenset[Value]:
    if name in (TEXT, UNDER.name):
        return mine | others
    if name in RANGES:
        return frozenset(RANGES[name].joined(_ranges(mine), _ranges(others)))
    return mine & others


def _ranges(values: Iterable[Value]) -> list[Range]:
    return [item for item in values if isinstance(item, Range)]


def _values(name: str, value: Any) -> frozenset[Value]:
    if name in RANGES:
        return frozenset(read_ranges(name, value))
    if name not in _NAMES:
        raise SelectionError(f"There is no dimension {name!r}. Choose from {', '.join(_NAMES)}.")
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
            if not isinstance(item, FoundText):
                pattern_of(str(item))
        else:
            (UNDER if name == UNDER.name else DIMENSIONS[name]).check(item)
    return frozenset(plain)


def _masks(tables: Tables, name: str, values: frozenset[Value]) -> Iterator[BoolArray]:
    """Which rows fit a clause: all of these."""
    if name == TEXT:
        for text in values:
            yield _mentions(tables, text if isinstance(text, str) else str(text))
    elif name in RANGES:
        yield RANGES[name].mask(tables, _ranges(values))
    else:
        plain = [item for item in values if not isinstance(item, Range)]
        item = UNDER if name == UNDER.name else dimension(name)
        yield item.mask(tables, plain)


def ids_found(tables: Tables, text: str) -> list[int]:
    """Ids of the names that a search finds, of those that views show; they know no others, and find the same rows."""
    rows = tables.rows
    shown = [rows.distinct(getattr(rows, name)) for name in SHOWN]
    return matching(tables.strings, np.unique(np.concatenate(shown)), text)


def _mentions(tables: Tables, text: str) -> BoolArray:
    rows = tables.rows
    columns = [getattr(rows, name) for name in SHOWN]
    matches = set(ids_found(tables, text))
    tables_of_ids = []
    for column in columns:
        ids = rows.distinct(column)
        is_match = np.zeros(int(ids.max(initial=0)) + 2, dtype=bool)  # the last one is for −1
        is_match[[i for i in ids.tolist() if i in matches]] = True
        tables_of_ids.append(is_match)
    if is_worth_a_walk(len(rows)):
        found = np.empty(len(rows), dtype=bool)
        compile_loop(_look_up)(*columns, *tables_of_ids, found)
        return found
    return reduce(np.logical_or, [table[column] for table, column in zip(tables_of_ids, columns, strict=True)])


def _look_up(display, op, module, of_display, of_op, of_module, found):  # type: ignore[no-untyped-def]
    for i in range(len(found)):
        found[i] = of_display[display[i]] or of_op[op[i]] or of_module[module[i]]


def matching(strings: Strings, ids: np.ndarray, text: str) -> list[int]:
    """Ids of the strings that a search finds."""
    if isinstance(text, FoundText):
        text.check(strings.text(i) for i in ids.tolist() if i >= 0)
    finds = finder(text)
    return [i for i in ids.tolist() if i >= 0 and finds(strings.text(i))]
