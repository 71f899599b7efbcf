"""What the enclosing and the enclosed host spans say about a span, passed along the tree once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xpubreak.classify.backend import Role
from xpubreak.classify.context import Context
from xpubreak.classify.namespaces import provider_of
from xpubreak.trace.columns import NONE, AnyArray, IntArray, SmallArray
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace

NO_FALLBACK, FELL_BACK, IN_FALLBACK = 0, 1, 2
TO_CPU = "aten::_to_cpu"
"""First thing that ``at::native::cpu_fallback`` calls; below an operator it proves that the device had no kernel."""

NOTHING = len(Role)
"""Code of "no work below", next to the role codes."""


@dataclass(frozen=True)
class Ancestry:
    """Per position of ``Context.host_rows``, what surrounds it.

    Parameters
    ----------
    provider
        int64[n]: name id of the innermost operator, the span itself included, that names a library; −1 for none.
    fallback
        uint8[n]: `FELL_BACK` for an operator that ran on the CPU, `IN_FALLBACK` below one, else `NO_FALLBACK`.
    subtree_end
        int64[n]: descendants of i are i + 1 … subtree_end[i], inclusive.
    position
        int64[n_events]: position of an event row, −1 for rows that are no host spans.
    """

    provider: IntArray
    fallback: SmallArray
    subtree_end: IntArray
    position: IntArray


def trace_ancestry(trace: Trace, context: Context) -> Ancestry:
    """Pass providers and fallbacks down the host tree, and subtree ends up; one light pass each."""
    rows, parents = context.host_rows, context.host_parent
    names, kinds = trace.events.name[rows], trace.events.kind[rows]
    parent_list = parents.tolist()
    provider = _own_providers(trace, names, kinds).tolist()
    for at, parent in enumerate(parent_list):
        if provider[at] == _SILENT:
            provider[at] = provider[parent] if parent != NONE else NONE
    subtree_end = list(range(len(rows)))
    for at in range(len(rows) - 1, -1, -1):
        parent = parent_list[at]
        if parent != NONE and subtree_end[at] > subtree_end[parent]:
            subtree_end[parent] = subtree_end[at]
    position = np.full(len(trace.events), NONE, dtype=np.int64)
    position[rows] = np.arange(len(rows))
    fallback = _fallbacks(trace, names, kinds, parent_list)
    return Ancestry(np.array(provider, dtype=np.int64), fallback, np.array(subtree_end, dtype=np.int64), position)


_SILENT = -2


def _own_providers(trace: Trace, names: AnyArray, kinds: AnyArray) -> IntArray:
    """Name id where the span itself is a provider, −1 where it hides what is around it, else `_SILENT`."""
    said = np.full(len(trace.strings), _SILENT, dtype=np.int64)
    is_operator = kinds == Kind.OPERATOR
    for name_id in np.unique(names[is_operator]).tolist():
        found = provider_of(trace.strings.text(name_id))
        if found is not None:
            said[name_id] = NONE if found.role is None else name_id
    return np.where(is_operator, said[names], _SILENT)


def _fallbacks(trace: Trace, names: AnyArray, kinds: AnyArray, parents: list[int]) -> SmallArray:
    fallback = np.zeros(len(names), dtype=np.uint8)
    to_cpu = trace.strings.find(TO_CPU)
    if to_cpu == NONE:
        return fallback
    for at in np.flatnonzero((names == to_cpu) & (kinds == Kind.OPERATOR)).tolist():
        above = parents[at]
        while above != NONE and kinds[above] != Kind.OPERATOR:
            above = parents[above]
        if above != NONE:
            fallback[above] = FELL_BACK
    states = fallback.tolist()
    for at, parent in enumerate(parents):
        if parent != NONE and states[parent] != NO_FALLBACK:
            states[at] = IN_FALLBACK
    return np.array(states, dtype=np.uint8)


def dominant_role(ends: IntArray, positions: IntArray, roles: IntArray, weights: IntArray) -> IntArray:
    """Find which role has most of the weight in each subtree.

    Parameters
    ----------
    ends
        int64[n]: last descendant of each position; a position itself to look at that position alone.
    positions, roles, weights
        Work items: where in the tree, whose, how much (greater than 0).

    Returns
    -------
    int64[n]
        A role code, the smaller one on a tie; `NOTHING` where there is no work.
    """
    count = len(ends)
    best = np.full(count, NOTHING, dtype=np.int64)
    best_weight = np.zeros(count, dtype=np.int64)
    at = np.arange(count)
    for role in Role:
        is_role = roles == role
        if not is_role.any():
            continue
        upto = np.zeros(count + 1, dtype=np.int64)
        np.add.at(upto, positions[is_role] + 1, weights[is_role])
        np.cumsum(upto, out=upto)
        weight = upto[ends + 1] - upto[at]
        is_better = weight > best_weight
        best[is_better] = role
        best_weight[is_better] = weight[is_better]
    return best
