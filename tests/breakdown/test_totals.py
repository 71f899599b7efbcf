"""Totals of parts of a profile."""

from __future__ import annotations

import pytest

import xpubreak as xb
from xpubreak.trace import kineto


def test_one_of_several_ranks_idles_as_much_as_it_does_alone() -> None:
    def rank_of(number: int, dur: int) -> object:
        first, last = (
            {"ph": "X", "cat": "kernel", "name": "k", "pid": 0, "tid": 7, "ts": ts, "dur": length}
            for ts, length in ((0, dur), (90, 10))
        )
        return kineto.from_dicts([first, last], distributedInfo={"rank": number, "world_size": 2})

    bd = xb.load([rank_of(0, 40), rank_of(1, 80)])
    assert bd.totals.idle_frac == pytest.approx((0.5 + 0.1) / 2)
    assert [bd.select(rank=rank).totals.idle_frac for rank in (0, 1)] == pytest.approx([0.5, 0.1])
