"""Matching: which collective operations of the ranks are one call.

In the surest way that the traces of all ranks of a group allow::

    SEQUENCE   the same recorded group of processes, and number within it
    GROUP      the same recorded group, operation, type and size; the n-th of them in its step
    POSITION   the n-th of its name, on its stream, in its step

Of a group with ranks that are not here, the partners that are here are found, but not how long the transfer took: the
rank that came last may be one of the missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from xpubreak.breakdown.facts import group_by
from xpubreak.breakdown.operations import Operations
from xpubreak.breakdown.peergroups import PeerGroups
from xpubreak.breakdown.processgroups import MatchedBy, ProcessGroups, ways
from xpubreak.breakdown.run import Run
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, IntArray, SmallArray


@dataclass(frozen=True)
class Matching:
    """One entry per operation.

    Parameters
    ----------
    call
        int64: equal for what belongs together, numbered by step and order; −1 for none.
    transfer_ns
        int64: the shortest duration of the call over its ranks; −1 for none, and where a rank of its group is missing.
    way
        uint8, a `MatchedBy`.
    tried
        uint8, a `MatchedBy`: the way in which partners were looked for.
    is_partial
        A rank of its group is missing.
    """

    call: IntArray
    transfer_ns: IntArray
    way: SmallArray
    tried: SmallArray
    is_partial: BoolArray


def match(found: Operations, runs: Sequence[Run], text_of: Callable[[int], str]) -> Matching:
    """Match operations.

    Parameters
    ----------
    found
        Of all ranks.
    runs
        What is known about the ranks.
    text_of
        Gives the texts that ``found.recorded`` stands for.
    """
    found_partners = partners(found, PeerGroups.of(runs), text_of)
    call, is_partial = found_partners.call, found_partners.is_partial
    shortest_ns = np.full(int(call.max(initial=NONE)) + 1, np.iinfo(np.int64).max)
    matched = call >= 0
    np.minimum.at(shortest_ns, call[matched], found.dur_ns[matched])
    is_known = matched & ~is_partial
    transfer_ns = np.full(len(call), NONE, dtype=np.int64)
    transfer_ns[is_known] = shortest_ns[call[is_known]]
    way = np.where(matched, found_partners.tried, MatchedBy.NOTHING).astype(np.uint8)
    return Matching(call, transfer_ns, way, found_partners.tried, is_partial)


@dataclass(frozen=True)
class Partners:
    """`Matching` without times."""

    call: IntArray
    tried: SmallArray
    is_partial: BoolArray


def partners(
    found: Operations,
    peers: PeerGroups,
    text_of: Callable[[int], str],
    weight: IntArray | None = None,
    tried: SmallArray | None = None,
) -> Partners:
    """Find what belongs together; durations are not looked at.

    Parameters
    ----------
    found
        Of all ranks, or of all that take part in some groups; with ``tried`` even some steps or numbers of these.
    peers
        Of all ranks.
    text_of
        Gives the texts that ``found.recorded`` stands for.
    weight
        int64: how many ranks, equal in all but durations, the one of each operation stands for; one by default.
    tried
        How to look for them, as `ways` told of all operations.
    """
    order = np.lexsort((found.start_ns, found.rank))
    ordered = Operations(**{field.name: getattr(found, field.name)[order] for field in fields(Operations)})
    ordered_weight = None if weight is None else weight[order]
    groups = ProcessGroups(ordered, peers, text_of)
    way_of = ways(ordered, groups, ordered_weight) if tried is None else tried[order]
    groups.take(way_of)
    keys = np.full(len(order), NONE, dtype=np.int64)
    firsts: list[IntArray] = []
    count = 0
    for way in (MatchedBy.SEQUENCE, MatchedBy.GROUP, MatchedBy.POSITION):
        at = np.flatnonzero(way_of == way)
        if len(at):
            first, key = _matched(ordered, groups, at, way, ordered_weight)
            keys[at] = np.where(key >= 0, key + count, NONE)
            firsts.append(first)
            count += len(first)
    call = np.full(len(order), NONE, dtype=np.int64)
    if count:
        first = np.concatenate(firsts)
        number = np.empty(count, dtype=np.int64)
        number[np.lexsort((ordered.start_ns[first], ordered.step[first], groups.members[first]))] = np.arange(count)
        call[order] = np.where(keys >= 0, number[keys], NONE)
    told, is_partial = np.empty(len(order), dtype=np.uint8), np.empty(len(order), dtype=bool)
    told[order], is_partial[order] = way_of, groups.is_partial
    return Partners(call, told, is_partial)


def _matched(
    found: Operations, groups: ProcessGroups, at: IntArray, way: MatchedBy, weight: IntArray | None
) -> tuple[IntArray, IntArray]:
    """First operation of each call, and the call of each operation that is looked at, −1 for none."""
    rank, step = found.rank[at], found.step[at]
    if way == MatchedBy.SEQUENCE:
        columns: list[AnyArray] = [groups.recorded[at], found.sequence[at]]
    elif way == MatchedBy.GROUP:
        columns = [groups.recorded[at], step, found.recorded[at]]
    else:
        columns = [groups.by_rank[at], step, found.stream[at], found.name[at]]
    expected = (groups.rank_size if way == MatchedBy.POSITION else groups.recorded_size)[at]
    _, kind = group_by(columns)
    _, own = group_by([kind, rank])
    first, key = group_by([kind, _nth(own)])
    times = None if weight is None else weight[at]
    is_whole = np.bincount(key, weights=times, minlength=len(first)) == expected[first]
    if way == MatchedBy.SEQUENCE:
        good = is_whole & _is_one(groups.operation[at], key, len(first))
    else:
        # Ranks that disagree about how often something ran in a step saw different parts of it.
        agrees = np.ones(int(kind.max()) + 1, dtype=bool)
        agrees[kind[first][~is_whole]] = False
        good = agrees[kind[first]]
    if way == MatchedBy.POSITION:
        good &= (groups.by_rank[at][first] >= 0) & (found.name[at][first] >= 0)
    good &= expected[first] > 1
    number = np.where(good, np.cumsum(good) - 1, NONE)
    return at[first[good]], number[key]


def _is_one(values: IntArray, key: IntArray, count: int) -> BoolArray:
    """Whether all entries of a key have one value."""
    least, most = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(least, key, values)
    np.maximum.at(most, key, values)
    return np.asarray(least == most)


def _nth(group: IntArray) -> IntArray:
    """How many of the same group come before, int64."""
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(group[order]) != 0))
    lengths = np.diff(np.append(starts, len(group)))
    nth = np.empty(len(group), dtype=np.int64)
    nth[order] = np.arange(len(group)) - np.repeat(starts, lengths)
    return nth
