"""Planted problems: each with what it costs, and twins that differ from it in one thing only."""

from __future__ import annotations

from dataclasses import dataclass

from tests.breakdown.planted import LAYERS, STEPS, Model
from tests.breakdown.problems import (
    DECODE,
    LARGER,
    MIXED,
    TRITON,
    UNFUSED,
    WHOLE,
    AtenAttention,
    Attention,
    Between,
    Both,
    BusyMeanwhile,
    Copies,
    DeviceCompute,
    Fallback,
    Gemm,
    HostCompute,
    NeverReads,
    NoFallback,
    PinnedCopies,
    ReadsHereAndThereLater,
    ReadsLater,
    Run,
    Shaped,
    Waits,
    WaitsHereAndThere,
    both_ranks,
    gloo_ranks,
    idle_within_steps_us,
    norms,
)


@dataclass(frozen=True)
class Plant:
    """A problem.

    Parameters
    ----------
    kind
        Of the finding that tells of it.
    name
        Tells plants of a kind apart.
    planted
        A run with the problem.
    cost_us
        What it costs, known from the clock of the machine and not from xpubreak.
    twins
        Runs without it, by what is different.
    """

    kind: str
    name: str
    planted: Run
    cost_us: float
    twins: dict[str, Run]


def _run(model: Model, steps: int = STEPS, names: list[str] | None = None) -> Run:
    return lambda: model.run(steps, names).machine.breakdown()  # noqa: PLW0108 - the run is made when asked for


def _longer_us(planted: Model, twin: Model, names: list[str] | None = None) -> float:
    """What a run takes longer than its twin."""
    return planted.run(names=names).machine.end_us - twin.run(names=names).machine.end_us


def plants() -> list[Plant]:
    """All of them."""
    names = [MIXED if number == 3 else DECODE for number in range(STEPS)]
    mixed_and_decode = [MIXED if number % 2 else DECODE for number in range(STEPS)]
    one_larger = [LARGER if number == 5 else DECODE for number in range(STEPS)]
    # The clean run idles a little between steps as well.
    small_us = (20 + 3 + 1 + 20 + 5 + 2) * (STEPS - 1)
    clean = {"clean": _run(Model())}
    fused = {"the library's": _run(norms())}
    compute, memory = Shaped(4096, 2.5), Shaped(64, 2.4)
    calls = LAYERS * STEPS

    def mixed_us(longer_us: float) -> Gemm:
        return Gemm(lambda step, layer: 100 + longer_us * (step == 3))

    return [
        Plant("cpu-fallback", "eig", _run(Fallback()), _longer_us(Fallback(), NoFallback()),
              {"has a kernel": _run(NoFallback())}),
        Plant("host-compute", "sort", _run(HostCompute()), _longer_us(HostCompute(), DeviceCompute()),
              {"on the device": _run(DeviceCompute()), "device busy": _run(BusyMeanwhile())}),
        Plant("launch-bound", "slow host", _run(Model(host_us=180)), idle_within_steps_us(Model(host_us=180).run()),
              {"fast host": _run(Model(host_us=20))}),
        Plant("between-steps", "slow", _run(Between(800)), _longer_us(Between(800), Between(20)) + small_us,
              {"quick": _run(Between(20))}),
        Plant("sync", "item", _run(Waits()), _longer_us(Waits(), NeverReads()),
              {"never reads": _run(NeverReads()), "reads later": _run(ReadsLater())}),
        Plant("sync-several", "checks", _run(WaitsHereAndThere()), _longer_us(WaitsHereAndThere(), Model()),
              {"never reads": _run(Model()), "reads later": _run(ReadsHereAndThereLater())}),
        Plant("pageable-copies", "of steps", _run(Copies()), 150 * STEPS, {"pinned": _run(PinnedCopies())}),
        Plant("slow-path", "unfused", _run(norms(*UNFUSED)), 160 * calls,
              {**fused, "no stamp": _run(norms(*UNFUSED, is_stamped=False))}),
        Plant("slow-path", "whole", _run(norms(*WHOLE)), 160 * calls,
              {**fused, "no stamp": _run(norms(*WHOLE, is_stamped=False))}),
        Plant("slow-path", "triton", _run(norms(*TRITON)), 160 * calls,
              {**fused, "no stamp": _run(norms(*TRITON, is_stamped=False))}),
        Plant("slow-path", "attention", _run(AtenAttention()), 80 * calls, {"the library's": _run(Attention())}),
        Plant("slower-twin", "triton", _run(Both(90)), 40 * calls / 2, {"as fast": _run(Both(50))}),
        Plant("slower-twin", "library", _run(Both(20)), 30 * calls / 2, {"as fast": _run(Both(50))}),
        Plant("slower-twin", "two phases", _run(Both(90), names=mixed_and_decode), 40 * calls / 2,
              {"as fast": _run(Both(50), names=mixed_and_decode)}),
        Plant("odd-layers", "one", _run(Gemm(lambda step, layer: 180 if layer == 5 else 100)), 80 * STEPS,
              {**clean, "all slow": _run(Gemm(lambda step, layer: 180)),
               "one step": _run(Gemm(lambda step, layer: 180 if layer == 5 and step == 5 else 100))}),
        Plant("odd-steps", "one", _run(Gemm(lambda step, layer: 200 if step == 5 else 100)), 100 * LAYERS,
              {**clean, "more requests": _run(Gemm(lambda step, layer: 200 if step == 5 else 100), names=one_larger),
               "the first": _run(Gemm(lambda step, layer: 200 if step == 0 else 100))}),
        Plant("warm-up", "first two", _run(Gemm(lambda step, layer: 200 if step < 2 else 100)), 2 * 100 * LAYERS,
              {**clean, "not the first": _run(Gemm(lambda step, layer: 200 if step == 5 else 100))}),
        Plant("prefill-interference", "mixed", _run(mixed_us(300), names=names), 300 * LAYERS,
              {"as long": _run(mixed_us(0), names=names), "all decode": _run(mixed_us(300))}),
        Plant("collective-wait", "late", both_ranks(60), 60 * calls, {"even": both_ranks(0)}),
        Plant("collective-exposed", "beside nothing", both_ranks(0), 2 * 40 * calls,
              {"beside compute": both_ranks(0, transfer_us=20, queue=9)}),
        Plant("collective-wait", "gloo", gloo_ranks(200), 200 * STEPS, {"even": gloo_ranks(0)}),
        Plant("collective-exposed", "gloo", gloo_ranks(0), 2 * 300 * STEPS,
              {"beside compute": gloo_ranks(0, is_hidden=True)}),
        Plant("headroom", "memory", _run(memory), (memory.gemm_us - memory.least_us) * calls,
              {"near the roof": _run(Shaped(64, 1.2))}),
        Plant("headroom", "compute", _run(compute), (compute.gemm_us - compute.least_us) * calls,
              {"near the roof": _run(Shaped(4096, 1.2))}),
    ]  # fmt: skip
