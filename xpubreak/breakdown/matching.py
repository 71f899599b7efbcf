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
from enum import IntEnum

import numpy as np

from xpubreak.breakdown.facts import group_by
from xpubreak.breakdown.operations import Operations
from xpubreak.breakdown.peergroups import MOST_RANKS, PeerGroups, world_size
from xpubreak.breakdown.recorded import Recorded
from xpubreak.breakdown.run import Run
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, IntArray, SmallArray


class MatchedBy(IntEnum):
    """How the partners of an operation were found, from nothing to what is certain."""

    NOTHING = 0
    POSITION = 1
    GROUP = 2
    SEQUENCE = 3

    @property
    def key(self) -> str:
        """As it stands in tables."""
        return self.name.lower()


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
    order = np.lexsort((found.start_ns, found.rank))
    ordered = Operations(**{field.name: getattr(found, field.name)[order] for field in fields(Operations)})
    groups = _Groups(ordered, runs, text_of)
    tried = _ways(ordered, groups)
    keys = np.full(len(order), NONE, dtype=np.int64)
    firsts: list[IntArray] = []
    count = 0
    for way in (MatchedBy.SEQUENCE, MatchedBy.GROUP, MatchedBy.POSITION):
        at = np.flatnonzero(tried == way)
        if len(at):
            first, key = _matched(ordered, groups, at, way)
            keys[at] = np.where(key >= 0, key + count, NONE)
            firsts.append(first)
            count += len(first)
    call = np.full(len(order), NONE, dtype=np.int64)
    if count:
        first = np.concatenate(firsts)
        number = np.empty(count, dtype=np.int64)
        number[np.lexsort((ordered.start_ns[first], ordered.step[first], groups.members[first]))] = np.arange(count)
        call[order] = np.where(keys >= 0, number[keys], NONE)
    shortest_ns = np.full(count, np.iinfo(np.int64).max)
    matched = call >= 0
    np.minimum.at(shortest_ns, call[matched], found.dur_ns[matched])
    way_of, is_partial = np.empty(len(order), dtype=np.uint8), np.empty(len(order), dtype=bool)
    way_of[order], is_partial[order] = tried, groups.is_partial
    is_known = matched & ~is_partial
    transfer_ns = np.full(len(call), NONE, dtype=np.int64)
    transfer_ns[is_known] = shortest_ns[call[is_known]]
    found_by = np.where(matched, way_of, MatchedBy.NOTHING).astype(np.uint8)
    return Matching(call, transfer_ns, found_by, way_of, is_partial)


class _Groups:
    """Groups of processes of operations, recorded and by rank; arrays with one entry per operation."""

    def __init__(self, found: Operations, runs: Sequence[Run], text_of: Callable[[int], str]) -> None:
        present = {run.metadata.rank for run in runs}
        peers = PeerGroups.of(runs)
        sets = {members: number for number, members in enumerate(peers.members)}
        texts = {number: Recorded.of_text(text_of(number)) for number in np.unique(found.recorded).tolist()}
        numbers: dict[tuple[str, tuple[int, ...]], int] = {}
        operations: dict[tuple[str, str], int] = {}
        members = {}
        for number, item in texts.items():
            if item is not None:
                numbers.setdefault((item.group, item.ranks), len(numbers))
                operations.setdefault((item.operation, item.dtype), len(operations))
                members[number] = sets.setdefault(frozenset(item.ranks), len(sets))

        def group_of(number: int) -> int:
            item = texts[number]
            return NONE if item is None else numbers[item.group, item.ranks]

        def operation_of(number: int) -> int:
            item = texts[number]
            return NONE if item is None else operations[item.operation, item.dtype]

        self.recorded = _each(found.recorded, group_of)
        self.operation = _each(found.recorded, operation_of)
        of_record = _each(found.recorded, lambda number: members.get(number, NONE))
        self._sets = list(sets)
        self._world_size = world_size(runs)
        self._settle(found, of_record)
        self.by_rank = _each(found.rank, lambda rank: peers.of_rank.get(rank, NONE))
        self.members = np.where(self.recorded >= 0, of_record, self.by_rank)
        here = [len(ranks & present) for ranks in sets]
        sizes = np.array([*here, 0], dtype=np.int64)
        self.recorded_size = sizes[np.where(self.recorded >= 0, of_record, NONE)]
        self.rank_size = sizes[self.by_rank]
        self._lacks = np.array([*(len(ranks) > count for ranks, count in zip(sets, here, strict=True)), False])
        self._is_shared = found.name >= 0

    @property
    def is_partial(self) -> BoolArray:
        """Operations of groups with ranks that are not here; transfers between two ranks are of no group."""
        return np.asarray(self._lacks[self.members] & ((self.recorded >= 0) | self._is_shared))

    def _settle(self, found: Operations, of_record: IntArray) -> None:
        """Do not believe records of groups without the rank that wrote them, or with ranks beyond the world."""
        first, pair = group_by([of_record, found.rank])
        beyond = self._world_size if self._world_size > 1 else MOST_RANKS
        stranger = np.array(
            [
                number < 0 or rank not in self._sets[number] or max(self._sets[number]) >= beyond
                for number, rank in zip(of_record[first].tolist(), found.rank[first].tolist(), strict=True)
            ],
            dtype=bool,
        )
        self.recorded = np.where(stranger[pair], NONE, self.recorded) if len(pair) else self.recorded


def _ways(found: Operations, groups: _Groups) -> SmallArray:
    """How partners of each operation are looked for: as all ranks of its group allow."""
    way = np.full(len(found.rank), MatchedBy.POSITION, dtype=np.uint8)
    for number, has in (
        (MatchedBy.SEQUENCE, (groups.recorded >= 0) & (found.sequence >= 0)),
        (MatchedBy.GROUP, groups.recorded >= 0),
    ):
        at = np.flatnonzero(has & (way == MatchedBy.POSITION))
        if not len(at):
            continue
        first, _ = group_by([groups.recorded[at], found.rank[at]])
        ranks = np.bincount(groups.recorded[at][first], minlength=int(groups.recorded.max()) + 1)
        size = groups.recorded_size[at]
        way[at[ranks[groups.recorded[at]] == size]] = number
    groups.members = np.where(way == MatchedBy.POSITION, groups.by_rank, groups.members)
    return way


def _matched(found: Operations, groups: _Groups, at: IntArray, way: MatchedBy) -> tuple[IntArray, IntArray]:
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
    is_whole = np.bincount(key, minlength=len(first)) == expected[first]
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


def _each(values: AnyArray, number_of: Callable[[int], int]) -> IntArray:
    """Look up each distinct value once."""
    distinct, which = np.unique(values, return_inverse=True)
    return np.array([number_of(value) for value in distinct.tolist()], dtype=np.int64)[which.reshape(-1)]


def _nth(group: IntArray) -> IntArray:
    """How many of the same group come before, int64."""
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(group[order]) != 0))
    lengths = np.diff(np.append(starts, len(group)))
    nth = np.empty(len(group), dtype=np.int64)
    nth[order] = np.arange(len(group)) - np.repeat(starts, lengths)
    return nth
