"""The same sums, to the nanosecond, whoever reads the ranks; what fails is named, what is there is not read again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.dataset as ds
import pytest

import xpubreak as xb
from tests.ranks.here import Here
from xpubreak.breakdown import dataset, rankjob
from xpubreak.samples import synthesize

RANKS = 4
VIEWS = (
    ("backend",),
    ("layer", "backend"),
    ("rank", "op"),
    ("kernel", "phase", "step"),
    ("name", "link", "stream", "module", "confidence", "position", "category"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("ranks")
    for rank in range(RANKS):
        synthesize(tp=RANKS, rank=rank, layers=2, decode_steps=2).save(found / f"rank{rank}.json.gz")
    return found


@pytest.fixture(scope="module")
def plain(folder: Path) -> xb.Breakdown:
    return xb.load(folder, processes=1)


def assert_same_sums(found: xb.Breakdown, plain: xb.Breakdown) -> None:
    assert found.totals == plain.totals
    assert found.coverage == plain.coverage
    for dimensions in VIEWS:
        one, other = (_sorted(bd.by(*dimensions), dimensions) for bd in (found, plain))
        pd.testing.assert_frame_equal(one, other)
    clocks = ["clock_offset_ns"]  # needs the ends of single events
    pd.testing.assert_frame_equal(found.rank_table.drop(columns=clocks), plain.rank_table.drop(columns=clocks))
    pd.testing.assert_frame_equal(found.steps, plain.steps)
    assert int(found.facts.device_ns.sum()) == int(plain.facts.device_ns.sum())


def _sorted(frame: pd.DataFrame, dimensions: tuple[str, ...]) -> pd.DataFrame:
    return frame.sort_values(list(dimensions)).reset_index(drop=True)


def codes(bd: xb.Breakdown) -> dict[str, xb.Issue]:
    return {issue.code: issue for issue in bd.issues}


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_pools_give_the_sums_of_a_plain_load(kind: str, folder: Path, plain: xb.Breakdown) -> None:
    pool = ThreadPoolExecutor(2) if kind == "threads" else ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    with pool:
        found = xb.load(folder, executor=pool)
    assert_same_sums(found, plain)
    assert "folded" in codes(found), "a banner says what is not there"


def test_a_store_has_every_event_and_other_tools_read_it(folder: Path, plain: xb.Breakdown, tmp_path: Path) -> None:
    found = xb.load(folder, store=tmp_path / "store")
    assert_same_sums(found, plain)
    for rank in (1, 3):
        one, other = found.detail(rank), plain.select(rank=rank)
        pd.testing.assert_frame_equal(one.kernels, other.kernels)
        pd.testing.assert_frame_equal(one.ops, other.ops)
    part = found.select(text="/[a-z]+.*mm/")
    again = xb.open(part.save(tmp_path / "part.xpb", redact=False))
    assert len(part.detail(1)) and again.detail(1).row_numbers.tolist() == part.detail(1).row_numbers.tolist()
    device = ds.dataset(tmp_path / "store" / "device", partitioning="hive").to_table(["rank", "backend", "device_ns"])
    sums = device.group_by(["rank", "backend"]).aggregate([("device_ns", "sum")]).to_pandas()
    assert int(sums["device_ns_sum"].sum()) == plain.totals.device_ns
    assert set(sums["rank"]) == set(range(RANKS))


def test_what_needs_single_events_says_so(folder: Path, tmp_path: Path) -> None:
    without, with_store = xb.load(folder, executor=Here()), xb.load(folder, store=tmp_path)
    for bd, hint in ((without, "store="), (with_store, r"detail\(rank\)")):
        for ask in (lambda bd=bd: bd.kernels, lambda bd=bd: bd.timeline, lambda bd=bd: bd.collectives):
            with pytest.raises(xb.DetailError, match=hint):
                ask()
        with pytest.raises(xb.SelectionError, match="added up"):
            bd.select(duration_ns=(0, 1000))
    with pytest.raises(xb.DetailError, match="store="):
        without.detail(0)
    with pytest.raises(xb.DetailError, match="Rank 77"):
        with_store.detail(77)


def test_part_of_a_rank_has_no_busy_time_rather_than_a_wrong_one(folder: Path, plain: xb.Breakdown) -> None:
    found = xb.load(folder, executor=Here())
    one = found.select(rank=2).totals
    assert (one.busy_ns, one.device_ns) == (plain.select(rank=2).totals.busy_ns, plain.select(rank=2).totals.device_ns)
    part = found.select(backend="torch")
    assert part.totals.busy_ns == -1
    assert part.totals.device_ns == plain.select(backend="torch").totals.device_ns
    assert "busy –" in part.report()


def test_a_rerun_reads_only_what_is_missing_or_changed(folder: Path, plain: xb.Breakdown, tmp_path: Path) -> None:
    copies, store = tmp_path / "traces", tmp_path / "store"
    copies.mkdir()
    for rank in range(RANKS - 1):
        (copies / f"rank{rank}.json.gz").write_bytes((folder / f"rank{rank}.json.gz").read_bytes())
    first = Here()
    xb.load(copies, executor=first, store=store)
    assert len(first.ran) == RANKS - 1
    last = f"rank{RANKS - 1}.json.gz"
    (copies / last).write_bytes((folder / last).read_bytes())
    os.utime(copies / "rank1.json.gz", ns=(1, 1))
    second = Here()
    found = xb.load(copies, executor=second, store=store)
    assert sorted(second.ran) == ["rank1.json.gz", last]
    assert found.totals == plain.totals
    third = Here()
    assert xb.load(copies, executor=third, store=store).totals == plain.totals
    assert third.ran == []
    assert len(list((store / "device" / "rank=1").iterdir())) == 1, "what was written before is gone"


def test_other_rules_read_again(folder: Path, tmp_path: Path) -> None:
    xb.load(folder, store=tmp_path)
    xb.rules.add(name="mine", pattern="gemm_kernel", backend="triton")
    try:
        again = Here()
        found = xb.load(folder, executor=again, store=tmp_path)
        assert len(again.ran) == RANKS
        assert "mine" in {evidence.rule for evidence in found.evidences}
    finally:
        xb.rules.clear()


def test_another_release_reads_again(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it wrote may have another form, which this one refuses."""
    with monkeypatch.context() as before:
        before.setattr(dataset, "__version__", "0.0.0")
        xb.load(folder, store=tmp_path)
    again = Here()
    xb.load(folder, executor=again, store=tmp_path)
    assert len(again.ran) == RANKS


def test_half_a_rank_is_none(folder: Path, plain: xb.Breakdown, tmp_path: Path) -> None:
    """A worker that died before the marker was written leaves files that the next run replaces."""
    xb.load(folder, store=tmp_path)
    (tmp_path / "meta" / "rank=2.json").unlink()
    (tmp_path / "meta" / "rank=0.json").write_text("{")
    again = Here()
    assert xb.load(folder, executor=again, store=tmp_path).totals == plain.totals
    assert sorted(again.ran) == ["rank0.json.gz", "rank2.json.gz"]
    assert all(len(list(path.iterdir())) == 1 for path in (tmp_path / "device").iterdir())


def test_failed_ranks_are_named_and_the_rest_is_shown(folder: Path, plain: xb.Breakdown, tmp_path: Path) -> None:
    class Flaky(Here):
        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            if "rank1" in arguments[0]:
                future: Future[Any] = Future()
                future.set_exception(MemoryError("no more"))
                return future
            return super().submit(function, *arguments)

    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "rank9.json").write_text("no trace")
    found = xb.load([folder, tmp_path / "bad"], executor=Flaky())
    assert found.ranks == (0, 2, 3)
    assert "rank1" in codes(found)["failed-rank"].message
    assert "no more" in codes(found)["failed-rank"].example
    assert "rank9" in codes(found)["unreadable-file"].message
    assert "rank 1" in codes(found)["missing-ranks"].message
    assert found.totals.device_ns == plain.select(rank=[0, 2, 3]).totals.device_ns


def test_two_runs_in_one_load_are_told_apart_from_ranks(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "again.json.gz"
    copy.write_bytes((folder / "rank0.json.gz").read_bytes())
    found = xb.load([folder, copy], store=tmp_path / "store")
    assert found.ranks == (0, 1, 2, 3)
    assert "again.json.gz" in codes(found)["failed-rank"].message
    assert "Load again" not in codes(found)["failed-rank"].message


def test_an_interrupt_shows_what_is_there_and_a_rerun_goes_on(
    folder: Path, plain: xb.Breakdown, tmp_path: Path
) -> None:
    class Interrupted(Here):
        cancelled = 0

        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            if len(self.ran) < 2:
                return super().submit(function, *arguments)
            never: Future[Any] = Future()
            outer = self

            class Stuck:
                def done(self) -> bool:
                    if outer.ran.count("asked") > 3:
                        raise KeyboardInterrupt
                    outer.ran.append("asked")
                    return False

                def cancel(self) -> bool:
                    outer.cancelled += 1
                    return never.cancel()

            return Stuck()  # type: ignore[return-value]

    executor = Interrupted()
    found = xb.load(folder, executor=executor, store=tmp_path)
    assert len(found.ranks) == 2
    assert "2 of 4 ranks are missing" in codes(found)["interrupted"].message
    assert executor.cancelled == 2
    rest = Here()
    assert xb.load(folder, executor=rest, store=tmp_path).totals == plain.totals
    assert len(rest.ran) == 2


def test_nothing_to_read_and_no_executor_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(xb.XpubreakError, match="no submit"):
        xb.load(folder, executor=object())
    (tmp_path / "x.json").write_text("no trace")
    with pytest.raises(xb.NotATraceError):
        xb.load(tmp_path, executor=Here())


def test_facts_hold_no_code_and_are_checked(folder: Path) -> None:
    content = rankjob.run_rank(str(folder / "rank0.json.gz"), [], None)
    assert rankjob.unpacked(content).folded == ("events",)
    with pytest.raises(xb.NotATraceError):
        rankjob.unpacked(content[: len(content) // 2])
    assert content[:2] == b"PK", "Arrow and JSON in an archive"
    assert b"pickle" not in content


def test_a_saved_sum_is_a_sum(folder: Path, tmp_path: Path, plain: xb.Breakdown) -> None:
    found = xb.load(folder, store=tmp_path / "store")
    again = xb.open(found.save(tmp_path / "sums.xpb", redact=False))
    assert again.totals == plain.totals
    assert "folded" in codes(again)
    assert again.detail(1).totals.device_ns == plain.select(rank=1).totals.device_ns


def test_reading_waits_for_no_more_than_the_slowest(folder: Path) -> None:
    class Late(Here):
        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            future = super().submit(function, *arguments)
            when = time.monotonic() + 0.2
            future.done = lambda: time.monotonic() > when  # type: ignore[method-assign]
            return future

    assert len(xb.load(folder, executor=Late()).ranks) == RANKS
