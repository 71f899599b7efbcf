"""What must hold for every input of the reader, however bad."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np

from tests.trace.reference import Row, rows_of
from xpubreak.errors import NotATraceError
from xpubreak.trace import compiled, kineto
from xpubreak.trace.entry import entry_text
from xpubreak.trace.number import to_index, us_to_ns
from xpubreak.trace.record import decode_one
from xpubreak.trace.trace import Trace

_COSTS_NOTHING = {"timeless-events", "missing-thread", "unknown-category"}
"""Issues that say nothing about rows or their times."""


def read(data: bytes, way: str) -> Trace | str:
    """Read with numba ("1") or without ("0"); the message where it is no trace."""
    before = os.environ.get(compiled.SWITCH)
    os.environ[compiled.SWITCH] = way
    try:
        return kineto.read_bytes(data)
    except NotATraceError as error:
        return str(error)
    finally:
        os.environ.pop(compiled.SWITCH)
        if before is not None:
            os.environ[compiled.SWITCH] = before


def rows(trace: Trace) -> list[Row]:
    """As the reference has them: absolute times, sorted."""
    events, origin_ns = trace.events, trace.metadata.start_time_ns
    names = (trace.strings.text(name) for name in events.name.tolist())
    return sorted(zip((events.start_ns + origin_ns).tolist(), events.dur_ns.tolist(), names, strict=True))


def check(data: bytes, ways: Sequence[str]) -> None:
    """Both ways are alike; equal to the reference, or an issue says what is not."""
    compared(data, ways)


def compared(data: bytes, ways: Sequence[str]) -> bool:
    """Check, and tell whether there was a reference to compare with and no issue."""
    found = [read(data, way) for way in ways]
    for other in found[1:]:
        assert_same(found[0], other)
    trace = found[0]
    if isinstance(trace, str):
        return False
    assert_places_lead_back(trace, data)
    try:
        expected = rows_of(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError):
        expected = None
    if expected is None or any(issue.code not in _COSTS_NOTHING for issue in trace.issues):
        return False
    assert _from_first(rows(trace)) == _from_first(expected)
    return True


def assert_places_lead_back(trace: Trace, data: bytes) -> None:
    """The text at the place of an event is that event."""
    events, origin_ns = trace.events, _origin_ns(trace)
    for row in range(len(events)):
        record = decode_one(entry_text(data, int(events.offset[row])))
        assert record is not None
        assert ("" if record.name is None else str(record.name)) == trace.name(row)
        assert us_to_ns(bytes(record.ts)) == events.start_ns[row] + origin_ns
        assert max(0, us_to_ns(bytes(record.dur)) or 0) == events.dur_ns[row]


def _origin_ns(trace: Trace) -> int:
    """Time 0 of the columns on the clock of the file."""
    return trace.metadata.start_time_ns - max(0, to_index(trace.metadata.extra.get("baseTimeNanoseconds", 0)))


def _from_first(found: list[Row]) -> list[Row]:
    first = min((row[0] for row in found), default=0)
    return [(start - first, dur, name) for start, dur, name in found]


def assert_same(one: Trace | str, other: Trace | str) -> None:
    """Same rows, texts, tracks and issues; which of several broken entries is the example may differ."""
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    for field in fields(one.events):
        assert np.array_equal(getattr(one.events, field.name), getattr(other.events, field.name)), field.name
    assert list(one.strings) == list(other.strings)
    assert one.tracks == other.tracks
    assert one.metadata == other.metadata
    assert [replace(issue, example="") for issue in one.issues] == [
        replace(issue, example="") for issue in other.issues
    ]
