"""Ranks put together: one string table, one call tree, one list of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.classify.backend import Evidence
from xpubreak.trace.columns import NONE, AnyArray
from xpubreak.trace.strings import Strings
from xpubreak.tree.calltree import CallTree, depth_first
from xpubreak.tree.paths import as_table

_TEXTS = ("name", "display", "op", "module", "shapes", "dtypes", "collective")


def merge(parts: Sequence[Tables]) -> Tables:
    """Put ranks together.

    Parameters
    ----------
    parts
        One for each rank, or several that were merged before, by rank.

    Returns
    -------
    Tables
        Rows of the parts behind each other.
    """
    if len(parts) == 1:
        return parts[0]
    strings = Strings()
    evidence_of: dict[Evidence, int] = {}
    paths: dict[tuple[int, int, int], int] = {}
    # Each column is written once, into its place: with many ranks, copies are what takes the time.
    count = sum(len(part.rows) for part in parts)
    merged: dict[str, Any] = {
        field.name: np.empty(count, dtype=getattr(parts[0].rows, field.name).dtype) for field in fields(Rows)
    }
    places: list[tuple[slice, Tables, AnyArray]] = []
    first = 0
    for part in parts:
        here = slice(first, first + len(part.rows))
        texts = np.array([strings.intern(text) for text in part.strings] + [NONE], dtype=np.int32)
        evidences = np.array([*(evidence_of.setdefault(e, len(evidence_of)) for e in part.evidences), NONE])
        places.append((here, part, _add_tree(part.tree, texts, paths)))
        for name, column in merged.items():
            values = getattr(part.rows, name)
            if name in _TEXTS:
                _renumber(texts, values, column[here])
            elif name == "evidence":
                _renumber(evidences, values, column[here])
            elif name != "node":
                column[here] = values
        launch = merged["launch"][here]
        if first:
            launch[launch >= 0] += first
        first += len(part.rows)
    tree, new_place = depth_first(as_table(paths))
    for here, part, nodes in places:
        _renumber(new_place[nodes], part.rows.node, merged["node"][here])
    runs = tuple(run for part in parts for run in part.runs)
    folded = max((part.folded for part in parts), key=len, default=())
    return Tables(Rows(**merged), tree, strings, tuple(evidence_of), runs, folded)


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
