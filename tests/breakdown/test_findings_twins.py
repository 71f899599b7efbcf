"""Two implementations of one operator: the slower one is told with every phase that it is slower in."""

from __future__ import annotations

from tests.breakdown.planted import LAYERS, STEPS
from tests.breakdown.problems import DECODE, MIXED, Both
from tests.breakdown.test_findings import found

NAMES = [MIXED if number % 2 else DECODE for number in range(STEPS)]
PAIRS = LAYERS // 2 * STEPS // 2
"""Calls of each implementation in the steps of one phase."""


class FastInMixedSteps(Both):
    """The Triton kernel takes 90 µs in decode steps and 45 in mixed ones; the library's always takes 50."""

    def start_of_step(self) -> None:
        self.triton_us = 45 if self.step_number % 2 else 90


def test_both_phases_add_up() -> None:
    bd = Both(90).run(names=NAMES).machine.breakdown()
    finding = found(bd, "slower-twin")
    assert finding.at_stake_ns == 2 * PAIRS * 40_000
    assert "mixed: " in finding.arithmetic and "decode: " in finding.arithmetic
    selected = bd.select(finding.evidence).kernels
    assert len(selected) == 2 * PAIRS
    assert set(selected["name"]) == {"_rms_norm_kernel"}


def test_where_phases_disagree_the_larger_difference_is_told_alone() -> None:
    bd = FastInMixedSteps(90).run(names=NAMES).machine.breakdown()
    finding = found(bd, "slower-twin")
    assert finding.at_stake_ns == PAIRS * 40_000
    assert "mixed" not in finding.arithmetic
    selected = bd.select(finding.evidence).kernels
    assert len(selected) == PAIRS
    assert set(selected["phase"]) == {"decode"}
