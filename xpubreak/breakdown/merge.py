"""Ranks put together: one string table, one call tree, one list of evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from xpubreak.breakdown.packing import EVERYWHERE, everywhere
from xpubreak.breakdown.rows import Rows, Tables, dtypes_of
from xpubreak.classify.backend import Evidence
from xpubreak.trace.ahead import processors
from xpubreak.trace.columns import NONE, AnyArray
from xpubreak.trace.strings import Strings
from xpubreak.tree.calltree import CallTree, depth_first
from xpubreak.tree.paths import as_table

_WORTH_THREADS = 1 << 18
"""Rows from which on they save more than their start costs."""
_MOST_THREADS = 8
_TEXTS = ("name", "display", "op", "module", "shapes", "dtypes", "collective")


def merge(parts: Sequence[Tables]) -> Tables:
    """Put ranks together.

    Parameters
    ----------
    parts
        One for each rank, or several that were merged before, by rank. Their columns may be narrower than documented.

    Returns
    -------
    Tables
        Rows of the parts behind each other.
    """
    if len(parts) == 1:
        return parts[0] if _is_documented(parts[0].rows) else replace(parts[0], rows=_behind_each_other(parts, [{}]))
    strings = Strings()
    evidence_of: dict[Evidence, int] = {}
    paths: dict[tuple[int, int, int], int] = {}
    numbers = []
    for part in parts:
        texts = np.array([strings.intern(text) for text in part.strings] + [NONE], dtype=np.int32)
        evidences = np.array([*(evidence_of.setdefault(e, len(evidence_of)) for e in part.evidences), NONE])
        numbers.append(
            {**dict.fromkeys(_TEXTS, texts), "evidence": evidences, "node": _add_tree(part.tree, texts, paths)}
        )
    tree, new_place = depth_first(as_table(paths))
    for number_of in numbers:
        number_of["node"] = new_place[number_of["node"]]
    rows = _behind_each_other(parts, numbers)
    runs = tuple(run for part in parts for run in part.runs)
    folded = max((part.folded for part in parts), key=len, default=())
    return Tables(rows, tree, strings, tuple(evidence_of), runs, folded)


def _is_documented(rows: Rows) -> bool:
    columns = {name: getattr(rows, name) for name in dtypes_of(Rows)}
    return all(
        column.dtype == dtypes_of(Rows)[name] and (name in EVERYWHERE or not _is_constant(column))
        for name, column in columns.items()
    )


def _behind_each_other(parts: Sequence[Tables], numbers: Sequence[Mapping[str, AnyArray]]) -> Rows:
    """Write each column once, into its place: of many ranks, copies are what takes the time.

    Most of that is the first touch of new memory, in which several threads do not wait for each other.
    """
    firsts = np.cumsum([0, *(len(part.rows) for part in parts)]).tolist()
    merged: dict[str, Any] = {}
    for name, dtype in dtypes_of(Rows).items():
        values = [getattr(part.rows, name) for part in parts]
        if name in EVERYWHERE and all(map(_is_constant, values)) and len({int(column[0]) for column in values}) == 1:
            merged[name] = everywhere(int(values[0][0]), firsts[-1], dtype)
        else:
            merged[name] = np.empty(firsts[-1], dtype=dtype)

    def fill(place: tuple[str, int]) -> None:
        name, part = place
        first, column = firsts[part], merged[name][firsts[part] : firsts[part + 1]]
        values = getattr(parts[part].rows, name)
        if name in numbers[part]:
            _renumber(numbers[part][name], values, column)
        else:
            column[:] = values
        if name == "launch" and first:
            column[column >= 0] += first

    places = [(name, part) for name, column in merged.items() if not _is_constant(column) for part in range(len(parts))]
    if firsts[-1] < _WORTH_THREADS:
        for place in places:
            fill(place)
    else:
        with ThreadPoolExecutor(min(processors(), _MOST_THREADS)) as threads:
            for _ in threads.map(fill, places):
                pass
    return Rows(**merged)


def _is_constant(column: AnyArray) -> bool:
    return column.strides == (0,) and len(column) > 0


def _renumber(numbers: AnyArray, values: AnyArray, target: AnyArray) -> None:
    """Put the new numbers of values into their place; the last of ``numbers`` is that of −1."""
    np.take(numbers.astype(target.dtype, copy=False), values, out=target, mode="wrap")


def _add_tree(tree: CallTree, texts: AnyArray, paths: dict[tuple[int, int, int], int]) -> AnyArray:
    """Add a part's call paths to the common ones; return the common node of each of its nodes, and −1 for −1."""
    home = [NONE] * (len(tree) + 1)
    rows = zip(tree.parent.tolist(), texts[tree.name].tolist(), tree.kind.tolist(), strict=True)
    for node, (parent, name, kind) in enumerate(rows):
        home[node] = paths.setdefault((home[parent], name, kind), len(paths))
    return np.array(home, dtype=np.int64)
