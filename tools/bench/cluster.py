"""What 256 and 4096 ranks would cost: generated facts, the real reduce; see docs/scale.md.

::

    python tools/bench/cluster.py [--ranks 256 4096] [--layers 32] [--steps 16] [--max-rows 2000000]
    python tools/bench/cluster.py --ranks 4096 --steps 276 --only-collectives

276 steps are a million events a rank. With ``--only-collectives`` nothing but waits is reduced, of the operations of
that rank with times of their own. Peaks are those of the reduce (Linux).

One rank is generated, read and folded for real; what a worker would send of it is unpacked anew for every rank, its
times are varied, and the reduce takes it. Packing is a worker's work and not counted. Processor time of one process.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]

import xpubreak as xb  # noqa: E402 - found through the path set above
from xpubreak.breakdown.collectivesums import CollectiveSums  # noqa: E402
from xpubreak.breakdown.fold import fold_events, sums_of  # noqa: E402
from xpubreak.breakdown.operations import Operations, operations  # noqa: E402
from xpubreak.breakdown.rank import broken_down  # noqa: E402
from xpubreak.breakdown.rankjob import packed, unpacked  # noqa: E402
from xpubreak.breakdown.reduction import MAX_ROWS, Reduction  # noqa: E402
from xpubreak.samples import synthesize  # noqa: E402
from xpubreak.trace.kineto import read_bytes  # noqa: E402
from xpubreak.view.wire import encode  # noqa: E402

_TP = 8


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranks", type=int, nargs="+", default=[256, 4096])
    parser.add_argument("--layers", type=int, default=32)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--max-rows", type=int, default=MAX_ROWS)
    parser.add_argument("--only-collectives", action="store_true")
    options = parser.parse_args()
    trace = read_bytes(synthesize(layers=options.layers, decode_steps=options.steps - 1, tp=_TP).to_bytes())
    whole = broken_down(trace)
    began = time.process_time()
    content = packed(fold_events(whole))
    print(
        f"one rank: {len(trace.events):,} events, {len(whole.rows):,} rows, {len(unpacked(content).rows):,} folded, "
        f"{len(content) / 1e3:.0f} kB travel; folding and packing {time.process_time() - began:.2f} s on a worker"
    )
    del trace, whole
    if options.only_collectives:
        for ranks in options.ranks:
            simulate_collectives(ranks, unpacked(content))
        return
    for ranks in options.ranks:
        simulate(ranks, content, options.max_rows)


def simulate(ranks: int, content: bytes, max_rows: int) -> None:
    """Reduce so many ranks and print what it took."""
    chance = np.random.default_rng(ranks)
    before_mb = _held_mb()
    reduction = Reduction(max_rows)
    device_ns = host_ns = most_rows = 0
    spent_s = 0.0
    for rank in chance.permutation(ranks).tolist():
        began = time.process_time()
        part = unpacked(content)
        spent_s += time.process_time() - began
        part = varied(part, rank, ranks, chance)
        device_ns += int(part.rows.device_ns.sum())
        host_ns += int(part.rows.host_ns.sum())
        began = time.process_time()
        reduction.add(part)
        spent_s += time.process_time() - began
        most_rows = max(most_rows, reduction.rows)
    began = time.process_time()
    bd = xb.Breakdown(reduction.finish())
    spent_s += time.process_time() - began
    assert (bd.totals.device_ns, bd.totals.host_ns) == (device_ns, host_ns), "time was lost"
    began = time.process_time()
    packet = encode(bd)
    page_s = time.process_time() - began
    print(
        f"{ranks} ranks: {ranks * len(content) / 1e6:,.0f} MB received, reduce {spent_s:.1f} s "
        f"({1e3 * spent_s / ranks:.0f} ms a rank), at most {most_rows:,} rows held, {len(bd):,} left "
        f"(folded: {', '.join(bd.tables.folded)}), peak {_peak_mb():,.0f} MB ({before_mb:,.0f} MB before); "
        f"page {len(packet.blob) / 1e6:.1f} MB in {page_s:.1f} s; {len(set(bd.by('rank')['rank']))} ranks apart"
    )


def simulate_collectives(ranks: int, part: Any) -> None:
    """Tell waits of so many ranks and print what it took."""
    chance = np.random.default_rng(ranks)
    before_mb = _held_mb()
    one = Operations.of(part, operations(part.rows))
    sums = CollectiveSums()
    runs, count, spent_s, spent_ns = [], len(one.rank), 0.0, 0
    for rank in chance.permutation(ranks).tolist():
        dur_ns = (one.dur_ns * chance.normal(1, 0.02, count).clip(0.5, 2)).astype(np.int64)
        mine = replace(one, rank=np.full(count, rank, dtype=np.int32), dur_ns=dur_ns)
        spent_ns += int(dur_ns.sum())
        runs.append(replace(part.runs[0], metadata=_metadata(part.runs[0].metadata, rank, ranks)))
        began = time.process_time()
        sums.add(mine)
        spent_s += time.process_time() - began
    began = time.process_time()
    told = sums.of_ranks(runs, part.strings.text).values()
    matching_s = time.process_time() - began
    assert sum(item.wait_ns + item.transfer_ns for item in told) == spent_ns, "time was lost"
    total = ranks * count
    print(
        f"{ranks} ranks, {total:,} operations, {count:,} each: {sums.stored_bytes / 1e6:,.0f} MB stored "
        f"({sums.stored_bytes / total:.1f} bytes each), taking them {spent_s:.1f} s, matching {matching_s:.1f} s, "
        f"peak {_peak_mb():,.0f} MB ({before_mb:,.0f} MB before)"
    )


def _metadata(metadata: Any, rank: int, ranks: int) -> Any:
    first = rank // _TP * _TP
    info = {"rank": rank, "world_size": ranks, "pg_config": [{"ranks": list(range(first, first + _TP))}]}
    return replace(metadata, rank=rank, world_size=ranks, extra={**metadata.extra, "distributedInfo": info})


def varied(part: Any, rank: int, ranks: int, chance: np.random.Generator) -> Any:
    """Give a rank its number, its group and times of its own; one in 97 is slow."""
    rows, run = part.rows, part.runs[0]
    factor = chance.normal(1, 0.02, len(rows)).clip(0.5, 2) * (1.4 if rank % 97 == 0 else 1)
    times = {name: (getattr(rows, name) * factor).astype(np.int64) for name in ("device_ns", "host_ns", "total_ns")}
    numbers = np.full(len(rows), rank, dtype=np.int32)
    metadata = _metadata(run.metadata, rank, ranks)
    changed = replace(part, rows=replace(rows, rank=numbers, **times), runs=(replace(run, metadata=metadata),))
    sums = replace(sums_of(changed, rank), busy_ns=run.sums.busy_ns)
    return replace(changed, runs=(replace(changed.runs[0], sums=sums),))


def _held_mb() -> float:
    """Return what is held now; from here on `_peak_mb` tells the most that was held since."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # making the trace took more than the reduce does
    return _status_mb("VmRSS")


def _peak_mb() -> float:
    return _status_mb("VmHWM")


def _status_mb(key: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) / 1024


if __name__ == "__main__":
    main()
