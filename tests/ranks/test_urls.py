"""Traces and stores that fsspec reaches."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import xpubreak as xb
from tests.ranks.here import Here
from xpubreak.samples import synthesize

RANKS = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("ranks")
    for rank in range(RANKS):
        synthesize(tp=RANKS, rank=rank, layers=2, decode_steps=1).save(found / f"rank{rank}.json.gz")
    return found


@pytest.fixture(scope="module")
def plain(folder: Path) -> xb.Breakdown:
    return xb.load(folder, processes=1)


@pytest.fixture
def memory() -> Iterator[Any]:
    fsspec = pytest.importorskip("fsspec")
    files = fsspec.filesystem("memory")
    files.store.clear()
    yield files
    files.store.clear()


def test_urls_are_read_and_written(folder: Path, plain: xb.Breakdown, memory: Any) -> None:
    for path in folder.iterdir():
        memory.pipe_file(f"/run/{path.name}", path.read_bytes())
    memory.pipe_file("/run/notes.txt", b"no trace")
    assert xb.load("memory://run", processes=1).totals == plain.totals
    assert xb.load("memory://run/rank[01].json.gz", processes=1).ranks == (0, 1)
    with ThreadPoolExecutor(2) as pool:
        found = xb.load("memory://run/", executor=pool, store="memory://store/x")
    assert_sums_but_sources(found, plain)
    pd.testing.assert_frame_equal(found.detail(2).kernels, plain.select(rank=2).kernels)
    again = Here()
    xb.load("memory://run/", executor=again, store="memory://store/x")
    assert again.ran == []
    memory.pipe_file("/run/rank0.json.gz", memory.cat_file("/run/rank0.json.gz"))  # another age
    xb.load("memory://run/", executor=again, store="memory://store/x")
    assert again.ran == ["rank0.json.gz"]
    assert found.metadata.source.startswith("memory://")
    assert found.metadata.source.endswith("/run/rank0.json.gz")


def assert_sums_but_sources(found: xb.Breakdown, plain: xb.Breakdown) -> None:
    assert found.totals == plain.totals
    one, other = (bd.rank_table.drop(columns=["source", "clock_offset_ns"]) for bd in (found, plain))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("url", ["memory://nowhere", "memory://nowhere/*.json", "nosuchthing://x/y.json"])
def test_urls_that_lead_nowhere_say_so(url: str, memory: Any) -> None:
    with pytest.raises(xb.NotATraceError, match=r"nowhere|nosuchthing"):
        xb.load(url)
