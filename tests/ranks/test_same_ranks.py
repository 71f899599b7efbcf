"""One trace by several names, and several traces of one rank: none is lost unsaid, read twice, or called another."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from tests.ranks.here import Here
from xpubreak.breakdown import dataset
from xpubreak.breakdown.rankjob import run_rank
from xpubreak.breakdown.workers import WORKERS
from xpubreak.samples.cluster import synthesize_cluster

RANKS = 3


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    synthesize_cluster(ranks=RANKS, steps=1, layers=1).save(tmp_path / "run7")
    return Path("run7")


def codes(bd: xb.Breakdown) -> dict[str, xb.Issue]:
    return {issue.code: issue for issue in bd.issues}


def test_a_store_knows_its_ranks_by_any_spelling(folder: Path) -> None:
    first = xb.load(folder, store="store")
    Path("link").symlink_to("run7")
    for spelling in (
        "run7/",
        "./run7",
        str(folder.resolve()),
        "run7/*.json*",
        "../" + Path.cwd().name + "/run7",
        "link",
    ):
        again = Here()
        found = xb.load(spelling, executor=again, store="store")
        assert again.ran == [], spelling
        assert found.totals == first.totals
    os.utime("run7/rank0001.pt.trace.json.gz", ns=(1, 1))
    other = Here()
    assert xb.load(folder.resolve(), executor=other, store="store").ranks == (0, 1, 2)
    assert other.ran == ["rank0001.pt.trace.json.gz"]


def test_a_folder_that_was_moved_is_not_read_again(folder: Path) -> None:
    xb.load(folder, store="store")
    folder.rename("elsewhere")
    again = Here()
    found = xb.load("elsewhere", executor=again, store="store")
    assert again.ran == []
    assert {Path(source).parent.name for source in found.rank_table["source"]} == {"elsewhere"}
    xb.rules.add(name="mine", pattern="gemm_kernel", backend="triton")
    try:
        assert xb.load("elsewhere", store="store").ranks == (0, 1, 2), "other rules: read again, in their places"
    finally:
        xb.rules.clear()


def test_files_that_name_and_age_do_not_tell_apart_are_read(folder: Path) -> None:
    """Each rank in a folder of its own, unpacked with one time: what is of which rank is not guessed."""
    text = '{"distributedInfo":{"rank":%d,"world_size":2},"traceEvents":[]}'
    for place in ("a/0", "a/1"):
        Path(place).mkdir(parents=True)
        Path(place, "trace.json").write_text(text % int(place[-1]))
        os.utime(Path(place, "trace.json"), ns=(1, 1))
    xb.load("a/*/trace.json", store="apart")
    Path("a").rename("b")
    again = Here()
    assert xb.load("b/*/trace.json", executor=again, store="apart").ranks == (0, 1)
    assert len(again.ran) == 2


@pytest.mark.parametrize("store", [None, "store"])
def test_a_trace_given_twice_is_read_once_and_named(folder: Path, store: str | None) -> None:
    path = str(folder / "rank0000.pt.trace.json.gz")
    for _ in range(2):
        executor = Here()
        found = xb.load([path, "./" + path], executor=executor, store=store)
        assert found.ranks == (0,)
        assert "given twice" in codes(found)["duplicate-rank"].message
    assert len(executor.ran) == (0 if store else 1)


def test_a_second_trace_of_a_rank_says_what_is_wrong(folder: Path) -> None:
    shutil.copy(folder / "rank0001.pt.trace.json.gz", folder / "rank0009.pt.trace.json.gz")
    with ThreadPoolExecutor(1) as pool:
        found = xb.load(folder, executor=pool)
    message = codes(found)["duplicate-rank"].message
    assert "rank0009" in message
    assert "rank 1, as rank0001" in message
    assert "Load again" not in message
    kept = xb.load(folder, store="store")
    assert "both are rank 1" in codes(kept)["failed-rank"].message
    assert "Load again" not in codes(kept)["failed-rank"].message


def test_a_copy_leaves_the_others_their_numbers(folder: Path) -> None:
    shutil.copy(folder / "rank0001.pt.trace.json.gz", folder / "rank0009.pt.trace.json.gz")
    (folder / "rank0002.pt.trace.json.gz").write_bytes(b"no trace")
    found = xb.load(folder)
    names = {row.rank: Path(row.source).name[:8] for row in found.rank_table.itertuples()}
    assert names == {0: "rank0000", 1: "rank0001", 3: "rank0009"}
    assert "rank0009.pt.trace.json.gz (rank 1, as rank0001.pt.trace.json.gz) is called 3" in (
        codes(found)["duplicate-rank"].message
    )
    assert "rank 2" in codes(found)["missing-ranks"].message


@pytest.mark.parametrize("moment", ["parts", "meta", "check"])
def test_two_workers_that_write_one_rank_leave_all_parts_of_it(
    moment: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Executors give the rank of a worker that seems dead to another one, while it goes on writing."""
    source = str(folder / "rank0001.pt.trace.json.gz")
    done: list[str] = []

    def meanwhile(name: str) -> None:
        """Once, before the first worker does this, the other one writes all."""
        plain = getattr(dataset, name)

        def with_other(*arguments: Any) -> Any:
            if not done:
                done.append(name)
                run_rank(source, [], "store", False)
            return plain(*arguments)

        monkeypatch.setattr(dataset, name, with_other)

    meanwhile({"parts": "_tree", "meta": "sealed", "check": "are_there"}[moment])
    run_rank(source, [], "store", False)
    assert done
    again = Here()
    found = xb.load(source, executor=again, store="store")
    assert again.ran == []
    assert len(found.detail(1)) == len(xb.load(source, cache=False))


@pytest.mark.parametrize("world", [None, 1, 2])
def test_a_second_trace_of_a_rank_is_nobodys_partner(world: int | None, tmp_path: Path) -> None:
    """Traces that do not say how many ranks there are, too: separate runs all say rank 0, or nothing."""
    for number, (rank, dur) in enumerate([(0, 100), (0, 7), (1, 120)]):
        kernel = {"ph": "X", "cat": "kernel", "name": "ncclDevKernel_AllReduce_Sum_f32", "pid": 0, "tid": 7}
        info = {"rank": rank, **({} if world is None else {"world_size": world})}
        launch = {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 1, "tid": 1, "ts": 1, "dur": 2}
        events = [{**event, "args": {"correlation": 1}} for event in (launch, {**kernel, "ts": 10, "dur": dur})]
        document = {"distributedInfo": info, "traceEvents": events}
        (tmp_path / f"{number}.json").write_text(json.dumps(document))
    found = xb.load(tmp_path, cache=False)
    assert "No collective of these is matched" in codes(found)["duplicate-rank"].message
    assert found.rank_table["wait_ns"].tolist() == [0, 20_000, -1]
    assert found.rank_table["partial_calls"].tolist() == [0, 0, 0]


def test_processes_read_into_a_store(folder: Path) -> None:
    WORKERS.end()
    try:
        found = xb.load(folder, store="store", processes=2, cache=False)
        assert WORKERS.is_warm, "processes= was not heeded"
    finally:
        WORKERS.end()
    assert found.totals == xb.load(folder, store="other", processes=1).totals
    assert found.detail(2).ranks == (2,)
    (folder / "rank0001.pt.trace.json.gz").write_bytes(b"no trace")
    part = xb.load(folder, store="part", processes=2, cache=False)
    assert part.ranks == (0, 2)
    assert "rank0001" in codes(part)["unreadable-file"].message
    WORKERS.end()
