"""What must hold for every input of the reader, however bad."""

from __future__ import annotations

import gzip
import os
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np

from tests.trace.reference import CODES, Row, expected_of
from xpubreak.errors import NotATraceError
from xpubreak.trace import compiled, kineto
from xpubreak.trace.entry import entry_text
from xpubreak.trace.number import duration_ns, to_index, us_to_ns
from xpubreak.trace.record import decode_one
from xpubreak.trace.trace import Trace

_AS_EXPECTED = {
    "timeless-events", "missing-thread", "unknown-category", "unpaired-phase", "broken-event",
    "bad-time", "bad-duration", "negative-duration", "bad-id", "device-guessed", "no-kernel-records",
    *CODES,
}  # fmt: skip
"""Issues of a valid text whose rows are known all the same."""
_MAX_TOTAL_NS = 1 << 58


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
    ids = (column.tolist() for column in (events.correlation, events.external_id, events.bytes))
    return sorted(zip((events.start_ns + origin_ns).tolist(), events.dur_ns.tolist(), names, *ids, strict=True))


def check(data: bytes, ways: Sequence[str]) -> None:
    """Both ways are alike, and equal to the reference, up to where the text is damaged."""
    compared(data, ways)


def compared(data: bytes, ways: Sequence[str]) -> bool:
    """Check, and tell whether there was a valid text to compare with, row by row."""
    found = [read(data, way) for way in ways]
    for other in found[1:]:
        assert_same(found[0], other)
    trace = found[0]
    if isinstance(trace, str):
        return False
    assert_places_lead_back(trace, data)
    assert_sums_are_exact(trace)
    try:
        expected = expected_of(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    except (OSError, EOFError, zlib.error):
        expected = None
    if expected is None:
        return False
    codes, is_whole = {issue.code for issue in trace.issues}, expected.is_whole
    base_ns = trace.metadata.start_time_ns - _origin_ns(trace)
    have = [(row[0] - base_ns, *row[1:]) for row in rows(trace)]
    if is_whole and codes <= _AS_EXPECTED:
        assert codes & CODES == expected.codes
        assert have == expected.rows
        return True
    assert not Counter(expected.rows) - Counter(have), "what stands before the damage is read"
    return False


def assert_sums_are_exact(trace: Trace) -> None:
    """What is added up in 64 bits is what Python adds up."""
    events = trace.events
    for column in (events.dur_ns, np.maximum(events.bytes, 0)):
        assert int(column.sum()) == sum(column.tolist())
    assert sum(events.dur_ns.tolist()) <= _MAX_TOTAL_NS


def assert_places_lead_back(trace: Trace, data: bytes) -> None:
    """The text at the place of an event is that event."""
    events, origin_ns = trace.events, _origin_ns(trace)
    assert len(set(events.offset.tolist())) == len(events), "nothing counts twice"
    for row in range(len(events)):
        record = decode_one(entry_text(data, int(events.offset[row])))
        assert record is not None
        assert ("" if record.name is None else str(record.name)) == trace.name(row)
        assert us_to_ns(bytes(record.ts)) == events.start_ns[row] + origin_ns
        assert max(0, duration_ns(bytes(record.dur)) or 0) == events.dur_ns[row]


def _origin_ns(trace: Trace) -> int:
    """Time 0 of the columns on the clock of the file."""
    return trace.metadata.start_time_ns - max(0, to_index(trace.metadata.extra.get("baseTimeNanoseconds", 0)))


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
