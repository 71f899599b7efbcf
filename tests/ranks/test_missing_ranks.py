"""Ranks that are missing: survivors are not blamed, and nothing that only the missing ones know is told as a fact."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from xpubreak.samples.cluster import ClusterTraces, synthesize_cluster
from xpubreak.trace.kineto import from_dicts

RANKS, GONE = 3, 1
WAYS = ("plain", "executor", "store")


def load(folder: Path, way: str, store: Path) -> xb.Breakdown:
    if way == "plain":
        return xb.load(folder, processes=1)
    if way == "store":
        return xb.load(folder, store=store)
    with ThreadPoolExecutor(2) as pool:
        return xb.load(folder, executor=pool)


def made(*, lists_groups: bool = True, **options: Any) -> ClusterTraces:
    found = synthesize_cluster(ranks=RANKS * options.get("groups", 1), straggler=GONE, steps=2, layers=2, **options)
    for document in found.documents:
        if not lists_groups:
            del document["distributedInfo"]["pg_config"]
    return found


def codes(bd: xb.Breakdown) -> dict[str, xb.Issue]:
    return {issue.code: issue for issue in bd.issues}


@pytest.mark.parametrize("lists_groups", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_without_the_straggler_waiting_is_unknown(way: str, lists_groups: bool, tmp_path: Path) -> None:
    cluster = made(lists_groups=lists_groups)
    paths = cluster.save(tmp_path / "run")
    whole = load(tmp_path / "run", way, tmp_path / "whole")
    assert tuple(whole.rank_table["wait_ns"]) == cluster.truth.wait_ns
    assert set(whole.rank_table["partial_calls"]) == {0}
    assert "partial-collectives" not in codes(whole)
    paths[GONE].write_bytes(b"")
    found = load(tmp_path / "run", way, tmp_path / "part")
    table = found.rank_table
    assert table["rank"].tolist() == [0, 2]
    for column in ("wait_ns", "transfer_ns", "last_calls"):
        assert set(table[column]) == {-1}, column
    assert set(table["calls"]) == {0}
    assert set(table["partial_calls"]) == {cluster.truth.calls}
    issue = codes(found)["partial-collectives"]
    assert (issue.severity, issue.count) == ("warning", 2 * cluster.truth.calls)
    assert f"{2 * cluster.truth.calls} collective operations" in issue.message
    assert not [item for item in found.findings if item.key == "collective-wait"]


def test_calls_are_still_matched_where_events_are(tmp_path: Path) -> None:
    cluster = made()
    cluster.save(tmp_path)[GONE].unlink()
    bd = xb.load(tmp_path)
    table = bd.collectives
    assert len(table) == cluster.truth.calls
    assert set(table["ranks"]) == {2}
    for column in ("transfer_ns", "wait_ns", "longest_wait_ns", "last_rank"):
        assert set(table[column]) == {-1}, column
    assert bd.rank_table["clock_offset_ns"].notna().all(), "the ends of calls tell it without the missing rank"


@pytest.mark.parametrize("way", WAYS)
def test_groups_that_are_whole_keep_their_numbers(way: str, tmp_path: Path) -> None:
    cluster = made(groups=2)
    cluster.save(tmp_path / "run")[GONE].unlink()
    table = load(tmp_path / "run", way, tmp_path / "store").rank_table.set_index("rank")
    for rank in (3, 4, 5):
        assert table.loc[rank, "wait_ns"] == cluster.truth.wait_ns[rank]
        assert table.loc[rank, "last_calls"] == cluster.truth.last_calls[rank]
        assert table.loc[rank, "partial_calls"] == 0
    assert set(table.loc[[0, 2], "wait_ns"]) == {-1}


def test_a_rank_beyond_the_world_is_nobodys_partner(tmp_path: Path) -> None:
    """It was given its number here, as another trace of the same rank came before."""
    cluster = made(lists_groups=False)
    paths = cluster.save(tmp_path)
    (tmp_path / "rank0009.pt.trace.json.gz").write_bytes(paths[0].read_bytes())
    table = xb.load(tmp_path).rank_table.set_index("rank")
    assert tuple(table.loc[[0, 1, 2], "wait_ns"]) == cluster.truth.wait_ns
    assert table.loc[RANKS, "wait_ns"] == -1


def test_a_world_of_more_ranks_than_anybody_has_is_counted_as_it_says() -> None:
    events = [{"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 1, "tid": 1, "ts": 1, "dur": 2}]
    issue = codes(xb.load(from_dicts(events, distributedInfo={"rank": 3, "world_size": 1_000_000})))["missing-ranks"]
    assert issue.message.startswith("1 of 1000000 ranks: rank 0, 1, 2, 4, 5, 6, 7, 8 … was not given")
    assert issue.count == 999_999
