"""Self and total time of call-tree nodes, for the whole trace or any part of it."""

from __future__ import annotations

import numpy as np

from xpubreak.trace.columns import AnyArray, IntArray
from xpubreak.tree.calltree import CallTree


def self_time(tree: CallTree, nodes: AnyArray, weights_ns: AnyArray) -> IntArray:
    """Add up rows by node.

    Parameters
    ----------
    tree
        The call tree.
    nodes
        Node of every row; −1 rows are left out (they have no host side).
    weights_ns
        int64 time of every row.

    Returns
    -------
    int64[k]
        Exact: sums stay integers.
    """
    total = np.zeros(len(tree), dtype=np.int64)
    placed = nodes >= 0
    np.add.at(total, nodes[placed], weights_ns[placed])
    return total


def total_time(tree: CallTree, self_ns: IntArray) -> IntArray:
    """Self time of each node and everything below it, int64[k]."""
    running = np.concatenate([[0], np.cumsum(self_ns)])
    return np.asarray(running[tree.subtree_end + 1] - running[:-1])
