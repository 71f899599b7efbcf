"""A breakdown small enough to be saved in a notebook: the smallest leaves are folded, every sum stays.

What is small is told by the call tree: a call path whose whole subtree takes less than a fraction of the time is folded
into the nearest path that takes more, a name into "smaller" at its own path. Backend, category, confidence, layer,
phase, step, stream, rank and module stay apart, so that every sum over any of them is the exact one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.facts import Facts, group_by, sum_by
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, CodeArray, FloatArray
from xpubreak.tree.calltree import CallTree

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

FOLDED_NAME = "(smaller)"
"""Stands for every name that was folded."""

_KEYS = (
    "node", "name", "role", "category", "confidence", "evidence", "layer", "position", "module", "phase", "step",
    "stream", "rank",
)  # fmt: skip


@dataclass(frozen=True)
class Reduced:
    """Facts with folded leaves, and the call paths that they still refer to.

    Parameters
    ----------
    facts
        As in a breakdown; a ``name`` of ``len(strings)`` is `FOLDED_NAME`, ``node`` counts in ``nodes``.
    nodes
        The call paths that are left.
    folded_names
        Number of distinct names at a call path that were folded.
    folded_ns
        Time of the breakdown's weight in folded rows.
    number
        int32 per call path of the breakdown: the one that stands for it in ``nodes``, −1 for none.
    has_modules, has_ranks
        Whether modules and ranks are kept apart.
    is_folded
        bool per fact of the breakdown: its name was folded.
    is_kept
        bool per call path of the breakdown: it stands for itself.
    """

    facts: Facts
    nodes: CallTree
    folded_names: int
    folded_ns: int
    number: CodeArray
    has_modules: bool
    has_ranks: bool
    is_folded: BoolArray
    is_kept: BoolArray


def reduced(bd: Breakdown, least_frac: float, *, with_modules: bool = True, with_ranks: bool = True) -> Reduced:
    """Fold what takes less than a fraction of the time.

    Parameters
    ----------
    bd
        What to reduce.
    least_frac
        Of the device time, or the host time, whichever a leaf has the larger share of; 0 folds nothing.
    with_modules
        Whether modules stay apart; without them all time is outside of modules.
    with_ranks
        Whether ranks stay apart; without them their times are added up.
    """
    facts, tree = bd.facts, bd.nodes
    share_frac = _shares(facts)
    node = facts.node.astype(np.int64)
    is_kept_node = _subtree_sums(tree, node, share_frac) >= least_frac
    home = _kept_ancestors(tree, is_kept_node)
    first, leaf = group_by([facts.node, facts.name])
    leaf_frac = np.bincount(leaf, weights=share_frac, minlength=len(first))
    is_at_home = np.append(is_kept_node, True)[node]  # position −1: no host side
    is_folded = (leaf_frac[leaf] < least_frac) | ~is_at_home
    columns: dict[str, AnyArray] = {key: getattr(facts, key) for key in _KEYS}
    columns["node"] = np.append(home, NONE).astype(np.int32)[node]
    columns["name"] = np.where(is_folded, np.int32(len(bd.strings)), facts.name).astype(np.int32)
    columns["evidence"] = np.where(is_folded, np.int32(NONE), facts.evidence).astype(np.int32)
    if not with_modules:
        columns["module"] = np.full(len(facts.node), NONE, dtype=np.int32)
    if not with_ranks:
        columns["rank"] = np.full(len(facts.node), NONE, dtype=np.int32)
    nodes, number = _prune(tree, columns["node"])
    columns["node"] = number[columns["node"]]
    weights_ns = facts.device_ns if bd.weight == "device" else facts.host_ns
    return Reduced(
        _regroup(facts, columns),
        nodes,
        folded_names=int(np.unique(leaf[is_folded]).size),
        folded_ns=int(weights_ns[is_folded].sum()),
        number=number[home],
        has_modules=with_modules or not bool((facts.module != NONE).any()),
        has_ranks=with_ranks or len(bd.ranks) < 2,
        is_folded=is_folded,
        is_kept=is_kept_node,
    )


def _shares(facts: Facts) -> FloatArray:
    """Share of each fact in device or in host time, whichever is the larger."""
    parts = [column / max(int(column.sum()), 1) for column in (facts.device_ns, facts.host_ns)]
    larger: FloatArray = np.maximum(*parts)
    return larger


def _subtree_sums(tree: CallTree, node: AnyArray, share_frac: FloatArray) -> FloatArray:
    """Sum of the shares in each subtree; subtrees are stretches of the depth-first order."""
    has_node = node >= 0
    own = np.bincount(node[has_node], weights=share_frac[has_node], minlength=len(tree))
    running = np.concatenate([[0.0], np.cumsum(own)])
    sums: FloatArray = running[tree.subtree_end.astype(np.int64) + 1] - running[:-1]
    return sums


def _kept_ancestors(tree: CallTree, is_kept: BoolArray) -> CodeArray:
    """The node itself or its nearest ancestor that is kept; −1 for none. A kept node's ancestors are kept, too."""
    return settled(np.where(is_kept, np.arange(len(tree)), tree.parent))


def settled(step: AnyArray) -> CodeArray:
    """Follow steps from node to node until they stay: each node goes to itself or one step up, −1 stays."""
    at = np.append(step, NONE)  # position −1 is the last one
    while True:
        further = at[at]  # twice as far each time: paths may be a million calls deep
        if np.array_equal(further, at):
            return at[:-1].astype(np.int32)
        at = further


def _prune(tree: CallTree, node: AnyArray) -> tuple[CallTree, CodeArray]:
    """Leave out call paths that nothing refers to; returns the rest and the new number of every node, −1 last."""
    is_used = np.zeros(len(tree) + 1, dtype=bool)
    is_used[node] = True
    is_used = is_used[:-1]
    used_below = np.concatenate([[0], np.cumsum(is_used)])
    stays = used_below[tree.subtree_end.astype(np.int64) + 1] > used_below[:-1]
    number = np.append(np.cumsum(stays) - 1, NONE).astype(np.int32)
    left = np.flatnonzero(stays)
    ends = np.cumsum(stays)[tree.subtree_end[left]] - 1 if len(left) else np.empty(0, dtype=np.int64)
    nodes = CallTree(
        parent=number[tree.parent[left]],
        name=tree.name[left],
        kind=tree.kind[left],
        depth=tree.depth[left],
        subtree_end=ends.astype(np.int32),
    )
    return nodes, number


def _regroup(facts: Facts, columns: dict[str, AnyArray]) -> Facts:
    first, group = group_by([columns[key] for key in _KEYS])
    return Facts(
        **{key: columns[key][first] for key in _KEYS},
        device_ns=sum_by(group, facts.device_ns, len(first)),
        host_ns=sum_by(group, facts.host_ns, len(first)),
        count=sum_by(group, facts.count, len(first)),
    )
