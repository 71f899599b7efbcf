"""Sums in one walk are those of grouping and adding, whatever the codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xpubreak as xb
from xpubreak.breakdown.tally import tally
from xpubreak.trace import compiled

ROW = st.tuples(st.integers(-1, 5), st.integers(0, 255), st.integers(0, 2**50), st.integers(0, 2**50), st.booleans())


def tallied(switch: str, *arguments: Any) -> list[list[int]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(compiled.SWITCH, switch)
        first, sums = tally(*arguments)
    return [*(column[first].tolist() for column in arguments[0]), *(one.tolist() for one in sums)]


@settings(deadline=None)  # the first example may compile
@given(st.lists(ROW, min_size=1, max_size=60))
def test_equals_grouping_and_adding(drawn: list[tuple[Any, ...]]) -> None:
    pytest.importorskip("numba")
    layer, role, device_ns, host_ns, is_counted = (np.array(column) for column in zip(*drawn, strict=True))
    some = xb.load(xb.samples.path("h200-torch-graph")).rows
    rows = replace(some.take(np.zeros(len(drawn), dtype=np.int64)), device_ns=device_ns, host_ns=host_ns)
    arguments = ([layer.astype(np.int32), role.astype(np.uint8)], rows, is_counted)
    assert tallied("1", *arguments) == tallied("0", *arguments)


def test_of_nothing() -> None:
    rows = xb.load(xb.samples.path("h200-torch-graph")).rows.take(np.zeros(0, dtype=np.int64))
    assert tallied("1", [rows.layer], rows, rows.is_activity) == [[], [], [], []]
