"""Call trees seen otherwise: without some nodes, or from the leaves up."""

from __future__ import annotations

import numpy as np

from xpubreak.trace.columns import NONE, AnyArray, CodeArray, IntArray
from xpubreak.tree.calltree import CallTree, depth_first
from xpubreak.tree.paths import as_table

MAX_INVERTED_DEPTH = 128
"""Callers further out are left out of an inverted tree: paths of a runaway recursion would make it quadratic."""


def collapse(tree: CallTree, keep: AnyArray) -> tuple[CallTree, CodeArray]:
    """Take nodes out; their children move up and merge with equal siblings.

    Parameters
    ----------
    tree
        The call tree.
    keep
        bool[k].

    Returns
    -------
    CallTree, int32[k]
        And for every old node the new node that its time belongs to (the nearest kept one, −1 for none).
    """
    paths: dict[tuple[int, int, int], int] = {}
    home = [NONE] * len(tree)
    rows = zip(tree.parent.tolist(), tree.name.tolist(), tree.kind.tolist(), keep.tolist(), strict=True)
    for node, (parent, name, kind, kept) in enumerate(rows):
        outer = home[parent] if parent >= 0 else NONE
        home[node] = paths.setdefault((outer, name, kind), len(paths)) if kept else outer
    collapsed, new_place = depth_first(as_table(paths))
    return collapsed, new_place[np.array(home, dtype=np.int64)].astype(np.int32)


def invert(tree: CallTree, self_ns: IntArray) -> tuple[CallTree, IntArray]:
    """Turn the tree over: what took the time at the top, its callers below.

    Parameters
    ----------
    tree
        The call tree.
    self_ns
        int64[k].

    Returns
    -------
    CallTree, int64[j]
        And the time of each new node: all of it at the top, and what of it came through each caller below.
        The top level adds up to the self times of the old tree.
    """
    paths: dict[tuple[int, int, int], int] = {}
    times: list[int] = []
    parents, names, kinds = tree.parent.tolist(), tree.name.tolist(), tree.kind.tolist()
    for leaf in np.flatnonzero(self_ns).tolist():
        at, outer = leaf, NONE
        for _ in range(MAX_INVERTED_DEPTH):
            outer = paths.setdefault((outer, names[at], kinds[at]), len(paths))
            if outer == len(times):
                times.append(0)
            times[outer] += int(self_ns[leaf])
            at = parents[at]
            if at == NONE:
                break
    inverted, new_place = depth_first(as_table(paths))
    moved = np.zeros(len(times), dtype=np.int64)
    moved[new_place[:-1]] = times
    return inverted, moved
