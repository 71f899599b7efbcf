"""Nesting for want of compiled code: all events at once, and only tracks on which some truly overlap one by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from xpubreak.trace.columns import NONE, AnyArray, BoolArray, IntArray
from xpubreak.tree.jumps import enclosing, innermost_before

_MAX_ROUNDS = 8
"""Each one clamps what lies in what was clamped before; rounding errors are not deeper."""


def nest_at_once(
    start_ns: IntArray, end_ns: IntArray, track: IntArray, walk: Callable[..., tuple[int, int]], clamp_ns: int
) -> tuple[list[AnyArray], int, int]:
    """Do as ``walk`` does, which see; ends are clamped in place.

    Returns
    -------
    tuple
        Parent, depth and last descendant of each event, int64[n]; how many were clamped; how many overlap.
    """
    ends = end_ns.copy()
    parent, until, mended, is_doubtful = _mended(start_ns, ends, track, clamp_ns)
    depth, last = np.zeros(len(track), dtype=np.int64), np.zeros(len(track), dtype=np.int64)
    overhangs = ((parent >= 0) & (ends[parent] < ends)) | is_doubtful
    clamped = overlapping = 0
    cuts = np.flatnonzero(np.diff(track)) + 1
    for first, end in itertools.pairwise([0, *cuts.tolist(), len(track)]):
        part = slice(first, end)
        if not overhangs[part].any():
            end_ns[part] = ends[part]
            inside = _last_inside(start_ns[part], until[part])
            last[part], depth[part] = first + inside, _still_open(inside)
            clamped += int(mended[part].sum())
            continue
        lists = [column[part].tolist() for column in (start_ns, end_ns, track)]  # several times faster than arrays
        blank = [[0] * (end - first) for _ in range(4)]
        counts = walk(*lists, *blank)
        clamped, overlapping = clamped + counts[0], overlapping + counts[1]
        end_ns[part] = lists[1]
        inner = np.array(blank[0], dtype=np.int64)
        parent[part] = np.where(inner >= 0, inner + first, NONE)
        depth[part] = blank[1]
        last[part] = np.array(blank[2], dtype=np.int64) + first
    return [parent, depth, last], clamped, overlapping


def _mended(
    start_ns: IntArray, ends: IntArray, track: IntArray, clamp_ns: int
) -> tuple[IntArray, IntArray, IntArray, BoolArray]:
    """Find parents, and clamp ends; what still overhangs its parent afterwards overlaps it.

    Returns
    -------
    tuple
        int64[n] each: parents; until when an event is open, which is before its end where the next one begins a
        rounding error too early; how many times an event was clamped, or began too early; bool[n]: what lies in what
        depends on the order in which ``walk`` clamps and closes.
    """
    is_clamped = np.zeros(len(track), dtype=np.int64)
    is_doubtful = np.zeros(len(track), dtype=bool)
    clamped_to = np.arange(len(track))
    around = innermost_before(track)
    for _ in range(_MAX_ROUNDS):
        around = enclosing(start_ns, ends, around)
        parent = around.copy()
        early = np.zeros(len(track), dtype=np.int64)
        until = ends.copy()
        odd = np.flatnonzero((parent >= 0) & (ends[parent] < ends))
        inside = odd
        while len(inside):
            inside = inside[ends[parent[inside]] - start_ns[inside] <= clamp_ns]
            early[inside] += ends[parent[inside]] > start_ns[inside]  # not where it steps over what is closed
            np.minimum.at(until, parent[inside], start_ns[inside])
            parent[inside] = parent[parent[inside]]
            inside = inside[(parent[inside] >= 0) & (ends[parent[inside]] < ends[inside])]
        odd = odd[(parent[odd] >= 0) & (ends[parent[odd]] < ends[odd])]
        over = ends[parent[odd]]
        is_rounding = (ends[odd] - over <= clamp_ns) & (start_ns[odd] < over - clamp_ns)
        odd = odd[is_rounding]
        waits = np.zeros(len(track), dtype=bool)
        waits[odd] = True
        odd = odd[~waits[parent[odd]]]  # the end that it is clamped to is not known yet
        if not len(odd):
            break
        ends[odd] = ends[parent[odd]]
        is_doubtful[odd] |= is_clamped[odd] > 0
        clamped_to[odd] = parent[odd]
        is_clamped[odd] = 1
    # Clamped twice, or to an end that was clamped later; or found in what an event that began too early had closed.
    is_doubtful |= ends[clamped_to] != ends
    is_doubtful |= (parent >= 0) & (until[parent] < ends[parent]) & (until[parent] <= start_ns)
    return parent, until, is_clamped + early, is_doubtful


def _last_inside(start_ns: IntArray, end_ns: IntArray) -> IntArray:
    """Position of the last event that begins in each one, where all of a track lie whole in others."""
    before_end = np.searchsorted(start_ns, end_ns, side="left")
    at_end = np.searchsorted(start_ns, end_ns, side="right")
    found: IntArray = np.where(start_ns == end_ns, at_end, before_end) - 1
    return found


def _still_open(last: IntArray) -> IntArray:
    """How many earlier events are open where each one begins: those that have begun but for those that are over."""
    count = len(last)
    return np.arange(count) - np.cumsum(np.bincount(last + 1, minlength=count + 1)[:count])
