"""The events of a trace as columns."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from xpubreak.trace.columns import AnyArray, BoolArray, CodeArray, IntArray, SmallArray, freeze


class Kind(IntEnum):
    """What an event is, whatever the vendor calls its category.

    Only `KERNEL`, `MEMCPY` and `MEMSET` are device activities; only `OPERATOR`, `ANNOTATION`, `RUNTIME` and
    `DRIVER` are host spans. Everything else is kept, and never counted as time.
    """

    OPERATOR = 0  #: ``cpu_op``: dispatcher operators
    ANNOTATION = 1  #: ``user_annotation``: ``record_function`` scopes
    RUNTIME = 2  #: ``xpu_runtime``, ``cuda_runtime``: calls that launch
    DRIVER = 3  #: ``xpu_driver``, ``cuda_driver``: the calls below them
    PYTHON = 4  #: ``python_function``: context, not a span
    KERNEL = 5
    MEMCPY = 6
    MEMSET = 7
    DEVICE_ANNOTATION = 8  #: ``gpu_user_annotation``: covers kernels, is none
    COLLECTIVE_SPAN = 9  #: ``collective_comm``: host-side span of a collective whose kernels are counted as kernels
    SYNC = 10  #: ``xpu_sync``, ``cuda_sync``
    OVERHEAD = 11  #: the profiler's own cost
    PROFILER = 12  #: ``Trace`` spans and ``metrics: …`` twins of the scope profiler
    OTHER = 13  #: a category that is not known here


ACTIVITY_KINDS = (Kind.KERNEL, Kind.MEMCPY, Kind.MEMSET)
SPAN_KINDS = (Kind.OPERATOR, Kind.ANNOTATION, Kind.RUNTIME, Kind.DRIVER)


@dataclass(frozen=True)
class Events:
    """Complete events, one row each, ordered by (track, start, longest first, `NESTING_RANK`, place in the file).

    Times are int64 nanoseconds from the start of the trace; an event covers ``[start_ns, start_ns + dur_ns)``.

    Parameters
    ----------
    start_ns, dur_ns
        int64; durations are never negative.
    name
        int32 id into ``Trace.strings``.
    kind
        uint8, a `Kind`.
    track
        int32 row of ``Trace.tracks``.
    correlation, external_id
        int64, −1 where the trace has none (Kineto leaves 0 out).
    bytes
        int64, of copies and fills; −1 elsewhere.
    shapes, dtypes
        int32 string ids of the JSON text of ``Input Dims`` and ``Input type``; −1 where not recorded.
    hint
        int32 string id of ``kernel_backend`` (Inductor writes ``"triton"``); −1 elsewhere.
    offset
        int64 place of the event's text in the file, decompressed; −1 where it is in none.
    """

    start_ns: IntArray
    dur_ns: IntArray
    name: CodeArray
    kind: SmallArray
    track: CodeArray
    correlation: IntArray
    external_id: IntArray
    bytes: IntArray
    shapes: CodeArray
    dtypes: CodeArray
    hint: CodeArray
    offset: IntArray

    def __post_init__(self) -> None:
        for field in fields(self):
            freeze(getattr(self, field.name))

    def __len__(self) -> int:
        return len(self.start_ns)

    @property
    def end_ns(self) -> IntArray:
        """Exclusive ends, int64."""
        return self.start_ns + self.dur_ns

    @property
    def is_activity(self) -> BoolArray:
        """Rows that are device activities."""
        return (self.kind >= Kind.KERNEL) & (self.kind <= Kind.MEMSET)

    @property
    def is_span(self) -> BoolArray:
        """Rows that are host spans."""
        return self.kind <= Kind.DRIVER

    def take(self, rows: AnyArray) -> Events:
        """Return the given rows as a new table; the caller keeps the documented order."""
        return Events(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


COLUMN_DTYPES: dict[str, type[np.generic]] = {
    "start_ns": np.int64,
    "dur_ns": np.int64,
    "name": np.int32,
    "kind": np.uint8,
    "track": np.int32,
    "correlation": np.int64,
    "external_id": np.int64,
    "bytes": np.int64,
    "shapes": np.int32,
    "dtypes": np.int32,
    "hint": np.int32,
    "offset": np.int64,
}
