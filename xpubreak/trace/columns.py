"""Read-only struct-of-arrays, the form in which every floor hands its table up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from xpubreak.trace.compiled import compile_loop, is_worth_a_walk

IntArray = npt.NDArray[np.int64]
CodeArray = npt.NDArray[np.int32]
SmallArray = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
AnyArray = npt.NDArray[Any]

_BLOCK_ROWS = 1 << 14
NONE = -1
"""Sentinel of every index column: no such thing."""


def freeze(array: AnyArray) -> AnyArray:
    """Make an array read-only in place and return it."""
    array.flags.writeable = False
    return array


def blocks(rows: IntArray) -> Iterator[IntArray]:
    """Parts of rows, so small that what is computed of them stays in the memory near the processor."""
    for first in range(0, len(rows), _BLOCK_ROWS):
        yield rows[first : first + _BLOCK_ROWS]


def distinct(codes: AnyArray) -> IntArray:
    """Sorted distinct values of integers that are small, as ids are; several times faster than ``np.unique``."""
    if not len(codes):
        return np.zeros(0, dtype=np.int64)
    low, high = int(codes.min()), int(codes.max())
    if high - low > 8 * len(codes) + 4096:  # sorting takes less than so much memory
        return np.unique(codes).astype(np.int64)
    is_there = np.zeros(high - low + 1, dtype=bool)
    if is_worth_a_walk(len(codes)):
        compile_loop(_mark)(codes, low, is_there)
    else:
        is_there[codes - low] = True
    return np.asarray(np.flatnonzero(is_there) + low)


def _mark(codes, low, is_there):  # type: ignore[no-untyped-def]
    for i in range(len(codes)):
        is_there[codes[i] - low] = True
