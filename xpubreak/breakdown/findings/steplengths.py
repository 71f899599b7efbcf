"""Lengths of steps: on the device where there is one, else on the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.trace.columns import NONE, IntArray, SmallArray

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown


@dataclass(frozen=True)
class StepLengths:
    """Struct of arrays, one entry per rank and step with anything in it, ascending.

    Parameters
    ----------
    rank, step
        int64.
    phase
        uint8.
    load
        int64: tokens to prefill and requests to decode in one number; steps of one load do the same.
    length_ns
        int64: first start to last end of its activities; of its spans without a device.
    """

    rank: IntArray
    step: IntArray
    phase: SmallArray
    load: IntArray
    length_ns: IntArray


def step_lengths(breakdown: Breakdown) -> StepLengths:
    """Measure the selected steps."""
    rows = breakdown.rows
    counted = rows.is_activity if breakdown.weight == "device" else ~rows.is_activity
    mine = np.flatnonzero(counted & (rows.step >= 0))
    key = rows.rank[mine].astype(np.int64) << 32 | rows.step[mine].astype(np.int64)
    distinct, first, group = np.unique(key, return_index=True, return_inverse=True)
    start = np.full(len(distinct), np.iinfo(np.int64).max)
    end = np.zeros(len(distinct), dtype=np.int64)
    np.minimum.at(start, group, rows.start_ns[mine])
    np.maximum.at(end, group, rows.start_ns[mine] + rows.total_ns[mine])
    rank, step = distinct >> 32, distinct & 0xFFFFFFFF
    runs = {run.metadata.rank: run for run in breakdown.tables.runs}
    load = [_load(runs[r].steps, s) if r in runs else NONE for r, s in zip(rank.tolist(), step.tolist(), strict=True)]
    return StepLengths(rank, step, rows.phase[mine[first]], np.array(load, dtype=np.int64), end - start)


def _load(steps: tuple[object, ...], number: int) -> int:
    if number >= len(steps):
        return NONE
    step = steps[number]
    context, generation = (getattr(step, name) for name in ("context_tokens", "generation_requests"))
    return int(max(context, 0)) << 20 | int(max(generation, 0))
