"""The queue of the device: how far the host is ahead when it launches, and how that changes over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.rows import Rows
from xpubreak.trace.columns import IntArray

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_MOST_POINTS = 64
_LEAST_STEPS = 4
"""Of fewer steps, the curve is over parts of equal duration instead."""


@dataclass(frozen=True)
class Queue:
    """Launches of the selected activities of a phase.

    Parameters
    ----------
    launches
        Calls that launched; a replay of a graph is one.
    call_ns
        Median duration of such a call.
    delay_ns
        Median time from the launch to the start of an activity.
    depth
        Median over launches of how many activities the rank had launched and not yet started.
    curve
        Columns of equal length: ``step`` (the first of several, where there are very many) or ``at_ns`` (start of the
        part, from the start of the trace), ``launches``, and medians ``delay_ns`` and ``depth``.
    """

    launches: int
    call_ns: float
    delay_ns: float
    depth: float
    curve: dict[str, tuple[float, ...]]

    @property
    def depth_text(self) -> str:
        """Depths in words."""
        depths = self.curve.get("depth", ())
        if len(set(depths)) <= 1:
            return f"{self.depth:.0f} all the time (median)"
        of = "step to step" if "step" in self.curve else "part to part"
        return f"{self.depth:.0f} (median), from {min(depths):.0f} to {max(depths):.0f} from {of}"


def measure_queue(breakdown: Breakdown, phase: int) -> Queue:
    """Measure the launches of the selected activities of a phase."""
    rows = breakdown.tables.rows
    mine = breakdown.row_numbers
    mine = mine[rows.is_activity[mine] & (rows.phase[mine] == phase) & (rows.launch[mine] >= 0)]
    if not len(mine):
        return Queue(0, 0.0, 0.0, 0.0, {})
    mine = mine[np.lexsort((rows.launch_ns[mine], rows.rank[mine]))]
    depth, delay_ns = _depths(rows, mine), rows.start_ns[mine] - rows.launch_ns[mine]
    calls = np.unique(rows.launch[mine])
    return Queue(
        launches=len(calls),
        call_ns=float(np.median(rows.total_ns[calls])),
        delay_ns=float(np.median(delay_ns)),
        depth=float(np.median(depth)),
        curve=_curve(rows, mine, delay_ns, depth),
    )


def _depths(rows: Rows, mine: IntArray) -> IntArray:
    """At each launch, activities of the rank, selected or not, that were launched and not yet started."""
    depth = np.zeros(len(mine), dtype=np.int64)
    linked = rows.is_activity & (rows.launch >= 0)
    for rank in np.unique(rows.rank[mine]).tolist():
        here, all_of_rank = np.flatnonzero(rows.rank[mine] == rank), linked & (rows.rank == rank)
        launched, started = np.sort(rows.launch_ns[all_of_rank]), np.sort(rows.start_ns[all_of_rank])
        at = rows.launch_ns[mine[here]]
        depth[here] = np.searchsorted(launched, at, side="left") - np.searchsorted(started, at, side="right")
    return np.maximum(depth, 0)


def _curve(rows: Rows, mine: IntArray, delay_ns: IntArray, depth: IntArray) -> dict[str, tuple[float, ...]]:
    steps, of_step = np.unique(rows.step[mine], return_inverse=True)
    if len(steps) >= _LEAST_STEPS:
        width = -(-len(steps) // _MOST_POINTS)
        part, name, at = of_step // width, "step", steps[::width].astype(float)
    else:
        launch_ns = rows.launch_ns[mine]
        first_ns, last_ns = int(launch_ns.min()), int(launch_ns.max())
        wide_ns = max(1, -(-(last_ns + 1 - first_ns) // _MOST_POINTS))
        part = (launch_ns - first_ns) // wide_ns
        name, at = "at_ns", first_ns + wide_ns * np.arange(int(part.max()) + 1, dtype=float)
    filled = np.unique(part).tolist()
    calls = [len(np.unique(rows.launch[mine[part == one]])) for one in filled]
    return {
        name: tuple(at[filled].tolist()),
        "launches": tuple(float(count) for count in calls),
        "delay_ns": tuple(float(np.median(delay_ns[part == one])) for one in filled),
        "depth": tuple(float(np.median(depth[part == one])) for one in filled),
    }
