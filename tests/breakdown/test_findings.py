"""Findings: each planted problem is reported at its cost, and its clean twin is not."""

from __future__ import annotations

import pytest

from tests.breakdown.planted import LAYERS, STEPS, Model
from tests.breakdown.problems import DECODE, MIXED, Fallback, NeverReads, Waits, idle_within_steps_us
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.findings.finding import Finding


def found(model: Model | Breakdown, kind: str) -> Finding:
    """The one finding of a kind; no plug-in has failed."""
    breakdown = model.machine.breakdown() if isinstance(model, Model) else model
    assert [issue.message for issue in breakdown.issues if issue.code == "finding-failed"] == []
    mine = [finding for finding in breakdown.findings if finding.kind == kind]
    assert len(mine) == 1, [finding.key for finding in breakdown.findings]
    evidence = breakdown.select(mine[0].evidence)
    assert 0 < len(evidence) <= len(breakdown)
    return mine[0]


def kinds(model: Model) -> set[str]:
    return {finding.kind for finding in model.machine.breakdown().findings}


def extra_us(planted: Model, twin: Model) -> float:
    """What the planted run takes longer."""
    return planted.machine.end_us - twin.machine.end_us


def within_2_percent(finding: Finding, cost_us: float) -> bool:
    assert cost_us > 0
    return finding.at_stake_ns == pytest.approx(1000 * cost_us, rel=0.02)


def test_a_clean_run_has_no_findings() -> None:
    bd = Model().run().machine.breakdown()
    assert bd.layer_count == LAYERS
    assert list(bd.findings) == []
    assert bd.findings.summary == "No findings"


def test_cpu_fallback() -> None:
    planted = Fallback().run()
    finding = found(planted, "cpu-fallback")
    assert within_2_percent(finding, extra_us(planted, Model().run()))
    assert finding.severity == "error"
    assert "layer 3" in finding.arithmetic
    bd = planted.machine.breakdown()
    assert bd.select(finding.evidence).totals.activities == 2 * STEPS


def test_launch_bound() -> None:
    finding = found(Model(host_us=180).run(), "launch-bound")
    gaps_us = idle_within_steps_us(Model(host_us=180).run())
    assert within_2_percent(finding, gaps_us)
    assert f"{3 * LAYERS} launches a step" in finding.arithmetic
    assert "launch-bound" not in kinds(Model(host_us=20).run())


def test_waiting_for_the_device() -> None:
    planted, clean = Waits().run(), NeverReads().run()
    finding = found(planted, "sync")
    assert within_2_percent(finding, extra_us(planted, clean))
    assert "aten::item" in finding.title
    assert not kinds(clean) & {"sync", "sync-several"}


def test_the_line_that_waits_is_named_where_stacks_were_recorded() -> None:
    class WithStack(Waits):
        def attention(self, layer: int) -> None:
            frames = ("model.py(42): forward", "torch/_tensor.py(1): item")
            with self.machine.span(frames[0], "python_function"), self.machine.span(frames[1], "python_function"):
                super().attention(layer)

    assert "aten::item at model.py(42): forward" in found(WithStack().run(), "sync").title


class Unfused(Model):
    def norm(self, layer: int) -> None:
        with self.machine.span(f"xpb:model.layers.{layer}.input_layernorm:RMSNorm", "user_annotation"):
            for name in ("pow", "mean", "rsqrt", "mul"):
                kernel = f"at::native::xpu::UnrolledElementwiseKernel<at::native::xpu::{name.capitalize()}Functor>"
                self.machine.op(f"aten::{name}", kernel, 38 + len(name), 10)


def test_an_unfused_norm() -> None:
    finding = found(Unfused().run(), "slow-path")
    assert within_2_percent(finding, sum(38 + len(name) for name in ("pow", "mean", "rsqrt", "mul")) * LAYERS * STEPS)
    assert "_C::rms_norm" in finding.title
    assert "0.1.16.2" in finding.source


class WholeAten(Model):
    def norm(self, layer: int) -> None:
        self.machine.op("aten::rms_norm", "at::native::xpu::RMSNormForwardKernel", 70, 20)


def test_a_whole_norm_of_aten() -> None:
    assert within_2_percent(found(WholeAten().run(), "slow-path"), 70 * LAYERS * STEPS)


def test_what_an_operator_of_the_library_calls_is_no_slow_path() -> None:
    class Fills(Model):
        def attention(self, layer: int) -> None:
            with self.machine.span("_vllm_fa2_C::varlen_fwd"), self.machine.span("aten::fill_"):
                self.machine.launch("at::native::xpu::FillFunctor", 30)
            super().attention(layer)

    assert "slow-path" not in kinds(Fills().run())


@pytest.mark.parametrize("is_triton", [True, False])
def test_attention_by_somebody_else(is_triton: bool) -> None:
    class Elsewhere(Model):
        def attention(self, layer: int) -> None:
            self.machine.spend(self.host_us)
            if is_triton:
                self.machine.launch("kernel_unified_attention", 80)
            else:
                self.machine.op("aten::scaled_dot_product_attention", "micro_sdpa", 80, 0)

    finding = found(Elsewhere().run(), "slow-path")
    assert within_2_percent(finding, 80 * LAYERS * STEPS)
    assert "_vllm_fa2_C::varlen_fwd" in finding.title


class TritonNorm(Model):
    def norm(self, layer: int) -> None:
        self.machine.spend(self.host_us)
        self.machine.launch("_rms_norm_kernel", 70)


def test_triton_where_there_is_a_sycl_kernel() -> None:
    finding = found(TritonNorm().run(), "slow-path")
    assert within_2_percent(finding, 70 * LAYERS * STEPS)
    assert finding.key.endswith(":triton")


@pytest.mark.parametrize(("triton_us", "slower"), [(90, "triton"), (20, "vllm-xpu-kernels")])
def test_both_implementations_ran_and_one_is_slower(triton_us: float, slower: str) -> None:
    class Both(Model):
        def norm(self, layer: int) -> None:
            if layer % 2:
                self.machine.spend(self.host_us)
                self.machine.launch("_rms_norm_kernel", triton_us)
            else:
                super().norm(layer)

    finding = found(Both().run(), "slower-twin")
    assert within_2_percent(finding, abs(triton_us - 50) * LAYERS / 2 * STEPS)
    assert f"{slower} is slower" in finding.title


class OddLayer(Model):
    def gemm(self, layer: int) -> None:
        self.machine.op("aten::mm", "gemm_kernel", 180 if layer == 5 else 100, self.host_us)


def test_an_odd_layer() -> None:
    planted = OddLayer().run()
    finding = found(planted, "odd-layers")
    assert within_2_percent(finding, extra_us(planted, Model().run()))
    assert finding.evidence.to_json()["layer"] == [5]


@pytest.mark.parametrize(("slow", "kind"), [(5, "odd-steps"), (0, "warm-up")])
def test_a_long_step(slow: int, kind: str) -> None:
    class LongStep(Model):
        def gemm(self, layer: int) -> None:
            dur_us = 200 if self.step_number == slow else 100
            self.machine.op("aten::mm", "gemm_kernel", dur_us, self.host_us)

    planted = LongStep().run()
    finding = found(planted, kind)
    assert within_2_percent(finding, extra_us(planted, Model().run()))
    assert finding.evidence.to_json()["step"] == [slow]


def test_decoding_waits_for_prompts() -> None:
    class Chunked(Model):
        def gemm(self, layer: int) -> None:
            dur_us = 400 if self.step_number == 3 else 100
            self.machine.op("aten::mm", "gemm_kernel", dur_us, self.host_us)

    names = [MIXED if number == 3 else DECODE for number in range(STEPS)]
    finding = found(Chunked().run(names=names), "prefill-interference")
    assert within_2_percent(finding, 300 * LAYERS)
    assert finding.severity == "info"
    assert "prefill-interference" not in kinds(Model().run(names=names))
