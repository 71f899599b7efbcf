"""Whether all readers find the same in a trace, event by event: benchmarks of wrong answers are worth nothing."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from xpubreak.trace.kinds import KIND_OF_CATEGORY, SCOPE_TWIN_PREFIX
from xpubreak.trace.trace import Trace


class DisagreementError(Exception):
    """Two readers found different things."""


def readers_agree(one: Trace, other: Trace) -> int:
    """Compare every column of two traces; return the number of events."""
    for field in fields(one.events):
        mine, theirs = getattr(one.events, field.name), getattr(other.events, field.name)
        _equal(field.name, mine, theirs)
    _equal("strings", list(one.strings), list(other.strings))
    _equal("tracks", one.tracks, other.tracks)
    return len(one.events)


def agrees_with_json(trace: Trace, content: dict[str, Any]) -> int:
    """Compare a trace to its JSON, decoded by another library, in the order of the file; return the number of events.

    Times are numbers of microseconds there, as exact as a double: a nanosecond, up to a hundred days.
    """
    entries = [entry for entry in content["traceEvents"] if entry.get("ph") == "X"]
    events = trace.events.take(np.argsort(trace.events.offset, kind="stable"))
    _equal("number of events", len(events), len(entries))
    origin_ns = trace.metadata.start_time_ns - int(content.get("baseTimeNanoseconds", 0))
    args = [entry.get("args") or {} for entry in entries]
    names = [entry["name"] for entry in entries]
    kinds = [KIND_OF_CATEGORY[entry["cat"]] for entry in entries]
    plain = [not name.startswith(SCOPE_TWIN_PREFIX) for name in names]
    _equal("start", events.start_ns + origin_ns, _nanoseconds([entry["ts"] for entry in entries]))
    _equal("duration", events.dur_ns, _nanoseconds([entry["dur"] for entry in entries]))
    _equal("name", [trace.strings.text(name) for name in events.name.tolist()], names)
    _equal("kind", events.kind[plain], np.array(kinds)[plain])
    for name, column, nothing in (
        ("correlation", events.correlation, None),
        ("External id", events.external_id, 0),
        ("bytes", events.bytes, None),
    ):
        found = [-1 if item.get(name, nothing) in (None, nothing) else int(item[name]) for item in args]
        _equal(name, column, np.array(found))
    tracks = [(trace.tracks[track].pid, trace.tracks[track].tid) for track in events.track.tolist()]
    _equal("thread", tracks, [(str(entry["pid"]), str(entry["tid"])) for entry in entries])
    return len(entries)


def _nanoseconds(microseconds: list[float]) -> np.ndarray:
    values = np.array(microseconds, dtype=np.float64)
    whole = np.floor(values)
    return whole.astype(np.int64) * 1000 + np.rint((values - whole) * 1000).astype(np.int64)


def _equal(what: str, one: Any, other: Any) -> None:
    if isinstance(one, np.ndarray):
        different = np.flatnonzero(one != other)
        if not len(different):
            return
        at = int(different[0])
        message = f"{what} of event {at} is {one[at]} here and {other[at]} there; {len(different):,} differ"
        raise DisagreementError(message)
    if one != other:
        raise DisagreementError(f"{what}: {str(one)[:200]} here, {str(other)[:200]} there")
