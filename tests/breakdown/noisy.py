"""Runs with known noise: vLLM's step annotations, launches and kernels whose durations are drawn."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

import xpubreak as xb
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.rows import Tables
from xpubreak.trace import kineto

KERNELS = {
    "gemm_a": ("aten::mm", 40_000, 4),
    "gemm_b": ("aten::mm", 25_000, 4),
    "vllm::rms_norm_kernel": ("_C::rms_norm", 4_000, 8),
    "vllm::fused_add_rms_norm_kernel": ("_C::fused_add_rms_norm", 5_000, 6),
    "vllm::act_and_mul_kernel": ("_C::silu_and_mul", 6_000, 4),
    "flash_fwd": ("_vllm_fa2_C::varlen_fwd", 18_000, 4),
    "copy": ("aten::copy_", 2_000, 3),
    "argmax": ("aten::argmax", 9_000, 1),
}
"""Kernel: its operator, its mean duration, its launches in a step."""
DECODE, PREFILL = "execute_context_0(0)_generation_4(4)", "execute_context_2(256)_generation_0(0)"


def noisy_run(
    seed: int,
    steps: int = 40,
    *,
    noise: float = 0.02,
    common: float = 0.01,
    hiccups: float = 0.02,
    drift: float = 0.0,
    slower: dict[str, float] | None = None,
    step_names: list[str] | None = None,
    title: str = "noisy",
) -> Breakdown:
    """A run of so many steps.

    ``noise`` is of each kernel (lognormal), ``common`` of all kernels of a step together, ``hiccups`` the share of
    kernels that take three times as long, ``drift`` the correlation of a step's common noise with that of the last.
    """
    random = np.random.default_rng(seed)
    names = tuple(step_names or [DECODE] * steps)
    tables = _quiet_run(names)
    means = np.repeat([mean for _, mean, _ in KERNELS.values()], [count for *_, count in KERNELS.values()])
    factor = np.repeat([(slower or {}).get(name, 1.0) for name in KERNELS], [count for *_, count in KERNELS.values()])
    together = np.zeros(len(names))
    for step in range(len(names)):
        last = together[step - 1] if step else random.normal()
        together[step] = drift * last + np.sqrt(1 - drift**2) * random.normal()
    shape = (len(names), len(means))
    durations = means * factor * np.exp(noise * random.normal(size=shape) + common * together[:, None])
    durations *= np.where(random.random(shape) < hiccups, 3.0, 1.0)
    rows = tables.rows
    device_ns, total_ns = rows.device_ns.copy(), rows.total_ns.copy()
    device_ns[rows.is_activity] = total_ns[rows.is_activity] = np.rint(durations).astype(np.int64).reshape(-1)
    return Breakdown(replace(tables, rows=replace(rows, device_ns=device_ns, total_ns=total_ns)), title)


@cache
def _quiet_run(step_names: tuple[str, ...]) -> Tables:
    """The same run with its mean durations, read once: reading takes longer than comparing."""
    events: list[dict[str, Any]] = []
    at_us, number = 0.0, 0
    for name in step_names:
        start_us = at_us
        for kernel, (op, mean_ns, launches) in KERNELS.items():
            for _ in range(launches):
                number += 1
                events += _launch(op, kernel, number, at_us, mean_ns)
                at_us += 60
        events.append(_event("user_annotation", name, 1, start_us, at_us - start_us))
        at_us += 50
    return xb.load(kineto.from_dicts(events)).tables


def _launch(op: str, kernel: str, number: int, at_us: float, dur_ns: int) -> list[dict[str, Any]]:
    return [
        _event("cpu_op", op, 1, at_us, 10),
        _event("cuda_runtime", "cudaLaunchKernel", 1, at_us + 1, 5, correlation=number),
        _event("kernel", kernel, 0, at_us + 3, dur_ns / 1000, pid=0, correlation=number),
    ]


def _event(cat: str, name: str, tid: int, ts: float, dur: float, pid: int = 1, **args: Any) -> dict[str, Any]:
    return {
        "ph": "X",
        "cat": cat,
        "name": name,
        "pid": pid,
        "tid": tid,
        "ts": round(ts, 3),
        "dur": round(dur, 3),
        "args": args,
    }
