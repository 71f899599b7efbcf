"""Nesting: which span lies in which, per thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xpubreak.trace.columns import NONE, CodeArray, IntArray, freeze
from xpubreak.trace.events import Events

CLAMP_NS = 1
"""Overlaps up to this long are float rounding of the writer (Kineto's µs with three decimals): the end is clamped."""


@dataclass(frozen=True)
class Nesting:
    """Containment of some rows of `Events`, in depth-first order (the order of the rows themselves).

    An event lies in the innermost earlier event of its track that contains it whole. Partial overlaps are not trees:
    the later event does not become a child, but every instant still belongs to exactly one event, the one that
    started last, so that self times add up to the union of the top-level events.

    Parameters
    ----------
    rows
        int64[n]: event rows, ascending.
    parent
        int64[n]: position in this table of the enclosing event, −1 at top level.
    depth
        int32[n]: 0 at top level.
    subtree_end
        int64[n]: descendants of i are i + 1 … subtree_end[i], inclusive.
    self_ns
        int64[n]: time in which the event is the innermost one; never negative.
    total_ns
        int64[n]: self time of the event and its descendants.
    position
        int64[len(events)]: position of an event row in this table, −1 where it is not in it.
    clamped, overlapping
        How many events overhang by at most `CLAMP_NS`, and how many truly overlap.
    """

    rows: IntArray
    parent: IntArray
    depth: CodeArray
    subtree_end: IntArray
    self_ns: IntArray
    total_ns: IntArray
    position: IntArray
    clamped: int
    overlapping: int

    def __len__(self) -> int:
        return len(self.rows)

    def ancestors(self, position: int) -> list[int]:
        """Positions of the enclosing events, innermost first, without the event itself."""
        found: list[int] = []
        at = int(self.parent[position])
        while at != NONE:
            found.append(at)
            at = int(self.parent[at])
        return found


def nest(events: Events, rows: IntArray) -> Nesting:
    """Nest the given rows per track, in one pass over them.

    Parameters
    ----------
    events
        In their documented order: by track, start, longest first.
    rows
        int64[n], ascending: which events take part.

    Returns
    -------
    Nesting
        In the order of ``rows``.
    """
    count = len(rows)
    starts = events.start_ns[rows].tolist()
    ends = events.end_ns[rows].tolist()
    tracks = events.track[rows].tolist()
    parent = [NONE] * count
    depth = [0] * count
    subtree_end = [0] * count
    clamped = overlapping = 0
    stack: list[int] = []  # positions of the open events, outermost first
    current_track = None
    for i in range(count):
        start, end = starts[i], ends[i]
        if tracks[i] != current_track:
            _close(stack, 0, i, subtree_end)
            current_track = tracks[i]
        keep = len(stack)
        while keep and _is_over(starts[stack[keep - 1]], ends[stack[keep - 1]], start, end):
            keep -= 1
        while keep and ends[stack[keep - 1]] < end:
            if end - ends[stack[keep - 1]] <= CLAMP_NS and start < ends[stack[keep - 1]] - CLAMP_NS:
                clamped += 1  # overhangs its parent by rounding
                end = ends[i] = ends[stack[keep - 1]]
                break
            if ends[stack[keep - 1]] - start <= CLAMP_NS:
                clamped += 1  # begins a rounding error before its elder sibling ends
            else:
                overlapping += 1
            keep -= 1
        _close(stack, keep, i, subtree_end)
        if stack:
            parent[i] = stack[-1]
            depth[i] = keep
        stack.append(i)
    _close(stack, 0, count, subtree_end)
    return _with_times(events, rows, tracks, starts, ends, parent, depth, subtree_end, clamped, overlapping)


def _is_over(open_start: int, open_end: int, start: int, end: int) -> bool:
    # A zero-length event that touches another zero-length event of the same instant lies in it (the order of the
    # file decides which is outer); one at the exclusive end of a longer event lies after it.
    return open_end <= start and not (open_start == start == open_end == end)


def _close(stack: list[int], keep: int, before: int, subtree_end: list[int]) -> None:
    while len(stack) > keep:
        subtree_end[stack.pop()] = before - 1


def _with_times(
    events: Events,
    rows: IntArray,
    tracks: list[int],
    starts: list[int],
    ends: list[int],
    parent: list[int],
    depth: list[int],
    subtree_end: list[int],
    clamped: int,
    overlapping: int,
) -> Nesting:
    count = len(rows)
    parents = np.array(parent, dtype=np.int64)
    last = np.array(subtree_end, dtype=np.int64)
    start_ns = np.array(starts, dtype=np.int64)
    end_ns = np.array(ends, dtype=np.int64)
    track = np.array(tracks, dtype=np.int64)
    # The next event that is no descendant takes over where it starts, if it starts before this one ends.
    following = np.minimum(last + 1, count - 1) if count else last
    cuts = (last + 1 < count) & (track[following] == track) if count else np.zeros(0, dtype=bool)
    total_ns = np.where(cuts, np.minimum(end_ns, np.maximum(start_ns[following], start_ns)), end_ns) - start_ns
    self_ns = total_ns.copy()
    has_parent = parents >= 0
    np.subtract.at(self_ns, parents[has_parent], total_ns[has_parent])
    position = np.full(len(events), NONE, dtype=np.int64)
    position[rows] = np.arange(count)
    return Nesting(
        rows=freeze(rows),
        parent=freeze(parents),
        depth=freeze(np.array(depth, dtype=np.int32)),
        subtree_end=freeze(last),
        self_ns=freeze(self_ns),
        total_ns=freeze(total_ns),
        position=freeze(position),
        clamped=clamped,
        overlapping=overlapping,
    )
