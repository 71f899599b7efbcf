"""Steps of activities that no launch is known of."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from xpubreak.attribute.moments import NEVER, Moments
from xpubreak.attribute.steps import Windows
from xpubreak.trace.columns import CodeArray, distinct
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace


def adopt(trace: Trace, windows: Windows, moments: Moments, step: CodeArray) -> int:
    """Give unlinked activities the step whose annotation the profiler drew around them on the device.

    A device annotation bears the name of its host annotation; the n-th of a name on the device is the n-th on the
    host. Where the numbers differ the match would be a guess, and is not made.

    Parameters
    ----------
    trace, windows, moments
        Of the same trace.
    step
        int32[n_events], changed in place.

    Returns
    -------
    int
        How many activities got their step this way.
    """
    events = trace.events
    lost = np.flatnonzero(events.is_activity & (moments.time_ns == NEVER))
    drawn = np.flatnonzero(events.kind == Kind.DEVICE_ANNOTATION)
    if not len(lost) or not len(drawn) or not len(windows):
        return 0
    steps_of_name: dict[int, list[int]] = defaultdict(list)
    for number, row in enumerate(windows.row.tolist()):
        steps_of_name[int(events.name[row])].append(number)
    adopted = 0
    for track in distinct(events.track[drawn]).tolist():
        rows = lost[events.track[lost] == track]
        for name, steps in steps_of_name.items():
            covers = drawn[(events.track[drawn] == track) & (events.name[drawn] == name)]
            if len(covers) != len(steps) or not len(rows):
                continue
            at = np.searchsorted(events.start_ns[covers], events.start_ns[rows], side="right") - 1
            inside = (at >= 0) & (events.start_ns[rows] < events.end_ns[covers][at])
            step[rows[inside]] = np.array(steps, dtype=np.int32)[at[inside]]
            adopted += int(inside.sum())
    return adopted
