"""Workers of executors keep what they made of a trace, and find it again; they may be several, and told not to."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from xpubreak.breakdown import rankjob
from xpubreak.breakdown.cachefolder import FOLDER_VARIABLE, LIMIT_VARIABLE
from xpubreak.samples import synthesize

RANKS = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("ranks")
    for rank in range(RANKS):
        synthesize(tp=RANKS, rank=rank, layers=2, decode_steps=2).save(found / f"rank{rank}.json")
    return found


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv(LIMIT_VARIABLE, str(1 << 30))
    return tmp_path / "cache"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was read, and not found."""
    found: list[str] = []
    read_rank = rankjob.read_rank

    def counted(source: str, *rest: Any) -> Any:
        found.append(source)
        return read_rank(source, *rest)

    monkeypatch.setattr(rankjob, "read_rank", counted)
    return found


def entries(cached: Path) -> list[Path]:
    return sorted(cached.glob("*.xpb"))


def test_what_a_worker_made_is_found_by_the_next_and_by_a_plain_load(
    folder: Path, cached: Path, reads: list[str]
) -> None:
    with ThreadPoolExecutor(2) as pool:
        first = xb.load(folder, executor=pool)
        assert len(reads) == len(entries(cached)) == RANKS
        second = xb.load(folder, executor=pool)
    assert len(reads) == RANKS
    assert second.totals == first.totals
    assert second.rank_table.equals(first.rank_table)
    written = {entry: entry.stat().st_ino for entry in entries(cached)}
    assert xb.load(folder, processes=1).totals == first.totals
    assert {entry: entry.stat().st_ino for entry in entries(cached)} == written


def test_a_trace_that_is_finished_while_a_worker_reads_it_is_read_again(
    folder: Path, cached: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, whole = tmp_path / "rank0.json", (folder / "rank0.json").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    read_rank = rankjob.read_rank

    def finishing(source: str, *rest: Any) -> Any:
        found = read_rank(source, *rest)
        path.write_bytes(whole)
        return found

    monkeypatch.setattr(rankjob, "read_rank", finishing)
    assert "truncated-file" in {issue.code for issue in xb.load(path, store=tmp_path / "store").issues}
    assert not entries(cached)
    monkeypatch.setattr(rankjob, "read_rank", read_rank)
    for again in (xb.load(path), xb.load(path, store=tmp_path / "store")):
        assert again.totals.device_ns == xb.load(folder / "rank0.json", cache=False).totals.device_ns


def test_a_store_is_written_from_what_the_cache_has(folder: Path, cached: Path, reads: list[str]) -> None:
    plain = xb.load(folder, processes=1)
    found = xb.load(folder, store=cached.parent / "store")
    assert not reads
    assert found.detail(*range(RANKS)).totals == plain.totals


def test_told_not_to_they_neither_look_nor_keep(folder: Path, cached: Path, reads: list[str]) -> None:
    with ThreadPoolExecutor(2) as pool:
        xb.load(folder, executor=pool, cache=False)
        xb.load(folder, executor=pool, cache=False)
    assert len(reads) == 2 * RANKS
    assert not entries(cached)


def test_with_other_rules_it_is_read_anew(folder: Path, cached: Path, reads: list[str]) -> None:
    xb.load(folder, store=cached.parent / "one")
    xb.rules.add(name="mine", pattern="gemm_kernel", backend="triton")
    try:
        found = xb.load(folder, store=cached.parent / "two")
    finally:
        xb.rules.clear()
    assert len(reads) == 2 * RANKS
    assert found.select(backend="triton").totals.device_ns > 0


def test_processes_that_make_the_same_at_a_time_do_not_disturb_each_other(folder: Path, cached: Path) -> None:
    source = str(folder / "rank0.json")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        answers = [future.result() for future in [pool.submit(rankjob.run_rank, source, [], None) for _ in range(6)]]
    assert len({rankjob.unpacked(answer).runs[0].sums for answer in answers}) == 1
    assert len(entries(cached)) == 1
    assert not [path for path in cached.iterdir() if path.name.startswith(".")]
