"""What the enclosing and the enclosed host spans say about a span, passed along the tree once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xpubreak.classify.backend import Role
from xpubreak.classify.category import MAX_NAME_CHARS
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
    """Pass providers and fallbacks down the host tree, and subtree ends up."""
    rows, count = context.host_rows, len(context.host_rows)
    names, kinds = trace.events.name[rows], trace.events.kind[rows]
    said = np.append(_own_providers(trace, names, kinds), NONE)
    above = np.append(np.where(context.host_parent >= 0, context.host_parent, count), count)  # count: above the roots
    provider = said[_follow(np.where(said == _SILENT, above, np.arange(count + 1)))][:count]
    # Depth-first order: the last descendant is the last child's last descendant. Of equal targets the last one stays.
    last = np.arange(count + 1)
    last[above] = np.arange(count + 1)
    subtree_end = _follow(last)[:count]
    position = np.full(len(trace.events), NONE, dtype=np.int64)
    position[rows] = np.arange(count)
    return Ancestry(provider, _fallbacks(trace, names, kinds, above, subtree_end), subtree_end, position)


def _follow(pointer: IntArray) -> IntArray:
    """Follow pointers to where they point at themselves, twice as far each round: a tree a million deep takes 20."""
    while True:
        further = pointer[pointer]
        if np.array_equal(further, pointer):
            return pointer
        pointer = further


_SILENT = -2


def _own_providers(trace: Trace, names: AnyArray, kinds: AnyArray) -> IntArray:
    """Name id where the span itself is a provider, −1 where it hides what is around it, else `_SILENT`."""
    said = np.full(len(trace.strings), _SILENT, dtype=np.int64)
    is_operator = kinds == Kind.OPERATOR
    is_used = np.zeros(len(trace.strings), dtype=bool)
    is_used[names[is_operator]] = True
    for name_id in np.flatnonzero(is_used).tolist():
        found = provider_of(trace.strings.text(name_id)[:MAX_NAME_CHARS])
        if found is not None:
            said[name_id] = NONE if found.role is None else name_id
    return np.where(is_operator, said[names], _SILENT)


def _fallbacks(trace: Trace, names: AnyArray, kinds: AnyArray, above: IntArray, subtree_end: IntArray) -> SmallArray:
    count = len(names)
    fallback = np.full(count, NO_FALLBACK, dtype=np.uint8)
    marks = np.flatnonzero((names == trace.strings.find(TO_CPU)) & (kinds == Kind.OPERATOR))
    if not len(marks):
        return fallback
    is_operator = np.append(kinds == Kind.OPERATOR, True)
    nearest_operator = _follow(np.where(is_operator, np.arange(count + 1), above))
    fell_back = np.unique(nearest_operator[above[marks]])
    fell_back = fell_back[fell_back < count]
    fallback[fell_back] = FELL_BACK
    # Below them is what lies between them and their last descendants: where more have begun than have ended.
    changes = np.zeros(count + 2, dtype=np.int32)
    changes[fell_back + 1] += 1
    np.subtract.at(changes, subtree_end[fell_back] + 1, 1)
    fallback[np.cumsum(changes[:count]) > 0] = IN_FALLBACK
    return fallback


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
    items_before = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(positions, minlength=count), out=items_before[1:])
    first, stop = items_before[:-1], items_before[ends + 1]  # items of each subtree, ordered by position
    has_work = np.flatnonzero(stop > first)
    first, stop = first[has_work], stop[has_work]
    order = np.argsort(positions, kind="stable")
    roles, weights = roles[order], weights[order]
    best = np.full(len(has_work), NOTHING, dtype=np.int64)
    best_weight = np.zeros(len(has_work), dtype=np.int64)
    upto = np.zeros(len(order) + 1, dtype=np.int64)
    for role in Role:
        is_role = roles == role
        if not is_role.any():
            continue
        np.cumsum(np.where(is_role, weights, 0), out=upto[1:])
        weight = upto[stop] - upto[first]
        is_better = weight > best_weight
        best[is_better] = role
        best_weight[is_better] = weight[is_better]
    found = np.full(count, NOTHING, dtype=np.int64)
    found[has_work] = best
    return found
