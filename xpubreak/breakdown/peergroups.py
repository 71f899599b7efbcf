"""Which ranks compute together, by the groups of processes that their traces list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xpubreak.breakdown.run import Run
from xpubreak.trace.columns import NONE


def peer_groups(runs: Sequence[Run]) -> tuple[dict[int, int], tuple[int, ...]]:
    """Tell which ranks compute together, by the groups of processes that their traces list.

    Returns
    -------
    dict, tuple of int
        Group of each rank, −1 for ranks of several different groups; and these ranks.
    """
    present = {run.metadata.rank for run in runs}
    numbers: dict[frozenset[int], int] = {}
    found: dict[int, int] = {}
    for run in runs:
        mine = groups_of(run.metadata.extra, run.metadata.rank) or {frozenset(present)}
        if len(mine) > 1:
            found[run.metadata.rank] = NONE
        else:
            found[run.metadata.rank] = numbers.setdefault(next(iter(mine)), len(numbers))
    return found, tuple(sorted(rank for rank, group in found.items() if group < 0))


def groups_of(extra: Mapping[str, Any], rank: int) -> set[frozenset[int]]:
    """Sets of more than one rank that a trace lists its rank in."""
    info = extra.get("distributedInfo")
    listed = info.get("pg_config") if isinstance(info, dict) else None
    found = set()
    for entry in listed if isinstance(listed, list) else ():
        ranks = entry.get("ranks") if isinstance(entry, dict) else None
        if isinstance(ranks, list) and len(ranks) > 1 and all(isinstance(item, int) for item in ranks):
            found.add(frozenset(ranks))
    return {ranks for ranks in found if rank in ranks}
