"""The device side of a synthetic trace: launches, copies, fills, graph replays, and when they run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from xpubreak.samples.host import Event, Host, microseconds
from xpubreak.samples.kernels import KERNELS, Kernel
from xpubreak.samples.queues import COLLECTIVE_QUEUE, COMPUTE_QUEUE, Queues, whole_ticks
from xpubreak.samples.truth import Activity
from xpubreak.samples.where import Where

_BYTES_PER_US = 22_000  # PCIe, host to device and back
_BASE_NS = 1_790_857_026_000_000_000
_REPLAY_CALLS = ("zeFenceReset", "zeCommandQueueExecuteCommandLists", "zeCommandQueueExecuteCommandLists")


@dataclass
class Device:
    """One XPU with in-order queues, and the calls that fill them.

    Parameters
    ----------
    host
        Who calls.
    index
        Device index, ``pid`` of what it runs.
    seed
        Of the jitter.
    forced_us
        Durations forced upon kernels by their key in `KERNELS`.
    hide_replays
        Run replayed graphs without recording their kernels.
    """

    host: Host
    index: int
    seed: int
    forced_us: dict[str, float]
    hide_replays: bool
    where: Where = field(default_factory=Where)
    events: list[Event] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._queues = Queues(self.seed)
        self._correlation = 4000
        self._kernel_id = 0
        self._pending: list[tuple[Kernel, int, int, Where]] | None = None

    def launch(self, key: str, *, scale: float = 1.0, wait_us: float = 0.0) -> None:
        """Launch a kernel.

        Parameters
        ----------
        key
            In `KERNELS`.
        scale
            Of its typical duration.
        wait_us
            Added to it: a collective waits for the slowest rank.
        """
        kernel = KERNELS[key]
        typical_us = kernel.decode_us if self.where.phase == "decode" else kernel.prefill_us
        forced_us = self.forced_us.get(key)
        if forced_us is None:
            dur_ns = whole_ticks(typical_us * scale * self._queues.jitter() + wait_us)
        else:
            dur_ns = round(forced_us * 1000)
        queue = COLLECTIVE_QUEUE if kernel.role == "collectives" else COMPUTE_QUEUE
        self._submit(kernel, dur_ns, queue)

    def launch_named(self, kernel: Kernel) -> None:
        """Launch a kernel that is not in the vocabulary."""
        self._submit(kernel, round(kernel.decode_us * 1000), COMPUTE_QUEUE)

    def copy(self, direction: str, n_bytes: int, *, queue: int = COMPUTE_QUEUE, is_blocking: bool = False) -> None:
        """Copy between host and device; `direction` is ``H2D`` or ``D2H``, the latter waits for what is computed."""
        label = "HOST -> DEVICE" if direction == "H2D" else "DEVICE -> HOST"
        dur_ns = whole_ticks(1.7 + n_bytes / _BYTES_PER_US)
        self._transfer("gpu_memcpy", f"Memcpy {direction} ({label})", "Copy", n_bytes, dur_ns, queue)
        if is_blocking:
            self.synchronize(queue)

    def fill(self, n_bytes: int) -> None:
        """Set device memory."""
        dur_ns = whole_ticks(1.2 + n_bytes / 300_000)
        self._transfer("gpu_memset", "Memset (DEVICE)", "Fill", n_bytes, dur_ns, COMPUTE_QUEUE)

    def synchronize(self, queue: int) -> None:
        """Let the host wait until a queue is empty."""
        start_ns = self.host.now_ns
        self.host.now_ns = max(start_ns, self._queues.free_ns(queue)) + 3100
        self._call("xpu_driver", "zeEventHostSynchronize", start_ns, self.host.now_ns, self._next_correlation())

    def replay(self, enqueue: Callable[[], None]) -> None:
        """Replay as a graph what `enqueue` would launch: one call, no operators, one correlation id for all."""
        self._pending = []
        self.host.is_silent = True
        enqueue()
        self.host.is_silent = False
        captured, self._pending = self._pending, None
        correlation = self._next_correlation()
        start_ns = self.host.now_ns
        self.host.spend(18)
        inner: list[tuple[str, int, int]] = []
        for name in _REPLAY_CALLS:
            before_ns = self.host.now_ns
            self.host.spend(9)
            inner.append((name, before_ns, self.host.now_ns))
        self.host.spend(6)
        self._call("xpu_runtime", "urEnqueueGraphExp", start_ns, self.host.now_ns, correlation, flows=True)
        for name, before_ns, after_ns in inner:
            is_execute = name == "zeCommandQueueExecuteCommandLists"
            own = correlation if is_execute else self._next_correlation()
            self._call("xpu_driver", name, before_ns, after_ns, own)
        submitted_ns = self.host.now_ns
        for kernel, dur_ns, queue, where in captured:
            start = self._queues.occupy(queue, submitted_ns, dur_ns)
            if not self.hide_replays:
                self._record(kernel, start, dur_ns, queue, correlation, submitted_ns, where, link="graph")

    def collective_span(self, name: str, start_ns: int) -> None:
        """Record the host-side span of a collective; its kernel is recorded apart."""
        if not self.host.is_silent:
            self._call("collective_comm", f"xccl::{name}", start_ns, self.host.now_ns, -1)

    def cover(self, name: str, external_id: int, since: int) -> None:
        """Record on every queue the annotation that enqueued the activities from number `since` on."""
        for queue in sorted({activity.queue for activity in self.activities[since:]}):
            covered = [one for one in self.activities[since:] if one.queue == queue]
            start_ns = min(one.start_ns for one in covered)
            end_ns = max(one.start_ns + one.dur_ns for one in covered)
            self.events.append(
                {
                    "ph": "X",
                    "cat": "gpu_user_annotation",
                    "name": name,
                    "pid": self.index,
                    "tid": queue,
                    "ts": microseconds(start_ns),
                    "dur": microseconds(end_ns - start_ns),
                    "args": {"External id": external_id},
                }
            )

    def _submit(self, kernel: Kernel, dur_ns: int, queue: int) -> None:
        if self._pending is not None:
            self._pending.append((kernel, dur_ns, queue, Where(**vars(self.where))))
            return
        correlation, submitted_ns = self._enqueue("urEnqueueKernelLaunch", "zeCommandListAppendLaunchKernel", 22)
        start = self._queues.occupy(queue, submitted_ns, dur_ns)
        self._record(kernel, start, dur_ns, queue, correlation, submitted_ns, self.where, link="runtime")

    def _transfer(self, category: str, name: str, verb: str, n_bytes: int, dur_ns: int, queue: int) -> None:
        what = "Memcpy" if verb == "Copy" else "Fill"
        call = f"zeCommandListAppendMemory{verb}"
        correlation, submitted_ns = self._enqueue(f"urEnqueueUSM{what}", call, 14)
        start = self._queues.occupy(queue, submitted_ns, dur_ns, is_free="H2D" in name)
        more = {
            "l0 call": call,
            "memory opration id": correlation,  # the key is misspelt by its writer
            "bytes": n_bytes,
            "memory bandwidth (GB/s)": round(n_bytes / dur_ns, 6),
        }
        role = "cpu" if self.where.in_fallback else "framework"
        stand_in = Kernel(name, role, category.removeprefix("gpu_"), 0, 0, told_by="op" if role == "cpu" else "kind")
        self._record(
            stand_in,
            start,
            dur_ns,
            queue,
            correlation,
            submitted_ns,
            self.where,
            "runtime",
            category=category,
            more=more,
        )

    def _enqueue(self, runtime_call: str, driver_call: str, cost_us: float) -> tuple[int, int]:
        """Record the runtime call and the driver call in it; returns the correlation id and when it was submitted."""
        correlation, host = self._next_correlation(), self.host
        start_ns = host.now_ns
        host.spend(cost_us * 0.5)
        append_ns = host.now_ns
        host.spend(6)
        submitted_ns = host.now_ns
        host.spend(cost_us * 0.25)
        self._call("xpu_runtime", runtime_call, start_ns, host.now_ns, correlation, flows=True)
        self._call("xpu_driver", driver_call, append_ns, submitted_ns, correlation)
        host.spend(0.5)
        return correlation, submitted_ns

    def _call(
        self, category: str, name: str, start_ns: int, end_ns: int, correlation: int, *, flows: bool = False
    ) -> None:
        args: Event = {"Communicator_id": 1} if category == "collective_comm" else {"correlation": correlation}
        if category == "xpu_runtime" and self.host.external_id:
            args = {"External id": self.host.external_id, **args}
        pid, ts = self.host.pid, microseconds(start_ns)
        self.events.append(
            {
                "ph": "X",
                "cat": category,
                "name": name,
                "pid": pid,
                "tid": pid,
                "ts": ts,
                "dur": microseconds(end_ns - start_ns),
                "args": args,
            }
        )
        if flows:
            flow = {"ph": "s", "id": correlation, "pid": pid, "tid": pid, "ts": ts, "cat": "ac2g", "name": "ac2g"}
            self.events.append(flow)

    def _record(
        self,
        kernel: Kernel,
        start_ns: int,
        dur_ns: int,
        queue: int,
        correlation: int,
        submitted_ns: int,
        where: Where,
        link: str,
        *,
        category: str = "kernel",
        more: Event | None = None,
    ) -> None:
        external_id = self.host.external_id
        args: dict[str, Any] = {"External id": external_id} if external_id else {}
        args |= {
            "kernel_id": self._kernel_id,
            "l0 queue": f"0x{0x55D08B8FC138 + queue * 0x400:016x}",
            "sycl queue": queue,
            "context": "0x000055d08918fc78",
            "correlation": correlation,
            "device": self.index,
            "submitted": _BASE_NS + submitted_ns,
            "appended": _BASE_NS + submitted_ns,
        }
        self._kernel_id += 1
        place = {"pid": self.index, "tid": queue, "ts": microseconds(start_ns)}
        self.events.append(
            {
                "ph": "X",
                "cat": category,
                "name": kernel.name,
                **place,
                "dur": microseconds(dur_ns),
                "args": args | (more or {}),
            }
        )
        self.events.append({"ph": "f", "id": correlation, **place, "cat": "ac2g", "name": "ac2g", "bp": "e"})
        op = self.host.op
        told_by = "none" if kernel.told_by == "op" and not op else kernel.told_by
        self.activities.append(
            Activity(
                kernel.name,
                kernel.role,
                kernel.category,
                where.layer,
                where.position,
                where.phase,
                where.step,
                where.in_annotation,
                op,
                link,
                told_by,
                self.index,
                queue,
                start_ns,
                dur_ns,
            )
        )

    def _next_correlation(self) -> int:
        self._correlation += 1
        return self._correlation
