"""Collectives whose traces record group, ranks and number, drawn: partners are found where positions would mislead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xpubreak as xb
from tests.drawing import draw
from xpubreak.breakdown.collectives import match_collectives
from xpubreak.breakdown.processgroups import MatchedBy
from xpubreak.trace.lookup import WINDOW_BYTES, entries_at

#                 10µs      20        30        40        50
FIRST = """
    k = oneccl_allreduce_pcie
    host 1  | [execute_context_0(0)_generation_4(4)]---------
            |   !urEnqueueKernelLaunch#1
            |                              !urEnqueueKernelLaunch#2
    queue 0 |                       k#1=======
            |                                              k#2===
"""
SECOND = """
    k = oneccl_allreduce_pcie
    host 1  | [execute_context_0(0)_generation_4(4)]---------
            |   !urEnqueueKernelLaunch#1
            |                              !urEnqueueKernelLaunch#2
    queue 0 |                       k#1====
            |                                              k#2=====
"""
PAIR = {"Process Group Name": "3", "Process Group Ranks": "[0, 1]", "Collective name": "allreduce"}


def load(
    tmp_path: Path,
    *ranks: tuple[str, list[dict[str, Any] | None]],
    category: str = "kernel",
    groups: list[list[int]] | None = None,
    executor_store: Path | None = None,
    left_out: int | None = None,
) -> xb.Breakdown:
    """Write a trace file for each picture; its kernels get args, in order."""
    paths = []
    for rank, (picture, args) in enumerate(ranks):
        events = draw(picture)
        kernels = [event for event in events if event["cat"] == "kernel"]
        for number, (kernel, recorded) in enumerate(zip(kernels, args, strict=True)):
            if recorded is None:
                continue
            if category == "kernel":
                kernel["args"].update(recorded)
                continue
            # What an operator is told is the kernels' by their common external id.
            kernel["args"]["External id"] = 100 + number
            events.append(
                {
                    "ph": "X", "cat": "cpu_op", "name": "record_param_comms", "pid": 1, "tid": 1,
                    "ts": kernel["ts"] - 25, "dur": 2, "args": {"External id": 100 + number, **recorded},
                }
            )  # fmt: skip
        info: dict[str, Any] = {"rank": rank, "world_size": len(ranks)}
        if groups:
            info["pg_config"] = [{"pg_name": str(at), "ranks": item} for at, item in enumerate(groups) if rank in item]
        path = tmp_path / f"rank{rank}.json"
        path.write_text(json.dumps({"distributedInfo": info, "traceEvents": events}))
        paths.append(path)
    if left_out is not None:
        del paths[left_out]
    return xb.load(paths, cache=False, store=executor_store)


def numbered(*sequence: int) -> list[dict[str, Any] | None]:
    return [{**PAIR, "Seq": number} for number in sequence]


@pytest.mark.parametrize("category", ["kernel", "operator"])
def test_each_rank_missed_another_call_and_only_the_common_one_is_matched(tmp_path: Path, category: str) -> None:
    bd = load(tmp_path, (FIRST, numbered(7, 8)), (SECOND, numbered(8, 9)), category=category)
    found = match_collectives(bd.tables)
    assert found.rank.tolist() == [0, 0, 1, 1]
    assert found.call.tolist() == [-1, 0, 0, -1]
    assert (found.wait_ns // 1000).tolist() == [-1, 0, 1, -1]
    assert found.way.tolist() == [MatchedBy.NOTHING, MatchedBy.SEQUENCE, MatchedBy.SEQUENCE, MatchedBy.NOTHING]
    assert bd.collectives["matched_by"].tolist() == ["sequence"]


def test_by_position_they_would_be_matched_wrongly(tmp_path: Path) -> None:
    bd = load(tmp_path, (FIRST, [None, None]), (SECOND, [None, None]))
    assert match_collectives(bd.tables).call.tolist() == [0, 1, 0, 1]
    assert bd.collectives["matched_by"].tolist() == ["position", "position"]


def test_without_numbers_the_group_operation_and_size_tell(tmp_path: Path) -> None:
    small, large = {**PAIR, "In msg nelems": 8}, {**PAIR, "In msg nelems": 4096}
    bd = load(tmp_path, (FIRST, [small, large]), (SECOND, [large, small]))
    found = match_collectives(bd.tables)
    first, second = found.call[:2].tolist()
    assert first != second
    assert found.call[2:].tolist() == [second, first]
    assert set(bd.collectives["matched_by"]) == {"group"}
    uneven = load(tmp_path, (FIRST, [small, small]), (SECOND, [small, large]))
    assert match_collectives(uneven.tables).call.tolist() == [-1, -1, -1, -1]


def test_a_number_that_stands_for_two_operations_is_no_match(tmp_path: Path) -> None:
    other = {**PAIR, "Seq": 8, "Collective name": "broadcast"}
    bd = load(tmp_path, (FIRST, numbered(7, 8)), (SECOND, [*numbered(7), other]))
    assert match_collectives(bd.tables).call.tolist() == [0, -1, 0, -1]


def test_a_rank_that_records_nothing_leaves_positions(tmp_path: Path) -> None:
    bd = load(tmp_path, (FIRST, numbered(7, 8)), (SECOND, [None, None]))
    assert bd.collectives["matched_by"].tolist() == ["position", "position"]


def test_recorded_groups_settle_who_is_in_several(tmp_path: Path) -> None:
    everyone = {**PAIR, "Process Group Name": "0", "Process Group Ranks": "[0, 1, 2, 3]", "Seq": 1}
    pairs = [{**PAIR, "Seq": 1}, {**PAIR, "Process Group Name": "4", "Process Group Ranks": "[2, 3]", "Seq": 1}]
    ranks = [(FIRST, [pairs[rank // 2], everyone]) for rank in range(4)]
    bd = load(tmp_path, *ranks, groups=[[0, 1, 2, 3], [0, 1], [2, 3]])
    found = match_collectives(bd.tables)
    assert found.unsettled_ranks == ()
    assert sorted(bd.collectives["ranks"]) == [2, 2, 4]
    assert not [issue for issue in bd.issues if issue.code == "unsettled-groups"]


def test_lists_of_ranks_that_kineto_cut_off_are_completed_from_the_head_of_the_trace(tmp_path: Path) -> None:
    cut = {**PAIR, "Process Group Name": "0", "Process Group Ranks": "[0, ...]"}
    bd = load(tmp_path, *[(FIRST, [{**cut, "Seq": 1}, {**cut, "Seq": 2}])] * 2, groups=[[0, 1]])
    assert bd.collectives["matched_by"].tolist() == ["sequence", "sequence"]


@pytest.mark.parametrize(
    "odd",
    [
        {"Process Group Ranks": "[0, 5]"},
        {"Process Group Ranks": "[" * 9},
        {"Process Group Ranks": "[0]"},
        {"Process Group Ranks": [0, "1"]},
        {"Process Group Name": 3},
        {"Collective name": None},
        {"Collective name": "send"},
    ],
)
def test_records_that_make_no_sense_leave_positions(tmp_path: Path, odd: dict[str, Any]) -> None:
    args = [{**PAIR, "Seq": 7, **odd}, {**PAIR, "Seq": 8, **odd}]
    bd = load(tmp_path, (FIRST, args), (SECOND, args))
    assert bd.collectives["matched_by"].tolist() == ["position", "position"]


@pytest.mark.parametrize("odd", [-1, "7", 7.5, True, 1 << 80])
def test_a_number_that_is_none_leaves_the_group(tmp_path: Path, odd: Any) -> None:
    args = [{**PAIR, "Seq": odd}] * 2
    assert set(load(tmp_path, (FIRST, args), (SECOND, args)).collectives["matched_by"]) == {"group"}


def test_what_is_recorded_outlives_the_trace(tmp_path: Path) -> None:
    bd = load(tmp_path, (FIRST, numbered(7, 8)), (SECOND, numbered(8, 9)))
    again = xb.open(bd.save(tmp_path / "saved.xpb"))
    assert again.collectives.equals(bd.collectives)


def test_facts_of_workers_are_matched_alike(tmp_path: Path) -> None:
    store = tmp_path / "store"
    bd = load(tmp_path, (FIRST, numbered(7, 8)), (SECOND, numbered(8, 9)), executor_store=store)
    assert bd.rank_table["calls"].tolist() == [1, 1]
    assert bd.rank_table["wait_ns"].tolist() == [0, 1000]
    assert bd.detail(0, 1).collectives["matched_by"].tolist() == ["sequence"]


def test_real_ranks_are_matched_by_their_recorded_group() -> None:
    names = ("h100-vllm-tp2-rank0", "h100-vllm-tp2-rank1")
    bd = xb.load([xb.samples.path(name) for name in names], cache=False)
    found = match_collectives(bd.tables)
    gathers = np.isin(found.row, np.flatnonzero(bd.tables.rows.collective >= 0))
    assert gathers.sum() == 18  # nine all-gathers of logits on either rank; nothing is recorded of all-reduces
    assert (found.way[gathers] == MatchedBy.GROUP).all()
    assert set(found.way[~gathers].tolist()) <= {MatchedBy.NOTHING, MatchedBy.POSITION}


def test_events_are_found_by_their_places_however_the_file_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [{"name": "x" * length} for length in (1, 9000, 3, WINDOW_BYTES, 2)]
    text, places = b"[", []
    for entry in entries:
        places.append(len(text))
        text += json.dumps(entry).encode() + b","
    path = tmp_path / "some.json"
    path.write_bytes(text)
    for chunk_bytes in (1, 100, 20_000, 1 << 22):
        monkeypatch.setattr("xpubreak.trace.source.CHUNK_BYTES", chunk_bytes)
        found = list(entries_at(path, [*places, len(text) + 10**6]))
        assert found == [*entries[:3], {}, entries[4], {}]


def test_recorded_members_that_are_missing_leave_waits_unknown(tmp_path: Path) -> None:
    three = {**PAIR, "Process Group Ranks": "[0, 1, 2]"}
    args: list[dict[str, Any] | None] = [{**three, "Seq": 7}, {**PAIR, "Process Group Name": "4", "Seq": 1}]
    ranks = ((FIRST, args), (SECOND, args), (FIRST, [args[0], None]))
    bd, part = load(tmp_path, *ranks), load(tmp_path, *ranks, left_out=2)
    assert bd.collectives["transfer_ns"].tolist() == [7000, 6000]
    assert part.collectives["transfer_ns"].tolist() == [-1, 6000]
    assert part.collectives["matched_by"].tolist() == ["sequence", "sequence"]
    assert part.rank_table[["calls", "partial_calls"]].to_numpy().tolist() == [[1, 1], [1, 1]]
    without_first = load(tmp_path, *ranks, left_out=0)
    assert without_first.rank_table["partial_calls"].tolist() == [2, 2]
    assert without_first.collectives["matched_by"].tolist() == ["sequence"], "of the pair one rank alone is here"
