"""Call tree: events merged by call path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xpubreak.trace.columns import NONE, CodeArray, IntArray, SmallArray, freeze
from xpubreak.trace.events import Events, Kind
from xpubreak.tree.launches import Launches
from xpubreak.tree.nest import Nesting
from xpubreak.tree.paths import Paths


@dataclass(frozen=True)
class CallTree:
    """Distinct call paths, in depth-first order: children in order of first appearance.

    ::

        node  parent  subtree_end
        0       −1        2         execute (decode)
        1        0        2         └ aten::mm
        2        1        2           └ gemm_kernel
        3       −1        3         aten::copy_

    Parameters
    ----------
    parent
        int32[k]: −1 at top level, else smaller than the node itself.
    name
        int32[k]: string id.
    kind
        uint8[k]: a `Kind`.
    depth
        int32[k].
    subtree_end
        int32[k]: descendants of i are i + 1 … subtree_end[i], inclusive.
    """

    parent: CodeArray
    name: CodeArray
    kind: SmallArray
    depth: CodeArray
    subtree_end: CodeArray

    def __len__(self) -> int:
        return len(self.parent)

    def path(self, node: int) -> list[int]:
        """Nodes from the top level down to the node itself; empty for −1."""
        found = []
        while node != NONE:
            found.append(node)
            node = int(self.parent[node])
        return found[::-1]


def build(events: Events, names: CodeArray, context: Nesting, launches: Launches) -> tuple[CallTree, CodeArray]:
    """Merge spans and activities by call path.

    An activity stands below the innermost operator or annotation around its launch; below the launching call itself
    where there is none, or where the call replays a whole graph.

    Parameters
    ----------
    events
        Of the trace.
    names
        int32[len(events)]: what to call each event; paths merge by it (steps want one name for all decodes).
    context
        Nesting of the spans, with or without Python frames.
    launches
        Host side of the activities.

    Returns
    -------
    CallTree, int32[len(events)]
        And the node of every event; −1 for events that are neither in ``context`` nor linked activities.
    """
    node_of_event = np.full(len(events), NONE, dtype=np.int64)
    paths = Paths(len(context.rows) + len(launches.activity))
    nested = context.rows
    node_of_event[nested] = paths.add_nested(context.parent, names[nested], events.kind[nested], context.depth)
    under_launch = (launches.is_graph == 1) | (launches.span < 0)
    below = np.where(under_launch & (launches.launch >= 0), launches.launch, launches.span)
    linked = below >= 0
    rows = launches.activity[linked]
    node_of_event[rows] = paths.add_below(node_of_event[below[linked]], names[rows], events.kind[rows])
    tree, new_place = depth_first(paths.table)
    return tree, freeze(np.where(node_of_event >= 0, new_place[node_of_event], NONE).astype(np.int32))


def depth_first(table: IntArray) -> tuple[CallTree, IntArray]:
    """Order merged paths depth first.

    Parameters
    ----------
    table
        int64[k, 3]: parent (−1 for none), name and kind of every node, parents before children.

    Returns
    -------
    CallTree, int64[k + 1]
        And the new place of every old node; the last entry maps −1 to −1.
    """
    count = len(table)
    parents = table[:, 0].tolist()
    size = [1] * count
    for i in range(count - 1, -1, -1):
        if parents[i] >= 0:
            size[parents[i]] += size[i]
    place, depth = [0] * count, [0] * count
    next_root = 0
    next_child = [0] * count  # where the next child of a placed node goes
    for i, parent in enumerate(parents):
        if parent < 0:
            place[i] = next_root
            next_root += size[i]
        else:
            place[i] = next_child[parent]
            next_child[parent] += size[i]
            depth[i] = depth[parent] + 1
        next_child[i] = place[i] + 1
    new_place = np.array([*place, NONE], dtype=np.int64)
    order = np.argsort(new_place[:count])
    parent = new_place[table[order, 0]] if count else table[:, 0]
    subtree_end = np.arange(count) + np.array(size, dtype=np.int64)[order] - 1 if count else parent
    tree = CallTree(
        parent=freeze(parent.astype(np.int32)),
        name=freeze(table[order, 1].astype(np.int32)),
        kind=freeze(table[order, 2].astype(np.uint8)),
        depth=freeze(np.array(depth, dtype=np.int32)[order]),
        subtree_end=freeze(subtree_end.astype(np.int32)),
    )
    return tree, new_place


def innermost_operators(tree: CallTree) -> IntArray:
    """Node of the innermost operator at or above each node, int64[k]; −1 for none."""
    found = np.where(tree.kind == Kind.OPERATOR, np.arange(len(tree)), NONE).tolist()
    for node, parent in enumerate(tree.parent.tolist()):
        if found[node] < 0 <= parent:
            found[node] = found[parent]
    return np.array(found, dtype=np.int64)


def is_frame(tree: CallTree) -> np.ndarray:
    """Which nodes are Python frames, bool[k]."""
    return np.asarray(tree.kind == Kind.PYTHON)
