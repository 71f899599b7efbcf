"""Groups of processes that operations are of, and how surely these tell who belongs together."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

import numpy as np

from xpubreak.breakdown.facts import group_by
from xpubreak.breakdown.operations import Operations
from xpubreak.breakdown.peergroups import MOST_RANKS, PeerGroups
from xpubreak.breakdown.recorded import Recorded
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


class ProcessGroups:
    """Groups of processes of operations, recorded and by rank; arrays with one entry per operation."""

    def __init__(self, found: Operations, peers: PeerGroups, text_of: Callable[[int], str]) -> None:
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
        self._beyond = peers.world_size if peers.world_size > 1 else MOST_RANKS
        self._settle(found, of_record)
        self.by_rank = _each(found.rank, lambda rank: peers.of_rank.get(rank, NONE))
        self.members = np.where(self.recorded >= 0, of_record, self.by_rank)
        here = [len(ranks & peers.present) for ranks in sets]
        sizes = np.array([*here, 0], dtype=np.int64)
        self.recorded_size = sizes[np.where(self.recorded >= 0, of_record, NONE)]
        self.rank_size = sizes[self.by_rank]
        self._lacks = np.array([*(len(ranks) > count for ranks, count in zip(sets, here, strict=True)), False])
        self._is_shared = found.name >= 0

    @property
    def is_partial(self) -> BoolArray:
        """Operations of groups with ranks that are not here; transfers between two ranks are of no group."""
        return np.asarray(self._lacks[self.members] & ((self.recorded >= 0) | self._is_shared))

    def take(self, way: SmallArray) -> None:
        """Heed how partners are looked for: where that is by position, the group is the one that the rank lists."""
        self.members = np.where(way == MatchedBy.POSITION, self.by_rank, self.members)

    def _settle(self, found: Operations, of_record: IntArray) -> None:
        """Do not believe records of groups without the rank that wrote them, or with ranks beyond the world."""
        first, pair = group_by([of_record, found.rank])
        stranger = np.array(
            [
                number < 0 or rank not in self._sets[number] or max(self._sets[number]) >= self._beyond
                for number, rank in zip(of_record[first].tolist(), found.rank[first].tolist(), strict=True)
            ],
            dtype=bool,
        )
        self.recorded = np.where(stranger[pair], NONE, self.recorded) if len(pair) else self.recorded


def ways(found: Operations, groups: ProcessGroups, weight: IntArray | None = None) -> SmallArray:
    """How partners of each operation are looked for: as all ranks of its group that are here allow.

    Parameters
    ----------
    found
        Operations.
    groups
        Theirs.
    weight
        How many ranks the one of each operation stands for; one by default.
    """
    way = np.full(len(found.rank), MatchedBy.POSITION, dtype=np.uint8)
    for number, has in (
        (MatchedBy.SEQUENCE, (groups.recorded >= 0) & (found.sequence >= 0)),
        (MatchedBy.GROUP, groups.recorded >= 0),
    ):
        at = np.flatnonzero(has & (way == MatchedBy.POSITION))
        if not len(at):
            continue
        first, _ = group_by([groups.recorded[at], found.rank[at]])
        times = None if weight is None else weight[at][first]
        ranks = np.bincount(groups.recorded[at][first], weights=times, minlength=int(groups.recorded.max()) + 1)
        size = groups.recorded_size[at]
        way[at[ranks[groups.recorded[at]] == size]] = number
    return way


def _each(values: AnyArray, number_of: Callable[[int], int]) -> IntArray:
    """Look up each distinct value once."""
    distinct, which = np.unique(values, return_inverse=True)
    return np.array([number_of(value) for value in distinct.tolist()], dtype=np.int64)[which.reshape(-1)]
