"""What `assert_within` refuses to judge."""

from __future__ import annotations

import pytest

import xpubreak as xb
from tests.breakdown.noisy import DECODE, PREFILL, noisy_run

LARGER = "execute_context_0(0)_generation_64(64)"


def test_runs_that_cannot_be_judged_are_refused_unless_allowed() -> None:
    few = [PREFILL] * 2 + [DECODE] * 5
    with pytest.raises(xb.SelectionError, match="set-aside-steps"):
        noisy_run(1, step_names=few).assert_within(noisy_run(2, step_names=few), "5%")
    noisy_run(1, step_names=few).assert_within(noisy_run(2, step_names=few), "50%", allow="set-aside-steps")
    with pytest.raises(xb.SelectionError, match=r"batches differ.*'other-batch'"):
        noisy_run(1, step_names=[LARGER] * 8).assert_within(noisy_run(2, 8), "5%")
    noisy_run(1, step_names=[LARGER] * 8).assert_within(noisy_run(2, 8), "50%", allow=("other-batch",))


def test_a_plain_number_above_one_is_no_fraction() -> None:
    with pytest.raises(xb.SelectionError, match=r"500%.*'5%' or 0\.05"):
        noisy_run(1, 6).assert_within(noisy_run(2, 6), 5)
