"""Which ranks compute together, by the groups of processes that their traces list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xpubreak.breakdown.run import Run
from xpubreak.trace.columns import NONE

MOST_RANKS = 1 << 16
"""A world that says it is larger is taken to be as large as this: a trace may say anything."""


@dataclass(frozen=True)
class PeerGroups:
    """Groups of ranks that compute together.

    Parameters
    ----------
    of_rank
        Number of each rank's group; −1 for ranks of several different groups.
    members
        By group, as recorded: ranks that are not here included.
    in_several
        Ranks of several different groups.
    present
        Ranks that are here.
    world_size
        How many ranks the run has, by what its traces say; 1 where they say nothing.
    """

    of_rank: dict[int, int]
    members: tuple[frozenset[int], ...]
    in_several: tuple[int, ...]
    present: frozenset[int]
    world_size: int

    @classmethod
    def of(cls, runs: Sequence[Run]) -> PeerGroups:
        """Tell by the groups of processes that traces list; where one lists none, all ranks are taken for one group."""
        present = frozenset(run.metadata.rank for run in runs)
        size = min(MOST_RANKS, max((run.metadata.world_size for run in runs), default=1))
        listed = {run.metadata.rank: groups_of(run.metadata.extra, run.metadata.rank) for run in runs}
        alone = {rank for rank, groups in listed.items() if groups == {frozenset({rank})}}
        everyone = frozenset(range(size)) if size > 1 else present - alone
        numbers: dict[frozenset[int], int] = {}
        found: dict[int, int] = {}
        for run in runs:
            rank = run.metadata.rank
            # A rank beyond the world was given its number here: it is of another run, and nobody's partner.
            mine = listed[rank] or {everyone if rank in everyone else frozenset({rank})}
            found[rank] = NONE if len(mine) > 1 else numbers.setdefault(next(iter(mine)), len(numbers))
        in_several = tuple(sorted(rank for rank, group in found.items() if group < 0))
        return cls(found, tuple(numbers), in_several, present, size)


def groups_of(extra: Mapping[str, Any], rank: int) -> set[frozenset[int]]:
    """Sets of more than one rank that a trace lists its rank in; where there are none, itself, if it lists that."""
    info = extra.get("distributedInfo")
    listed = info.get("pg_config") if isinstance(info, dict) else None
    found = set()
    for entry in listed if isinstance(listed, list) else ():
        ranks = entry.get("ranks") if isinstance(entry, dict) else None
        if isinstance(ranks, list) and all(isinstance(item, int) for item in ranks):
            found.add(frozenset(ranks))
    mine = {ranks for ranks in found if rank in ranks}
    return {ranks for ranks in mine if len(ranks) > 1} or mine
