"""Planted skew, stragglers, waits and clocks are found, by a plain load and by an executor."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import xpubreak as xb
from xpubreak.samples.cluster import synthesize_cluster


@pytest.mark.parametrize("flavour", ["xpu", "cuda"])
@pytest.mark.parametrize("groups", [1, 2])
def test_waits_and_stragglers_are_the_planted_ones(flavour: str, groups: int, tmp_path: Path) -> None:
    made = synthesize_cluster(ranks=8, flavour=flavour, straggler=5, groups=groups, clock_ns=300_000, seed=groups)
    made.save(tmp_path)
    plain = xb.load(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        facts = xb.load(tmp_path, executor=pool)
    for bd in (plain, facts):
        assert bd.device == flavour
        table = bd.rank_table
        assert tuple(table["compute_ns"]) == made.truth.compute_ns
        assert tuple(table["wait_ns"]) == made.truth.wait_ns
        assert tuple(table["transfer_ns"]) == made.truth.transfer_ns
        assert tuple(table["last_calls"]) == made.truth.last_calls
        assert set(table["calls"]) == {made.truth.calls}
        assert int(table["skew_frac"].idxmax()) == 5
        assert table["skew_frac"].max() == pytest.approx(0.5, abs=0.05)
        assert bd.by("backend").set_index("backend").loc["collectives", "count"] == 8 * made.truth.calls
    assert set(plain.collectives["last_rank"]) >= {5}
    assert set(plain.collectives["ranks"]) == {8 // groups}


def test_clocks_are_told_from_the_ends_of_collectives(tmp_path: Path) -> None:
    made = synthesize_cluster(ranks=6, straggler=0, clock_ns=2_000_000)
    made.save(tmp_path)
    bd = xb.load(tmp_path)
    found = bd.rank_table["clock_offset_ns"]
    assert [round(value - found[0]) for value in found] == [
        clock - made.truth.clock_ns[0] for clock in made.truth.clock_ns
    ]
    assert "skewed-clocks" in {issue.code for issue in bd.issues}


def test_good_clocks_are_not_complained_about(tmp_path: Path) -> None:
    synthesize_cluster(ranks=3).save(tmp_path)
    assert "skewed-clocks" not in {issue.code for issue in xb.load(tmp_path).issues}
