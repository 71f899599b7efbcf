"""What the ranks of many waited for each other, from a few bytes for each collective.

Ranks of a group run the same collectives, and differ in how long these took. So durations are kept for each rank, four
bytes each, and every other column once for all ranks that have it alike. Partners are looked for once for all ranks
that are alike in everything but durations, group of processes by group of processes, and step by step where a group is
large: what that takes does not grow with the number of ranks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xpubreak.breakdown.matching import partners
from xpubreak.breakdown.operations import Operations
from xpubreak.breakdown.peergroups import PeerGroups
from xpubreak.breakdown.processgroups import MatchedBy, ProcessGroups, ways
from xpubreak.breakdown.recorded import Recorded
from xpubreak.breakdown.run import Run
from xpubreak.trace.columns import NONE, AnyArray, IntArray, SmallArray

_COLUMNS = {"step": np.int32, "stream": np.int32, "name": np.int32, "recorded": np.int32, "sequence": np.int64}
_AT_A_TIME = 1 << 18
"""Operations that are matched together, unless one step of one group has more: some 300 bytes each meanwhile."""
_LARGEST = 1 << 32

Pattern = tuple[bytes, ...]
"""Keys of the columns of `_COLUMNS`."""


@dataclass
class CollectiveSum:
    """Fields of `xpubreak.breakdown.run.RankSums`."""

    calls: int = 0
    wait_ns: int = 0
    transfer_ns: int = 0
    last_calls: int = 0
    partial_calls: int = 0


@dataclass(frozen=True)
class _Alike:
    """Ranks with the same operations and groups."""

    pattern: Pattern
    ranks: tuple[int, ...]


Some = tuple[_Alike, IntArray, SmallArray]
"""Ranks, which of their operations, and how partners of each are looked for."""


class CollectiveSums:
    """Takes the operations of ranks in any order; all texts must be those of one table."""

    def __init__(self) -> None:
        self._columns: dict[bytes, AnyArray] = {}
        self._ranks: dict[int, tuple[Pattern, AnyArray]] = {}
        self._kinds: dict[tuple[bytes, bytes], tuple[IntArray, AnyArray]] = {}

    def add(self, found: Operations) -> None:
        """Take the operations of one rank or several."""
        for rank in np.unique(found.rank).tolist():
            mine = np.flatnonzero(found.rank == rank)
            mine = mine[np.argsort(found.start_ns[mine], kind="stable")]
            pattern = tuple(self._kept(getattr(found, name)[mine].astype(dtype)) for name, dtype in _COLUMNS.items())
            dur_ns = found.dur_ns[mine]
            is_short = not len(dur_ns) or 0 <= int(dur_ns.min()) <= int(dur_ns.max()) < _LARGEST
            self._ranks[rank] = pattern, dur_ns.astype(np.uint32) if is_short else dur_ns

    def discard(self, rank: int) -> None:
        """Forget the operations of a rank: nobody is their partner."""
        self._ranks.pop(rank, None)

    @property
    def stored_bytes(self) -> int:
        """What is held."""
        held = [*self._columns.values(), *(dur_ns for _, dur_ns in self._ranks.values())]
        return sum(column.nbytes for column in held)

    def of_ranks(self, runs: Sequence[Run], text_of: Callable[[int], str]) -> dict[int, CollectiveSum]:
        """Match and add up.

        Parameters
        ----------
        runs
            What is known about the ranks.
        text_of
            Gives the texts that the operations stand for.
        """
        sums = {run.metadata.rank: CollectiveSum() for run in runs}
        peers = PeerGroups.of(runs)
        alike = self._alike(peers, text_of)
        for chunk in self._chunks(alike, peers, text_of):
            self._add_up(chunk, peers, text_of, sums)
        return sums

    def _kept(self, column: AnyArray) -> bytes:
        key = hashlib.blake2b(column.tobytes(), digest_size=16, person=column.dtype.str.encode()).digest()
        self._columns.setdefault(key, column)
        return key

    def _alike(self, peers: PeerGroups, text_of: Callable[[int], str]) -> list[_Alike]:
        """Ranks that are of the same groups, listed and recorded, and run the same in them."""
        members: dict[int, frozenset[int]] = {}
        found: dict[tuple[Pattern, int, tuple[bool, ...]], list[int]] = {}
        for rank, (pattern, _) in sorted(self._ranks.items()):
            recorded = np.unique(self._kinds_of(pattern)[0] >> 1).tolist()
            for number in recorded:
                if number not in members:
                    item = Recorded.of_text(text_of(number)) if number >= 0 else None
                    members[number] = frozenset(() if item is None else item.ranks)
            is_member = tuple(rank in members[number] for number in recorded)
            found.setdefault((pattern, peers.of_rank.get(rank, NONE), is_member), []).append(rank)
        return [_Alike(pattern, tuple(ranks)) for (pattern, _, _), ranks in found.items()]

    def _kinds_of(self, pattern: Pattern) -> tuple[IntArray, AnyArray]:
        """What tells how partners are looked for, record and whether there is a number: distinct, and by operation."""
        key = pattern[3], pattern[4]
        if key not in self._kinds:
            recorded, sequence = (self._columns[name] for name in key)
            distinct, which = np.unique(recorded.astype(np.int64) << 1 | (sequence >= 0), return_inverse=True)
            small = np.min_scalar_type(max(len(distinct), 1))
            self._kinds[key] = distinct, which.reshape(-1).astype(small)
        return self._kinds[key]

    def _chunks(
        self, alike: Sequence[_Alike], peers: PeerGroups, text_of: Callable[[int], str]
    ) -> Iterator[list[Some]]:
        """Yield operations so that partners come together: whole groups, or steps and numbers of large ones."""
        if not alike:
            return
        kinds = [self._kinds_of(item.pattern) for item in alike]
        each = np.repeat(np.arange(len(alike)), [len(distinct) for distinct, _ in kinds])
        kind = np.concatenate([distinct for distinct, _ in kinds])
        count = np.concatenate([np.bincount(which, minlength=len(distinct)) for distinct, which in kinds])
        nothing = np.zeros(len(kind), dtype=np.int64)
        ranks = np.array([item.ranks[0] for item in alike])[each]
        found = Operations(ranks, nothing, nothing, nothing, kind >> 1, (kind & 1) - 1, nothing, nothing)
        groups = ProcessGroups(found, peers, text_of)
        way = ways(found, groups, np.array([len(item.ranks) for item in alike])[each])
        group = np.where(way == MatchedBy.POSITION, 2 * groups.by_rank, 2 * groups.recorded + 1)
        _, group = np.unique(group, return_inverse=True)
        sizes = np.bincount(group.reshape(-1), weights=count).astype(np.int64)
        place = np.concatenate([np.arange(len(distinct)) for distinct, _ in kinds])
        of_chunk = _packed(sizes)[group.reshape(-1)]
        order = np.argsort(of_chunk, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(of_chunk[order])) + 1):
            parts = -(-int(count[rows].sum()) // _AT_A_TIME)
            for part in range(parts):
                chunk = []
                for number in np.unique(each[rows]).tolist():
                    mine = rows[each[rows] == number]
                    told = np.zeros(len(kinds[number][0]), dtype=np.uint8)
                    told[place[mine]] = way[mine]
                    tried = told[kinds[number][1]]
                    is_chosen = tried > 0
                    if parts > 1:
                        is_chosen &= self._block(alike[number].pattern, tried) % parts == part
                    places = np.flatnonzero(is_chosen)
                    chunk.append((alike[number], places, tried[places]))
                yield chunk

    def _block(self, pattern: Pattern, tried: SmallArray) -> IntArray:
        """What all partners of an operation have in common: their number, or their step."""
        step, sequence = (self._columns[pattern[at]] for at in (0, 4))
        return np.asarray(np.where(tried == MatchedBy.SEQUENCE, sequence, step))

    def _add_up(
        self,
        chunk: Sequence[Some],
        peers: PeerGroups,
        text_of: Callable[[int], str],
        sums: dict[int, CollectiveSum],
    ) -> None:
        lengths = [len(places) for _, places, _ in chunk]
        columns = {
            name: np.concatenate([self._columns[item.pattern[at]][places] for item, places, _ in chunk])
            for at, name in enumerate(_COLUMNS)
        }
        number = np.arange(sum(lengths))
        rank = np.repeat([item.ranks[0] for item, _, _ in chunk], lengths)
        found = Operations(rank=rank, **columns, start_ns=number, dur_ns=number)
        weight = np.repeat([len(item.ranks) for item, _, _ in chunk], lengths)
        matched = partners(found, peers, text_of, weight, np.concatenate([tried for _, _, tried in chunk]))
        shortest_ns = np.full(int(matched.call.max(initial=NONE)) + 1, np.iinfo(np.int64).max)
        known: list[tuple[int, IntArray, IntArray]] = []
        ends = np.cumsum(lengths)
        for (item, places, _), end in zip(chunk, ends.tolist(), strict=True):
            call, is_partial = matched.call[end - len(places) : end], matched.is_partial[end - len(places) : end]
            at = np.flatnonzero((call >= 0) & ~is_partial)
            call, at, partial_calls = call[at], places[at], int(is_partial.sum())
            for rank_of in item.ranks:
                sums[rank_of].partial_calls += partial_calls
                shortest_ns[call] = np.minimum(shortest_ns[call], self._ranks[rank_of][1][at])
                known.append((rank_of, call, at))
        has_last = np.zeros(len(shortest_ns), dtype=bool)
        for rank_of, call, places in sorted(known, key=lambda entry: entry[0]):
            mine, transfer_ns = sums[rank_of], shortest_ns[call]
            wait_ns = self._ranks[rank_of][1][places] - transfer_ns
            came_last = call[(wait_ns == 0) & ~has_last[call]]
            has_last[came_last] = True
            mine.calls += len(call)
            mine.wait_ns += int(wait_ns.sum())
            mine.transfer_ns += int(transfer_ns.sum())
            mine.last_calls += len(came_last)


def _packed(sizes: IntArray) -> IntArray:
    """Chunk of each group: as many as fit into it, one at least."""
    found, chunk, room = np.zeros(len(sizes), dtype=np.int64), 0, _AT_A_TIME
    for group, size in enumerate(sizes.tolist()):
        if size > room and room < _AT_A_TIME:
            chunk, room = chunk + 1, _AT_A_TIME
        found[group] = chunk
        room -= size
    return found
