"""Copies from and to pageable memory: the driver stages them, and the host waits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.findings.extent import extent
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.findings.idle import fallback_rows
from xpubreak.breakdown.selection import Selection
from xpubreak.trace.events import Kind
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

# CUPTI says Pageable. PTI says MEMORY of what the runtime did not allocate, HOST of what it pinned
# (pti-gpu, pti_view.h: pti_view_memory_type).
_PAGEABLE = re.compile(r"(?i)pageable|\bmemory ->|-> memory\b")
_MIN_FRAC = 0.005


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """One finding for all pageable copies outside of fallbacks, whose copies are counted there."""
    rows, strings = breakdown.tables.rows, breakdown.strings
    copies = breakdown.row_numbers[breakdown.rows.kind == Kind.MEMCPY]
    names = [name for name in np.unique(rows.name[copies]).tolist() if _PAGEABLE.search(strings.text(name))]
    copies = copies[np.isin(rows.name[copies], names)]
    copies = copies[~_inside(breakdown, copies)]
    spent_ns = int(rows.device_ns[copies].sum())
    if not len(copies) or spent_ns < _MIN_FRAC * extent(breakdown).span_ns:
        return
    moved_bytes = int(np.maximum(rows.bytes[copies], 0).sum())
    rate = f", {moved_bytes / spent_ns:.1f} GB/s" if moved_bytes and spent_ns else ""
    shown = sorted({int(name) for name in rows.display[copies]})
    yield costing(
        breakdown,
        key="pageable-copies",
        title="Copies from or to pageable memory",
        at_stake_ns=spent_ns,
        arithmetic=f"{len(copies):,} copies, {moved_bytes / 1e6:,.1f} MB in {format_ns(spent_ns)}{rate}.",
        evidence=Selection.of(kernel=[strings.text(name) for name in shown]),
        advice=(
            "Pin the memory on the host (tensor.pin_memory(), DataLoader(pin_memory=True)) and copy with "
            "non_blocking=True: such copies are faster and run beside kernels."
        ),
        source="kind of memory in the names of the copies",
    )


def _inside(breakdown: Breakdown, copies: np.ndarray) -> np.ndarray:
    rows = breakdown.tables.rows
    fell = np.unique(rows.node[fallback_rows(breakdown.tables)])
    found = np.zeros(len(copies), dtype=bool)
    for node in fell.tolist():
        found |= (rows.node[copies] >= node) & (rows.node[copies] <= breakdown.nodes.subtree_end[node])
    return found
