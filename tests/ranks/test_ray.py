"""Ranks read by a real Ray on this machine: the same sums, killed workers, an interrupt. Skipped where Ray is not."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import xpubreak as xb
from tests.ranks.here import Here
from tests.ranks.pipe import BOUND_S, Pipe
from tests.ranks.test_executors import assert_same_sums, codes
from xpubreak.breakdown import cluster
from xpubreak.breakdown.reduction import Reduction
from xpubreak.breakdown.rows import Tables
from xpubreak.samples import synthesize

ray = pytest.importorskip("ray", reason="Ray is not installed; pip install ray, then run this")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="who reads a pipe is looked up in /proc"),
]

RANKS = 4
LAST = f"rank{RANKS - 1}.json.gz"


@pytest.fixture(scope="module", autouse=True)
def local_ray() -> Iterator[None]:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error", address="local")
    yield
    ray.shutdown()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "traces"
    found.mkdir()
    for rank in range(RANKS):
        synthesize(tp=RANKS, rank=rank, layers=2, decode_steps=2).save(found / f"rank{rank}.json.gz")
    return found


@pytest.fixture
def plain(folder: Path) -> xb.Breakdown:
    return xb.load(folder, processes=1)


def alongside(work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def paths(folder: Path) -> list[Path]:
    """All ranks by name: a pipe in a folder is no trace."""
    return [folder / f"rank{rank}.json.gz" for rank in range(RANKS)]


def test_the_sums_are_those_of_a_plain_load(folder: Path, plain: xb.Breakdown, tmp_path: Path) -> None:
    (folder / "rank9.json.gz").write_text("no trace")
    found = xb.load(folder, executor=xb.executors.ray(num_cpus=1), store=tmp_path / "store")
    assert "rank9" in codes(found)["unreadable-file"].message
    assert_same_sums(found, plain)
    pd.testing.assert_frame_equal(found.detail(1).kernels, plain.select(rank=1).kernels)


def test_a_killed_worker_is_named_and_a_rerun_reads_its_rank(folder: Path, plain: xb.Breakdown, tmp_path: Path) -> None:
    kept = (folder / LAST).read_bytes()
    (folder / LAST).unlink()
    with Pipe(folder / LAST) as pipe:
        killer = alongside(lambda: os.kill(pipe.wait_for_reader(), signal.SIGKILL))
        executor = xb.executors.ray(num_cpus=1, max_retries=0)
        found = xb.load(paths(folder), executor=executor, store=tmp_path / "store")
        killer.join()
    assert found.ranks == tuple(range(RANKS - 1))
    assert LAST in codes(found)["failed-rank"].message
    assert found.totals == plain.select(rank=list(found.ranks)).totals
    (folder / LAST).unlink()
    (folder / LAST).write_bytes(kept)
    rest = Here()
    assert xb.load(paths(folder), executor=rest, store=tmp_path / "store").totals == plain.totals
    assert rest.ran == [LAST]


def test_by_default_the_rank_of_a_killed_worker_is_read_by_another(folder: Path, plain: xb.Breakdown) -> None:
    kept = (folder / LAST).read_bytes()
    (folder / LAST).unlink()
    with Pipe(folder / LAST) as pipe:

        def kill() -> None:
            pid = pipe.wait_for_reader()
            (folder / LAST).unlink()
            (folder / LAST).write_bytes(kept)
            os.kill(pid, signal.SIGKILL)

        killer = alongside(kill)
        found = xb.load(paths(folder), executor=xb.executors.ray())
        killer.join()
    assert_same_sums(found, plain)


def test_an_interrupt_cancels_what_is_read_and_what_has_not_begun(
    folder: Path, plain: xb.Breakdown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_taken = threading.Event()

    class Told(Reduction):
        def add(self, part: Tables) -> None:
            super().add(part)
            is_taken.set()

    monkeypatch.setattr(cluster, "Reduction", Told)
    second, store = folder / "rank1.json.gz", tmp_path / "store"
    kept = second.read_bytes()
    second.unlink()
    with Pipe(second) as pipe:

        def interrupt() -> None:
            pipe.wait_for_reader()
            if is_taken.wait(BOUND_S):
                os.kill(os.getpid(), signal.SIGINT)

        sender = alongside(interrupt)
        one_at_a_time = xb.executors.ray(num_cpus=2)
        found = xb.load(paths(folder), executor=one_at_a_time, store=store)
        sender.join()
        assert found.ranks == (0,)
        assert f"{RANKS - 1} of {RANKS} ranks are missing" in codes(found)["interrupted"].message
        pipe.give(kept)  # the worker goes on, to find that it was cancelled
        pipe.wait_for_none()
    time.sleep(1)
    assert [path.name for path in (store / "meta").iterdir()] == ["rank=0.json"]
    second.unlink()
    second.write_bytes(kept)
    assert_same_sums(xb.load(paths(folder), executor=xb.executors.ray(), store=store), plain)


def fails() -> float:
    return 1 / 0


def test_what_failed_raises_what_the_worker_raised() -> None:
    executor = xb.executors.ray()
    with pytest.raises(ZeroDivisionError):
        executor.submit(fails).result()
