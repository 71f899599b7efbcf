"""Sums by a few codes in one walk over the rows, where there are so many of them that a walk for each step shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from xpubreak.breakdown.facts import group_by, sum_by
from xpubreak.breakdown.rows import Part, Rows
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, IntArray
from xpubreak.trace.compiled import compile_loop, is_worth_a_walk

_LARGEST_TABLE = 1 << 20
_BLOCK_ROWS = 1 << 14


def tally(columns: Sequence[AnyArray], rows: Rows | Part, is_counted: BoolArray) -> tuple[IntArray, list[IntArray]]:
    """Add up rows that are equal in some columns.

    Parameters
    ----------
    columns
        Integer columns, one number for each row.
    rows
        What is added up.
    is_counted
        bool[n]: rows that count.

    Returns
    -------
    int64[g], list of int64[g]
        A row of every group, groups in ascending order of the columns; and the exact sums of their device time, host
        time and count.
    """
    length = len(rows)
    if is_worth_a_walk(length):
        extents = [rows.extent(column) for column in columns]
        lows, widths = [low for low, _ in extents], [high - low + 1 for low, high in extents]
        if math.prod(widths) <= _LARGEST_TABLE:
            return _in_one_table(columns, lows, widths, rows, is_counted)
    first, group = group_by(list(columns))
    values = (rows.device_ns, rows.host_ns, np.where(is_counted, rows.count, 0))
    return first, [sum_by(group, value, len(first)) for value in values]


def _in_one_table(
    columns: Sequence[AnyArray], lows: Sequence[int], widths: Sequence[int], rows: Rows | Part, is_counted: BoolArray
) -> tuple[IntArray, list[IntArray]]:
    row = np.full(math.prod(widths), NONE, dtype=np.int64)
    sums = np.zeros((len(row), 3), dtype=np.int64)
    append, add = compile_loop(_append), compile_loop(_add)
    ones = np.ones(_BLOCK_ROWS, dtype=np.int64) if rows.extent(rows.count) == (1, 1) else None
    code = np.empty(_BLOCK_ROWS, dtype=np.int32)  # stays in the memory near the processor
    for first in range(0, len(rows), _BLOCK_ROWS):
        here = slice(first, first + _BLOCK_ROWS)
        code[:] = 0
        for column, low, width in zip(columns, lows, widths, strict=True):
            if width > 1:
                append(code, column[here], low, width)
        count = rows.count[here] if ones is None else ones
        add(code, first, rows.device_ns[here], rows.host_ns[here], count, is_counted[here], row, sums)
    seen = np.flatnonzero(row != NONE)
    return row[seen], list(sums[seen].T)


def _append(code, column, low, width):  # type: ignore[no-untyped-def]
    for i in range(len(column)):
        code[i] = code[i] * width + (np.int64(column[i]) - low)


def _add(code, first, device_ns, host_ns, count, is_counted, row, sums):  # type: ignore[no-untyped-def]
    for i in range(len(device_ns)):
        at = code[i]
        row[at] = first + i
        sums[at, 0] += device_ns[i]
        sums[at, 1] += host_ns[i]
        if is_counted[i]:
            sums[at, 2] += count[i]
