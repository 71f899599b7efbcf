"""Findings about collectives of several ranks, and about the roofs of the device."""

from __future__ import annotations

from tests.breakdown.planted import LAYERS, STEPS, Machine, Model
from tests.breakdown.test_findings import found, kinds, within_2_percent
from xpubreak.breakdown.breakdown import Breakdown


class Parallel(Model):
    """Adds up after attention; `late_us` is what this rank waits for the other."""

    queue, wait_us, transfer_us = 7, 0.0, 40.0

    def attention(self, layer: int) -> None:
        super().attention(layer)
        with self.machine.span("c10d::allreduce_"):
            self.machine.spend(5)
            name = "oneccl_allreduce_ring_kernel"
            self.machine.launch(name, self.transfer_us + self.wait_us, queue=self.queue)


def _both_ranks(wait_us: float, queue: int = 7, transfer_us: float = 40) -> Breakdown:
    analyses = []
    for rank in range(2):
        model = Parallel(Machine(rank, 2))
        model.wait_us, model.queue, model.transfer_us = wait_us * rank, queue, transfer_us
        analyses.append(model.run().machine.analysis())
    return Breakdown.of(analyses)


def test_waiting_and_transfer_of_collectives() -> None:
    bd = _both_ranks(wait_us=60)
    assert within_2_percent(found(bd, "collective-wait"), 60 * LAYERS * STEPS)
    assert within_2_percent(found(bd, "collective-exposed"), 2 * 40 * LAYERS * STEPS)
    even = _both_ranks(wait_us=0)
    assert "collective-wait" not in {finding.kind for finding in even.findings}


def test_collectives_beside_compute_cost_nothing() -> None:
    bd = _both_ranks(wait_us=0, queue=9, transfer_us=20)
    assert not {finding.kind for finding in bd.findings} & {"collective-wait", "collective-exposed"}


class Shaped(Model):
    """Products of 64 x 4096 with a weight of 4096 x 4096 in 16 bits: 34.6 MB, 76 µs at 456 GB/s."""

    gemm_us = 180.0
    traffic_bytes = 2 * (64 * 4096 + 4096 * 4096 + 64 * 4096)
    least_us = traffic_bytes / 456e9 * 1e6

    def gemm(self, layer: int) -> None:
        args = {"Input Dims": [[64, 4096], [4096, 4096]], "Input type": ["c10::BFloat16"] * 2}
        self.machine.op("aten::mm", "gemm_kernel", self.gemm_us, self.host_us, **args)


class NearTheRoof(Shaped):
    gemm_us = 90.0


def test_a_copy_inside_of_a_product_takes_nothing_from_it() -> None:
    class Turned(Shaped):
        def gemm(self, layer: int) -> None:
            args = {"Input Dims": [[64, 4096], [4096, 4096]], "Input type": ["c10::BFloat16"] * 2}
            copied = {"Input Dims": [[4096, 4096]] * 2, "Input type": ["c10::BFloat16"] * 2}
            with self.machine.span("aten::mm", **args):
                self.machine.op("aten::copy_", "copy_kernel", 90, self.host_us, **copied)
                self.machine.launch("gemm_kernel", self.gemm_us)

    costs = Turned().run().machine.breakdown().costs.set_index("op")
    assert costs.time_ns.to_dict() == {
        "aten::mm": 180_000 * LAYERS * STEPS, "aten::copy_": 90_000 * LAYERS * STEPS,
    }  # fmt: skip
    assert costs.flops["aten::mm"] == 2 * 64 * 4096 * 4096 * LAYERS * STEPS


def test_ranks_may_record_different_numbers_of_steps() -> None:
    analyses = [Shaped(Machine(rank, 2)).run(steps).machine.analysis() for rank, steps in enumerate((3, 6))]
    bd = Breakdown.of(analyses)
    assert bd.costs.calls.sum() == LAYERS * (3 + 6)
    assert not bd.findings.failures


def test_far_from_the_roof() -> None:
    finding = found(Shaped().run(), "headroom")
    assert within_2_percent(finding, (180 - Shaped.least_us) * LAYERS * STEPS)
    assert finding.key == "headroom:aten::mm:memory"
    assert "Arc Pro B60" in finding.arithmetic
    assert "456 GB/s" in finding.source
    assert "headroom" not in kinds(NearTheRoof().run())


def test_copies_over_the_bus_are_not_held_against_the_memory_of_the_device() -> None:
    class Copies(Model):
        def gemm(self, layer: int) -> None:
            args = {"Input Dims": [[1 << 20], [1 << 20]], "Input type": ["float", "float"]}
            with self.machine.span("aten::copy_", **args):
                self.machine.launch("Memcpy H2D (HOST -> DEVICE)", 180, cat="gpu_memcpy", bytes=4 << 20)

    assert "headroom" not in kinds(Copies().run())
