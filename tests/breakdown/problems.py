"""Problems of runs, and the same runs without them, for the machine of `planted`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.breakdown.planted import ATTENTION, LAYERS, NORM, STEPS, Machine, Model
from xpubreak.breakdown.analysis import Analysis, analyse
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.trace.kineto import from_dicts

MIXED, DECODE = "execute_context_1(128)_generation_4(4)", "execute_context_0(0)_generation_4(4)"
LARGER = "execute_context_0(0)_generation_9(9)"

Run = Callable[[], Breakdown]


class Fallback(Model):
    """The operator of layer 3 has no kernel on the device."""

    def attention(self, layer: int) -> None:
        if layer == 3:
            self.special()
        super().attention(layer)

    def special(self) -> None:
        with self.machine.span("aten::linalg_eig"):
            with self.machine.span("aten::_to_cpu"), self.machine.span("aten::copy_"):
                self.machine.copy_and_wait("Memcpy D2H (DEVICE -> HOST)", 50)
            self.machine.spend(900)
            with self.machine.span("aten::copy_"):
                self.machine.copy_and_wait("Memcpy H2D (HOST -> DEVICE)", 30)


class NoFallback(Fallback):
    def special(self) -> None:
        self.machine.op("aten::linalg_eig", "eig_kernel", 1, self.host_us)


class HostCompute(Model):
    """Layer 4 sorts tensors that were left on the host; the host is never 3 ms ahead."""

    def attention(self, layer: int) -> None:
        if layer == 4:
            with self.machine.span("aten::sort"):
                self.sort()
        super().attention(layer)

    def sort(self) -> None:
        self.machine.spend(3000)


class DeviceCompute(HostCompute):
    def sort(self) -> None:
        self.machine.launch("at::native::xpu::SortKernel", 1)


class BusyMeanwhile(HostCompute):
    """The same work on the host, while the device has more than that to do."""

    def gemm(self, layer: int) -> None:
        self.machine.op("aten::mm", "gemm_kernel", 4000 if layer == 4 else 100, self.host_us)


class Waits(Model):
    """Layer 4 reads a value back; without that, the host would be ahead."""

    def attention(self, layer: int) -> None:
        if layer == 4:
            self.read()
        if layer >= 4:
            self.machine.spend(100)
        super().attention(layer)

    def read(self) -> None:
        with self.machine.span("aten::item"), self.machine.span("aten::_local_scalar_dense"):
            self.machine.copy_and_wait("Memcpy D2H (DEVICE -> HOST)", 10)


class NeverReads(Waits):
    def read(self) -> None:
        pass


class ReadsLater(Waits):
    def read(self) -> None:
        with self.machine.span("aten::copy_"):
            self.machine.launch("Memcpy D2H (DEVICE -> HOST)", 10, cat="gpu_memcpy", bytes=4096)


class WaitsHereAndThere(Model):
    """Every step waits in another place, too shortly for a finding of its own."""

    def attention(self, layer: int) -> None:
        if layer == 4:
            self.read()
        super().attention(layer)

    def read(self) -> None:
        with self.machine.span(f"mylib::check_{self.step_number}"):
            self.machine.copy_and_wait("Memcpy D2H (DEVICE -> HOST)", 10)


class ReadsHereAndThereLater(WaitsHereAndThere):
    def read(self) -> None:
        with self.machine.span(f"mylib::check_{self.step_number}"):
            self.machine.launch("Memcpy D2H (DEVICE -> HOST)", 10, cat="gpu_memcpy", bytes=4096)


class Copies(Model):
    """Every step copies something."""

    memory = "MEMORY -> DEVICE"

    def start_of_step(self) -> None:
        with self.machine.span("aten::copy_"):
            self.machine.launch(f"Memcpy M2D ({self.memory})", 150, cat="gpu_memcpy", bytes=1 << 20)


class PinnedCopies(Copies):
    memory = "HOST -> DEVICE"


class Norm(Model):
    """A norm of 160 µs by one kernel or several."""

    kernels: tuple[tuple[str, str], ...] = (("_C::rms_norm", NORM),)
    total_us = 160.0

    def norm(self, layer: int) -> None:
        with self.machine.span(f"xpb:model.layers.{layer}.input_layernorm:RMSNorm", "user_annotation"):
            for op, kernel in self.kernels:
                dur_us = self.total_us / len(self.kernels)
                if op:
                    self.machine.op(op, kernel, dur_us, 10)
                else:
                    self.machine.spend(10)
                    self.machine.launch(kernel, dur_us)


def norms(*kernels: tuple[str, str], is_stamped: bool = True) -> Norm:
    model = Norm()
    model.kernels = kernels or model.kernels
    model.machine.is_stamped = is_stamped
    return model


UNFUSED = tuple(
    (f"aten::{name}", f"at::native::xpu::UnrolledElementwiseKernel<at::native::xpu::{name.capitalize()}Functor>")
    for name in ("pow", "mean", "rsqrt", "mul")
)
WHOLE = (("aten::rms_norm", "at::native::xpu::RMSNormForwardKernel"),)
TRITON = (("", "_rms_norm_kernel"),)


class Attention(Model):
    """Attention of 80 µs by somebody."""

    kernel = ("_vllm_fa2_C::varlen_fwd", ATTENTION)

    def attention(self, layer: int) -> None:
        self.machine.op(*self.kernel, 80, self.host_us)


class AtenAttention(Attention):
    kernel = ("aten::scaled_dot_product_attention", "micro_sdpa")


class Both(Model):
    """Every other norm is a Triton kernel; the others are the library's and take 50 µs."""

    def __init__(self, triton_us: float) -> None:
        super().__init__()
        self.triton_us = triton_us

    def norm(self, layer: int) -> None:
        if layer % 2:
            self.machine.spend(self.host_us)
            self.machine.launch("_rms_norm_kernel", self.triton_us)
        else:
            super().norm(layer)


class Gemm(Model):
    """Products whose time depends on step and layer."""

    def __init__(self, time_us: Callable[[int, int], float]) -> None:
        super().__init__()
        self.time_us = time_us

    def gemm(self, layer: int) -> None:
        self.machine.op("aten::mm", "gemm_kernel", self.time_us(self.step_number, layer), self.host_us)


class Between(Model):
    def __init__(self, between_us: float) -> None:
        super().__init__()
        self.between_us = between_us


class Shaped(Model):
    """Products ``[rows, 4096] @ [4096, 4096]`` in 16 bits, at an Arc Pro B60: 98.5 TFLOP/s, 456 GB/s."""

    def __init__(self, rows: int, took: float) -> None:
        super().__init__()
        self.rows = rows
        flops, moved = 2 * rows * 4096 * 4096, 2 * (2 * rows * 4096 + 4096 * 4096)
        self.least_us = max(flops / 98.5e12, moved / 456e9) * 1e6
        self.gemm_us = took * self.least_us

    def gemm(self, layer: int) -> None:
        args = {"Input Dims": [[self.rows, 4096], [4096, 4096]], "Input type": ["c10::BFloat16"] * 2}
        self.machine.op("aten::mm", "gemm_kernel", self.gemm_us, self.host_us, **args)


class Parallel(Model):
    """Adds up after attention; ``late_us`` is what this rank waits for the other."""

    def __init__(self, machine: Machine, late_us: float, transfer_us: float, queue: int) -> None:
        super().__init__(machine)
        self.late_us, self.transfer_us, self.queue = late_us, transfer_us, queue

    def attention(self, layer: int) -> None:
        super().attention(layer)
        with self.machine.span("c10d::allreduce_"):
            self.machine.spend(5)
            self.machine.launch("oneccl_allreduce_ring_kernel", self.transfer_us + self.late_us, queue=self.queue)


def both_ranks(late_us: float, transfer_us: float = 40, queue: int = 7) -> Run:
    """Two ranks of which the second one waits."""
    models = [Parallel(Machine(rank, 2), late_us * rank, transfer_us, queue) for rank in range(2)]
    return lambda: Breakdown.of([model.run().machine.analysis() for model in models])


def gloo_ranks(late_us: float, *, is_hidden: bool = False) -> Run:
    """Two processes on CPUs: rank 0 waits in gloo's thread for rank 1; the main thread waits, too, or computes."""

    def analysis(rank: int) -> Analysis:
        events: list[dict[str, Any]] = []
        for step in range(STEPS):
            took_us = 300 + late_us * (rank == 0)
            rest_us = took_us if is_hidden else 1
            for cat, name, thread, start_us, dur_us in (
                ("user_annotation", DECODE, 1, 0, 1900),
                ("cpu_op", "aten::mm", 1, 10, 800),
                ("cpu_op", "c10d::allreduce_", 1, 820, 20),
                ("user_annotation", "gloo:all_reduce", 2 + step % 2, 850, took_us),
                ("cpu_op", "aten::relu", 1, 850, rest_us),
            ):
                events.append({"ph": "X", "cat": cat, "name": name, "pid": 9, "tid": thread,
                               "ts": 2000 * step + start_us, "dur": dur_us})  # fmt: skip
        return analyse(from_dicts(events, distributedInfo={"backend": "gloo", "rank": rank, "world_size": 2}))

    return lambda: Breakdown.of([analysis(rank) for rank in range(2)])


def idle_within_steps_us(model: Model) -> float:
    """Idle time of the device inside of steps, counted event by event."""
    kernels = sorted(
        (event["ts"], event["ts"] + event["dur"]) for event in model.machine.events if event["cat"] == "kernel"
    )
    pairs = [(kernels[number - 1][1], kernels[number][0]) for number in range(1, len(kernels))]
    return sum(max(0.0, start - end) for number, (end, start) in enumerate(pairs, 1) if number % (3 * LAYERS))
