"""How fast is the explorer? See README.md beside this file.

python tools/bench/explorer.py
python tools/bench/explorer.py --events 5000000 --runs 3 --only load filters
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from bench import browser, kernel_side, sizes, workload  # noqa: E402 - found through the path set above
from bench.served import files_of, served  # noqa: E402
from xpubreak.view.eventwire import encode_events  # noqa: E402
from xpubreak.view.wire import encode  # noqa: E402

GROUPS = ("sizes", "kernel", "load", "frames", "filters")
UNTIL = ("handled", "painted", "settled", "CPU until painted", "CPU")
FLAME, TIMELINE, BARS = ".flame canvas", "canvas.tracks", ".layers .plot-overlay"


def main() -> int:
    """Run what was asked for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=lambda text: int(float(text)), default=1_000_000, help="activities and spans")
    parser.add_argument("--runs", type=int, default=5, help="pages to open; medians are printed")
    parser.add_argument("--mode", choices=("eager", "compiled", "graph"), default="eager", help="how the model runs")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS, help="what to measure")
    parser.add_argument("--headed", action="store_true", help="show the browser")
    asked = parser.parse_args()
    if "sizes" in asked.only:
        print_sizes()
    if set(asked.only) == {"sizes"}:
        return 0
    bd = workload.breakdown(asked.events, asked.mode)
    print(f"\n{workload.shape_of(bd)}")
    if "kernel" in asked.only:
        print_kernel_side(bd, asked.runs)
    if {"load", "frames", "filters"} & set(asked.only):
        print_browser(bd, asked)
    return 0


def print_sizes() -> None:
    """Bundle and notebook."""
    print("\nsizes")
    for name, size in {**sizes.bundle_bytes(), **sizes.notebook_bytes()}.items():
        print(f"  {name:<44} {size / 1e3:9.1f} kB")


def print_kernel_side(bd: Any, runs: int) -> None:
    """Sums and packets."""
    times = kernel_side.summary(kernel_side.times_ms(bd, runs))
    reference = next(iter(times.values()))
    print("\nkernel: median, and how many times the reference")
    for name, ms in times.items():
        print(f"  {name:<44} {ms:9.1f} ms {ms / reference:8.1f} ×")


def print_browser(bd: Any, asked: argparse.Namespace) -> None:
    """Everything in the page."""
    data, events = encode(bd), encode_events(bd)
    for name, packet, count in (("data", data, len(bd.facts)), ("events", events, len(bd))):
        print(f"  {name}: {len(packet.blob) / 1e6:.1f} MB, {len(packet.blob) / count:.1f} bytes per row")
    found: dict[str, list[float]] = defaultdict(list)
    middle = _middle_of(bd)
    with served(files_of(data, events, bd.layer_count)) as address, browser.chromium(headed=asked.headed) as chromium:
        for run in range(asked.runs):
            print(f"\r  page {run + 1} of {asked.runs} …", end="", file=sys.stderr, flush=True)
            session = browser.Session(chromium, address)
            for name, ms in measure(session, len(bd), middle, asked.only).items():
                found[name].append(ms)
            session.close()
    print("\r", end="", file=sys.stderr)
    reference = median(found["reference: sum of as many numbers"])
    print(f"\nbrowser: median of {asked.runs} pages (least – most), and how many times the reference")
    for name, values in found.items():
        unit, scale = ("MB", 1e6) if name.startswith("heap") else ("ms", 1)
        low, mid, high = (value / scale for value in (min(values), median(values), max(values)))
        times = "" if unit == "MB" else f"{mid / reference:8.1f} ×"
        print(f"  {name:<52} {mid:8.1f} {unit} ({low:.1f} – {high:.1f}) {times}")


def _middle_of(bd: Any) -> list[int]:
    """A range of time in the middle, a tenth of the whole."""
    start = bd.timeline.start_ns
    first, last = int(start.min()), int(start.max())
    return [first + (last - first) * 45 // 100, first + (last - first) * 55 // 100]


def measure(session: browser.Session, events: int, middle: list[int], only: tuple[str, ...]) -> dict[str, float]:
    """All of one page, in milliseconds and bytes by name."""
    found = {"reference: sum of as many numbers": session.reference_ms(events)}
    session.mount()
    arrived = session.arrive("data")
    ready = session.arrive("events")
    if "load" in only:
        found["data arrives → first paint"] = arrived["painted"]
        found["data arrives → at rest, bars drawn"] = arrived["settled"]
        found["events arrive → painted"] = ready["painted"]
        found["events arrive → at rest"] = ready["settled"]
        found |= {f"heap, {name}": size for name, size in session.heap_bytes().items()}
    if "filters" in only:
        found |= filters(session, middle)
    if "frames" in only:
        found |= frames(session)
    return found


def filters(session: browser.Session, middle: list[int]) -> dict[str, float]:
    """Each way to filter, on an explorer without filters."""
    clicks = {
        "backend pill": lambda: session.click(".filters [data-key=torch]"),
        "bar": lambda: session.click(BARS, lambda box: (box["width"] * 0.4, box["height"] / 2)),
        "flame frame": lambda: session.click(FLAME, lambda box: (box["width"] * 0.4, 22 * 2.5)),
        "table row": lambda: session.click(".kernels tbody tr:nth-child(3) [data-key^=name-]"),
    }
    selections = {
        "text": {"text": ["gemm"]},
        "step": {"step": [1]},
        "duration": {"duration_ns": [[5_000, 100_000]]},
        "time range": {"time_ns": [middle]},
        "duration, time and backend": {
            "duration_ns": [[5_000, 100_000]],
            "time_ns": [middle],
            "backend": ["vllm"],
        },
    }
    found: dict[str, float] = {}
    for name, act in [*clicks.items(), *((name, lambda s=s: session.select(s)) for name, s in selections.items())]:
        times = act()
        if times is None:
            print(f"\n  {name}: the click changed nothing", file=sys.stderr)
            continue
        found |= {f"filter by {name} → {until}": times[until] for until in UNTIL}
        reset = session.select({})
    found["reset → settled"] = reset["settled"]
    return found


def frames(session: browser.Session) -> dict[str, float]:
    """Zoom and pan: lengths of frames, and of the code in them."""
    found: dict[str, float] = {}
    for view, selector, pan in (("flame graph", FLAME, "drag"), ("timeline", TIMELINE, "scroll")):
        for kind in ("zoom", pan):
            if kind != "zoom":
                session.gesture(selector, "closer", 10)
            times = session.gesture(selector, kind)
            if times is None:
                continue
            name = f"{view}, {'zoom' if kind == 'zoom' else 'pan'}"
            for share in (50, 95):
                found[f"{name}: frame p{share}"] = percentile(times["deltas"], share)
            for share in (50, 95):
                found[f"{name}: script p{share}"] = percentile(times["scripts"], share)
                found[f"{name}: CPU p{share}"] = percentile(times["cpu"], share)
            session.gesture(selector, "out", 40)
    return found


def percentile(values: list[float], share: int) -> float:
    """The least value that is not exceeded by ``share`` per cent of the values."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


if __name__ == "__main__":
    sys.exit(main())
