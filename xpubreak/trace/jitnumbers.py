"""Exact integers out of JSON text, compiled: the part of `xpubreak.trace.number` that all known writers need."""

from __future__ import annotations

import numpy as np
from numba import njit

from xpubreak.trace.jitbytes import ODD, SHORT
from xpubreak.trace.jitmemory import load8

_MAX_US = (1 << 61) // 1000 - 1


@njit(nogil=True)
def integer(data, start, end):
    """Index behind a plain integer of at most 18 characters, and its value; `ODD` for anything else."""
    negative = load8(data, start) == 45
    at = start + 1 if negative else start
    first = at
    value = np.int64(0)
    while at < end:
        digit = load8(data, at) - 48
        if digit < 0 or digit > 9:
            break
        value = value * 10 + digit
        at += 1
    if at >= end:
        return SHORT, value
    digits = at - first
    # A minus and a zero are the id "-0" to one reader and 0 to the other.
    if digits == 0 or digits > 18 or (load8(data, first) == 48 and (digits > 1 or negative)):
        return ODD, value
    after = load8(data, at)
    if after == 46 or after | 32 == 101:
        return ODD, value
    return at, -value if negative else value


@njit(nogil=True)
def nanoseconds(data, start, end):
    """Index behind microseconds with at most three decimals, and the exact nanoseconds; `ODD` for anything else."""
    negative = load8(data, start) == 45
    at = start + 1 if negative else start
    first = at
    value = np.int64(0)
    while at < end:
        digit = load8(data, at) - 48
        if digit < 0 or digit > 9:
            break
        value = value * 10 + digit
        at += 1
    if at >= end:
        return SHORT, value
    digits = at - first
    if digits == 0 or digits > 16 or value > _MAX_US or (load8(data, first) == 48 and digits > 1):
        return ODD, value
    left = 3
    if load8(data, at) == 46:
        at += 1
        while at < end:
            digit = load8(data, at) - 48
            if digit < 0 or digit > 9:
                break
            value = value * 10 + digit
            at += 1
            left -= 1
            if left < 0:
                return ODD, value
        if at >= end:
            return SHORT, value
        if left == 3:
            return ODD, value
    if load8(data, at) | 32 == 101:
        return ODD, value
    while left > 0:
        value *= 10
        left -= 1
    return at, -value if negative else value
