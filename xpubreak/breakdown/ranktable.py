"""Ranks beside each other, and the collectives between them, as pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.breakdown.collectives import Collectives, match_collectives
from xpubreak.breakdown.fold import sums_of
from xpubreak.breakdown.processgroups import MatchedBy
from xpubreak.classify.backend import Role
from xpubreak.trace.columns import NONE, FloatArray

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.breakdown import Breakdown

RANK_COLUMNS = {
    "rank": "number of the rank",
    "source": "file that it was read from",
    "device_ns": "sum of its device activities",
    "busy_ns": "union of their intervals",
    "wall_ns": "from the first to the last event of its trace",
    "idle_frac": "share of the wall time in which its device ran nothing; NaN where nothing ran on a device",
    "host_ns": "self time of its host spans",
    "compute_ns": "weight without collectives: what the rank itself had to do",
    "skew_frac": "compute time beyond the median of the ranks, as a fraction of it; negative below",
    "collectives_ns": "weight in collectives",
    "wait_ns": "of these, in matched calls, waiting for ranks that came later; -1 where none was matched",
    "transfer_ns": "the rest of matched calls: as long as the shortest of the ranks; -1 where none was matched",
    "calls": "matched calls of groups whose ranks are all here",
    "last_calls": "of these, for which the others waited for this rank; -1 where there are none",
    "partial_calls": "collectives of groups with ranks that are missing here: what was waiting is unknown",
    "clock_offset_ns": "its clock beyond the median of the ranks, by the ends of matched calls; NaN where not known",
    "activities": "number of device activities",
}
COLLECTIVE_COLUMNS = {
    "call": "number, by step and order",
    "step": "step that it ran in, -1 outside",
    "name": "demangled and shortened",
    "ranks": "how many of those that are here took part",
    "start_ns": "first start, on the clock that the ranks share",
    "transfer_ns": "shortest duration over the ranks; -1 where a rank of the group is missing here",
    "wait_ns": "the rest, added up over the ranks; -1 as above",
    "longest_wait_ns": "of one rank; -1 as above",
    "last_rank": "rank that came last, and did not wait; -1 as above: it may be the one that is missing",
    "matched_by": "what tells that they are one call: recorded `sequence` number, or `group`, or `position` alone",
}


def rank_table(breakdown: Breakdown) -> pd.DataFrame:
    """One row per rank, of the whole profile."""
    import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

    tables = breakdown.tables
    found = None if tables.folded else match_collectives(tables)
    offsets = {} if found is None else clock_offsets_ns(found)
    last = None if found is None else found.last_rank
    lines: list[dict[str, Any]] = []
    for run in tables.runs:
        rank, wall_ns = run.metadata.rank, run.metadata.duration_ns
        sums = run.sums or sums_of(tables, rank)
        calls, wait_ns, transfer_ns, last_calls = sums.calls, sums.wait_ns, sums.transfer_ns, sums.last_calls
        partial_calls = sums.partial_calls
        if found is not None and last is not None:
            mine = found.is_split & (found.rank == rank)
            partial_calls = int((found.is_partial & (found.rank == rank)).sum())
            calls, last_calls = int(mine.sum()), int((last == rank).sum())
            wait_ns, transfer_ns = int(found.wait_ns[mine].sum()), int(found.transfer_ns[mine].sum())
        known = calls > 0
        lines.append(
            {
                "rank": rank,
                "source": run.metadata.source,
                "device_ns": sums.device_ns,
                "busy_ns": sums.busy_ns,
                "wall_ns": wall_ns,
                "idle_frac": 1 - sums.busy_ns / wall_ns if wall_ns and sums.activities else float("nan"),
                "host_ns": sums.host_ns,
                "compute_ns": sum(sums.roles_ns) - sums.roles_ns[Role.COLLECTIVES],
                "skew_frac": 0.0,
                "collectives_ns": sums.roles_ns[Role.COLLECTIVES],
                "wait_ns": wait_ns if known else -1,
                "transfer_ns": transfer_ns if known else -1,
                "calls": max(calls, 0),
                "last_calls": last_calls if known else -1,
                "partial_calls": max(partial_calls, 0),
                "clock_offset_ns": offsets.get(rank, float("nan")),
                "activities": sums.activities,
            }
        )
    compute_ns = np.array([line["compute_ns"] for line in lines], dtype=np.int64)
    for line, frac in zip(lines, _skew(compute_ns).tolist(), strict=True):
        line["skew_frac"] = frac
    frame: pd.DataFrame = pd.DataFrame(lines, columns=list(RANK_COLUMNS))
    return frame


def collective_table(breakdown: Breakdown) -> pd.DataFrame:
    """One row per matched call of all ranks."""
    import pandas as pd  # noqa: PLC0415

    tables = breakdown.tables
    found = match_collectives(tables)
    matched = np.flatnonzero(found.is_matched)
    call, count = found.call[matched], found.call_count
    rows = found.row[matched]
    first = np.zeros(count, dtype=np.int64)
    first[call[::-1]] = rows[::-1]
    start_ns, longest_ns = np.full(count, np.iinfo(np.int64).max), np.zeros(count, dtype=np.int64)
    np.minimum.at(start_ns, call, found.end_ns[matched] - tables.rows.total_ns[rows])
    np.maximum.at(longest_ns, call, found.wait_ns[matched])
    transfer_ns, wait_ns = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    transfer_ns[call] = found.transfer_ns[matched]
    ways = np.zeros(count, dtype=np.uint8)
    ways[call] = found.way[matched]
    np.add.at(wait_ns, call, found.wait_ns[matched])
    for column in (wait_ns, longest_ns):
        column[transfer_ns < 0] = NONE
    frame: pd.DataFrame = pd.DataFrame(
        {
            "call": np.arange(count),
            "step": tables.rows.step[first].astype(np.int64),
            "name": [tables.strings.text(name) for name in tables.rows.display[first].tolist()],
            "ranks": np.bincount(call, minlength=count),
            "start_ns": start_ns,
            "transfer_ns": transfer_ns,
            "wait_ns": wait_ns,
            "longest_wait_ns": longest_ns,
            "last_rank": found.last_rank,
            "matched_by": [MatchedBy(way).key for way in ways.tolist()],
        },
        columns=list(COLLECTIVE_COLUMNS),
    )
    return frame


def clock_offsets_ns(found: Collectives) -> dict[int, float]:
    """How far each rank's clock is ahead of the median rank's: a collective ends for all ranks at nearly one time."""
    matched = np.flatnonzero(found.is_matched)
    if not len(matched):
        return {}
    call, rank, end_ns = found.call[matched], found.rank[matched], found.end_ns[matched]
    order = np.lexsort((end_ns, call))
    starts = np.flatnonzero(np.append(True, np.diff(call[order]) != 0))
    middles = starts + (np.diff(np.append(starts, len(order))) - 1) // 2
    middle_ns = end_ns[order][middles]  # calls are numbered from 0 without gaps
    ahead_ns = end_ns - middle_ns[call]
    return {number: float(np.median(ahead_ns[rank == number])) for number in np.unique(rank).tolist()}


def clock_spread_ns(found: Collectives) -> float:
    """Largest distance between the clocks of two ranks; 0 where it is not known."""
    offsets = clock_offsets_ns(found)
    return max(offsets.values()) - min(offsets.values()) if offsets else 0.0


def _skew(compute_ns: Any) -> FloatArray:
    middle = float(np.median(compute_ns)) if len(compute_ns) else 0.0
    return (compute_ns - middle) / middle if middle else np.zeros(len(compute_ns))
