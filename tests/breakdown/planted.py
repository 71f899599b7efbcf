"""A tiny machine that runs a model step by step, so that a problem can be planted whose cost is known.

One host thread, in-order queues, times in microseconds. A kernel starts when it has been launched (plus 2 µs) and its
queue is free; the host spends what it is told to. What a problem costs is what the same run takes longer with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from xpubreak.breakdown.analysis import analyse
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.trace.kineto import from_dicts

LAYERS, STEPS = 8, 8
GEMM_US, NORM_US, ATTENTION_US = 100, 50, 60
ATTENTION = "cutlass::fmha::kernel::vllm_xpu_xe2::XeFMHAFwdSplitKVKernel"
NORM = "vllm::rms_norm_kernel"
_STAMP = {"vllm_version": "0.33.0", "xpubreak": {"versions": {"vllm-xpu-kernels": "0.1.16.2"}}}


class Machine:
    """Records what it does as Kineto would.

    Parameters
    ----------
    rank, world
        Of tensor parallel ranks.

    Attributes
    ----------
    own_gap_us
        What the device needs from one kernel to the next, however early it was launched.
    is_stamped
        Whether the trace says that vllm-xpu-kernels was there.
    """

    own_gap_us = 0.0
    is_stamped = True

    def __init__(self, rank: int = 0, world: int = 1) -> None:
        self.events: list[dict[str, Any]] = []
        self.now_us = 1000.0
        self.free_us: dict[int, float] = {}
        self.rank, self.world = rank, world
        self._correlation = 100

    @contextmanager
    def span(self, name: str, cat: str = "cpu_op", **args: Any) -> Iterator[None]:
        """Everything inside happens in an operator, annotation or call."""
        start_us = self.now_us
        yield
        self.now_us += 1
        self._event(name, cat, 1, 1, start_us, self.now_us - start_us, args)

    def launch(self, name: str, dur_us: float, *, queue: int = 7, cat: str = "kernel", **args: Any) -> float:
        """Put something on the device; returns when it ends."""
        self._correlation += 1
        call = "urEnqueueKernelLaunch" if cat == "kernel" else "urEnqueueUSMMemcpy"
        start_us = self.now_us
        self.now_us += 5
        self._event(call, "xpu_runtime", 1, 1, start_us, 5, {"correlation": self._correlation})
        begins_us = max(self.now_us + 2, self.free_us.get(queue, -self.own_gap_us) + self.own_gap_us)
        self.free_us[queue] = begins_us + dur_us
        self._event(name, cat, self.rank, queue, begins_us, dur_us, {"correlation": self._correlation, **args})
        return begins_us + dur_us

    def replay(self, kernels: list[tuple[str, float]], *, queue: int = 7, is_hidden: bool = False) -> None:
        """Replay a graph of kernels with one call; where they are hidden, the profiler saw none of them."""
        self._correlation += 1
        start_us = self.now_us
        self.now_us += 5
        self._event("urEnqueueCommandBufferExp", "xpu_runtime", 1, 1, start_us, 5, {"correlation": self._correlation})
        for name, dur_us in kernels:
            begins_us = max(self.now_us + 2, self.free_us.get(queue, -self.own_gap_us) + self.own_gap_us)
            self.free_us[queue] = begins_us + dur_us
            if not is_hidden:
                self._event(name, "kernel", self.rank, queue, begins_us, dur_us, {"correlation": self._correlation})

    def wait(self, queue: int = 7) -> None:
        """Wait for the device; the host wakes 3 µs after it."""
        start_us = self.now_us
        self.now_us = max(self.now_us, self.free_us.get(queue, 0)) + 3
        self._event("urQueueFinish", "xpu_runtime", 1, 1, start_us, self.now_us - start_us, {"correlation": 1})

    def copy_and_wait(self, name: str, dur_us: float, bytes_: int = 4096) -> None:
        """Copy something, and wait for it."""
        self.launch(name, dur_us, cat="gpu_memcpy", bytes=bytes_)
        self.wait()

    def spend(self, cost_us: float) -> None:
        """Let the host compute."""
        self.now_us += cost_us

    def op(self, name: str, kernel: str, dur_us: float, host_us: float, **args: Any) -> None:
        """An operator that launches one kernel."""
        with self.span(name, **args):
            self.spend(host_us)
            self.launch(kernel, dur_us)

    @property
    def end_us(self) -> float:
        """When the last activity ends."""
        return max(self.free_us.values())

    def breakdown(self) -> Breakdown:
        """What xpubreak makes of it."""
        return Breakdown.of([self.analysis()])

    def analysis(self) -> Any:
        """The same, of this rank alone."""
        return analyse(
            from_dicts(
                self.events,
                deviceProperties=[{"id": 0, "name": "Intel(R) Arc(TM) Pro B60 Graphics"}] * self.world,
                distributedInfo={"backend": "xccl", "rank": self.rank, "world_size": self.world},
                **(_STAMP if self.is_stamped else {}),
                baseTimeNanoseconds=1_790_000_000_000_000_000,
            )
        )

    def _event(self, name: str, cat: str, pid: int, tid: int, ts: float, dur: float, args: dict[str, Any]) -> None:
        host = cat not in ("kernel", "gpu_memcpy")
        self.events.append(
            {"ph": "X", "cat": cat, "name": name, "pid": 4000 if host else pid, "tid": tid if not host else 4000,
             "ts": round(ts, 3), "dur": round(dur, 3), "args": args}
        )  # fmt: skip


class Model:
    """A decoder that serves; its parts can be replaced by a test.

    Parameters
    ----------
    machine
        Where it runs.
    host_us
        What the host spends for each launch: 20 is far less than kernels take, so that it runs ahead.
    """

    def __init__(self, machine: Machine | None = None, host_us: float = 20) -> None:
        self.machine = machine or Machine()
        self.host_us = host_us
        self.between_us = 20.0
        self.step_number = 0

    def run(self, steps: int = STEPS, names: list[str] | None = None) -> Model:
        """Serve some decode steps, or steps of the given names."""
        for name in names or ["execute_context_0(0)_generation_4(4)"] * steps:
            with self.machine.span(name, "user_annotation"):
                self.start_of_step()
                for layer in range(LAYERS):
                    with self.machine.span(f"xpb:model.layers.{layer}:Qwen3DecoderLayer", "user_annotation"):
                        self.layer(layer)
            self.machine.wait()
            self.machine.spend(self.between_us)
            self.step_number += 1
        return self

    def start_of_step(self) -> None:
        """For tests to replace."""

    def layer(self, layer: int) -> None:
        """One layer."""
        self.norm(layer)
        self.gemm(layer)
        self.attention(layer)

    def norm(self, layer: int) -> None:
        """Norm of a layer, fused."""
        with self.machine.span(f"xpb:model.layers.{layer}.input_layernorm:RMSNorm", "user_annotation"):
            self.machine.op("_C::rms_norm", NORM, NORM_US, self.host_us)

    def gemm(self, layer: int) -> None:
        """Product of a layer."""
        self.machine.op("aten::mm", "gemm_kernel", GEMM_US, self.host_us)

    def attention(self, layer: int) -> None:
        """Attention of a layer."""
        self.machine.op("_vllm_fa2_C::varlen_fwd", ATTENTION, ATTENTION_US, self.host_us)
