"""What is called a difference is one, and what is called noise is none."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

import xpubreak as xb
from tests.breakdown.noisy import noisy_run
from xpubreak.breakdown.compare.longrun import mean_variance
from xpubreak.breakdown.compare.resample import Resampling, resample
from xpubreak.breakdown.compare.significance import adjusted, estimate
from xpubreak.breakdown.compare.student import quantile, two_sided_p

TRIALS = 200
CHANGED = {"slower", "faster", "only in A", "only in B"}


def random_halves(seed: int, steps: int) -> tuple[list[int], list[int]]:
    order = np.random.default_rng(seed).permutation(steps).tolist()
    return sorted(order[: steps // 2]), sorted(order[steps // 2 :])


def finds_nothing(cmp: xb.Comparison) -> bool:
    tables = (cmp.by("backend"), cmp.by("category"), cmp.kernels)
    return not any(CHANGED & set(table["verdict"]) for table in tables)


@pytest.fixture(scope="module")
def real() -> xb.Breakdown:
    return xb.load(xb.samples.path("h100-vllm-eager"))


def step_times(bd: xb.Breakdown) -> np.ndarray:
    """Device time of the kernels that run in every decode step but the first and last, float64[kernels, steps]."""
    table = bd.select(phase="decode").by("kernel", "step").pivot_table("device_ns", "kernel", "step").iloc[:, 1:-1]
    found: np.ndarray = table.dropna().to_numpy(dtype=float)
    return found


@pytest.mark.slow
class TestNoise:
    def test_two_halves_of_one_run_do_not_differ(self) -> None:
        """In 200 trials, each a run of its own, tables of backends, categories and kernels together."""
        silent = {"kernels": 0, "backends": 0, "totals": 0}
        for trial in range(TRIALS):
            run = noisy_run(trial)
            first, second = random_halves(trial, 40)
            cmp = xb.compare(run.select(step=first), run.select(step=second), draws=1000)
            silent["kernels"] += not CHANGED & set(cmp.kernels["verdict"])
            silent["backends"] += not CHANGED & set(cmp.by("backend")["verdict"])
            silent["totals"] += cmp.totals["verdict"][0] == "noise"
        assert all(count >= 0.92 * TRIALS for count in silent.values()), silent

    @pytest.mark.parametrize(("drift", "common"), [(0.0, 0.01), (0.6, 0.03), (0.9, 0.03)])
    def test_first_and_second_half_of_a_run_that_wanders(self, drift: float, common: float) -> None:
        """Neighbouring steps resemble each other: were they taken for independent, wander would pass for change."""
        silent = 0
        for trial in range(TRIALS):
            run = noisy_run(trial, 80, drift=drift, common=common, hiccups=0.0)
            cmp = xb.compare(run.select(step=range(40)), run.select(step=range(40, 80)), draws=1000)
            silent += cmp.totals["verdict"][0] == "noise"
        assert silent >= 0.92 * TRIALS, silent

    def test_two_halves_of_a_real_run_do_not_differ(self, real: xb.Breakdown) -> None:
        """The 23 decode steps of a capture on an H100, cut into halves in 200 ways."""
        decode = real.steps.query("phase == 'decode'")["step"].tolist()
        assert len(decode) == 23
        silent = {"kernels": 0, "backends": 0, "totals": 0}
        for trial in range(TRIALS):
            first, second = ([decode[at] for at in half] for half in random_halves(trial, len(decode)))
            cmp = xb.compare(real.select(step=first), real.select(step=second), draws=500)
            silent["kernels"] += not CHANGED & set(cmp.kernels["verdict"])
            silent["backends"] += not CHANGED & set(cmp.by("backend")["verdict"])
            silent["totals"] += cmp.totals["verdict"][0] == "noise"
        assert all(count >= 0.92 * TRIALS for count in silent.values()), silent

    def test_the_steps_of_a_real_run_drawn_anew(self, real: xb.Breakdown) -> None:
        """Runs of 40 steps, drawn from those of a capture in pairs of neighbours: alike, and one of them 3 % slower."""
        times = step_times(real)
        unit, share = np.zeros(40, dtype=np.int64), np.ones(1)
        silent = found = 0
        for trial in range(TRIALS):
            random = np.random.default_rng(trial)
            a, b = (times[:, (random.integers(0, times.shape[1] - 1, 20)[:, None] + [0, 1]).ravel()] for _ in range(2))
            draws = [resample(unit, share, 400, 2 * trial + side) for side in (0, 1)]
            silent += not (adjusted(estimate(a, b, *draws, 0.05).p) <= 0.05).any()
            whole = estimate(a.sum(axis=0)[None], 1.03 * b.sum(axis=0)[None], *draws, 0.05)
            found += whole.p[0] <= 0.05 and whole.low_ns[0] > 0
        assert silent >= 0.92 * TRIALS, silent
        assert found >= 0.95 * TRIALS, found

    def test_a_slow_down_of_three_percent_is_found(self) -> None:
        everything = dict.fromkeys(["gemm_a", "gemm_b", "flash_fwd", "argmax", "copy"], 1.03)
        everything |= dict.fromkeys(("vllm::rms_norm_kernel", "vllm::act_and_mul_kernel"), 1.03)
        found = {"total": 0, "gemm_a": 0}
        for trial in range(50):
            a = noisy_run(2 * trial, hiccups=0.0)
            b = noisy_run(2 * trial + 1, hiccups=0.0, slower=everything)
            cmp = xb.compare(a, b, draws=1000)
            found["total"] += cmp.totals["verdict"][0] == "slower"
            found["gemm_a"] += cmp.kernels.set_index("a_kernel")["verdict"]["gemm_a"] == "slower"
        assert found["total"] >= 49, found
        assert found["gemm_a"] >= 49, found

    def test_what_was_detectable_is_found_four_times_out_of_five(self) -> None:
        """The minimum detectable effect is what it says."""
        detectable = np.mean([
            xb.compare(noisy_run(900 + 2 * i), noisy_run(901 + 2 * i)).totals["detectable_ns"][0] for i in range(10)
        ])  # fmt: skip
        whole = xb.compare(noisy_run(900), noisy_run(901)).totals["a_ns"][0]
        from tests.breakdown.noisy import KERNELS

        slower = dict.fromkeys(KERNELS, 1 + detectable / whole)
        hits = sum(
            xb.compare(noisy_run(2000 + 2 * i), noisy_run(2001 + 2 * i, slower=slower), draws=1000).totals["verdict"][0]
            == "slower"
            for i in range(100)
        )
        assert 65 <= hits <= 95, hits


class TestIntervals:
    def test_the_interval_covers_the_planted_difference(self) -> None:
        covered = 0
        mean_ns = 4 * 40_000 * math.exp(0.02**2 / 2 + 0.01**2 / 2)
        for trial in range(60):
            a = noisy_run(3 * trial, 12, hiccups=0.0)
            b = noisy_run(3 * trial + 1, 12, hiccups=0.0, slower={"gemm_a": 1.02})
            row = xb.compare(a, b, draws=1000).kernels.set_index("a_kernel").loc["gemm_a"]
            covered += row["low_ns"] <= 0.02 * mean_ns <= row["high_ns"]
        assert covered >= 53, covered  # 95 % of 60 are 57; below 53 one time in a hundred

    def test_the_same_seed_gives_the_same_numbers(self) -> None:
        a, b = noisy_run(1), noisy_run(2)
        first, second = (xb.compare(a, b, seed=7).by("backend") for _ in range(2))
        assert first.equals(second)
        assert not first["low_ns"].equals(xb.compare(a, b, seed=8).by("backend")["low_ns"])


class TestTooLittle:
    @pytest.mark.parametrize("steps", [1, 4])
    def test_few_steps_claim_nothing(self, steps: int) -> None:
        cmp = xb.compare(noisy_run(1, steps), noisy_run(2, steps, slower={"gemm_a": 2.0}))
        assert set(cmp.kernels["verdict"]) == {"too few steps"}
        assert cmp.kernels[["low_ns", "high_ns", "p", "q"]].isna().all(axis=None)
        assert "too-few-steps" in {note.code for note in cmp.notes}
        assert "at least 5" in cmp.report()

    def test_five_steps_are_enough(self) -> None:
        cmp = xb.compare(noisy_run(1, 5), noisy_run(2, 5, slower={"gemm_a": 2.0}))
        assert cmp.kernels.set_index("a_kernel")["verdict"]["gemm_a"] == "slower"

    def test_without_any_spread_a_difference_is_one(self) -> None:
        exact = {"noise": 0.0, "common": 0.0, "hiccups": 0.0}
        cmp = xb.compare(noisy_run(1, 6, **exact), noisy_run(2, 6, **exact, slower={"copy": 1.1}))
        verdicts = cmp.kernels.set_index("a_kernel")["verdict"]
        assert verdicts["copy"] == "slower"
        assert set(verdicts.drop("copy")) == {"same"}

    @pytest.mark.parametrize(("a_steps", "b_steps"), [(2, 3), (5, 7), (8, 6), (13, 9), (49, 7)])
    def test_the_rounding_of_means_is_no_difference(self, a_steps: int, b_steps: int) -> None:
        """Every step takes as long in both runs, but 1/8 and 1/6 add up to other floats."""
        a, b = (noisy_run(seed, steps, noise=0, common=0, hiccups=0) for seed, steps in ((1, a_steps), (2, b_steps)))
        word = "same" if min(a_steps, b_steps) >= 5 else "too few steps"
        for cmp in (xb.compare(a, b), xb.compare(b, a)):
            for table in (cmp.by("backend"), cmp.kernels, cmp.totals.head(1)):
                assert set(table["verdict"]) == {word}
                assert (table["delta_ns"] == 0).all()
                if word == "same":
                    assert (table[["low_ns", "high_ns", "p"]].to_numpy() == [0, 0, 1]).all()
            _, a_ns, b_ns = cmp.matched.times(("backend",))
            assert (a_ns == b_ns).all()
        for noise in ("fail", "strict") if word == "same" else ("fail",):
            b.assert_within(a, "0%", by=("backend", "kernel"), noise=noise)
            a.assert_within(b, "0%", by=("backend", "kernel"), noise=noise)


class TestCurves:
    @pytest.mark.parametrize(
        ("t", "df", "p"),
        [
            (1.0, 1, 0.5),
            (4.0, 3, 1 - 2 / math.pi * (math.atan(4 / math.sqrt(3)) + 4 * math.sqrt(3) / 19)),
            (6.0, 2, 1 - 6 / math.sqrt(38)),
            (0.0, 5, 1.0),
            (1.959963985, 1e9, 0.05),
        ],
    )
    def test_students_t(self, t: float, df: float, p: float) -> None:
        """Against its closed forms for 1, 2 and 3 degrees of freedom, and the normal distribution."""
        assert two_sided_p(np.array([t]), np.array([df]))[0] == pytest.approx(p, rel=1e-5)

    @pytest.mark.parametrize(("df", "t"), [(1, 12.7062), (5, 2.570582), (30, 2.042272), (1e6, 1.959966)])
    def test_its_quantile(self, df: float, t: float) -> None:
        assert quantile(0.975, np.array([df]))[0] == pytest.approx(t, rel=1e-5)

    def test_no_degree_of_freedom_says_nothing(self) -> None:
        assert two_sided_p(np.array([9.0]), np.array([0.0]))[0] == 1.0
        assert np.isinf(quantile(0.975, np.array([0.0]))[0])

    def test_many_comparisons(self) -> None:
        """R: p.adjust(c(.01, .02, .03, .5, NA), "BH")."""
        found = adjusted(np.array([0.01, 0.02, 0.03, 0.5, np.nan]))
        assert found[:4] == pytest.approx([0.04, 0.04, 0.04, 0.5])
        assert np.isnan(found[4])


def wandering(seed: int, trials: int, steps: int, drift: float) -> np.ndarray:
    """Series of an AR(1) process with variance 1."""
    random = np.random.default_rng(seed)
    found = random.normal(size=(trials, steps))
    for step in range(1, steps):
        found[:, step] = drift * found[:, step - 1] + math.sqrt(1 - drift**2) * found[:, step]
    return found


class TestStepsThatWander:
    @pytest.mark.parametrize(
        ("steps", "drift"), [(10, 0.0), (10, 0.3), (10, 0.6), *product((20, 40, 100), (0.0, 0.3, 0.6, 0.9))]
    )
    def test_two_runs_that_wander_alike_do_not_differ(self, steps: int, drift: float) -> None:
        """Of 500 pairs of runs, each with a wander of its own, 92 % and more."""
        a, b = wandering(17, 500, steps, drift), wandering(18, 500, steps, drift)
        found = [estimate(a[i : i + 1], b[i : i + 1], *self._draws(steps, i), 0.05).p[0] for i in range(500)]
        assert (np.array(found) > 0.05).mean() >= 0.92

    def _draws(self, steps: int, seed: int) -> tuple[Resampling, Resampling]:
        unit = np.zeros(steps, dtype=np.int64)
        first, second = (resample(unit, np.ones(1), 200, 2 * seed + side) for side in (0, 1))
        return first, second

    def test_independent_steps_cost_little(self) -> None:
        """Of 40 independent steps, intervals are a tenth wider than they had to be, at most."""
        variance, degrees = mean_variance(wandering(18, 2000, 40, 0.0))
        widths = quantile(0.975, degrees) * np.sqrt(variance)
        assert np.median(widths) <= 1.1 * quantile(0.975, np.array([39.0]))[0] * math.sqrt(1 / 40)

    def test_every_row_is_judged_by_its_own_steps(self) -> None:
        """One kernel wanders, another one does not: only the first one is less sure."""
        rows = np.concatenate([wandering(19, 1, 100, 0.9), wandering(20, 1, 100, 0.0)])
        variance, _ = mean_variance(rows)
        plain = rows.var(axis=1, ddof=1) / 100
        assert variance[0] > 4 * plain[0]
        assert variance[1] < 1.5 * plain[1]

    def test_a_run_whose_clock_fell_once_still_differs_from_one_a_tenth_as_long(self) -> None:
        """Steps of 18 ms, and of 11 ms at the end, against steps of 2 ms: no wander explains that."""
        noise = np.random.default_rng(22).normal(1, 0.02, size=(2, 23))
        a = noise[:1] * np.where(np.arange(23) < 19, 18.0, 11.3)
        b = noise[1:] * 1.9
        found = estimate(a, b, *self._draws(23, 1), 0.05)
        assert found.p[0] < 0.05
        assert found.high_ns[0] < 0

    def test_intervals_and_p_values_agree(self) -> None:
        """Where p is below 5 % the interval is beside 0, for many and for few independent steps."""
        for steps, drift in ((40, 0.0), (40, 0.95), (8, 0.9)):
            a, b = wandering(23, 200, steps, drift), wandering(24, 200, steps, drift) + 1.0
            found = estimate(a, b, *self._draws(steps, 2), 0.05)
            is_beside = (found.low_ns > 0) | (found.high_ns < 0)
            assert (is_beside == (found.p < 0.05)).mean() >= 0.9

    def test_no_spread_is_no_spread(self) -> None:
        variance, degrees = mean_variance(np.full((2, 30), 5.0))
        assert variance.tolist() == [0, 0]
        assert (degrees > 0).all()


class TestDraws:
    def test_every_draw_weighs_as_much_as_the_run(self) -> None:
        unit = np.array([0, 1, 0, 0, -1, 1, 0, 0])
        found = resample(unit, np.array([0.75, 0.25]), 500, 3)
        assert found.point.sum() == pytest.approx(1)
        assert found.draws.sum(axis=1) == pytest.approx(np.ones(500))
        assert not found.draws[:, 4].any()

    def test_they_spread_as_widely_as_the_mean_is_unsure(self) -> None:
        series = wandering(21, 3, 60, 0.5)
        unit = np.zeros(60, dtype=np.int64)
        drawn, variance, _ = resample(unit, np.array([1.0]), 4000, 5).deviations(series)
        assert drawn.std(axis=1) == pytest.approx(np.sqrt(variance[:, 0]), rel=0.05)
