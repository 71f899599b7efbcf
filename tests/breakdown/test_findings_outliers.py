"""Odd numbers among their siblings: the rule, which the browser shares, and which steps of which ranks it tells."""

from __future__ import annotations

import numpy as np
import pytest

from tests.breakdown.planted import LAYERS, STEPS, Machine, Model
from tests.breakdown.problems import Between, Gemm
from tests.breakdown.test_findings import found
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.findings.deviation import deviating


class TestRule:
    def test_distances_are_from_the_median_of_the_others(self) -> None:
        """5.2 % from 100.0, the median of the others; 4.8 % from 100.4, the median of all."""
        is_odd, usual = deviating(np.array([105.2, 100.5, 98.7, 99.4, 100.4]), 0.05)
        assert is_odd.tolist() == [True, False, False, False, False]
        assert usual.tolist() == pytest.approx([99.9, 99.9, 100.45, 100.45, 99.95])

    @pytest.mark.parametrize("size", [5, 6, 7, 8])
    def test_every_median_is_of_all_but_one(self, size: int) -> None:
        values = np.random.default_rng(size).integers(90, 96, size).astype(float)  # with equal ones among them
        _, usual = deviating(values, 0.05)
        assert usual.tolist() == [float(np.median(np.delete(values, at))) for at in range(size)]

    def test_of_four_nobody_can_tell(self) -> None:
        assert not deviating(np.array([100.0, 100, 100, 900]), 0.05)[0].any()


def ranks(*models: Model) -> Breakdown:
    for rank, model in enumerate(models):
        model.machine = Machine(rank, len(models))
    return Breakdown.of([model.run().machine.analysis() for model in models])


def slow_in(*steps: int) -> Gemm:
    return Gemm(lambda step, layer: 200 if step in steps else 100)


class TestRanks:
    def test_a_long_step_of_one_rank_selects_that_rank(self) -> None:
        bd = ranks(slow_in(), slow_in(5))
        finding = found(bd, "odd-steps")
        assert finding.at_stake_ns == pytest.approx(100_000 * LAYERS, rel=0.02)
        assert "rank 1" in finding.title and "step 5 (decode) of rank 1" in finding.arithmetic
        chosen = bd.select(finding.evidence).rows
        assert set(zip(chosen.rank.tolist(), chosen.step.tolist(), strict=True)) == {(1, 5)}

    def test_ranks_with_the_same_long_step_are_one_finding(self) -> None:
        bd = ranks(slow_in(5), slow_in(5))
        finding = found(bd, "odd-steps")
        assert finding.key == "odd-steps"
        chosen = bd.select(finding.evidence).rows
        assert set(zip(chosen.rank.tolist(), chosen.step.tolist(), strict=True)) == {(0, 5), (1, 5)}

    def test_ranks_with_other_long_steps_have_findings_of_their_own(self) -> None:
        bd = ranks(slow_in(4), slow_in(6))
        mine = {item.key: item for item in bd.findings if item.kind == "odd-steps"}
        assert set(mine) == {"odd-steps:rank 0", "odd-steps:rank 1"}
        chosen = [bd.select(item.evidence).rows for item in mine.values()]
        pairs = [set(zip(rows.rank.tolist(), rows.step.tolist(), strict=True)) for rows in chosen]
        assert sorted(map(list, pairs)) == [[(0, 4)], [(1, 6)]]

    def test_of_one_rank_ranks_are_not_spoken_of(self) -> None:
        finding = found(slow_in(5).run(), "odd-steps")
        assert "rank" not in finding.title + finding.arithmetic
        assert "rank" not in finding.evidence.to_json()

    def test_many_ranks_that_all_differ_are_one_finding_that_says_so(self) -> None:
        bd = ranks(*(slow_in(3 + rank) for rank in range(5)))
        finding = found(bd, "odd-steps")
        assert finding.at_stake_ns == pytest.approx(5 * 100_000 * LAYERS, rel=0.02)
        assert "Selected are all of these steps of all of these ranks." in finding.arithmetic

    def test_a_rank_that_idles_between_steps_is_named(self) -> None:
        bd = ranks(Between(20), Between(2000))
        finding = found(bd, "between-steps")
        assert finding.title == "The device of rank 1 idles between steps"
        chosen = bd.select(finding.evidence).rows
        assert set(chosen.rank.tolist()) == {1}
        assert set(chosen.step.tolist()) == set(range(1, STEPS))
