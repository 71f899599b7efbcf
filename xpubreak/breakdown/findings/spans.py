"""How long the device's time line is for what is selected: what shares of idle time are shares of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.findings.idle import CAUSES

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown


def phase_span_ns(breakdown: Breakdown, phase: int) -> tuple[int, int]:
    """Time line of the selected activities of a phase, and the number of their steps over ranks.

    What an activity adds to the time in which its rank is busy, and the gap before it, gaps between steps excepted.
    Of whole steps that do not overlap, this is first start to last end; parts of a step add up to it.
    """
    rows, gaps = breakdown.tables.rows, breakdown.gaps
    mine = breakdown.row_numbers
    mine = mine[rows.is_activity[mine] & (rows.phase[mine] == phase)]
    is_mine = np.zeros(len(rows), dtype=bool)
    is_mine[mine] = True
    busy_ns = 0
    for rank in np.unique(rows.rank[mine]).tolist():
        activity = np.flatnonzero(rows.is_activity & (rows.rank == rank))
        activity = activity[np.argsort(rows.start_ns[activity], kind="stable")]
        start_ns, end_ns = rows.start_ns[activity], rows.start_ns[activity] + rows.device_ns[activity]
        reached_ns = np.maximum.accumulate(end_ns)
        before_ns = np.append(start_ns[:1], reached_ns[:-1])
        added_ns = np.maximum(0, end_ns - np.maximum(start_ns, before_ns))
        busy_ns += int(added_ns[is_mine[activity]].sum())
    inside = is_mine[gaps.next] & (gaps.cause != CAUSES.index("between-steps"))
    steps = np.unique(rows.rank[mine].astype(np.int64) << 32 | rows.step[mine].astype(np.int64) + 1)
    return busy_ns + int(gaps.dur_ns[inside].sum()), len(steps)


def whole_span_ns(breakdown: Breakdown, rank: int) -> int:
    """First start to last end of the selected activities of a rank in steps."""
    rows = breakdown.rows
    here = rows.is_activity & (rows.step >= 0) & (rows.rank == rank)
    if not here.any():
        return 0
    return int((rows.start_ns[here] + rows.device_ns[here]).max() - rows.start_ns[here].min())
