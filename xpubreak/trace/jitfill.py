"""Rows of the compiled scanner to columns of events, compiled. Needs numba (the ``fast`` extra)."""

from __future__ import annotations

import numpy as np

from xpubreak.trace.builder import Builder
from xpubreak.trace.compiled import announcing, kept
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
    sources,
)

UNKNOWN = -2
"""String id of a byte string that was met in no event yet."""
ID_BITS = 30
"""Of a byte string in the key of a track."""

_PENDING = -3
_PROFILER = int(Kind.PROFILER)
_IS_ACTIVITY = np.array([kind in ACTIVITY_KINDS for kind in Kind])
_SIDE = Builder.side_of_kind


def _compile(stamp):
    # What a function closes over is part of its key in numba's cache.
    @kept
    def survey(codes, string_of, times, texts, categories):
        """List texts that are met for the first time, and categories, in order of appearance, and count events by them.

        Returns the lengths of both lists.
        """
        _ = stamp
        n_texts = n_categories = 0
        for i in range(len(codes)):
            for column in (NAME, SHAPES, DTYPES, HINT):
                text = codes[i, column]
                if text >= 0 and string_of[text] == UNKNOWN:
                    string_of[text] = _PENDING
                    texts[n_texts] = text
                    n_texts += 1
            category = codes[i, CATEGORY]
            if times[category] == 0:
                categories[n_categories] = category
                n_categories += 1
            times[category] += 1
        return n_texts, n_categories

    @kept
    def fill(
        numbers, codes, first, place, string_of, kind_of, is_twin, track_keys, tracks,
        start_ns, dur_ns, name, kind, track, correlation, external_id, size, shapes, dtypes, hint, offset,
    ):  # fmt: skip
        """Fill columns from a row on; returns where it stopped, and the key of a track that is not known there."""
        _ = stamp
        last_key, last_track = np.int64(-1), np.int32(-1)
        for i in range(first, len(codes)):
            of = kind_of[codes[i, CATEGORY]]
            text = codes[i, NAME]
            if _IS_ACTIVITY[of] and is_twin[text]:
                of = np.uint8(_PROFILER)
            key = (np.int64(_SIDE[of]) << ID_BITS) | np.int64(codes[i, PROCESS])
            key = (key << ID_BITS) | np.int64(codes[i, THREAD])
            if key != last_key:  # events of a thread come in runs
                at = np.searchsorted(track_keys, key)
                if at >= len(track_keys) or track_keys[at] != key:
                    return i, key
                last_key, last_track = key, tracks[at]
            kind[i] = of
            track[i] = last_track
            start_ns[i] = numbers[i, START]
            dur_ns[i] = numbers[i, DURATION]
            name[i] = string_of[text]
            correlation[i] = numbers[i, CORRELATION]
            external = numbers[i, EXTERNAL]
            external_id[i] = external if external != 0 else -1  # Kineto's 0 means none
            size[i] = numbers[i, BYTES]
            text = codes[i, SHAPES]
            shapes[i] = string_of[text] if text >= 0 else -1
            text = codes[i, DTYPES]
            dtypes[i] = string_of[text] if text >= 0 else -1
            text = codes[i, HINT]
            hint[i] = string_of[text] if text >= 0 else -1
            offset[i] = numbers[i, OFFSET] + place
        return len(codes), np.int64(-1)

    return survey, fill


survey, fill = map(announcing, _compile(sources()))
