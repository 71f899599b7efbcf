"""Tracks: host threads and device streams."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Track:
    """One timeline of a trace.

    Parameters
    ----------
    side
        ``"host"``, ``"device"`` or ``"profiler"`` (the profiler's own spans).
    pid, tid
        As text, exactly as the trace has them; ``"?"`` where missing.
    name
        Thread or stream name from the trace's metadata events; may be empty.
    device
        Device index; −1 on the host, below −1 where the trace has no number in the range of int32.
    stream
        Stream, queue number; likewise.
    """

    side: str
    pid: str
    tid: str
    name: str = ""
    device: int = -1
    stream: int = -1
