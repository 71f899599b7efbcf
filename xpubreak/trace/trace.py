"""A trace as read: columns, strings, tracks, what is known about the run, what is wrong with the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xpubreak.errors import Issue
from xpubreak.trace.columns import IntArray
from xpubreak.trace.events import Events
from xpubreak.trace.strings import Strings
from xpubreak.trace.tracks import Track

DEVICES = ("xpu", "cuda", "rocm", "cpu")


@dataclass(frozen=True)
class Metadata:
    """What a trace says about its run.

    Parameters
    ----------
    source
        Path or URL it was read from; empty for a trace made in memory.
    device
        ``"xpu"``, ``"cuda"``, ``"rocm"`` or ``"cpu"`` (no device activity was recorded and none was launched).
    device_name
        As the driver reports it; empty where unknown.
    rank, world_size
        From ``distributedInfo``; 0 and 1 where absent.
    versions
        Of packages, as stamped: ``vllm``, ``torch``, ``vllm-xpu-kernels`` …; empty where not stamped.
    operators
        Operators that were registered in the live process, as written by capture; empty for foreign traces.
    start_time_ns
        Epoch nanoseconds of time 0 of the columns; 0 where unknown.
    duration_ns
        From the first start to the last end.
    synthetic
        The trace says of itself that it was generated.
    extra
        Every other top-level key, decoded JSON.
    source_mark
        Changes when that file does; empty for a trace that was read from memory.
    """

    source: str = ""
    device: str = "cpu"
    device_name: str = ""
    rank: int = 0
    world_size: int = 1
    versions: dict[str, str] = field(default_factory=dict)
    operators: frozenset[str] = frozenset()
    start_time_ns: int = 0
    duration_ns: int = 0
    synthetic: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    source_mark: str = ""


@dataclass(frozen=True)
class Trace:
    """One rank's trace. Law: nothing of the file is dropped without being counted in ``issues``."""

    events: Events
    strings: Strings
    tracks: tuple[Track, ...]
    metadata: Metadata
    issues: tuple[Issue, ...] = ()

    @property
    def activities(self) -> IntArray:
        """Rows of the device activities, ascending."""
        return np.flatnonzero(self.events.is_activity)

    @property
    def spans(self) -> IntArray:
        """Rows of the host spans, ascending."""
        return np.flatnonzero(self.events.is_span)

    def name(self, row: int) -> str:
        """Name of one event."""
        return self.strings.text(int(self.events.name[row]))
