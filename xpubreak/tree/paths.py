"""Merge events by call path: equal parents, names and kinds are one node."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xpubreak.trace.columns import NONE, AnyArray, IntArray
from xpubreak.trace.compiled import compile_loop, is_worth
from xpubreak.tree.jumps import depths

_MAX_LEVELS = 2000
"""Deeper trees take less time event by event."""
_MIX = 0x9E3779B97F4A7C15


class Paths:
    """Distinct call paths, numbered in order of appearance, parents before children.

    Parameters
    ----------
    expected
        Number of events that will be added at most; decides whether compiled code is used.
    """

    def __init__(self, expected: int) -> None:
        self._known: dict[tuple[int, int, int], int] = {}
        self._compiled = compile_loop(_merge) if is_worth(expected) else None
        if self._compiled is not None:
            self._table = np.empty((max(1, expected), 3), dtype=np.int64)
            self._slots = np.full(1 << max(4, (2 * expected).bit_length()), NONE, dtype=np.int32)
            self._size = np.zeros(1, dtype=np.int64)

    @property
    def table(self) -> IntArray:
        """int64[k, 3]: parent node (−1 for none), name and kind of every node."""
        if self._compiled is not None:
            return self._table[: self._size[0]]
        return as_table(self._known)

    def add_nested(self, parent: AnyArray, names: AnyArray, kinds: AnyArray, depth: AnyArray | None = None) -> IntArray:
        """Add events whose parents are among them.

        Parameters
        ----------
        parent
            Position of the event around each one, always an earlier one, or −1.
        names, kinds
            What they are merged by.
        depth
            Number of events around each one, where it is known.
        """
        if self._compiled is not None:
            nodes = np.empty(len(parent), dtype=np.int64)
            self._compiled(parent, nodes, True, names, kinds, nodes, self._table, self._slots, self._size)
            return nodes
        if depth is None:
            depth = depths(parent)
        order = np.argsort(depth.astype(np.int16) if len(depth) and depth.max() < 1 << 15 else depth, kind="stable")
        bounds = np.flatnonzero(np.diff(depth[order])) + 1
        if len(bounds) > _MAX_LEVELS:
            return self._one_by_one(parent, names, kinds)
        # Level by level, outermost first, so that parents which are one path are known to be. An event stands for all
        # of its path that come later: position −1 finds the appended last one.
        same_as = np.full(len(parent) + 1, NONE, dtype=np.int64)
        own = _joined(names, kinds)
        for level in np.split(order, bounds):
            _, first, inverse = np.unique(
                _joined(same_as[parent[level]], own[level]), return_index=True, return_inverse=True
            )
            same_as[level] = level[first][inverse]
        first = np.flatnonzero(same_as[:-1] == np.arange(len(parent)))
        node_of = {NONE: NONE}
        keys = zip(
            first.tolist(), same_as[parent[first]].tolist(), names[first].tolist(), kinds[first].tolist(), strict=True
        )
        known = self._known
        for event, above, name, kind in keys:
            node_of[event] = known.setdefault((node_of[above], name, kind), len(known))
        found = np.full(len(parent), NONE, dtype=np.int64)
        found[first] = [node_of[event] for event in first.tolist()]
        return found[same_as[:-1]]

    def _one_by_one(self, parent: AnyArray, names: AnyArray, kinds: AnyArray) -> IntArray:
        found: list[int] = []
        known = self._known
        for up, name, kind in zip(parent.tolist(), names.tolist(), kinds.tolist(), strict=True):
            key = (found[up] if up >= 0 else NONE, name, kind)
            found.append(known.setdefault(key, len(known)))
        return np.array(found, dtype=np.int64)

    def add_below(self, node: IntArray, names: AnyArray, kinds: AnyArray) -> IntArray:
        """Add events below nodes that are known."""
        if self._compiled is not None:
            nodes = np.empty(len(node), dtype=np.int64)
            self._compiled(node, nodes, False, names, kinds, nodes, self._table, self._slots, self._size)
            return nodes
        known = self._known
        _, first, inverse = np.unique(_joined(node, _joined(names, kinds)), return_index=True, return_inverse=True)
        found = np.zeros(len(first), dtype=np.int64)
        for one in np.argsort(first).tolist():  # in order of appearance
            event = first[one]
            found[one] = known.setdefault((int(node[event]), int(names[event]), int(kinds[event])), len(known))
        return found[inverse]


def _joined(above: AnyArray, below: AnyArray) -> IntArray:
    """One number for two, from −1 on each: equal where both are."""
    base = int(below.max(initial=0)) + 2
    return (above.astype(np.int64) + 1) * base + (below.astype(np.int64) + 1)


def as_table(paths: Mapping[tuple[int, int, int], int]) -> IntArray:
    """Write (parent, name, kind) → node, in order of the nodes, as int64[k, 3]."""
    return np.array(list(paths), dtype=np.int64).reshape(len(paths), 3)


def _merge(parent, nodes, is_nested, names, kinds, out, table, slots, size):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(slots) - 1)
    for i in range(len(parent)):
        above = np.int64(parent[i])
        if is_nested and above >= 0:
            above = nodes[above]
        name, kind = np.int64(names[i]), np.int64(kinds[i])
        mixed = np.uint64(above + 1) * np.uint64(_MIX)
        mixed = (mixed ^ np.uint64(name)) * np.uint64(_MIX)
        mixed = (mixed ^ (mixed >> np.uint64(29)) ^ np.uint64(kind)) * np.uint64(_MIX)
        slot = (mixed ^ (mixed >> np.uint64(31))) & mask
        while True:
            node = slots[slot]
            if node < 0:
                node = size[0]
                size[0] += 1
                slots[slot] = node
                table[node, 0] = above
                table[node, 1] = name
                table[node, 2] = kind
                break
            if table[node, 0] == above and table[node, 1] == name and table[node, 2] == kind:
                break
            slot = (slot + np.uint64(1)) & mask
        out[i] = node
