"""Totals of a breakdown: how much time there is, and how much of it is explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xpubreak.breakdown.analysis import Analysis
from xpubreak.breakdown.facts import sum_by
from xpubreak.breakdown.rows import Rows
from xpubreak.classify.backend import Confidence, Role
from xpubreak.trace.columns import IntArray
from xpubreak.trace.trace import Metadata
from xpubreak.tree.launches import Link


@dataclass(frozen=True)
class Totals:
    """Sums over the selected rows.

    Parameters
    ----------
    device_ns
        Sum of the durations of device activities: exceeds the wall time where streams overlap.
    busy_ns
        Union of their intervals over the streams of a rank, added up over ranks.
    wall_ns
        From the first to the last event; of several ranks, the longest.
    idle_frac
        Share of the wall time in which the device of a rank runs nothing; the mean of several ranks.
        NaN where nothing ran on a device.
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


def totals(rows: Rows, metadatas: Sequence[Metadata]) -> Totals:
    """Add up rows; wall time is that of the whole traces."""
    device = rows.is_activity
    walls = {metadata.rank: metadata.duration_ns for metadata in metadatas}
    busy_ns = 0
    for rank in walls:
        mine = device & (rows.rank == rank)
        busy_ns += union_ns(rows.start_ns[mine], rows.device_ns[mine])
    wall_sum_ns = sum(walls.values())
    return Totals(
        device_ns=int(rows.device_ns.sum()),
        busy_ns=busy_ns,
        wall_ns=max(walls.values(), default=0),
        idle_frac=1 - busy_ns / wall_sum_ns if wall_sum_ns and device.any() else float("nan"),
        host_ns=int(rows.host_ns.sum()),
        activities=int(device.sum()),
        spans=int((~device).sum()),
    )


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


def launched_ns(analyses: Sequence[Analysis], operators: Rows) -> IntArray:
    """Device time that each operator row launched itself (not through operators inside it), int64."""
    found = np.zeros(len(operators), dtype=np.int64)
    for analysis in analyses:
        launches, events = analysis.launches, analysis.trace.events
        linked = launches.op >= 0
        per_event = sum_by(launches.op[linked], events.dur_ns[launches.activity[linked]], len(events))
        mine = operators.rank == analysis.trace.metadata.rank
        found[mine] = per_event[operators.event[mine]]
    return found
