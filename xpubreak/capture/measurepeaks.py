"""What a device reaches: products of matrices by type, and copies, timed with torch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

_TYPES = {"float": "float32", "c10::BFloat16": "bfloat16", "c10::Half": "float16"}
"""Name in traces, name in torch."""
_SIZES = (512, 1024, 2048, 4096)
_LEAST_ROUNDS = 3


@dataclass(frozen=True)
class Measured:
    """Best of several rounds each.

    Parameters
    ----------
    flops_per_s
        By type as traces name it; types that the device does not multiply are left out.
    bytes_per_s
        Of a copy, reading and writing counted.
    note
        How it was measured.
    """

    flops_per_s: dict[str, float]
    bytes_per_s: float
    note: str


def measure(torch: ModuleType, device: str, seconds: float, copy_bytes: int) -> Measured:
    """Measure a device.

    Parameters
    ----------
    torch
        The imported module.
    device
        As torch names it.
    seconds
        For each type and size, and for copies.
    copy_bytes
        Of the memory that is copied: larger than all caches.
    """
    wait = getattr(getattr(torch, device.partition(":")[0], None), "synchronize", None)
    wait = wait if device.partition(":")[0] != "cpu" and callable(wait) else _nothing
    rates: dict[str, float] = {}
    for name, torch_name in _TYPES.items():
        best = 0.0
        for size in _SIZES:
            try:
                a, b = (torch.randn(size, size, device=device).to(getattr(torch, torch_name)) for _ in range(2))
                out = torch.empty_like(a)
                took = _least_s(lambda a=a, b=b, out=out: torch.mm(a, b, out=out), wait, seconds)  # type: ignore[misc]
            except (RuntimeError, TypeError):  # no such product on this device
                break
            best = max(best, 2 * size**3 / took)
            if 8 * took > 2 * seconds:  # the next size takes eight times as long
                break
        if best:
            rates[name] = best
    source = torch.empty(copy_bytes, dtype=torch.uint8, device=device).fill_(1)
    target = torch.empty_like(source)
    target.copy_(source)  # pages are there
    took = _least_s(lambda: target.copy_(source), wait, seconds)
    note = (
        f"measured with torch {torch.__version__}"
        + (f" on {torch.get_num_threads()} threads" if device == "cpu" else "")
        + f": products of matrices of {_SIZES[0]}² to {_SIZES[-1]}², copies of {copy_bytes >> 20} MiB, best of each"
    )
    return Measured(rates, 2 * copy_bytes / took, note)


def _least_s(work: Callable[[], Any], wait: Callable[[], Any], seconds: float) -> float:
    """The shortest of several rounds, after one that warms up."""
    work()
    wait()
    best, rounds, until = float("inf"), 0, time.perf_counter() + seconds
    while rounds < _LEAST_ROUNDS or time.perf_counter() < until:
        start = time.perf_counter()
        work()
        wait()
        best, rounds = min(best, time.perf_counter() - start), rounds + 1
    return best


def _nothing() -> None:
    """Processors do what they are told at once."""
