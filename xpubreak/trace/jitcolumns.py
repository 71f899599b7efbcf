"""Columns of the compiled scanner to columns of the builder; Python works once for each distinct text."""

from __future__ import annotations

import numpy as np

from xpubreak.trace.builder import Builder
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, CodeArray
from xpubreak.trace.events import ACTIVITY_KINDS, Kind
from xpubreak.trace.jitscan import (
    BYTES,
    CATEGORY,
    CORRELATION,
    DTYPES,
    DURATION,
    EXTERNAL,
    HINT,
    NAME,
    OFFSET,
    PROCESS,
    SHAPES,
    START,
    THREAD,
)
from xpubreak.trace.jitstrings import ByteTable
from xpubreak.trace.kinds import KIND_OF_CATEGORY, SCOPE_TWIN_PREFIX

_INTERNED = (NAME, SHAPES, DTYPES, HINT)
"""In the order in which the builder interns the texts of an event."""
_UNKNOWN = -2


class ColumnMaker:
    """Turns ids of byte strings into string ids, kinds and tracks of a `Builder`."""

    def __init__(self, builder: Builder, table: ByteTable) -> None:
        self._builder = builder
        self._table = table
        self._string_of = np.full(1, NONE, dtype=np.int32)  # by id; the last entry is for id −1
        self._kind_of = np.full(1, _UNKNOWN, dtype=np.int16)
        self._is_twin = np.zeros(1, dtype=bool)

    def add(self, numbers: AnyArray, codes: AnyArray, place: int) -> None:
        """Add rows: int64[n, 6] and int32[n, 7], see `xpubreak.trace.jitscan`; and where their text is in the file."""
        if not len(numbers):
            return
        self._extend()
        self._intern(codes)
        kind = self._kinds(codes)
        external = numbers[:, EXTERNAL]
        self._builder.add_columns(
            {
                "start_ns": numbers[:, START].copy(),
                "dur_ns": numbers[:, DURATION].copy(),
                "name": self._string_of[codes[:, NAME]],
                "kind": kind,
                "track": self._tracks(kind, codes),
                "correlation": numbers[:, CORRELATION].copy(),
                "external_id": np.where(external == 0, NONE, external),  # Kineto's 0 means none
                "bytes": numbers[:, BYTES].copy(),
                "shapes": self._string_of[codes[:, SHAPES]],
                "dtypes": self._string_of[codes[:, DTYPES]],
                "hint": self._string_of[codes[:, HINT]],
                "offset": numbers[:, OFFSET] + place,
            }
        )

    def _extend(self) -> None:
        missing = len(self._table) + 1 - len(self._string_of)
        if missing > 0:
            room = max(missing, len(self._string_of))
            self._string_of = np.append(self._string_of[:-1], np.full(room + 1, _UNKNOWN, dtype=np.int32))
            self._string_of[-1] = NONE
            self._kind_of = np.append(self._kind_of, np.full(room, _UNKNOWN, dtype=np.int16))
            self._is_twin = np.append(self._is_twin, np.zeros(room, dtype=bool))

    def _intern(self, codes: AnyArray) -> None:
        """Give string ids to texts that are new, in the order in which reading event by event would meet them."""
        used = codes[:, _INTERNED]
        fresh = used[self._string_of[used] == _UNKNOWN]
        if not len(fresh):
            return
        distinct, first = np.unique(fresh, return_index=True)
        for number in distinct[np.argsort(first)].tolist():
            text = self._text(number)
            self._string_of[number] = self._builder.strings.intern(text)
            self._is_twin[number] = text.startswith(SCOPE_TWIN_PREFIX)

    def _kinds(self, codes: AnyArray) -> AnyArray:
        category = codes[:, CATEGORY]
        distinct, first, count = np.unique(category, return_index=True, return_counts=True)
        for number, times in zip(distinct[np.argsort(first)].tolist(), count[np.argsort(first)].tolist(), strict=True):
            text = self._text(number)
            self._builder.categories[text] += times
            kind = KIND_OF_CATEGORY.get(text, Kind.OTHER)
            self._kind_of[number] = kind
            if kind == Kind.OTHER:
                self._builder.count("unknown-category", text, times)
        kinds = self._kind_of[category].astype(np.uint8)
        is_twin: BoolArray = np.isin(kinds, ACTIVITY_KINDS) & self._is_twin[codes[:, NAME]]
        kinds[is_twin] = Kind.PROFILER
        return kinds

    def _tracks(self, kind: AnyArray, codes: AnyArray) -> CodeArray:
        """Tracks by side, process and thread."""
        process, thread = codes[:, PROCESS].astype(np.int64), codes[:, THREAD].astype(np.int64)
        radix = len(self._table) + 1
        key = (self._builder.side_of_kind[kind].astype(np.int64) * radix + process) * radix + thread
        changes = np.flatnonzero(np.append(True, key[1:] != key[:-1]))  # events of a thread come in runs
        distinct, run = np.unique(key[changes], return_inverse=True)
        of_key = np.empty(len(distinct), dtype=np.int32)
        for place, value in enumerate(distinct.tolist()):
            rest, number = divmod(value, radix)
            side, owner = divmod(rest, radix)
            of_key[place] = self._builder.track(
                side,
                self._table.text(owner).decode("ascii", "replace"),
                self._text(number),
            )
        return np.repeat(of_key[run.reshape(-1)], np.diff(np.append(changes, len(key))))

    def _text(self, number: int) -> str:
        return self._table.text(number).decode("ascii", "replace")
