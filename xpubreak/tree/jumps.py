"""Walks up a tree for all of its nodes at once, for want of compiled code: every step doubles the way gone."""

from __future__ import annotations

import numpy as np

from xpubreak.trace.columns import NONE, AnyArray, BoolArray, IntArray


def innermost_before(track: IntArray) -> IntArray:
    """Where `enclosing` begins to look: with the event before on the same track; int64[n], −1 for none."""
    at = np.arange(-1, len(track) - 1)
    if len(track):
        at[np.flatnonzero(np.diff(track)) + 1] = NONE  # which also keeps all that follow on their own track
    return at


def enclosing(start_ns: IntArray, end_ns: IntArray, at: IntArray) -> IntArray:
    """Position of the innermost earlier interval that is still open where one begins.

    Parameters
    ----------
    start_ns, end_ns
        int64[n], by track, start, longest first.
    at
        int64[n]: `innermost_before`, or what was found with ends some of which were later.

    Returns
    -------
    IntArray
        int64[n], −1 for none. An interval of no length is open for those that begin and end at its instant only.
        Where an interval ends later than the one it begins in, positions of that track behind it mean nothing.
    """
    at = at.copy()
    pending = np.flatnonzero(at >= 0)
    while len(pending):
        above = at[pending]
        start, end = start_ns[pending], end_ns[pending]
        is_closed = (end_ns[above] <= start) & ~((start_ns[above] == start) & (end_ns[above] == end) & (start == end))
        pending = pending[is_closed]
        at[pending] = at[above[is_closed]]
        pending = pending[at[pending] >= 0]
    return at


def nearest(parent: AnyArray, is_wanted: BoolArray) -> IntArray:
    """Position of the node itself, or else of its innermost ancestor, that is wanted; −1 for none."""
    at = np.where(is_wanted, np.arange(len(parent)), parent)
    pending = np.flatnonzero(~is_wanted & (at >= 0))
    while len(pending):
        pending = pending[~is_wanted[at[pending]]]
        at[pending] = at[at[pending]]
        pending = pending[at[pending] >= 0]
    return at


def depths(parent: AnyArray) -> IntArray:
    """Count the ancestors of every node."""
    depth = (parent >= 0).astype(np.int64)
    at = parent.copy()
    pending = np.flatnonzero(at >= 0)
    while len(pending):
        above = at[pending]
        depth[pending] += depth[above]
        at[pending] = at[above]
        pending = pending[at[pending] >= 0]
    return depth
