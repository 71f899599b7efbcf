"""Nesting: which span lies in which, per thread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xpubreak.trace.columns import NONE, AnyArray, CodeArray, IntArray, freeze
from xpubreak.trace.compiled import compile_loop, is_worth
from xpubreak.trace.events import Events
from xpubreak.tree.atonce import nest_at_once

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
        int32[n]: position in this table of the enclosing event, −1 at top level.
    depth
        int32[n]: 0 at top level.
    subtree_end
        int32[n]: descendants of i are i + 1 … subtree_end[i], inclusive.
    self_ns
        int64[n]: time in which the event is the innermost one; never negative. Empty where times were not asked for.
    clamped, overlapping
        How many events overhang by at most `CLAMP_NS`, and how many truly overlap.
    event_count
        Of the whole table of events.
    """

    rows: IntArray
    parent: CodeArray
    depth: CodeArray
    subtree_end: CodeArray
    self_ns: IntArray
    clamped: int
    overlapping: int
    event_count: int

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def position(self) -> CodeArray:
        """int32[event_count]: position of an event row in this table, −1 where it is not in it."""
        position = np.full(self.event_count, NONE, dtype=np.int32)
        position[self.rows] = np.arange(len(self.rows), dtype=np.int32)
        return freeze(position)

    @property
    def total_ns(self) -> IntArray:
        """int64[n]: self time of the event and its descendants."""
        until_ns = np.append(0, np.cumsum(self.self_ns))
        return np.asarray(until_ns[self.subtree_end + 1] - until_ns[:-1])

    def ancestors(self, position: int) -> list[int]:
        """Positions of the enclosing events, innermost first, without the event itself."""
        found: list[int] = []
        at = int(self.parent[position])
        while at != NONE:
            found.append(at)
            at = int(self.parent[at])
        return found


def nest(events: Events, rows: IntArray, *, is_timed: bool = True) -> Nesting:
    """Nest the given rows per track, in one pass over them.

    Parameters
    ----------
    events
        In their documented order: by track, start, longest first.
    rows
        int64[n], ascending: which events take part.
    is_timed
        Find self times, too.

    Returns
    -------
    Nesting
        In the order of ``rows``.
    """
    count = len(rows)
    start_ns, track = events.start_ns[rows], events.track[rows].astype(np.int64)
    end_ns = start_ns + events.dur_ns[rows]
    found: list[AnyArray]
    if is_worth(count):
        walk, found = compile_loop(_walk), [np.zeros(count, dtype=np.int32) for _ in range(4)]
        clamped, overlapping = walk(start_ns, end_ns, track, *found)
    else:
        found, clamped, overlapping = nest_at_once(start_ns, end_ns, track, _walk, CLAMP_NS)
    parent, depth, subtree_end = found[:3]
    self_ns = _self_times(start_ns, end_ns, track, parent, subtree_end) if is_timed else np.zeros(0, dtype=np.int64)
    return Nesting(
        rows=freeze(rows),
        parent=freeze(parent.astype(np.int32, copy=False)),
        depth=freeze(depth.astype(np.int32, copy=False)),
        subtree_end=freeze(subtree_end.astype(np.int32, copy=False)),
        self_ns=freeze(self_ns),
        clamped=clamped,
        overlapping=overlapping,
        event_count=len(events),
    )


def _walk(starts, ends, tracks, parent, depth, subtree_end, stack):  # type: ignore[no-untyped-def]
    """Fill parent, depth and subtree_end; clamp ends. ``stack`` holds the open events, outermost first.

    Takes arrays, compiled, or lists. Returns how many were clamped, and how many overlap.
    """
    count = len(starts)
    clamped = overlapping = top = 0
    for i in range(count):
        start, end = starts[i], ends[i]
        keep = top
        if i > 0 and tracks[i] != tracks[i - 1]:
            keep = 0
        # A zero-length event that touches another zero-length event of the same instant lies in it (the order of the
        # file decides which is outer); one at the exclusive end of a longer event lies after it.
        while keep > 0:
            above = stack[keep - 1]
            if ends[above] > start or (starts[above] == start and ends[above] == end and start == end):
                break
            keep -= 1
        while keep > 0 and ends[stack[keep - 1]] < end:
            over = ends[stack[keep - 1]]
            if end - over <= CLAMP_NS and start < over - CLAMP_NS:
                clamped += 1  # overhangs its parent by rounding
                end = ends[i] = over
                break
            if over - start <= CLAMP_NS:
                clamped += 1  # begins a rounding error before its elder sibling ends
            else:
                overlapping += 1
            keep -= 1
        while top > keep:
            top -= 1
            subtree_end[stack[top]] = i - 1
        parent[i] = stack[keep - 1] if keep > 0 else NONE
        depth[i] = keep
        stack[keep] = i
        top = keep + 1
    while top > 0:
        top -= 1
        subtree_end[stack[top]] = count - 1
    return clamped, overlapping


def _times(start_ns, end_ns, track, parent, last, self_ns):  # type: ignore[no-untyped-def]
    """Fill self_ns; what `_self_times` does without a compiler."""
    count = len(start_ns)
    for i in range(count):
        end = end_ns[i]
        following = last[i] + 1
        if following < count and track[following] == track[i]:
            end = min(end, max(start_ns[following], start_ns[i]))
        self_ns[i] = end - start_ns[i]
        if parent[i] >= 0:  # which is an earlier one
            self_ns[parent[i]] -= self_ns[i]


def _self_times(start_ns: IntArray, end_ns: IntArray, track: IntArray, parent: AnyArray, last: AnyArray) -> IntArray:
    count = len(start_ns)
    if is_worth(count):
        found = np.empty(count, dtype=np.int64)
        compile_loop(_times)(start_ns, end_ns, track, parent, last, found)
        return found
    # The next event that is no descendant takes over where it starts, if it starts before this one ends.
    following = np.minimum(last + 1, count - 1) if count else last
    cuts = (last + 1 < count) & (track[following] == track) if count else np.zeros(0, dtype=bool)
    total_ns = np.where(cuts, np.minimum(end_ns, np.maximum(start_ns[following], start_ns)), end_ns) - start_ns
    self_ns: IntArray = total_ns.copy()
    has_parent = parent >= 0
    np.subtract.at(self_ns, parent[has_parent], total_ns[has_parent])
    return self_ns
