"""Event records to columns: where each record becomes a row, or is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from xpubreak.errors import Issue
from xpubreak.trace.columns import NONE, AnyArray
from xpubreak.trace.events import ACTIVITY_KINDS, COLUMN_DTYPES, Events, Kind
from xpubreak.trace.kinds import DEVICE_SIDE, HOST_SIDE, KIND_OF_CATEGORY, NESTING_RANK, SCOPE_TWIN_PREFIX
from xpubreak.trace.number import to_index, us_to_ns
from xpubreak.trace.record import Record
from xpubreak.trace.strings import Strings
from xpubreak.trace.tracks import Track

_SIDE = {kind: "device" if kind in DEVICE_SIDE else "host" if kind in HOST_SIDE else "profiler" for kind in Kind}
_RANK = np.array([NESTING_RANK.get(kind, len(NESTING_RANK)) for kind in Kind])
_TIMELESS_PHASES = frozenset("MstfiCNODbnePR")
_MAX_EXAMPLE = 120
_MAX_NUMBER = (1 << 31) - 1

# code: (severity, what happened and what to do)
_MESSAGES = {
    "broken-event": ("warning", "Entries that are no readable events were left out."),
    "bad-time": ("warning", "Events without a finite start time were left out."),
    "bad-duration": ("warning", "Events without a finite duration are kept as instants."),
    "negative-duration": ("warning", "Events with a negative duration are kept as instants."),
    "missing-thread": ("info", "Events without process or thread id share the track '?'."),
    "unknown-category": ("warning", "Events of categories that are not known here are kept but counted as no time."),
    "unpaired-phase": ("warning", "Begin/end (B, E) events are not read; torch.profiler writes complete ones."),
    "timeless-events": ("info", "Flow, instant, counter and metadata events carry no time and are no rows."),
}


class Builder:
    """Collects records; `finish` sorts them into `Events` and tracks."""

    def __init__(self) -> None:
        self.strings = Strings()
        self.categories: Counter[str] = Counter()
        self._lists: dict[str, list[int]] = {name: [] for name in COLUMN_DTYPES}
        self._parts: list[dict[str, AnyArray]] = []
        self._track_of: dict[tuple[str, str, str], int] = {}
        self._streams: dict[int, int] = {}
        self._labels: dict[tuple[str, str, str], str] = {}
        self._counts: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def count(self, code: str, example: object = "", times: int = 1) -> None:
        """Count something that was left out or repaired."""
        self._counts[code] += times
        self._examples.setdefault(code, str(example)[:_MAX_EXAMPLE])

    def add(self, records: Iterable[Record]) -> None:
        """Take records in the order of the file."""
        for record in records:
            if record.ph == "X":
                self._add_complete(record)
            elif record.ph in _TIMELESS_PHASES:
                self._counts["timeless-events"] += 1
                if record.ph == "M" and record.args is not None and record.args.label is not None:
                    self._labels[(str(record.name), str(record.pid), str(record.tid))] = str(record.args.label)
            else:
                self.count("unpaired-phase" if record.ph in ("B", "E") else "broken-event", record.name)
        self._flush()

    def finish(self) -> tuple[Events, tuple[Track, ...], int]:
        """Return the events with times from the earliest start, their tracks, and that start (ns)."""
        columns = {
            name: np.concatenate([part[name] for part in self._parts] or [np.zeros(0, dtype)])
            for name, dtype in COLUMN_DTYPES.items()
        }
        origin_ns = int(columns["start_ns"].min()) if len(columns["start_ns"]) else 0
        columns["start_ns"] = columns["start_ns"] - origin_ns
        tracks, new_place = self._tracks()
        columns["track"] = new_place[columns["track"]]
        order = np.lexsort((_RANK[columns["kind"]], -columns["dur_ns"], columns["start_ns"], columns["track"]))
        return Events(**{name: column[order] for name, column in columns.items()}), tracks, origin_ns

    def issues(self) -> list[Issue]:
        """What was counted on the way."""
        return [
            Issue(code, *_MESSAGES[code], count=count, example=self._examples.get(code, ""))
            for code, count in self._counts.items()
        ]

    def _add_complete(self, record: Record) -> None:
        start_ns = us_to_ns(bytes(record.ts))
        if start_ns is None:
            self.count("bad-time", record.name)
            return
        dur_ns = us_to_ns(bytes(record.dur))
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
        columns["name"].append(intern(name))
        columns["kind"].append(kind)
        columns["track"].append(self._track(kind, record))
        if args is None:
            for column in ("correlation", "external_id", "bytes", "shapes", "dtypes", "hint"):
                columns[column].append(-1)
            return
        columns["correlation"].append(to_index(args.correlation))
        columns["external_id"].append(to_index(args.external_id) or -1)  # Kineto's 0 means none
        columns["bytes"].append(to_index(args.n_bytes))
        shapes, dtypes = bytes(args.shapes), bytes(args.dtypes)
        columns["shapes"].append(intern(shapes.decode("utf-8", "replace")) if shapes else -1)
        columns["dtypes"].append(intern(dtypes.decode("utf-8", "replace")) if dtypes else -1)
        columns["hint"].append(-1 if args.kernel_backend is None else intern(str(args.kernel_backend)))

    def _track(self, kind: Kind, record: Record) -> int:
        if record.pid is None or record.tid is None:
            self.count("missing-thread", record.name)
        pid, tid = ("?" if part is None else str(part)[:_MAX_EXAMPLE] for part in (record.pid, record.tid))
        key = (_SIDE[kind], pid, tid)
        track = self._track_of.get(key)
        if track is None:
            track = self._track_of[key] = len(self._track_of)
        return track

    def _flush(self) -> None:
        self._parts.append({name: np.array(self._lists[name], dtype) for name, dtype in COLUMN_DTYPES.items()})
        for column in self._lists.values():
            column.clear()

    def _tracks(self) -> tuple[tuple[Track, ...], AnyArray]:
        """Host threads first, each side by process and thread id; and the new place of every old track."""
        sides = ("host", "device", "profiler")
        keys = sorted(self._track_of, key=lambda key: (sides.index(key[0]), _natural(key[1]), _natural(key[2])))
        place = np.zeros(len(keys), dtype=np.int32)
        tracks = []
        for new, (side, pid, tid) in enumerate(keys):
            place[self._track_of[(side, pid, tid)]] = new
            label = self._labels.get(("thread_name", pid, tid), "")
            is_device = side == "device"
            device, stream = (_number(pid, new), _number(tid, new)) if is_device else (NONE, NONE)
            tracks.append(Track(side, pid, tid, label, device, stream))
        return tuple(tracks), place


def _number(text: str, place: int) -> int:
    """Number of a device or stream; what is no such number gets a negative one of its own, below −1."""
    number = to_index(text)
    return number if 0 <= number <= _MAX_NUMBER else -2 - place


def _natural(text: str) -> tuple[int, str]:
    number = to_index(text)
    return (number, text) if number >= 0 else (1 << 62, text)
