"""Idle time of the device: every gap between activities, and what the host did meanwhile.

Each gap has one cause, so that no idle time is counted twice::

    device   ████ kernel        ├── gap ──┤ ████ next
    host        ░░ cudaStreamSynchronize ░░├ prepares ┤ launch

1. ``fallback``: an operator ran on the CPU in it.
2. ``between-steps``: the step before and after differ; the engine schedules.
3. ``sync``: the thread that launches next was waiting for the device when the device ran dry.
4. ``launch``: the next activity was launched only after the device ran dry; the host was preparing.
5. ``device``: it had been launched before; the gap is the device's own.
6. ``unknown``: the next activity has no launch, or one that came after its start (clocks differ).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.classify.category import CATEGORY_CODES
from xpubreak.trace.columns import NONE, BoolArray, IntArray, SmallArray, freeze
from xpubreak.trace.events import Kind

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

CAUSES = ("fallback", "between-steps", "sync", "launch", "device", "unknown")

_CLOCK_NS = 5_000
"""A wait may seem to end this much before the device ran dry: clocks of host and device are aligned to microseconds."""

_NO_WAIT = re.compile(r"(?i)query|record|streamwait|barrier|signal|reset|flush|create|destroy|append")
_READS_BACK = ("aten::_local_scalar_dense",)


@dataclass(frozen=True)
class Gaps:
    """Struct of arrays, one entry per gap, by rank and start.

    Parameters
    ----------
    start_ns, dur_ns
        int64, on the clock of the rank.
    next
        int64: row of the activity that ended it.
    cause
        uint8, into `CAUSES`.
    culprit
        int64: row of the fallback, the wait or the launch; −1 for none.
    """

    start_ns: IntArray
    dur_ns: IntArray
    next: IntArray
    cause: SmallArray
    culprit: IntArray

    def __post_init__(self) -> None:
        for column in (self.start_ns, self.dur_ns, self.next, self.cause, self.culprit):
            freeze(column)

    def of(self, cause: str) -> IntArray:
        """Entries with a cause, int64."""
        return np.flatnonzero(self.cause == CAUSES.index(cause))


def find_gaps(breakdown: Breakdown) -> Gaps:
    """Find the gaps of the whole profile that end with a selected activity; rows are those of ``tables.rows``."""
    tables = breakdown.tables
    rows = tables.rows
    parts = [_of_rank(tables, int(rank)) for rank in np.unique(rows.rank[rows.is_activity])]
    columns = [np.concatenate([part[i] for part in parts]) if parts else np.zeros(0, np.int64) for i in range(5)]
    kept = np.isin(columns[2], breakdown.row_numbers)
    start, dur, following, cause, culprit = (column[kept] for column in columns)
    return Gaps(start, dur, following, cause.astype(np.uint8), culprit)


def fallback_rows(tables: Tables) -> IntArray:
    """Rows of operators that fell back to the CPU, outermost ones only, by rank and start."""
    rows = tables.rows
    fell = [i for i, evidence in enumerate(tables.evidences) if evidence.rule == "cpu-fallback"]
    found = np.flatnonzero(np.isin(rows.evidence, fell) & (rows.kind == Kind.OPERATOR))
    return _outermost(rows, found)


def waits(tables: Tables) -> IntArray:
    """Rows of host spans that wait for the device."""
    rows, strings = tables.rows, tables.strings
    calls = (rows.kind == Kind.RUNTIME) | (rows.kind == Kind.DRIVER)
    names = np.unique(rows.name[calls & (rows.category == CATEGORY_CODES["synchronisation"])]).tolist()
    waiting = [name for name in names if not _NO_WAIT.search(strings.text(name))]
    is_wait: BoolArray = calls & np.isin(rows.name, waiting)
    back = [found for name in _READS_BACK if (found := strings.find(name)) >= 0]
    is_wait |= (rows.kind == Kind.OPERATOR) & np.isin(rows.name, back)
    copies = np.flatnonzero((rows.kind == Kind.MEMCPY) & (rows.launch >= 0))
    call = rows.launch[copies]
    outlasts = rows.start_ns[call] + rows.total_ns[call] >= rows.start_ns[copies] + rows.device_ns[copies]
    is_wait[call[outlasts]] = True
    return np.flatnonzero(is_wait)


def _outermost(rows: Rows, found: IntArray) -> IntArray:
    ordered = found[np.lexsort((-rows.total_ns[found], rows.start_ns[found], rows.track[found], rows.rank[found]))]
    kept: list[int] = []
    place, end_ns = (NONE, NONE), -1
    for row in ordered.tolist():
        here = (int(rows.rank[row]), int(rows.track[row]))
        if here != place or rows.start_ns[row] >= end_ns:
            kept.append(row)
            place, end_ns = here, int(rows.start_ns[row] + rows.total_ns[row])
    return np.array(kept, dtype=np.int64)


def _of_rank(tables: Tables, rank: int) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
    rows = tables.rows
    activity = np.flatnonzero(rows.is_activity & (rows.rank == rank))
    activity = activity[np.argsort(rows.start_ns[activity], kind="stable")]
    end_ns = rows.start_ns[activity] + rows.device_ns[activity]
    reached = np.maximum.accumulate(end_ns)
    at = np.flatnonzero(rows.start_ns[activity][1:] > reached[:-1])
    following = activity[at + 1]
    # The activity that ended last before the gap: reached there for the first time.
    before = activity[np.searchsorted(reached, reached[at], side="left")]
    start_ns, stop_ns = reached[at], rows.start_ns[following]
    launch_ns, launch = rows.launch_ns[following], rows.launch[following]
    cause = np.full(len(at), CAUSES.index("device"), dtype=np.int64)
    culprit = launch.copy()
    cause[launch_ns > start_ns] = CAUSES.index("launch")
    waited = _waiting_at(tables, rank, start_ns, launch, launch_ns)
    cause[waited >= 0] = CAUSES.index("sync")
    culprit[waited >= 0] = waited[waited >= 0]
    cause[rows.step[before] != rows.step[following]] = CAUSES.index("between-steps")
    cause[(launch_ns < 0) | (launch_ns > stop_ns)] = CAUSES.index("unknown")
    fell = fallback_rows(tables)
    fell = fell[rows.rank[fell] == rank]
    fell = fell[np.argsort(rows.start_ns[fell], kind="stable")]
    if len(fell):
        last = np.searchsorted(rows.start_ns[fell], stop_ns, side="left") - 1
        over = fell[np.maximum(last, 0)]
        overlaps = (last >= 0) & (rows.start_ns[over] + rows.total_ns[over] > start_ns)
        cause[overlaps] = CAUSES.index("fallback")
        culprit[overlaps] = over[overlaps]
    return start_ns, stop_ns - start_ns, following, cause, culprit


def _waiting_at(tables: Tables, rank: int, at_ns: IntArray, launch: IntArray, launch_ns: IntArray) -> IntArray:
    """Row of the wait that the launching thread was in at each time, −1 for none."""
    rows = tables.rows
    waiting = waits(tables)
    waiting = waiting[rows.rank[waiting] == rank]
    found = np.full(len(at_ns), NONE, dtype=np.int64)
    track = np.where(launch >= 0, rows.track[np.maximum(launch, 0)], NONE)
    for thread in np.unique(rows.track[waiting]).tolist():
        mine = waiting[rows.track[waiting] == thread]
        mine = mine[np.argsort(rows.start_ns[mine], kind="stable")]
        here = np.flatnonzero(track == thread)
        last = np.searchsorted(rows.start_ns[mine], at_ns[here], side="right") - 1
        row = mine[np.maximum(last, 0)]
        end_ns = rows.start_ns[row] + rows.total_ns[row]
        holds = (last >= 0) & (end_ns >= at_ns[here] - _CLOCK_NS) & (end_ns <= launch_ns[here])
        found[here[holds]] = row[holds]
    return found
