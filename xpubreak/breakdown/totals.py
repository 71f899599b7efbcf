"""Totals of a breakdown: how much time there is, and how much of it is explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xpubreak.breakdown.rows import Rows
from xpubreak.breakdown.run import Run
from xpubreak.classify.backend import Confidence, Role
from xpubreak.trace.columns import NONE, IntArray
from xpubreak.tree.launches import Link


@dataclass(frozen=True)
class Totals:
    """Sums over the selected rows.

    Parameters
    ----------
    device_ns
        Sum of the durations of device activities: exceeds the wall time where streams overlap.
    busy_ns
        Union of their intervals over the streams of a rank, added up over ranks; −1 where rows are folded, and only
        part of a rank is selected.
    wall_ns
        From the first to the last event; of several ranks, the longest.
    idle_frac
        Share of the wall time in which the device of a rank runs nothing; the mean of several ranks, of those of
        which anything is selected.
        NaN where nothing ran on a device, and where busy time is not known.
    host_ns
        Self time of host spans.
    activities, spans
        Numbers of rows.
    """

    device_ns: int
    busy_ns: int
    wall_ns: int
    idle_frac: float
    host_ns: int
    activities: int
    spans: int


@dataclass(frozen=True)
class Coverage:
    """How much of the weight is explained, in nanoseconds; parts overlap (weak time may be unlinked, too).

    Parameters
    ----------
    weight_ns
        What the shares are of: device time, or host time on a CPU target.
    linked_ns
        Activities whose launch, or at least operator, is known.
    unlinked_ns
        Activities without a host side; they live at node −1.
    unattributed_ns
        No rule could name the backend.
    weak_ns
        Named by the kernel's name alone, where that is ambiguous.
    """

    weight_ns: int
    linked_ns: int
    unlinked_ns: int
    unattributed_ns: int
    weak_ns: int


def totals(rows: Rows, runs: Sequence[Run]) -> Totals:
    """Add up rows; wall time is that of the whole traces."""
    device = rows.is_activity
    walls = {run.metadata.rank: run.metadata.duration_ns for run in runs}
    busy_ns = _folded_busy_ns(rows, runs) if any(run.sums for run in runs) else _busy_ns(rows, runs)
    wall_sum_ns = sum(walls.values()) if len(walls) < 2 else _wall_of_ranks_ns(rows, walls)
    return Totals(
        device_ns=int(rows.device_ns.sum()),
        busy_ns=busy_ns,
        wall_ns=max(walls.values(), default=0),
        idle_frac=1 - busy_ns / wall_sum_ns if wall_sum_ns and device.any() and busy_ns >= 0 else float("nan"),
        host_ns=int(rows.host_ns.sum()),
        activities=int(rows.count[device].sum()),
        spans=int(rows.count[~device].sum()),
    )


def _wall_of_ranks_ns(rows: Rows, walls: Mapping[int, int]) -> int:
    ranks = np.unique(rows.rank).tolist()
    return sum(walls.values()) if NONE in ranks else sum(walls[rank] for rank in ranks)  # NONE: folded ranks


def _busy_ns(rows: Rows, runs: Sequence[Run]) -> int:
    busy_ns = 0
    for run in runs:
        mine = rows.is_activity & (rows.rank == run.metadata.rank)
        busy_ns += union_ns(rows.start_ns[mine], rows.device_ns[mine])
    return busy_ns


def _folded_busy_ns(rows: Rows, runs: Sequence[Run]) -> int:
    """Busy time of whole ranks; −1 where it is asked of part of one, whose intervals are gone."""
    sums = {run.metadata.rank: run.sums for run in runs if run.sums is not None}
    if int(rows.device_ns.sum()) == sum(item.device_ns for item in sums.values()):
        return sum(item.busy_ns for item in sums.values())
    chosen = [sums.get(rank) for rank in np.unique(rows.rank[rows.is_activity]).tolist()]
    whole_ns = sum(item.device_ns for item in chosen if item is not None)
    if None in chosen or whole_ns != int(rows.device_ns.sum()):
        return -1
    return sum(item.busy_ns for item in chosen if item is not None)


def union_ns(start_ns: IntArray, dur_ns: IntArray) -> int:
    """Length of the union of intervals."""
    if not len(start_ns):
        return 0
    order = np.argsort(start_ns, kind="stable")
    start, end = start_ns[order], (start_ns + dur_ns)[order]
    covered = np.maximum.accumulate(end)
    before = np.concatenate([[start[0]], covered[:-1]])
    return int(np.maximum(end - np.maximum(start, before), 0).sum())


def coverage(rows: Rows, weights_ns: IntArray) -> Coverage:
    """Add up what is explained, by the weight that the breakdown shows."""
    device = rows.is_activity
    linked = device & (rows.link != Link.NONE)
    return Coverage(
        weight_ns=int(weights_ns.sum()),
        linked_ns=int(weights_ns[linked].sum()),
        unlinked_ns=int(weights_ns[device & ~linked].sum()),
        unattributed_ns=int(weights_ns[rows.role == Role.UNATTRIBUTED].sum()),
        weak_ns=int(weights_ns[(rows.confidence == Confidence.WEAK) & (rows.role != Role.UNATTRIBUTED)].sum()),
    )
