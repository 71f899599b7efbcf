"""Event records to columns: where each record becomes a row, or is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import compress

import numpy as np

from xpubreak.errors import Issue
from xpubreak.trace.columns import NONE, AnyArray, IntArray
from xpubreak.trace.events import ACTIVITY_KINDS, COLUMN_DTYPES, Events, Kind
from xpubreak.trace.kinds import DEVICE_SIDE, HOST_SIDE, KIND_OF_CATEGORY, NESTING_RANK, SCOPE_TWIN_PREFIX
from xpubreak.trace.number import MAX_BYTES, duration_ns, to_index, us_to_ns
from xpubreak.trace.record import Id, Record
from xpubreak.trace.recordcolumns import columns_of
from xpubreak.trace.strings import Strings
from xpubreak.trace.tracks import Track

_SIDES = ("host", "device", "profiler")
_SIDE = {kind: 1 if kind in DEVICE_SIDE else 0 if kind in HOST_SIDE else 2 for kind in Kind}
_RANK = np.array([NESTING_RANK.get(kind, len(NESTING_RANK)) for kind in Kind])
_TIMELESS_PHASES = frozenset("MstfiCNODbnePR")
_IN_BULK = _TIMELESS_PHASES - {"M"} | {"X"}
_MAX_EXAMPLE = 120
_MAX_NUMBER = (1 << 31) - 1
_MAX_TOTAL_NS = 1 << 58
"""Nine years: sums of all events of a trace are at most that, and fit into 64 bits for many ranks together."""
_NO_ID: tuple[Id, ...] = (None, -1, "-1", (1 << 64) - 1)

# code: (severity, what happened and what to do)
_MESSAGES = {
    "second-document": (
        "error",
        "The file holds more than one trace; only the first was read. Split it into one file for each trace, and load "
        "these together.",
    ),
    "second-events": (
        "error",
        'The file has "traceEvents" more than once; only the first list was read. Give each list a file of its own.',
    ),
    "misplaced-events": (
        "error",
        'The file has no "traceEvents" of its own: the first list of that name was read, which stands within something '
        "else, or behind damage. Export the trace again.",
    ),
    "long-ending": (
        "error",
        "More than 64 MiB stand behind the list of events; what is beyond was not read. Export the trace again.",
    ),
    "trailing-text": ("warning", "Behind the end of the trace stands text that was not read. Copy the file again."),
    "broken-event": ("warning", "Entries that are no readable events were left out."),
    "bad-time": ("warning", "Events without a finite start time were left out."),
    "bad-duration": ("warning", "Events without a plausible duration (at most 104 days) are kept as instants."),
    "negative-duration": ("warning", "Events with a negative duration are kept as instants."),
    "bad-id": ("warning", "Ids and sizes that are no whole numbers, or impossible ones, are taken for none."),
    "missing-thread": ("info", "Events without process or thread id share the track '?'."),
    "unknown-category": ("warning", "Events of categories that are not known here are kept but counted as no time."),
    "unpaired-phase": ("warning", "Begin/end (B, E) events are not read; torch.profiler writes complete ones."),
    "timeless-events": ("info", "Flow, instant, counter and metadata events carry no time and are no rows."),
}


class Builder:
    """Collects records, or columns of many; `finish` sorts them into `Events` and tracks."""

    side_of_kind = np.array([_SIDE[kind] for kind in Kind], dtype=np.uint8)
    """What `track` takes, by `Kind`."""

    def __init__(self) -> None:
        self.strings = Strings()
        self.categories: Counter[str] = Counter()
        self.raw_ids: dict[bytes, int] = {b"": NONE}
        """String ids by the bytes of the file."""
        self._lists: dict[str, list[int]] = {name: [] for name in COLUMN_DTYPES}
        self._parts: list[dict[str, AnyArray]] = []
        self._track_of: dict[tuple[int, str, str], int] = {}
        self._labels: dict[tuple[str, str, str], str] = {}
        self._counts: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def count(self, code: str, example: object = "", times: int = 1) -> None:
        """Count something that was left out or repaired."""
        self._counts[code] += times
        self._examples.setdefault(code, str(example)[:_MAX_EXAMPLE])

    def add(self, records: Sequence[Record], offsets: Sequence[int] | IntArray) -> None:
        """Take records in the order of the file, and their places in it."""
        places = np.asarray(offsets, dtype=np.int64)
        phases = [record.ph for record in records]
        others: Sequence[Record] = ()
        if seen := set(phases) - {"X"}:
            is_complete = [phase == "X" for phase in phases]
            if not seen <= _IN_BULK:
                others = [record for record in records if record.ph not in _IN_BULK]
            self.count_timeless(len(records) - len(others) - sum(is_complete))
            records = list(compress(records, is_complete))
            places = places[is_complete]
        columns = columns_of(records, self)
        if columns is not None:
            self.add_columns({**columns, "offset": places})
        else:
            for record, place in zip(records, places.tolist(), strict=True):
                self.take(record, place)
        for record in others:
            self.take(record, NONE)
        self._flush()

    def take(self, record: Record, offset: int) -> None:
        """Take one record, and its place in the file."""
        if record.ph == "X":
            self._add_complete(record, offset)
        elif record.ph in _TIMELESS_PHASES:
            self.count_timeless(1)
            if record.ph == "M" and record.args is not None and record.args.label is not None:
                self._labels[(str(record.name), str(record.pid), str(record.tid))] = str(record.args.label)
        else:
            self.count("unpaired-phase" if record.ph in ("B", "E") else "broken-event", record.name)

    def add_columns(self, columns: dict[str, AnyArray]) -> None:
        """Take complete events as columns, see `COLUMN_DTYPES`; strings and tracks are those of this builder."""
        self._flush()
        self._parts.append(columns)

    def index(self, value: Id, limit: int | None = None) -> int:
        """Read an id or a size as `to_index` does, and count what is there and is none."""
        number = to_index(value)
        if (number == NONE and value not in _NO_ID) or (limit is not None and number > limit):
            self.count("bad-id", value)
            return NONE
        return number

    def count_timeless(self, times: int) -> None:
        """Count events that carry no time."""
        self._counts["timeless-events"] += times

    def finish(self) -> tuple[Events, tuple[Track, ...], int]:
        """Return the events with times from the earliest start, their tracks, and that start (ns)."""
        self._flush()
        # What was copied goes at once: the next copy is made in memory that is there already.
        columns = {
            name: np.concatenate([part.pop(name) for part in self._parts] or [np.zeros(0, dtype)])
            for name, dtype in COLUMN_DTYPES.items()
        }
        columns["dur_ns"] = self._plausible(columns["dur_ns"])
        origin_ns = int(columns["start_ns"].min()) if len(columns["start_ns"]) else 0
        columns["start_ns"] = columns["start_ns"] - origin_ns
        tracks, new_place = self._tracks()
        columns["track"] = new_place[columns["track"]]
        order = _in_order(columns)
        return Events(**{name: columns.pop(name)[order] for name in COLUMN_DTYPES}), tracks, origin_ns

    def issues(self) -> list[Issue]:
        """What was counted on the way."""
        return [
            Issue(code, *message, count=self._counts[code], example=self._examples.get(code, ""))
            for code, message in _MESSAGES.items()
            if self._counts[code]
        ]

    def _add_complete(self, record: Record, offset: int) -> None:
        start_ns = us_to_ns(bytes(record.ts))
        if start_ns is None:
            self.count("bad-time", record.name)
            return
        dur_ns = duration_ns(bytes(record.dur))
        if dur_ns is None:
            self.count("bad-duration", record.name)
            dur_ns = 0
        elif dur_ns < 0:
            self.count("negative-duration", record.name)
            dur_ns = 0
        category, name = str(record.cat), "" if record.name is None else str(record.name)
        self.categories[category] += 1
        kind = KIND_OF_CATEGORY.get(category, Kind.OTHER)
        if kind in ACTIVITY_KINDS and name.startswith(SCOPE_TWIN_PREFIX):
            kind = Kind.PROFILER
        elif kind == Kind.OTHER:
            self.count("unknown-category", category)
        args, columns, intern = record.args, self._lists, self.strings.intern
        columns["start_ns"].append(start_ns)
        columns["dur_ns"].append(dur_ns)
        columns["offset"].append(offset)
        columns["name"].append(intern(name))
        columns["kind"].append(kind)
        columns["track"].append(self._track_of_record(kind, record))
        if args is None:
            for column in ("correlation", "external_id", "bytes", "shapes", "dtypes", "hint"):
                columns[column].append(-1)
            return
        columns["correlation"].append(self.index(args.correlation))
        columns["external_id"].append(self.index(args.external_id) or NONE)  # Kineto's 0 means none
        columns["bytes"].append(self.index(args.n_bytes, MAX_BYTES))
        shapes, dtypes = bytes(args.shapes), bytes(args.dtypes)
        columns["shapes"].append(intern(shapes.decode("utf-8", "replace")) if shapes else -1)
        columns["dtypes"].append(intern(dtypes.decode("utf-8", "replace")) if dtypes else -1)
        columns["hint"].append(-1 if args.kernel_backend is None else intern(str(args.kernel_backend)))

    def _track_of_record(self, kind: Kind, record: Record) -> int:
        if record.pid is None or record.tid is None:
            self.count("missing-thread", record.name)
        pid, tid = ("?" if part is None else str(part) for part in (record.pid, record.tid))
        return self.track(_SIDE[kind], pid, tid)

    def track(self, side: int, pid: str, tid: str) -> int:
        """Return the number of a track; `side` is that of `side_of_kind`."""
        key = (side, pid[:_MAX_EXAMPLE], tid[:_MAX_EXAMPLE])
        track = self._track_of.get(key)
        if track is None:
            track = self._track_of[key] = len(self._track_of)
        return track

    def _plausible(self, dur_ns: AnyArray) -> AnyArray:
        """Keep sums within 64 bits: where all durations add up to too much, the longest ones are no durations."""
        limit_ns = _MAX_TOTAL_NS // max(1, len(dur_ns))
        if int(dur_ns.max(initial=0)) <= limit_ns or float(dur_ns.sum(dtype=np.float64)) <= _MAX_TOTAL_NS:
            return dur_ns
        is_long = dur_ns > limit_ns
        self.count("bad-duration", times=int(np.count_nonzero(is_long)))
        return np.where(is_long, 0, dur_ns)

    def _flush(self) -> None:
        if not self._lists["start_ns"]:
            return
        self._parts.append({name: np.array(self._lists[name], dtype) for name, dtype in COLUMN_DTYPES.items()})
        for column in self._lists.values():
            column.clear()

    def _tracks(self) -> tuple[tuple[Track, ...], AnyArray]:
        """Host threads first, each side by process and thread id; and the new place of every old track."""
        keys = sorted(self._track_of, key=lambda key: (key[0], _natural(key[1]), _natural(key[2])))
        place = np.zeros(len(keys), dtype=np.int32)
        tracks = []
        for new, (side, pid, tid) in enumerate(keys):
            place[self._track_of[(side, pid, tid)]] = new
            label = self._labels.get(("thread_name", pid, tid), "")
            is_device = _SIDES[side] == "device"
            device, stream = (_number(pid, new), _number(tid, new)) if is_device else (NONE, NONE)
            tracks.append(Track(_SIDES[side], pid, tid, label, device, stream))
        return tuple(tracks), place


def _in_order(columns: dict[str, AnyArray]) -> AnyArray:
    """Rows by track, start, longest first, `NESTING_RANK`, place in the file."""
    track, start_ns = columns["track"], columns["start_ns"]
    span = int(start_ns.max(initial=0)) + 1
    if (int(track.max(initial=0)) + 1) * span >= 1 << 62:
        return np.lexsort((_RANK[columns["kind"]], -columns["dur_ns"], start_ns, track))
    # One key, whose runs are sorted already in most files, takes a tenth of four keys; only ties need the others.
    key = track.astype(np.int64) * span + start_ns
    order = np.argsort(key, kind="stable")
    sorted_key = key[order]
    same = sorted_key[1:] == sorted_key[:-1]
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same)) if len(key) else order
    rows = order[tied]
    order[tied] = rows[np.lexsort((rows, _RANK[columns["kind"][rows]], -columns["dur_ns"][rows], sorted_key[tied]))]
    return order


def _number(text: str, place: int) -> int:
    """Number of a device or stream; what is no such number gets a negative one of its own, below −1."""
    number = to_index(text)
    return number if 0 <= number <= _MAX_NUMBER else -2 - place


def _natural(text: str) -> tuple[int, str]:
    number = to_index(text)
    return (number, text) if number >= 0 else (1 << 62, text)
