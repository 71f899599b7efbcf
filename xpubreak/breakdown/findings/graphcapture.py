"""What capturing the steps of a phase in a graph would save: a bound, and an estimate where the trace allows one.

A replay is one launch, so that no kernel in it waits for the host: every gap that waited for a launch closes, but for
what the device itself needs from one kernel to the next. How much that is, the trace tells where kernels had been
launched in time. Gaps between steps, copies and waits stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.rows import Rows
from xpubreak.trace.columns import IntArray
from xpubreak.trace.events import Kind
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_LEAST_PAIRS = 20


@dataclass(frozen=True)
class GraphCapture:
    """Savings of a capture.

    Parameters
    ----------
    bound_ns
        All gaps that wait for launches.
    gaps
        How many.
    own_gap_ns
        Median time from the end of a kernel to the start of the next one on its stream, of kernels that had been
        launched before; None where there are too few to tell.
    """

    bound_ns: int
    gaps: int
    own_gap_ns: float | None

    @property
    def estimate_ns(self) -> float | None:
        """The bound, less the device's own gap for each of the gaps."""
        return None if self.own_gap_ns is None else max(0.0, self.bound_ns - self.gaps * self.own_gap_ns)

    @property
    def text(self) -> str:
        """The arithmetic in words."""
        bound = f"Captured in a graph, the steps save at most {format_ns(self.bound_ns)}"
        if self.estimate_ns is None or self.own_gap_ns is None:
            return f"{bound}; no kernels were launched in time that would tell what of it the device keeps for itself."
        return (
            f"{bound}, about {format_ns(self.estimate_ns)}: each of {self.gaps:,} gaps shrinks to the "
            f"{format_ns(self.own_gap_ns)} that the device leaves between kernels launched in time (median)."
        )


def capture_savings(breakdown: Breakdown, launch_gaps: IntArray) -> GraphCapture:
    """Work out what closing the given gaps saves."""
    gaps = breakdown.gaps
    own_ns = _own_gap_ns(breakdown.tables.rows)
    return GraphCapture(int(gaps.dur_ns[launch_gaps].sum()), len(launch_gaps), own_ns)


def _own_gap_ns(rows: Rows) -> float | None:
    """Of kernels that follow each other on a stream in one step, the later one launched while the first one ran."""
    kernels = np.flatnonzero((rows.kind == Kind.KERNEL) & (rows.launch_ns >= 0))
    kernels = kernels[np.lexsort((rows.start_ns[kernels], rows.track[kernels], rows.rank[kernels]))]
    before, after = kernels[:-1], kernels[1:]
    end_ns = rows.start_ns[before] + rows.device_ns[before]
    follows = (rows.rank[before] == rows.rank[after]) & (rows.track[before] == rows.track[after])
    follows &= (rows.step[before] == rows.step[after]) & (rows.launch_ns[after] < rows.start_ns[before])
    follows &= rows.start_ns[after] >= end_ns
    own_ns = rows.start_ns[after][follows] - end_ns[follows]
    return float(np.median(own_ns)) if len(own_ns) >= _LEAST_PAIRS else None
