"""JSON text, byte by byte, compiled: ends of strings and values, exact numbers. Needs numba (the ``fast`` extra).

Everything here is strict: what is not plainly valid JSON in plain ASCII is said to be odd, and left to the library that
reads traces without numba, so that both ways give the same.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from xpubreak.trace.jitmemory import load8, load64, notable, trailing_zeros

SHORT = -1
"""The text ends before the value does."""
ODD = -2
"""Not plainly valid; the other way of reading knows what to do with it."""

_MAX_DEPTH = 60
_TRUE, _ALSE, _NULL = (int.from_bytes(word, "little") for word in (b"true", b"alse", b"null"))
_FOUR_BYTES = (1 << 32) - 1


@njit(nogil=True)
def string_end(data, start, end, escapes):
    """Index of the quote that closes a string whose first character is at ``start``.

    `ODD` for control characters, bytes beyond ASCII, invalid escapes, and for any escape unless ``escapes``.
    """
    at = start
    while at < end:
        found = notable(data, at)
        if found == 0:
            at += 32
            continue
        at += trailing_zeros(found)
        if at >= end:
            return SHORT
        char = load8(data, at)
        if char == 34:
            return at
        if char != 92 or not escapes:
            return ODD
        if at + 1 >= end:
            return SHORT
        follower = load8(data, at + 1)
        if follower == 117:
            if at + 6 > end:
                return SHORT
            for place in range(at + 2, at + 6):
                if not (48 <= load8(data, place) <= 57 or 97 <= load8(data, place) | 32 <= 102):
                    return ODD
            if load8(data, at + 2) | 32 == 100 and load8(data, at + 3) >= 56:  # surrogates come in pairs, or are broken
                return ODD
            at += 6
        elif (
            follower == 34
            or follower == 92
            or follower == 47
            or follower == 98
            or follower == 102
            or follower == 110
            or follower == 114
            or follower == 116
        ):
            at += 2
        else:
            return ODD
    return SHORT


@njit(nogil=True)
def _digits_end(data, start, end):
    at = start
    while at < end and 48 <= load8(data, at) <= 57:
        at += 1
    return at


@njit(nogil=True)
def number_end(data, start, end):
    """Index behind a number by JSON's grammar."""
    at = start + 1 if load8(data, start) == 45 else start
    after = _digits_end(data, at, end)
    if after < end and (after == at or (load8(data, at) == 48 and after > at + 1)):
        return ODD
    at = after
    if at < end and load8(data, at) == 46:
        after = _digits_end(data, at + 1, end)
        if after < end and after == at + 1:
            return ODD
        at = after
    if at < end and load8(data, at) | 32 == 101:
        at += 1
        if at < end and (load8(data, at) == 43 or load8(data, at) == 45):
            at += 1
        after = _digits_end(data, at, end)
        if after < end and after == at:
            return ODD
        at = after
    return at if at < end else SHORT


@njit(nogil=True)
def _word_end(data, start, end, word):
    """Index behind four characters, if they are those."""
    if start + 4 > end:
        for place in range(end - start):
            if load8(data, start + place) != (word >> (8 * place)) & 255:
                return ODD
        return SHORT
    return start + 4 if np.int64(load64(data, start) & np.uint64(_FOUR_BYTES)) == word else ODD


@njit(nogil=True)
def scalar_end(data, start, end):
    """Index behind a string, number or literal."""
    char = load8(data, start)
    if char == 34:
        closing = string_end(data, start + 1, end, True)
        return closing + 1 if closing >= 0 else closing
    if char == 45 or 48 <= char <= 57:
        return number_end(data, start, end)
    if char == 116:
        return _word_end(data, start, end, _TRUE)
    if char == 102:
        return _word_end(data, start + 1, end, _ALSE)
    if char == 110:
        return _word_end(data, start, end, _NULL)
    return ODD


@njit(nogil=True)
def blank_end(data, start, end):
    """Index of the first character that is no white space."""
    at = start
    while at < end and (
        load8(data, at) == 32 or load8(data, at) == 10 or load8(data, at) == 13 or load8(data, at) == 9
    ):
        at += 1
    return at


@njit(nogil=True)
def value_end(data, start, end):
    """Index behind any value, all of it checked; too deep a nesting is odd."""
    objects = np.uint64(0)  # one bit for each open bracket: 1 for an object
    depth = 0
    at = start
    while True:
        at = blank_end(data, at, end)
        if at >= end:
            return SHORT
        char = load8(data, at)
        if char == 123 or char == 91:
            depth += 1
            if depth > _MAX_DEPTH:
                return ODD
            objects = (objects << np.uint64(1)) | (np.uint64(1) if char == 123 else np.uint64(0))
            at = blank_end(data, at + 1, end)
            if at >= end:
                return SHORT
            if load8(data, at) == char + 2:  # "}" and "]" are two behind their opening ones
                at += 1
                depth -= 1
                objects >>= np.uint64(1)
            else:
                if char == 123:
                    at = _key_end(data, at, end)
                    if at < 0:
                        return at
                continue
        else:
            at = scalar_end(data, at, end)
            if at < 0:
                return at
        # Behind a value: close what ends here, go on behind a comma.
        while depth > 0:
            at = blank_end(data, at, end)
            if at >= end:
                return SHORT
            is_object = objects & np.uint64(1)
            if load8(data, at) == 44:
                at += 1
                if is_object:
                    at = _key_end(data, blank_end(data, at, end), end)
                    if at < 0:
                        return at
                break
            if load8(data, at) != (125 if is_object else 93):
                return ODD
            at += 1
            depth -= 1
            objects >>= np.uint64(1)
        if depth == 0:
            return at


@njit(nogil=True)
def _key_end(data, start, end):
    """Index behind the colon of a key."""
    if start >= end:
        return SHORT
    if load8(data, start) != 34:
        return ODD
    closing = string_end(data, start + 1, end, True)
    if closing < 0:
        return closing
    at = blank_end(data, closing + 1, end)
    if at >= end:
        return SHORT
    return at + 1 if load8(data, at) == 58 else ODD


@njit(nogil=True)
def frame_end(data, start, end):
    """Index behind the bracket that closes the one at ``start``; only quotes, escapes and brackets are looked at."""
    depth = 0
    inside = False
    at = start
    while at < end:
        char = load8(data, at)
        if char == 92:  # outside of strings it is rubbish, but `xpubreak.trace.scan` lets it escape a quote there, too
            if at + 1 < end and (load8(data, at + 1) == 34 or load8(data, at + 1) == 92):
                at += 1
        elif char == 34:
            inside = not inside
        elif inside:
            pass
        elif char == 123 or char == 91:
            depth += 1
        elif char == 125 or char == 93:
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return SHORT
