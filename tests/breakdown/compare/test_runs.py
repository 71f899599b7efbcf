"""Runs that match, runs that do not, and what is said of them first."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xpubreak as xb
from tests.breakdown.noisy import DECODE, KERNELS, PREFILL, noisy_run
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.compare.matchtables import COLUMNS, KERNEL_COLUMNS, STEP_COLUMNS
from xpubreak.trace import kineto

LARGER = "execute_context_0(0)_generation_64(64)"


@pytest.fixture(scope="module")
def eager() -> xb.Breakdown:
    return xb.load(xb.samples.path("h200-vllm-eager"), title="eager")


@pytest.fixture(scope="module")
def compiled() -> xb.Breakdown:
    return xb.load(xb.samples.path("h200-vllm-compiled"), title="compiled")


@pytest.fixture(scope="module")
def story(eager: xb.Breakdown, compiled: xb.Breakdown) -> xb.Comparison:
    return xb.compare(eager, compiled)


def codes(cmp: xb.Comparison) -> set[str]:
    return {note.code for note in cmp.notes}


class TestEagerAgainstCompiled:
    """Two captures of one model on an H200. Checked by hand in the traces, launch by launch of one decode step:

    * both launch the same cuBLAS kernels, as often: 24 GEMMs in layers, the LM head, 6 split-K reductions;
    * 12 `fused_add_rms_norm_kernel` of vLLM became 6 + 6 `triton_per_fused_fused_add_rms_norm_{0,2}`;
    * 6 `act_and_mul_kernel` became 6 `triton_poi_fused_mul_silu_slice_1`;
    * the norms of q and k and the rotary embedding, 3 launches a layer, became `triton_per_fused_3` and
      `triton_poi_fused_4`, whose names list nothing: they run between the QKV GEMM and the cache, as the others did;
    * FlashAttention 3 and its scheduler became Triton's `kernel_unified_attention` and `reduce_segments`;
    * sampling is the same code in both.
    """

    def test_totals_are_the_means_of_the_decode_steps(self, story: xb.Comparison) -> None:
        row = story.totals.set_index("measure").loc["device"]
        for side, bd in (("a_ns", story.a), ("b_ns", story.b)):
            assert row[side] == pytest.approx(bd.steps.query("phase == 'decode'")["device_ns"].mean())
        assert row["verdict"] == "faster"
        assert row["low_ns"] < row["delta_ns"] < row["high_ns"] < 0
        assert story.totals.set_index("measure")["verdict"]["wall"] == "faster"

    def test_kernels_are_matched_as_by_hand(self, story: xb.Comparison) -> None:
        frame = story.kernels
        by_b = {name: row for row in frame.to_dict("records") for name in row["b_kernel"].split(" + ")}
        fused = by_b["triton_per_fused_fused_add_rms_norm_2"]
        assert fused["a_kernel"] == "vllm::fused_add_rms_norm_kernel<bf16, 8, true>"
        assert (fused["a_count"], fused["b_count"], fused["how"]) == (12, 12, "fused")
        assert (fused["a_backend"], fused["b_backend"]) == ("vllm-cuda-kernels", "triton")
        activation = by_b["triton_poi_fused_mul_silu_slice_1"]
        assert activation["a_kernel"].startswith("vllm::act_and_mul_kernel")
        assert (activation["a_count"], activation["b_count"]) == (6, 6)
        between = by_b["triton_poi_fused_4"]
        assert "rotary_embedding_kernel" in between["a_kernel"]
        assert "rms_norm_kernel<bf16, 8, 3" in between["a_kernel"]
        assert "triton_per_fused_3" in between["b_kernel"]
        attention = by_b["kernel_unified_attention"]
        assert attention["category"] == "attention"
        assert "flash::FlashAttnFwdSm90" in attention["a_kernel"]

    def test_differences_are_those_of_the_kernel_table(self, story: xb.Comparison) -> None:
        def per_step(bd: xb.Breakdown, name: str) -> float:
            frame = bd.kernels.query("phase == 'decode'")
            return frame.loc[frame["display_name"].astype(str).str.startswith(name), "device_ns"].sum() / 7

        row = next(r for r in story.kernels.to_dict("records") if r["a_kernel"].startswith("vllm::act_and_mul"))
        assert row["a_ns"] == pytest.approx(per_step(story.a, "vllm::act_and_mul_kernel"))
        assert row["b_ns"] == pytest.approx(per_step(story.b, "triton_poi_fused_mul_silu_slice_1"))
        assert row["verdict"] == "faster"

    def test_what_is_the_same_code_in_both_is_noise(self, story: xb.Comparison) -> None:
        verdicts = {row["a_kernel"]: row["verdict"] for row in story.kernels.to_dict("records")}
        assert verdicts["_gumbel_sample_kernel"] == "noise"
        gemm = story.by("category").set_index("category").loc["gemm"]
        assert gemm["verdict"] == "noise"
        assert (gemm["a_count"], gemm["b_count"]) == (pytest.approx(31), pytest.approx(31))

    def test_only_few_things_need_saying(self, story: xb.Comparison) -> None:
        assert codes(story) == {"weak-attribution", "few-steps-of-a-kind", "backend-of-one-side"}
        assert "prefill" in next(note.message for note in story.notes if note.code == "few-steps-of-a-kind")
        assert story.steps["compared"].tolist() == [True, False]

    def test_the_report_tells_it(self, story: xb.Comparison) -> None:
        text = story.report()
        for words in ("−8.6 %", "faster", "only in A", "would have", "fused_add_rms_norm"):
            assert words in text


class TestTables:
    def test_columns_are_the_documented_ones(self, story: xb.Comparison) -> None:
        assert list(story.by("layer", "backend")) == ["layer", "backend", *COLUMNS]
        assert list(story.kernels) == list(KERNEL_COLUMNS)
        assert list(story.steps) == list(STEP_COLUMNS)
        assert story.by("layer")["layer"].is_monotonic_increasing

    def test_what_cannot_be_compared_by_is_refused(self, story: xb.Comparison) -> None:
        for wrong in ("step", "node", "bakend"):
            with pytest.raises(xb.SelectionError, match="Choose from"):
                story.by(wrong)
        with pytest.raises(xb.SelectionError, match="by what"):
            story.by()

    def test_csv_is_harmless_in_spreadsheets(self, tmp_path: Path, story: xb.Comparison) -> None:
        text = story.to_csv(tmp_path / "kernels.csv").read_text()
        assert text.splitlines()[0].split(",") == list(KERNEL_COLUMNS)
        event = {"ph": "X", "cat": "kernel", "name": "=cmd|'/c'!A1", "pid": 0, "tid": 1, "ts": 0, "dur": 5}
        evil = xb.load(kineto.from_dicts([event]))
        assert "\n'=cmd" in xb.compare(evil, evil).to_csv(tmp_path / "evil.csv").read_text()


class TestMoreThanTwo:
    def test_pairs(self) -> None:
        runs = [noisy_run(seed, 8, slower={"gemm_a": factor}) for seed, factor in ((1, 1.0), (2, 1.5), (3, 2.0))]
        cmp = xb.compare(*runs, titles=["old", "mid", "new"])
        assert cmp.overview["run"].tolist() == ["mid", "new"]
        assert cmp.pair("new").a_title == "old"
        assert cmp.pair(2, 1).title == "mid → new"
        assert cmp.pair("new") is cmp.pair(2)
        assert "new" in cmp.report()
        with pytest.raises(xb.SelectionError, match="0 'old', 1 'mid', 2 'new'"):
            cmp.pair("nwe")
        with pytest.raises(xb.SelectionError, match="same run"):
            cmp.pair(0)

    def test_runs_of_one_title_are_told_apart(self) -> None:
        run = noisy_run(1, 6)
        assert xb.compare(run, noisy_run(2, 6)).titles == ("noisy [0]", "noisy [1]")


class TestBadInput:
    @pytest.mark.parametrize(
        ("runs", "options", "says"),
        [
            (1, {}, "two runs"),
            (0, {}, "two runs"),
            (2, {"alpha": 1.0}, "alpha"),
            (2, {"draws": 3}, "draws"),
            (2, {"titles": ["a"]}, "1 titles for 2 runs"),
        ],
    )
    def test_what_is_no_comparison(self, runs: int, options: dict[str, Any], says: str) -> None:
        with pytest.raises(xb.SelectionError, match=says):
            xb.compare(*[noisy_run(1, 2)] * runs, **options)
        with pytest.raises(xb.SelectionError, match=r"xb\.load"):
            xb.compare(noisy_run(1, 2), "run.json")  # type: ignore[arg-type]

    def test_prefill_against_decode(self) -> None:
        cmp = xb.compare(noisy_run(1, step_names=[PREFILL] * 8), noisy_run(2, step_names=[DECODE] * 8))
        note = cmp.notes[0]
        assert (note.code, note.severity) == ("no-common-steps", "error")
        assert "A has prefill, B decode" in note.message
        assert set(cmp.kernels["verdict"]) == {"too few steps"}
        assert cmp.report().splitlines()[2].startswith("✖")

    def test_another_batch_is_matched_by_phase_and_said(self) -> None:
        cmp = xb.compare(noisy_run(1, step_names=[DECODE] * 8), noisy_run(2, step_names=[LARGER] * 8))
        assert cmp.notes[0].code == "other-batch"
        assert cmp.matched.pairing.level == "phase"
        assert cmp.matched.pairing.is_testable

    def test_steps_that_only_one_run_has_are_left_aside(self) -> None:
        a = noisy_run(1, step_names=[DECODE] * 8)
        b = noisy_run(2, step_names=[LARGER, *[DECODE] * 8])
        cmp = xb.compare(a, b)
        assert "steps-of-one-side" in codes(cmp)
        assert cmp.totals["delta_frac"][0] == pytest.approx(0, abs=0.1)
        assert int(cmp.by("backend")["b_total_ns"].sum()) == b.totals.device_ns

    def test_another_device_and_a_synthetic_side(self, tmp_path: Path, eager: xb.Breakdown) -> None:
        xpu = xb.load(xb.samples.synthesize(layers=6).save(tmp_path / "xpu.json"))
        cmp = xb.compare(eager, xpu)
        assert {"other-device", "synthetic-side"} <= codes(cmp)
        assert "vllm-xpu-kernels" in cmp.report()
        assert cmp.notes[0].severity == "error"

    def test_missing_layers(self, tmp_path: Path) -> None:
        a, b = (
            xb.load(
                xb.samples.synthesize(layers=layers, decode_steps=6, module_spans=True).save(
                    tmp_path / f"{layers}.json"
                )
            )
            for layers in (3, 2)
        )
        cmp = xb.compare(a, b)
        assert "other-layers" in codes(cmp)
        assert cmp.by("layer").set_index("layer")["verdict"][2] == "only in A"

    def test_another_model(self, eager: xb.Breakdown, tmp_path: Path) -> None:
        assert "other-model" not in codes(xb.compare(eager, eager))
        moe, dense = (xb.load(xb.samples.synthesize(moe=moe).save(tmp_path / f"{moe}.json")) for moe in (True, False))
        assert "other-model" in codes(xb.compare(moe, dense))

    def test_a_backend_of_one_side(self, story: xb.Comparison) -> None:
        frame = story.by("backend").set_index("backend")
        assert frame["verdict"]["vllm"] == "only in A"
        assert frame["b_ns"]["vllm"] == 0

    def test_a_cpu_run_against_a_device(self, eager: xb.Breakdown) -> None:
        cmp = xb.compare(eager, xb.load(xb.samples.path("cpu-vllm-eager")))
        assert "other-weight" in codes(cmp)
        assert cmp.report()

    def test_an_empty_run(self, eager: xb.Breakdown) -> None:
        empty = xb.load(xb.samples.path("cpu-vllm-driver-only"))
        cmp = xb.compare(eager, empty)
        assert cmp.notes[0].severity == "error"
        assert "empty-side" in codes(cmp)
        assert set(cmp.kernels["verdict"]) <= {"only in A", "too few steps"}

    def test_incomplete_profiles_are_named_by_side(self, story: xb.Comparison) -> None:
        assert any(note.message.startswith("B: ") for note in story.notes)

    def test_two_ranks(self) -> None:
        both = xb.load([xb.samples.path("cpu-vllm-tp2-rank0"), xb.samples.path("cpu-vllm-tp2-rank1")])
        cmp = xb.compare(both, both.select(rank=0))
        assert "other-selection" not in codes(cmp)
        assert cmp.by("rank")["delta_ns"].iloc[0] == 0


class TestAssertWithin:
    def test_what_is_within_passes(self) -> None:
        found = noisy_run(1).assert_within(noisy_run(2), "5%", by="backend")
        assert isinstance(found, xb.Comparison)

    def test_what_got_slower_is_named(self) -> None:
        slow = noisy_run(1, slower={"gemm_a": 1.3}, title="new")
        with pytest.raises(AssertionError) as caught:
            slow.assert_within(noisy_run(2, title="old"), "5%", by="category")
        text = str(caught.value)
        assert isinstance(caught.value, xb.SlowerError)
        assert isinstance(caught.value.comparison, xb.Comparison)
        for words in ("new is slower than old by more than 5%", "device time", "category gemm", "between +", "gemm_a"):
            assert words in text
        assert "category norm" not in text

    def test_faster_is_fine(self) -> None:
        noisy_run(1).assert_within(noisy_run(2, slower={"gemm_a": 1.5}), "0%", by="kernel")

    def test_noise_is_as_asked(self) -> None:
        a, b = noisy_run(11, 6, common=0.2), noisy_run(12, 6, common=0.2)
        first, second = sorted((a, b), key=lambda run: run.totals.device_ns)
        second.assert_within(first, "0%")
        for noise in ("fail", "strict"):
            with pytest.raises(xb.SlowerError):
                second.assert_within(first, "0%", noise=noise)

    @pytest.mark.parametrize(("every", "fails"), [(1, True), (40, False)])
    def test_what_only_the_new_run_has_must_be_more_than_a_stray(self, every: int, fails: bool) -> None:
        """The baseline has no argmax; the new run spends time in it in every step, or in one of its 40."""
        old, new = noisy_run(1).select(kernel=[name for name in KERNELS if name != "argmax"]), noisy_run(2)
        rows = new.tables.rows
        idle = rows.is_activity & (rows.name == new.strings.find("argmax")) & (rows.step % every != 0)
        rows = replace(rows, device_ns=np.where(idle, 0, rows.device_ns))
        stray = Breakdown(replace(new.tables, rows=rows), "new")
        verdicts = xb.compare(old, stray).kernels.set_index("b_kernel")["verdict"]
        assert verdicts["argmax"] == ("only in B" if fails else "noise")
        outcome = pytest.raises(xb.SlowerError, match="argmax") if fails else nullcontext()
        with outcome:
            stray.assert_within(old, "0.1us", by="kernel", at_least_frac=0.0)

    def test_absolute_limits(self) -> None:
        slow, base = noisy_run(1, slower={"gemm_a": 1.3}), noisy_run(2)
        slow.assert_within(base, "1ms")
        with pytest.raises(xb.SlowerError):
            slow.assert_within(base, "20us")

    @pytest.mark.parametrize("limit", ["five", "5", "-5%", None, 50, True, "5 %%"])
    def test_unreadable_limits(self, limit: Any) -> None:
        with pytest.raises(xb.SelectionError):
            noisy_run(1, 6).assert_within(noisy_run(2, 6), limit)

    def test_a_check_that_cannot_fail_is_none(self) -> None:
        with pytest.raises(xb.SelectionError, match="at least 5"):
            noisy_run(1, 2).assert_within(noisy_run(2, 2), "5%")
        with pytest.raises(xb.SlowerError):
            noisy_run(1, 2, slower={"gemm_a": 3.0}).assert_within(noisy_run(2, 2), "5%", noise="fail")
        with pytest.raises(xb.SelectionError, match="Nothing can be checked"):
            noisy_run(1, step_names=[PREFILL] * 8).assert_within(noisy_run(2, 8), "5%", noise="fail")
