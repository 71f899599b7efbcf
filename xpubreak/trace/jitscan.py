"""Events to columns in one compiled pass over the text, without Python objects. Needs numba (the ``fast`` extra).

Only what is plainly valid is read here. An event with anything odd about it (an escape in its name, an exponent in a
time, a missing field, a number where a text should be) is left to `xpubreak.trace.record`, which decides what it means;
where even its brackets do not fit, the caller goes on without this scanner.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
from numba import njit

from xpubreak.trace import jitkeys as keys
from xpubreak.trace.compiled import announcing, kept
from xpubreak.trace.jitbytes import ODD, SHORT, blank_end, frame_end, string_end, value_end
from xpubreak.trace.jitmemory import load8, store32, store64
from xpubreak.trace.jitnumbers import integer, nanoseconds
from xpubreak.trace.jitstrings import FULL, intern
from xpubreak.trace.number import MAX_BYTES, MAX_DURATION_NS

MORE, END, ROWS_FULL, STRINGS_FULL, CONFUSED, ODDS_FULL = range(6)
"""Why `scan` returned: it needs more text; the array ends; there is no more room for rows, for strings, for odd events;
something stands between the events."""

START, DURATION, CORRELATION, EXTERNAL, BYTES, OFFSET = range(6)
"""Columns of ``numbers``, int64; offsets from the beginning of the text."""
NAME, CATEGORY, PROCESS, THREAD, SHAPES, DTYPES, HINT = range(7)
"""Columns of ``codes``, int32 ids of byte strings; −1 for none."""
NUMBER_COUNT, CODE_COUNT = 6, 7

_COMPLETE = ord("X")
_TIMELESS = sum(1 << (ord(letter) - 64) for letter in "stfiCNODbnePR")  # "M" carries labels and is read elsewhere
_TIMELESS -= (_TIMELESS >> 63) << 64


@njit(nogil=True)
def _read_args(data, start, end, numbers, codes, table):
    """Read ``args`` into one row; index behind it, or `SHORT`, `ODD`, or `FULL` − 1."""
    store64(numbers, CORRELATION * 8, -1)
    store64(numbers, EXTERNAL * 8, -1)
    store64(numbers, BYTES * 8, -1)
    store32(codes, SHAPES * 4, -1)
    store32(codes, DTYPES * 4, -1)
    store32(codes, HINT * 4, -1)
    at = blank_end(data, start + 1, end)
    if at < end and load8(data, at) == 125:
        return at + 1
    while True:
        at = blank_end(data, at, end)
        if at >= end:
            return SHORT
        if load8(data, at) != 34:
            return ODD
        key = at + 1
        key_end = string_end(data, key, end, False)
        if key_end < 0:
            return key_end
        at = blank_end(data, key_end + 1, end)
        if at >= end:
            return SHORT
        if load8(data, at) != 58:
            return ODD
        value = blank_end(data, at + 1, end)
        if value >= end:
            return SHORT
        length = key_end - key
        word = keys.first_word(data, key, length)
        target = -1
        if length == 11:
            if word == keys.EXTERNAL and keys.last_word(data, key_end) == keys.ERNAL_ID:
                target = EXTERNAL
            elif word == keys.CORRELAT and keys.last_word(data, key_end) == keys.RELATION:
                target = CORRELATION
        elif length == 5 and word == keys.BYTES:
            target = BYTES
        if target >= 0:
            at, number = integer(data, value, end)
            if at < 0:
                return at
            if target == BYTES and number > MAX_BYTES:
                return ODD
            store64(numbers, target * 8, number)
        else:
            at = value_end(data, value, end)
            if at < 0:
                return at
            if length == 10:
                last = keys.last_word(data, key_end)
                dims = word == keys.INPUT_DI and last == keys.PUT_DIMS
                if dims or (word == keys.INPUT_TY and last == keys.PUT_TYPE):
                    code = intern(data, value, at, table)
                    if code == FULL:
                        return FULL - 1
                    store32(codes, SHAPES * 4 if dims else DTYPES * 4, code)
                elif word == keys.SYCL_QUE and last == keys.CL_QUEUE and load8(data, value) | 32 == 123:
                    return ODD
            elif length == 14:
                if word == keys.KERNEL_B and keys.last_word(data, key_end) == keys.BACKEND:
                    if load8(data, value) != 34 or string_end(data, value + 1, end, False) != at - 1:
                        return ODD
                    code = intern(data, value + 1, at - 1, table)
                    if code == FULL:
                        return FULL - 1
                    store32(codes, HINT * 4, code)
            elif length == 4 and word == keys.NAME and load8(data, value) | 32 == 123:
                return ODD
        at = blank_end(data, at, end)
        if at >= end:
            return SHORT
        if load8(data, at) == 125:
            return at + 1
        if load8(data, at) != 44:
            return ODD
        at += 1


@njit(nogil=True)
def _read_event(data, start, end, numbers, codes, table):
    """Read one event into one row; index behind it and its phase, or `SHORT`, `ODD`, or `FULL` − 1."""
    phase = 0
    for place in range(NUMBER_COUNT):
        store64(numbers, place * 8, -1)
    for place in range(CODE_COUNT):
        store32(codes, place * 4, -1)
    has_start = has_duration = False
    texts = 0  # a bit for each of name, category, process and thread
    at = start + 1
    while True:
        at = blank_end(data, at, end)
        if at >= end:
            return SHORT, phase
        if load8(data, at) != 34:
            return ODD, phase
        key = at + 1
        key_end = string_end(data, key, end, False)
        if key_end < 0:
            return key_end, phase
        at = blank_end(data, key_end + 1, end)
        if at >= end:
            return SHORT, phase
        if load8(data, at) != 58:
            return ODD, phase
        value = blank_end(data, at + 1, end)
        if value >= end:
            return SHORT, phase
        is_text = load8(data, value) == 34
        length = key_end - key
        word = keys.first_word(data, key, length)
        target = -1
        at = -1
        if length == 3:
            if word == keys.DUR:
                at, number = nanoseconds(data, value, end)
                if at < 0:
                    return at, phase
                store64(numbers, DURATION * 8, number)
                has_duration = 0 <= number <= MAX_DURATION_NS
            elif word == keys.CAT:
                target = CATEGORY
            elif word == keys.PID:
                target = PROCESS
            elif word == keys.TID:
                target = THREAD
        elif length == 2:
            if word == keys.TS:
                at, number = nanoseconds(data, value, end)
                if at < 0:
                    return at, phase
                store64(numbers, START * 8, number)
                has_start = True
            elif word == keys.PH:
                if value + 2 >= end:
                    return SHORT, phase
                phase = load8(data, value + 1)
                if not is_text or load8(data, value + 2) != 34 or phase == 92:
                    return ODD, phase
                at = value + 3
        elif length == 4:
            if word == keys.ARGS:
                if load8(data, value) != 123:
                    return ODD, phase
                at = _read_args(data, value, end, numbers, codes, table)
                if at < 0:
                    return at, phase
            elif word == keys.NAME:
                target = NAME
        if target >= 0:
            if is_text:
                text = value + 1
                text_end = string_end(data, text, end, False)
                at = text_end + 1
                if text_end < 0:
                    return text_end, phase
            elif target >= PROCESS:
                text = value
                text_end, _number = integer(data, value, end)
                at = text_end
                if text_end < 0:
                    return text_end, phase
            else:
                return ODD, phase
            code = intern(data, text, text_end, table)
            if code == FULL:
                return FULL - 1, phase
            store32(codes, target * 4, code)
            texts |= 1 << target
        elif at < 0:
            at = value_end(data, value, end)
            if at < 0:
                return at, phase
        at = blank_end(data, at, end)
        if at >= end:
            return SHORT, phase
        if load8(data, at) == 125:
            break
        if load8(data, at) != 44:
            return ODD, phase
        at += 1
    if 64 <= phase < 128 and (_TIMELESS >> (phase - 64)) & 1:
        return at + 1, phase
    if phase != _COMPLETE or not (has_start and has_duration) or texts != 15:
        return ODD, phase
    return at + 1, phase


def sources() -> int:
    """Stamp of what is compiled. numba's cache asks for the age of one file; packages may come with any age."""
    found, folder = 0, Path(__file__).parent
    for path in (*sorted(folder.glob("jit*.py")), folder / "number.py"):  # whose limits are compiled in
        found = zlib.crc32(path.read_bytes(), found)
    return found


def _compile(stamp):
    # What a function closes over is part of its key in numba's cache.
    @kept
    def scan(data, start, end, numbers, codes, row, odds, odd, timeless, table):
        """Read events from ``start`` to ``end`` of the text at the address ``data``.

        Returns the place of the first event that was not read, the rows and the odd events there are now, the number of
        events without time, and why it returned. ``odds`` holds the row that each odd event precedes, and its place.
        ``table`` is the address of a `ByteTable.descriptor`.
        """
        _ = stamp
        rows, most = len(numbers), len(odds)
        numbers_at, codes_at = np.int64(numbers.ctypes.data), np.int64(codes.ctypes.data)
        at = start
        while True:
            before = at
            at = blank_end(data, at, end)
            while at < end and load8(data, at) == 44:
                at = blank_end(data, at + 1, end)
            if at >= end:
                return at, row, odd, timeless, MORE
            if load8(data, at) == 93:
                return at, row, odd, timeless, END
            if load8(data, at) != 123:
                return before, row, odd, timeless, CONFUSED
            if row >= rows:
                return at, row, odd, timeless, ROWS_FULL
            if odd >= most:
                return at, row, odd, timeless, ODDS_FULL
            after, phase = _read_event(
                data, at, end, numbers_at + row * (8 * NUMBER_COUNT), codes_at + row * (4 * CODE_COUNT), table
            )
            if after == FULL - 1:
                return at, row, odd, timeless, STRINGS_FULL
            if after == ODD:
                after = frame_end(data, at, end)
                if after >= 0:
                    odds[odd, 0], odds[odd, 1], odds[odd, 2] = row, at, after
                    odd += 1
            elif after >= 0:
                if phase == _COMPLETE:
                    store64(numbers_at + row * (8 * NUMBER_COUNT), OFFSET * 8, at)
                    row += 1
                else:
                    timeless += 1
            if after < 0:
                return at, row, odd, timeless, MORE
            at = after

    return scan


scan = announcing(_compile(sources()))
