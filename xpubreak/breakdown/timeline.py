"""Timeline: where each row lies on the tracks of the trace, and which row launched it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from xpubreak.breakdown.clock import shared_start_ns
from xpubreak.breakdown.rows import Rows
from xpubreak.breakdown.run import Run, origins_ns
from xpubreak.trace.columns import NONE, AnyArray, CodeArray, IntArray, distinct, freeze


@dataclass(frozen=True)
class Lane:
    """One host thread or device stream of one rank.

    Parameters
    ----------
    rank
        Of the trace.
    kind
        ``"stream"`` or ``"thread"``.
    label
        Name of the thread or stream, or its number.
    stream
        Number of the stream, −1 for a thread.
    height
        How many rows of bars it needs: the deepest nesting, or the most activities at once.
    """

    rank: int
    kind: str
    label: str
    stream: int
    height: int


@dataclass(frozen=True)
class Timeline:
    """Struct of arrays, one entry per row of `Rows`.

    Parameters
    ----------
    lanes
        Streams of a rank before its threads, ranks ascending.
    lane
        int32, into ``lanes``.
    depth
        int32: 0 for the outermost; activities that overlap on one stream lie side by side.
    launch
        int64: row of the launching call, −1 for none.
    start_ns
        int64 on the clock that all ranks share (`xpubreak.breakdown.clock`).
    """

    lanes: tuple[Lane, ...]
    lane: CodeArray
    depth: CodeArray
    launch: IntArray
    start_ns: IntArray

    def __post_init__(self) -> None:
        for column in (self.lane, self.depth, self.launch, self.start_ns):
            freeze(column)


def timeline(rows: Rows, row_numbers: IntArray, runs: Sequence[Run]) -> Timeline:
    """Lay rows out on tracks.

    Parameters
    ----------
    rows
        Of a breakdown.
    row_numbers
        int64[n], ascending: their numbers in the whole profile.
    runs
        Of the profile.
    """
    lanes: list[Lane] = []
    lane = np.full(len(rows), NONE, dtype=np.int32)
    depth: CodeArray = rows.depth.copy()
    for run in runs:
        mine = np.flatnonzero(rows.rank == run.metadata.rank)
        track = rows.track[mine]
        for number in _display_order(run, distinct(track)):
            here = mine[track == number]
            found = run.tracks[number]
            kind = "stream" if found.side == "device" else "thread"
            if kind == "stream":
                depth[here] = _side_by_side(rows.start_ns[here], rows.total_ns[here])
            lane[here] = len(lanes)
            label = found.name.strip() or (f"stream {found.stream}" if kind == "stream" else f"thread {found.tid}")
            height = int(depth[here].max()) + 1
            lanes.append(Lane(run.metadata.rank, kind, label, found.stream, height))
    at = np.minimum(np.searchsorted(row_numbers, rows.launch), max(0, len(rows) - 1))
    is_here = (rows.launch >= 0) & (row_numbers[at] == rows.launch) if len(rows) else at == NONE
    launch = np.where(is_here, at, NONE)
    return Timeline(tuple(lanes), lane, depth, launch, shared_start_ns(rows, origins_ns(runs)))


def _display_order(run: Run, tracks: AnyArray) -> list[int]:
    sides = {"device": 0, "host": 1}
    return sorted(tracks.tolist(), key=lambda number: (sides.get(run.tracks[number].side, 2), number))


def _side_by_side(start_ns: IntArray, dur_ns: IntArray) -> CodeArray:
    """First free row of bars for each interval, in order of their starts."""
    place = np.zeros(len(start_ns), dtype=np.int32)
    order = np.argsort(start_ns, kind="stable")
    start, end = start_ns[order], (start_ns + dur_ns)[order]
    if len(start) < 2 or bool(np.all(start[1:] >= np.maximum.accumulate(end)[:-1])):
        return place
    running: list[tuple[int, int]] = []  # heap of (end, row of bars)
    free: list[int] = []  # heap of rows of bars
    rows = 0
    placed = np.zeros(len(order), dtype=np.int32)
    for i, (begin, finish) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        while running and running[0][0] <= begin:
            heappush(free, heappop(running)[1])
        if free:
            row = heappop(free)
        else:
            row, rows = rows, rows + 1
        heappush(running, (finish, row))
        placed[i] = row
    place[order] = placed
    return place
