"""Tracks on which everything nests: what overlaps without being nested is put beside."""

from __future__ import annotations

import numpy as np

from xpubreak.trace.columns import CodeArray, IntArray

_MOST_TRIED = 64
"""Tracks that are tried for one interval: thousands that all overlap would take for ever."""


def side_by_side(start_ns: IntArray, dur_ns: IntArray) -> CodeArray:
    """Number of the first track on which an interval lies wholly within, or wholly outside, the ones before it.

    Parameters
    ----------
    start_ns, dur_ns
        int64, by start, the longest first.
    """
    place = np.zeros(len(start_ns), dtype=np.int32)
    tracks: list[list[int]] = [[]]  # ends of what is open, innermost last
    for i, (start, end) in enumerate(zip(start_ns.tolist(), (start_ns + dur_ns).tolist(), strict=True)):
        for track in range(max(0, len(tracks) - _MOST_TRIED), len(tracks)):
            open_ends = tracks[track]
            while open_ends and open_ends[-1] <= start:
                open_ends.pop()
            if not open_ends or open_ends[-1] >= end:
                open_ends.append(end)
                place[i] = track
                break
        else:
            place[i] = len(tracks)
            tracks.append([end])
    return place
