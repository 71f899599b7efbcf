"""Columns of the compiled scanner to columns of the builder; Python works once for each distinct text."""

from __future__ import annotations

import numpy as np

from xpubreak.trace.builder import Builder
from xpubreak.trace.columns import AnyArray
from xpubreak.trace.events import COLUMN_DTYPES, Kind
from xpubreak.trace.jitfill import ID_BITS, UNKNOWN, fill, survey
from xpubreak.trace.jitstrings import ByteTable
from xpubreak.trace.kinds import KIND_OF_CATEGORY, SCOPE_TWIN_PREFIX

_MASK = (1 << ID_BITS) - 1


class ColumnMaker:
    """Turns ids of byte strings into string ids, kinds and tracks of a `Builder`."""

    def __init__(self, builder: Builder, table: ByteTable) -> None:
        self._builder = builder
        self._table = table
        self._string_of = np.zeros(0, dtype=np.int32)  # by id of a byte string
        self._kind_of = np.zeros(0, dtype=np.uint8)
        self._is_twin = np.zeros(0, dtype=bool)
        self._times = np.zeros(0, dtype=np.int64)
        self._track_keys = np.zeros(0, dtype=np.int64)  # ascending
        self._tracks = np.zeros(0, dtype=np.int32)

    def add(self, numbers: AnyArray, codes: AnyArray, place: int) -> None:
        """Add rows: int64[n, 6] and int32[n, 7], see `xpubreak.trace.jitscan`; and where their text is in the file."""
        count = len(numbers)
        if not count:
            return
        self._extend()
        # In the order in which reading event by event would meet the texts.
        texts = np.empty(min(4 * count, len(self._string_of)), dtype=np.int32)
        categories = np.empty(min(count, len(self._string_of)), dtype=np.int32)
        n_texts, n_categories = survey(codes, self._string_of, self._times, texts, categories)
        self._intern(texts[:n_texts])
        self._count(categories[:n_categories])
        columns = {name: np.empty(count, dtype=dtype) for name, dtype in COLUMN_DTYPES.items()}
        done = 0
        while True:
            known = (self._string_of, self._kind_of, self._is_twin, self._track_keys, self._tracks)
            done, key = fill(numbers, codes, done, place, *known, *columns.values())
            if done == count:
                break
            self._add_track(key)
        self._builder.add_columns(columns)

    def _extend(self) -> None:
        missing = len(self._table) - len(self._string_of)
        if missing > 0:
            room = max(missing, len(self._string_of))
            self._string_of = np.append(self._string_of, np.full(room, UNKNOWN, dtype=np.int32))
            self._kind_of = np.append(self._kind_of, np.zeros(room, dtype=np.uint8))
            self._is_twin = np.append(self._is_twin, np.zeros(room, dtype=bool))
            self._times = np.append(self._times, np.zeros(room, dtype=np.int64))

    def _intern(self, numbers: AnyArray) -> None:
        """Give string ids to texts that are new."""
        for number in numbers.tolist():
            text = self._text(number)
            self._string_of[number] = self._builder.strings.intern(text)
            self._is_twin[number] = text.startswith(SCOPE_TWIN_PREFIX)

    def _count(self, categories: AnyArray) -> None:
        for number, times in zip(categories.tolist(), self._times[categories].tolist(), strict=True):
            text = self._text(number)
            self._builder.categories[text] += times
            kind = KIND_OF_CATEGORY.get(text, Kind.OTHER)
            self._kind_of[number] = kind
            if kind == Kind.OTHER:
                self._builder.count("unknown-category", text, times)
        self._times[categories] = 0

    def _add_track(self, key: int) -> None:
        """Remember the track of a side, process and thread."""
        process, thread = (key >> ID_BITS) & _MASK, key & _MASK
        pid = self._table.text(process).decode("ascii", "replace")
        track = self._builder.track(key >> (2 * ID_BITS), pid, self._text(thread))
        place = int(np.searchsorted(self._track_keys, key))
        self._track_keys = np.insert(self._track_keys, place, key)
        self._tracks = np.insert(self._tracks, place, track)

    def _text(self, number: int) -> str:
        return self._table.text(number).decode("ascii", "replace")
