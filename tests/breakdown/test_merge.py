"""Ranks put together: by threads or not, wide or as narrow as processes hand them over, the rows are the same."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xpubreak as xb
from tests.strategies import Event, traces
from xpubreak.breakdown import merge as module
from xpubreak.breakdown.analysis import analyse
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.gather import gather
from xpubreak.breakdown.material import Material
from xpubreak.breakdown.merge import merge
from xpubreak.breakdown.rank import with_rank
from xpubreak.breakdown.rows import Rows, Tables, dtypes_of
from xpubreak.breakdown.store import open_saved, save
from xpubreak.trace import kineto


def assert_same(one: Tables, other: Tables) -> None:
    for field in fields(Rows):
        first, second = getattr(one.rows, field.name), getattr(other.rows, field.name)
        assert first.dtype == second.dtype == dtypes_of(Rows)[field.name], field.name
        assert np.array_equal(first, second), field.name
    assert list(one.strings) == list(other.strings)
    assert np.array_equal(one.tree.parent, other.tree.parent)
    assert (one.evidences, one.runs) == (other.evidences, other.runs)


def tables_of(events: list[Event], rank: int) -> Tables:
    return with_rank(gather(Material.of(analyse(kineto.from_dicts(events)))), rank)


def handed_over(tables: Tables, path: Path) -> Tables:
    save(Breakdown(tables), path, is_narrow=True)
    return open_saved(path, is_widened=False).tables


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@settings(max_examples=30, deadline=None)
@given(several=st.lists(traces(), min_size=1, max_size=3))
def test_narrow_parts_make_the_same_whole(scratch: Path, several: list[list[Event]]) -> None:
    parts = [tables_of(events, rank) for rank, events in enumerate(several)]
    narrow = [handed_over(part, scratch / f"{rank}.xpb") for rank, part in enumerate(parts)]
    assert_same(merge(parts), merge(narrow))
    assert_same(merge(parts), merge([narrow[0], *parts[1:]]))


def test_real_parts_go_over_in_half_the_bytes(scratch: Path) -> None:
    wide = xb.load(xb.samples.path("h200-vllm-eager")).tables
    part = handed_over(wide, scratch / "narrow.xpb")
    assert part.rows.layer.dtype.itemsize == 1
    save(Breakdown(wide), scratch / "wide.xpb", compress=False)
    assert (scratch / "narrow.xpb").stat().st_size < 0.6 * (scratch / "wide.xpb").stat().st_size
    assert_same(wide, merge([part]))
    assert merge([wide]) is wide


def test_threads_write_what_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = xb.load(xb.samples.path("h200-vllm-eager")).tables
    parts = [with_rank(sample, rank) for rank in range(5)]
    one = merge(parts)
    monkeypatch.setattr(module, "_WORTH_THREADS", 0)
    monkeypatch.setattr(module, "processors", lambda: 4)
    assert_same(one, merge(parts))


def test_columns_of_one_value_take_no_memory_where_ranks_agree() -> None:
    sample = xb.load(xb.samples.path("h200-vllm-eager")).tables
    rows = merge([with_rank(sample, rank) for rank in range(2)]).rows
    assert rows.count.strides == (0,)
    assert rows.rank.tolist() == [0] * len(sample.rows) + [1] * len(sample.rows)
    folded = replace(sample, rows=replace(sample.rows, count=np.broadcast_to(np.int64(3), len(sample.rows))))
    assert merge([sample, folded]).rows.count.tolist() == [1] * len(sample.rows) + [3] * len(sample.rows)
