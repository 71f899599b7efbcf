"""Collectives of several ranks, drawn: who waited, for how long, and for whom."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import xpubreak as xb
from tests.drawing import draw
from xpubreak.breakdown.collectives import match_collectives
from xpubreak.trace.kineto import from_dicts
from xpubreak.trace.trace import Trace

FIRST = """
    k = oneccl_allreduce_pcie
    host 1  | [execute_context_0(0)_generation_4(4)]--------------------------------
            |   c10d::allreduce_---            c10d::allreduce_---
            |     !urEnqueueKernelLaunch#1       !urEnqueueKernelLaunch#2
    queue 0 |                             k#1=======               k#2===
"""
SECOND = """
    k = oneccl_allreduce_pcie
    host 1  | [execute_context_0(0)_generation_4(4)]--------------------------------
            |   c10d::allreduce_---            c10d::allreduce_---
            |     !urEnqueueKernelLaunch#1       !urEnqueueKernelLaunch#2
    queue 9 |                                k#1====             k#2=====
"""


def ranks(*pictures: str, groups: dict[int, list[list[int]]] | None = None) -> list[Trace]:
    found = []
    for rank, picture in enumerate(pictures):
        info: dict[str, Any] = {"rank": rank, "world_size": len(pictures)}
        listed = (groups or {}).get(rank)
        if listed is not None:
            info["pg_config"] = [{"pg_name": str(i), "ranks": item} for i, item in enumerate(listed)]
        found.append(from_dicts(draw(picture), distributedInfo=info))
    return found


def us(values: np.ndarray) -> list[int]:
    return [int(value) // 1000 if value >= 0 else int(value) for value in values.tolist()]


def test_the_shortest_is_the_transfer_and_the_rest_is_waiting() -> None:
    bd = xb.load(ranks(FIRST, SECOND))
    found = match_collectives(bd.tables)
    assert found.rank.tolist() == [0, 0, 1, 1]
    assert found.call.tolist() == [0, 1, 0, 1]
    assert us(found.dur_ns) == [10, 6, 7, 8]
    assert us(found.transfer_ns) == [7, 6, 7, 6]
    assert us(found.wait_ns) == [3, 0, 0, 2]
    assert found.last_rank.tolist() == [1, 0]


def test_ranks_that_disagree_about_a_step_match_nothing_in_it() -> None:
    once = SECOND.replace(" k#2=====", "").replace("!urEnqueueKernelLaunch#2", "").rstrip() + "\n"
    bd = xb.load(ranks(FIRST, once))
    found = match_collectives(bd.tables)
    assert found.call.tolist() == [-1, -1, -1]
    assert us(found.wait_ns) == [-1, -1, -1]


def test_ranks_of_different_groups_are_no_partners() -> None:
    pairs = {0: [[0, 1]], 1: [[0, 1]], 2: [[2, 3]], 3: [[2, 3]]}
    bd = xb.load(ranks(FIRST, SECOND, SECOND, FIRST, groups=pairs))
    found = match_collectives(bd.tables)
    assert found.call_count == 4
    calls = {rank: set(found.call[found.rank == rank].tolist()) for rank in range(4)}
    assert calls[0] == calls[1]
    assert calls[2] == calls[3]
    assert not calls[0] & calls[2]


def test_who_is_in_several_groups_is_named_not_guessed() -> None:
    both = {rank: [[0, 1, 2, 3], [0, 1] if rank < 2 else [2, 3]] for rank in range(4)}
    found = match_collectives(xb.load(ranks(FIRST, SECOND, SECOND, FIRST, groups=both)).tables)
    assert found.unsettled_ranks == (0, 1, 2, 3)
    assert found.call_count == 0


def test_a_selection_changes_no_number() -> None:
    bd = xb.load(ranks(FIRST, SECOND))
    whole = match_collectives(bd.tables)
    part = match_collectives(bd.tables, bd.select(rank=0).row_numbers)
    assert part.wait_ns.tolist() == whole.wait_ns[whole.rank == 0].tolist()


@pytest.mark.parametrize("count", [1, 3])
def test_one_rank_or_no_collective_matches_nothing(count: int) -> None:
    found = match_collectives(xb.load(ranks(FIRST)).tables)
    assert found.call_count == 0
    nothing = "host 1 | aten::mm---"
    assert len(match_collectives(xb.load(ranks(*[nothing] * count)).tables)) == 0
