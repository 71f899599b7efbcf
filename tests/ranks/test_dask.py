"""Ranks read by a real Dask cluster on this machine, one of whose workers is killed while it reads."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import xpubreak as xb
from xpubreak.samples.cluster import ClusterTraces, synthesize_cluster

distributed = pytest.importorskip("distributed")

RANKS = 8
BOUND_S = 120
"""Generous: on a quiet machine it takes some seconds."""


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def made() -> ClusterTraces:
    return synthesize_cluster(ranks=RANKS, steps=60, layers=24, straggler=2)


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_nothing(client: Any, made: ClusterTraces, tmp_path: Path) -> None:
    traces, store = tmp_path / "traces", tmp_path / "store"
    made.save(traces)
    killed: list[int] = []

    def kill_one_at_work() -> None:
        pids = client.run(os.getpid)
        until = time.monotonic() + BOUND_S
        while time.monotonic() < until:
            at_work = {address for address, keys in client.processing().items() if keys}
            if at_work and any((store / "meta").glob("*.json")):
                address = min(at_work)
                os.kill(pids[address], signal.SIGKILL)
                killed.append(pids[address])
                return
            time.sleep(0.01)

    killer = threading.Thread(target=kill_one_at_work)
    killer.start()
    began = time.monotonic()
    found = xb.load(traces, executor=client, store=store)
    killer.join()
    assert killed, "nobody was killed: the test shows nothing"
    assert time.monotonic() - began < BOUND_S
    plain = xb.load(traces, processes=1)
    assert found.ranks == tuple(range(RANKS))
    assert found.totals == plain.totals
    for dimensions in (("backend",), ("layer", "rank"), ("kernel", "phase", "step")):
        one, other = (bd.by(*dimensions).sort_values(list(dimensions)) for bd in (found, plain))
        pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True))
    assert tuple(found.rank_table["wait_ns"]) == made.truth.wait_ns
    pd.testing.assert_frame_equal(found.detail(1).kernels, plain.select(rank=1).kernels)
    assert all(len(list(folder.iterdir())) == 1 for folder in (store / "device").iterdir())
    assert not [issue for issue in found.issues if issue.code == "failed-rank"]


@pytest.mark.slow
def test_a_rank_that_fails_on_a_worker_is_named(client: Any, made: ClusterTraces, tmp_path: Path) -> None:
    paths = made.save(tmp_path)
    paths[3].write_text("no trace")
    found = xb.load(tmp_path, executor=client)
    assert found.ranks == (0, 1, 2, *range(4, RANKS))
    codes = {issue.code: issue for issue in found.issues}
    assert "rank0003" in codes["unreadable-file"].message
    assert "rank 3" in codes["missing-ranks"].message
