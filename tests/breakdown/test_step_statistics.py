"""Steps of a repeated cell: one row each where the runs are alike, one for each kind where they are not."""

from __future__ import annotations

from typing import Any

import pytest

import xpubreak as xb
from xpubreak.breakdown.step_statistics import STATISTICS_COLUMNS
from xpubreak.reading import with_notes
from xpubreak.trace import kineto

NAMES = {"P": "execute_context_1(4)_generation_0(0)", "D": "execute_context_0(0)_generation_1(1)"}


def load(drawn: str, repeat: Any) -> xb.Breakdown:
    """Steps as letters, each with its length in µs: ``"P9 D2 D3"``."""
    events: list[dict[str, Any]] = []
    at = 0.0
    for word in drawn.split():
        length = float(word[1:])
        span = {"ph": "X", "pid": 1, "tid": 1, "ts": at, "dur": length}
        events.append({**span, "cat": "user_annotation", "name": NAMES[word[0]]})
        events.append({**span, "cat": "cpu_op", "name": "aten::mm"})
        at += length + 1
    notes = {} if repeat is None else {"repeat": repeat}
    return xb.load(with_notes([kineto.from_dicts(events)], notes)[0])


def table(breakdown: xb.Breakdown) -> list[tuple[Any, ...]]:
    frame = breakdown.step_statistics
    assert list(frame) == list(STATISTICS_COLUMNS)
    columns = ["step", "phase", "count", "wall_min_ns", "wall_p50_ns", "wall_max_ns"]
    return list(frame[columns].itertuples(index=False, name=None))


def test_runs_that_are_alike_have_a_row_for_each_step() -> None:
    assert table(load("P9 D2 D3  P8 D4 D3  P7 D3 D6", repeat=3)) == [
        (0, "prefill", 3, 7000, 8000, 9000),
        (1, "decode", 3, 2000, 3000, 4000),
        (2, "decode", 3, 3000, 3000, 6000),
    ]


@pytest.mark.parametrize("repeat", [None, 1, 2, 7, "many"])
def test_others_have_a_row_for_each_kind_of_step(repeat: Any) -> None:
    assert table(load("P9 D2 D3  P7 P8 D4", repeat=repeat)) == [
        (-1, "prefill", 3, 7000, 8000, 9000),
        (-1, "decode", 3, 2000, 3000, 4000),
    ]


def test_mean_and_spread() -> None:
    (_, decode) = load("P9 D2  P9 D4", repeat=2).step_statistics.to_dict("records")
    assert decode["wall_mean_ns"] == 3000
    assert decode["wall_std_ns"] == 1414
    assert (decode["host_mean_ns"], decode["device_mean_ns"]) == (3000, 0)
    (once,) = load("D4", repeat=None).step_statistics.to_dict("records")
    assert once["wall_std_ns"] == 0


def test_without_steps_it_is_empty() -> None:
    event = {"ph": "X", "pid": 1, "tid": 1, "ts": 0, "dur": 1, "cat": "cpu_op", "name": "aten::mm"}
    frame = xb.load(kineto.from_dicts([event])).step_statistics
    assert (len(frame), list(frame)) == (0, list(STATISTICS_COLUMNS))
