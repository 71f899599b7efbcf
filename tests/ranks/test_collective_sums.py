"""What many ranks waited, from compact columns: the same as matching all operations at once, and in few bytes."""

from __future__ import annotations

import random
import tracemalloc
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from xpubreak.breakdown import collectivesums
from xpubreak.breakdown.collectivesums import CollectiveSum, CollectiveSums
from xpubreak.breakdown.matching import match
from xpubreak.breakdown.operations import Operations
from xpubreak.breakdown.recorded import Recorded
from xpubreak.breakdown.run import Run
from xpubreak.trace.trace import Metadata

TYPES = {"rank": np.int32, "step": np.int32, "stream": np.int32, "recorded": np.int32}


def operations(rows: list[tuple[int, ...]]) -> Operations:
    names = [field.name for field in fields(Operations)]
    columns = np.array(rows, dtype=np.int64).reshape(-1, len(names)).T
    return Operations(
        **{name: column.astype(TYPES.get(name, np.int64)) for name, column in zip(names, columns, strict=True)}
    )


def run(rank: int, world: int, groups: list[list[int]]) -> Run:
    listed = [{"ranks": group} for group in groups]
    return Run(Metadata(rank=rank, world_size=world, extra={"distributedInfo": {"pg_config": listed}}))


def drawn(seed: int) -> tuple[list[Run], Operations, list[str]]:
    """Ranks that mostly do alike; some are missing, miss a call, record nothing, or are of other groups."""
    chance = random.Random(seed)
    world = chance.choice([2, 4, 8])
    size = chance.choice([size for size in (2, 4, 8) if size <= world])
    listing = chance.choice(["groups", "both", "none"])
    recording = chance.choice(["sequence", "group", "none", "mixed"])
    teams = [list(range(first, first + size)) for first in range(0, world, size)]
    texts = [Recorded(name, tuple(team), "allreduce", 8, "f").text for name in "ab" for team in teams]
    texts.append(Recorded("w", tuple(range(world)), "allreduce", 8, "f").text)
    runs, rows = [], []
    for rank in range(world):
        if chance.random() < 0.1:
            continue
        team = teams[rank // size]
        groups = {"groups": [team], "both": [team, list(range(world))], "none": []}[listing]
        runs.append(run(rank, chance.choice([1, world]), groups))
        records = recording if chance.random() < 0.9 else "none"
        for number in range(20):
            if chance.random() < 0.02:
                continue
            kind = 0 if records == "none" else (rank // size + number % 2 * len(teams), len(texts) - 1)[number % 3 == 0]
            is_numbered = records == "sequence" or (records == "mixed" and number % 2)
            stray = 1 if chance.random() < 0.01 else 0
            rows.append(
                (
                    rank, number // 5 + stray, 0, number % 3 - stray, -1 if records == "none" else kind,
                    number if is_numbered else -1, 100 * number, chance.choice([5, 7, 9, 1 << 33]),
                )
            )  # fmt: skip
    return runs, operations(rows), texts


def expected(runs: list[Run], found: Operations, texts: list[str]) -> dict[int, CollectiveSum]:
    matched = match(found, runs, [*texts, ""].__getitem__)
    sums = {item.metadata.rank: CollectiveSum() for item in runs}
    first: dict[int, int] = {}
    for rank, call, dur_ns, transfer_ns, is_partial in zip(
        found.rank.tolist(), matched.call.tolist(), found.dur_ns.tolist(), matched.transfer_ns.tolist(),
        matched.is_partial.tolist(), strict=True,
    ):  # fmt: skip
        mine = sums[rank]
        mine.partial_calls += is_partial
        if transfer_ns >= 0:
            mine.calls += 1
            mine.wait_ns += dur_ns - transfer_ns
            mine.transfer_ns += transfer_ns
            if dur_ns == transfer_ns:
                first[call] = min(rank, first.get(call, rank))
    for rank in first.values():
        sums[rank].last_calls += 1
    return sums


@pytest.mark.parametrize("at_a_time", [1, 50, 1 << 18])
def test_sums_are_those_of_all_operations_at_once(at_a_time: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collectivesums, "_AT_A_TIME", at_a_time)
    totals: dict[str, int] = dict.fromkeys(("calls", "partial_calls", "last_calls"), 0)
    for seed in range(60):
        runs, found, texts = drawn(seed)
        if not runs:
            continue
        sums = CollectiveSums()
        for rank in random.Random(seed).sample(range(8), 8):
            mine = found.rank == rank
            sums.add(Operations(**{field.name: getattr(found, field.name)[mine] for field in fields(Operations)}))
        told = sums.of_ranks(runs, [*texts, ""].__getitem__)
        assert told == expected(runs, found, texts), seed
        for name in totals:
            totals[name] += sum(getattr(item, name) for item in told.values())
    assert min(totals.values()) > 500, "something was matched, something was not"


def summed(ranks: int, count: int, *, alike: bool) -> tuple[CollectiveSums, dict[int, CollectiveSum], int]:
    """Sums of one group, and the most that matching held."""
    sums = CollectiveSums()
    number = np.arange(count)
    for rank in range(ranks):
        step = number // 32
        if not alike:
            step[rank] += 1
        columns: dict[str, Any] = {
            "rank": np.full(count, rank), "step": step, "stream": number * 0, "name": number * 0 + 3,
            "recorded": number * 0 - 1, "sequence": number * 0 - 1, "start_ns": number + rank, "dur_ns": number + rank,
        }  # fmt: skip
        sums.add(Operations(**columns))
    tracemalloc.start()
    try:
        told = sums.of_ranks([run(rank, ranks, []) for rank in range(ranks)], lambda _: "")
        return sums, told, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ranks_that_are_alike_take_four_bytes_an_operation() -> None:
    ranks, count = 200, 2000
    sums, told, peak_bytes = summed(ranks, count, alike=True)
    assert {item.calls for item in told.values()} == {count}
    assert told[0].last_calls == count
    assert told[ranks - 1].wait_ns == (ranks - 1) * count
    assert sums.stored_bytes < 4.5 * ranks * count
    assert peak_bytes < 4 * ranks * count, "matching takes less than what is stored"


def test_ranks_that_differ_are_matched_some_steps_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collectivesums, "_AT_A_TIME", 1 << 13)
    ranks, count = 100, 2000
    sums, told, peak_bytes = summed(ranks, count, alike=False)
    assert {item.calls for item in told.values()} == {count - 160}, "all but those of the five steps that differ"
    assert sums.stored_bytes < 9 * ranks * count
    assert peak_bytes < 40 * ranks * count, "all at once take 290 bytes an operation"
