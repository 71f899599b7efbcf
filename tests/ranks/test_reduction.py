"""The reduce: any order gives the same sums; too many rows fold steps, then ranks, and say so; no sum changes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import xpubreak as xb
from xpubreak.breakdown.fold import fold_events
from xpubreak.breakdown.rank import read_rank
from xpubreak.breakdown.reduction import Reduction
from xpubreak.breakdown.rows import Tables
from xpubreak.samples.cluster import ClusterTraces, synthesize_cluster

RANKS = 40


@pytest.fixture(scope="module")
def made() -> ClusterTraces:
    return synthesize_cluster(ranks=RANKS, steps=3, layers=2, straggler=17)


@pytest.fixture(scope="module")
def parts(made: ClusterTraces, tmp_path_factory: pytest.TempPathFactory) -> list[Tables]:
    paths = made.save(tmp_path_factory.mktemp("ranks"))
    return [fold_events(read_rank(str(path))) for path in paths]


@pytest.fixture(scope="module")
def whole(parts: list[Tables]) -> xb.Breakdown:
    return reduced(parts)


def reduced(parts: list[Tables], **options: int) -> xb.Breakdown:
    reduction = Reduction(**options)
    for part in parts:
        reduction.add(part)
    return xb.Breakdown(reduction.finish())


@pytest.mark.parametrize("seed", range(3))
def test_any_order_gives_the_same(parts: list[Tables], whole: xb.Breakdown, seed: int) -> None:
    shuffled = random.Random(seed).sample(parts, len(parts))
    found = reduced(shuffled)
    assert found.totals == whole.totals
    pd.testing.assert_frame_equal(found.rank_table, whole.rank_table)
    keys = ["rank", "step", "kernel", "op"]
    one, other = (bd.by(*keys).sort_values(keys).reset_index(drop=True) for bd in (found, whole))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(("max_rows", "folded"), [(700, ("events", "steps")), (200, ("events", "steps", "ranks"))])
def test_limits_fold_and_no_sum_changes(
    parts: list[Tables], whole: xb.Breakdown, made: ClusterTraces, max_rows: int, folded: tuple[str, ...]
) -> None:
    found = reduced(parts, max_rows=max_rows)
    assert found.tables.folded == folded
    assert len(found) < len(whole)
    assert found.totals == whole.totals
    for keys in (["backend"], ["layer", "phase", "kernel"], ["op", "category"]):
        one, other = (bd.by(*keys).sort_values(keys).reset_index(drop=True) for bd in (found, whole))
        pd.testing.assert_frame_equal(one, other)
    pd.testing.assert_frame_equal(found.rank_table, whole.rank_table)
    assert tuple(found.rank_table["wait_ns"]) == made.truth.wait_ns
    assert "folded" in {issue.code for issue in found.issues}


def test_ranks_that_stand_out_stay_apart(parts: list[Tables], whole: xb.Breakdown) -> None:
    found = reduced(parts, max_rows=200)
    by_rank = found.by("rank").set_index("rank")
    assert -1 in by_rank.index, "the others together"
    assert 17 in by_rank.index, "the straggler"
    assert len(by_rank) < RANKS / 2
    assert by_rank.loc[17, "device_ns"] == whole.by("rank").set_index("rank").loc[17, "device_ns"]
    assert int(by_rank["device_ns"].sum()) == whole.totals.device_ns


def test_one_rank_is_a_reduction_too(parts: list[Tables], tmp_path: Path) -> None:
    found = reduced(parts[:1])
    assert found.ranks == (0,)
    assert xb.open(found.save(tmp_path / "x.xpb", redact=False)).totals == found.totals


def test_a_rank_without_device_records_waits_as_where_events_are_kept(tmp_path: Path) -> None:
    """Its host hands a collective over in 5 µs: no rank took as short, and none waited for it."""
    for rank in range(3):
        events = []
        for number in range(3):
            ids = {"External id": number + 1}
            told: dict[str, Any] = {
                "Process Group Name": "0",
                "Process Group Ranks": "[0, 1, 2]",
                "Collective name": "allreduce",
            }
            told |= {"Seq": number}
            spans = [("cpu_op", "record_param_comms", 0, 5, told), ("cuda_runtime", "cudaLaunchKernel", 1, 2, {})]
            if rank != 1:
                spans.append(("kernel", "ncclDevKernel_AllReduce_Sum_f32", 10, 100 + rank, told))
            for category, name, start, length, args in spans:
                place = {"pid": 0, "tid": 7} if category == "kernel" else {"pid": 1, "tid": 1}
                linked = {} if category == "cpu_op" else {"correlation": number + 1}
                events.append(
                    {
                        "ph": "X", "cat": category, "name": name, "ts": 1000 * number + start, "dur": length,
                        "args": {**ids, **linked, **args}, **place,
                    }
                )  # fmt: skip
        info = {"rank": rank, "world_size": 3, "pg_config": [{"pg_name": "0", "ranks": [0, 1, 2]}]}
        (tmp_path / f"rank{rank}.json").write_text(json.dumps({"distributedInfo": info, "traceEvents": events}))
    single = xb.load(tmp_path, cache=False)
    added_up = xb.load(tmp_path, cache=False, store=tmp_path / "store")
    assert len(single.select(rank=1)), "its host is there"
    columns = [name for name in single.rank_table.columns if name != "clock_offset_ns"]
    pd.testing.assert_frame_equal(added_up.rank_table[columns], single.rank_table[columns])
    assert set(added_up.rank_table["wait_ns"]) == {-1}
