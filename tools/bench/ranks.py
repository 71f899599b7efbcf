"""Eight ranks side by side against one after another, in the same run; see README.md beside this file.

::

    python tools/bench/ranks.py [--ranks 8] [--events 1000000] [--processes 2] [--runs 5]

Wall time and processor time, children included, of each run in turn, and the medians of the ratios of neighbouring
runs: what else the machine does meanwhile hits all. The workers are warm: one load before the clock starts.

One after another is measured twice: by one thread, which is what several processes are to be held against (two of them
on two processors cannot be more than twice as fast), and as ``processes=1`` does it, with a second thread that reads
ahead where there is a processor for it.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

from traces import make  # noqa: E402 - found through the path set above

import xpubreak as xb  # noqa: E402
from xpubreak.breakdown.workers import WORKERS  # noqa: E402
from xpubreak.trace.ahead import one_thread  # noqa: E402


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranks", type=int, default=8)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    # The same trace for each rank: they are numbered as they come, and cost what eight different ones would.
    path = make(Path(tempfile.gettempdir()) / "xpubreak-bench", options.events)
    sources = [path] * options.ranks
    print(f"{options.ranks} ranks of {options.events:,} events, {path.stat().st_size / 1e6:.0f} MB each, {_load()}")
    expected = _sums(xb.load(sources, processes=options.processes, cache=False))  # warms the workers
    ratios: dict[str, list[float]] = {"one thread": [], "reading ahead": []}
    for run in range(options.runs):
        with one_thread():
            plain = _timed(sources, 1)
        ahead = _timed(sources, 1)
        xb.load([xb.samples.path("cpu-vllm-eager")] * 2, processes=options.processes, cache=False)  # warm again
        beside = _timed(sources, options.processes)
        assert plain.sums == ahead.sums == beside.sums == expected, "the ways differ"
        ratios["one thread"].append(plain.wall_s / beside.wall_s)
        ratios["reading ahead"].append(ahead.wall_s / beside.wall_s)
        print(
            f"run {run + 1}: one after another, one thread {plain}; reading ahead {ahead}; "
            f"{options.processes} processes {beside}; {_load()}"
        )
    for name, found in ratios.items():
        print(f"than one after another, {name}: {statistics.median(found):.2f} × ({min(found):.2f} – {max(found):.2f})")
    WORKERS.end()


@dataclass(frozen=True)
class _Run:
    """What a load took, and what came out."""

    wall_s: float
    cpu_s: float
    sums: tuple[int, int, int]

    def __str__(self) -> str:
        return f"{self.wall_s:.2f} s, {self.cpu_s:.2f} s of processor"


def _timed(sources: list[Path], processes: int) -> _Run:
    wall_s, cpu_s = time.perf_counter(), _cpu_s()
    bd = xb.load(sources, processes=processes, cache=False)
    return _Run(time.perf_counter() - wall_s, _cpu_s() - cpu_s, _sums(bd))


def _cpu_s() -> float:
    """Of this process and its living children: they are not waited for between runs."""
    total = 0.0
    ticks = os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    for pid in ["self", *children]:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def _sums(bd: xb.Breakdown) -> tuple[int, int, int]:
    return bd.totals.device_ns, bd.totals.host_ns, len(bd)


def _load() -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"load {os.getloadavg()[0]:.1f}, peak here {peak:,.0f} MB"


if __name__ == "__main__":
    main()
