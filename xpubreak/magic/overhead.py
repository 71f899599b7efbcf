"""What the profiler costs: the cell's wall time with it, relative to the one without it."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from xpubreak.errors import Issue
from xpubreak.units import format_ns

_LOUD_RATIO = 1.25
_NOTABLE_FRAC = 0.01


class Stopwatch:
    """Measures runs of a cell, from a quiet device to a quiet device."""

    def __init__(self) -> None:
        self.runs_ns: list[int] = []
        self._start_ns = 0

    def __enter__(self) -> Stopwatch:
        wait_for_devices()
        self._start_ns = time.perf_counter_ns()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            wait_for_devices()
            self.runs_ns.append(time.perf_counter_ns() - self._start_ns)

    @property
    def total_ns(self) -> int:
        """Of the runs that ended well."""
        return sum(self.runs_ns)


@dataclass(frozen=True)
class Overhead:
    """Wall times of a cell.

    Parameters
    ----------
    plain_ns
        Of the run without the profiler.
    profiled_ns
        Of a run with it, on the average of `runs`.
    runs
        Number of runs with the profiler.
    switching_ns
        Left out of `profiled_ns`: a recording of some steps only starts and ends inside of the cell.
    """

    plain_ns: float
    profiled_ns: float
    runs: int
    switching_ns: int = 0

    @property
    def ratio(self) -> float:
        """Wall time with the profiler relative to without."""
        return self.profiled_ns / self.plain_ns

    @property
    def issue(self) -> Issue:
        """Say what the profiler cost: a note, a warning where it was much."""
        runs = f" (mean of {self.runs} runs)" if self.runs > 1 else ""
        message = (
            f"The cell took {format_ns(self.profiled_ns)} with the profiler{runs} and {format_ns(self.plain_ns)} "
            f"without: {self.ratio:.2f}×."
        )
        if self.switching_ns > _NOTABLE_FRAC * self.plain_ns:
            message += f" Starting and ending the recording inside of it took {format_ns(self.switching_ns)} more."
        if self.ratio < 1:
            message += " The run without it came first and was no faster: run once before with --warmup 1."
        elif self.ratio > _LOUD_RATIO:
            message += " Times on the host are longer than they are without it; shares of device time suffer less."
        return Issue("overhead", "warning" if self.ratio > _LOUD_RATIO else "info", message)


def compare(plain: Stopwatch, profiled: Stopwatch, switching_ns: int = 0) -> Overhead | None:
    """Compare runs without and with the profiler; None where either was not measured."""
    if not plain.total_ns or not profiled.total_ns:
        return None
    runs = len(profiled.runs_ns)
    switching_ns = min(switching_ns, profiled.total_ns)
    return Overhead(plain.total_ns / len(plain.runs_ns), (profiled.total_ns - switching_ns) / runs, runs, switching_ns)


def wait_for_devices() -> None:
    """Wait for the kernels that this process has put on its devices."""
    torch = sys.modules.get("torch")  # where nobody has imported it there is nothing to wait for
    for name in ("xpu", "cuda"):
        device: Any = getattr(torch, name, None)
        is_used = getattr(device, "is_initialized", None)
        if is_used is not None and is_used():
            device.synchronize()
