"""Moments: when, and on which thread, the host did or asked for something."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xpubreak.trace.columns import NONE, CodeArray, IntArray
from xpubreak.trace.trace import Trace
from xpubreak.tree.launches import Launches

NEVER = -(1 << 62)
"""Time of what the host cannot have asked for, as far as the trace shows."""


@dataclass(frozen=True)
class Moments:
    """Per event: its own start on the host, or the start of the call that enqueued it.

    Parameters
    ----------
    time_ns
        int64[n_events]: `NEVER` for device-side events without a known launch.
    track
        int32[n_events]: of the host thread; −1 where there is no time.
    """

    time_ns: IntArray
    track: CodeArray


def find_moments(trace: Trace, launches: Launches) -> Moments:
    """Find when every event was asked for.

    An activity belongs where it was *enqueued*: late prefill kernels run while the next step is being enqueued. A
    graph replay's activities were enqueued by the replay. Where only ``External id`` links an activity, the operator
    that it names stands for the launch.

    Parameters
    ----------
    trace, launches
        Of the same trace.

    Returns
    -------
    Moments
        Host events, Python frames included, at their own start.
    """
    events = trace.events
    on_host = np.array([track.side == "host" for track in trace.tracks], dtype=bool)
    is_host = on_host[events.track] if len(events) else np.zeros(0, dtype=bool)
    time_ns = np.where(is_host, events.start_ns, NEVER)
    track = np.where(is_host, events.track, NONE).astype(np.int32)
    caller = np.where(launches.launch >= 0, launches.launch, launches.span)
    linked = caller >= 0
    time_ns[launches.activity[linked]] = events.start_ns[caller[linked]]
    track[launches.activity[linked]] = events.track[caller[linked]]
    return Moments(time_ns, track)
