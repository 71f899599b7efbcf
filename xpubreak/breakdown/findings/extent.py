"""The extent of a profile: how long its steps take and how many there are, which findings are measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown


@dataclass(frozen=True)
class Extent:
    """What shares are of.

    Parameters
    ----------
    steps
        Pairs of rank and step; 0 where no steps were found.
    span_ns
        From the first to the last event of the steps, added up over ranks; of everything where there are no steps.
    """

    steps: int
    span_ns: int


def extent(breakdown: Breakdown) -> Extent:
    """Measure the steps of what is selected; where single events were added up, all of every rank."""
    if breakdown.tables.folded:
        runs = breakdown.tables.runs
        return Extent(sum(len(run.steps) for run in runs), sum(run.metadata.duration_ns for run in runs))
    rows = breakdown.rows
    inside = rows.step >= 0
    steps = len(np.unique(rows.rank[inside].astype(np.int64) << 32 | rows.step[inside]))
    counted = inside if steps else np.ones(len(rows), dtype=bool)
    span_ns = 0
    for rank in np.unique(rows.rank[counted]).tolist():
        mine = counted & (rows.rank == rank)
        span_ns += int((rows.start_ns[mine] + rows.total_ns[mine]).max() - rows.start_ns[mine].min())
    return Extent(steps, span_ns)
