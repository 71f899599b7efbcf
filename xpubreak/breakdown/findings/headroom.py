"""Headroom: operators that take much longer than the device needs for their arithmetic or their traffic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.cost.costs import Costs
from xpubreak.breakdown.findings.callsite import MOST_NODES, subtrees
from xpubreak.breakdown.findings.caveats import duration_caveat
from xpubreak.breakdown.findings.extent import extent
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.selection import Selection
from xpubreak.trace.columns import BoolArray, IntArray
from xpubreak.trace.events import Kind
from xpubreak.units import format_ns, format_share

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.cost.device import Device

_LEAST_CALL_NS = 10_000
"""Shorter calls are bound by the start of a kernel, which no peak of a datasheet knows."""

_LOW_FRAC = 2 / 3
"""Of a peak; good kernels reach more."""

_MIN_FRAC = 0.02
_MOST = 5


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """One finding per operator and bound, the five with most headroom; none for devices whose peaks are unknown."""
    if breakdown.weight != "device":
        return
    found = breakdown.work
    device = found.device
    if device is None or not len(found.row):
        return
    is_partial = np.array([work.is_lower_bound for work in found.works], dtype=bool)[found.work_of_call]
    least_ns = found.least_ns
    is_slow = (found.time_ns >= _LEAST_CALL_NS) & (least_ns < _LOW_FRAC * found.time_ns) & ~is_partial
    is_slow &= ~_copies_to_the_host(breakdown)[breakdown.rows.node[found.row]]
    is_compute = np.array([_is_compute(work, device) for work in found.works], dtype=bool)[found.work_of_call]
    names = breakdown.rows.name[found.row]
    threshold_ns = _MIN_FRAC * extent(breakdown).span_ns
    listed: list[Finding] = []
    for name in np.unique(names[is_slow]).tolist():
        for bound in (False, True):
            at = np.flatnonzero(is_slow & (names == name) & (is_compute == bound))
            if len(at) and float((found.time_ns[at] - least_ns[at]).sum()) >= threshold_ns:
                listed.append(_finding(breakdown, found, device, at, name, is_compute=bound))
    yield from sorted(listed, key=lambda item: -item.at_stake_ns)[:_MOST]


def _copies_to_the_host(breakdown: Breakdown) -> BoolArray:
    """Which nodes launch copies by the copy engine: they may go over the bus, whose rate is another one."""
    rows, tree = breakdown.tables.rows, breakdown.nodes
    found = np.zeros(len(tree) + 1, dtype=bool)
    nodes = np.unique(rows.node[(rows.kind == Kind.MEMCPY) & (rows.node >= 0)])
    found[nodes] = True
    found[tree.parent[nodes]] = True
    return found


def _is_compute(work: object, device: Device) -> bool:
    flops, moved = float(getattr(work, "flops", 0)), float(getattr(work, "bytes", 0))
    return flops / device.peak_flops(work) > moved / device.memory_bytes_per_s  # type: ignore[arg-type]


def _finding(
    breakdown: Breakdown, found: Costs, device: Device, at: IntArray, name: int, *, is_compute: bool
) -> Finding:
    spent_ns, least_ns = int(found.time_ns[at].sum()), float(found.least_ns[at].sum())
    text = breakdown.strings.text(name)
    amount = float(found.column("flops" if is_compute else "bytes")[at].sum())
    rate = f"{amount / spent_ns / 1e3:,.1f} TFLOP/s" if is_compute else f"{amount / spent_ns:,.0f} GB/s"
    what = "arithmetic" if is_compute else "memory traffic"
    nodes = subtrees(breakdown, breakdown.rows.node[found.row[at]].astype(np.int64))
    evidence = Selection.of(node=nodes) if len(nodes) <= MOST_NODES else Selection.of(op=text)
    return costing(
        breakdown,
        key=f"headroom:{text}:{'compute' if is_compute else 'memory'}",
        title=f"{text} is far from the {'compute' if is_compute else 'memory'} roof",
        at_stake_ns=spent_ns - least_ns,
        arithmetic=(
            f"{len(at):,} calls of 10 µs and more take {format_ns(spent_ns)}; their {what} needs {format_ns(least_ns)} "
            f"at the peak of {device.name} ({format_share(least_ns, spent_ns)} of it reached, {rate}). The difference "
            "is at stake, if the kernel were perfect."
        ),
        evidence=evidence,
        advice=(
            "Bound by arithmetic: use types that the matrix engines take faster (FP8, INT8), and shapes that fill "
            "their tiles; larger batches."
            if is_compute
            else "Bound by memory: move less (quantised weights and caches, fusion with what comes before and after), "
            "share weights between more tokens of a step, or use a kernel for narrow matrices."
        ),
        source=f"shapes and types of inputs; {device.source}",
        caveat=duration_caveat(breakdown),
    )
