"""Two ranks of a real run over NCCL: which one is late is told by what the other one waits for."""

from __future__ import annotations

import pytest

import xpubreak as xb

RANKS = [xb.samples.path(f"h100-vllm-tp2-rank{rank}") for rank in range(2)]


@pytest.fixture(scope="module")
def bd() -> xb.Breakdown:
    return xb.load(RANKS)


def test_nothing_is_lost_between_the_ranks(bd: xb.Breakdown) -> None:
    alone = [xb.load(path).totals.device_ns for path in RANKS]
    assert bd.totals.device_ns == sum(alone)
    assert bd.rank_table.device_ns.tolist() == alone
    assert bd.layer_count == 6


def test_every_collective_is_matched_and_waiting_is_what_a_rank_takes_beyond_the_fastest(bd: xb.Breakdown) -> None:
    collectives = bd.select(backend="collectives")
    assert len(bd.collectives) * 2 == collectives.totals.activities
    assert set(bd.collectives.ranks) == {2}
    table = bd.rank_table.set_index("rank")
    assert (table.wait_ns + table.transfer_ns).tolist() == table.collectives_ns.tolist()
    assert table.collectives_ns.sum() == collectives.totals.device_ns
    assert table.transfer_ns.nunique() == 1
    # Rank 0 arrives last each time, and so never waits: its host is the one that also schedules.
    assert table.wait_ns[0] == 0
    assert table.wait_ns[1] > 100 * table.transfer_ns[1]
    assert set(bd.collectives.last_rank) == {0}


def test_compute_without_the_collectives_is_alike(bd: xb.Breakdown) -> None:
    assert bd.rank_table.skew_frac.abs().max() < 0.01
    assert any(finding.kind == "collectives" or "collectives" in finding.title for finding in bd.findings)
