"""Compute on host tensors: operators that work on the CPU although there is a device, and the device waits for it.

No operator fell back here (`fallbacks`): the tensors live on the host, where the program left them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.findings.callsite import MOST_NODES, Site, site_of, subtrees
from xpubreak.breakdown.findings.caveats import idle_caveat
from xpubreak.breakdown.findings.extent import extent
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.selection import Selection
from xpubreak.breakdown.totals import union_ns
from xpubreak.trace.columns import AnyArray, IntArray
from xpubreak.trace.events import Kind
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_MIN_FRAC = 0.005
_MOST_SITES = 5


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """One finding per call site whose host compute the device waits for, the costliest five."""
    rows, strings = breakdown.tables.rows, breakdown.strings
    if breakdown.weight != "device":
        return
    computing = [number for number, evidence in enumerate(breakdown.evidences) if evidence.rule == "host-tensor"]
    mine = breakdown.row_numbers
    mine = mine[(rows.kind[mine] == Kind.OPERATOR) & np.isin(rows.evidence[mine], computing) & (rows.host_ns[mine] > 0)]
    sites: dict[Site, tuple[list[int], set[int]]] = {}
    known: dict[tuple[int, int], tuple[Site, int]] = {}
    for row in mine.tolist():
        key = (int(rows.node[row]), int(rows.module[row]))
        if key not in known:
            known[key] = site_of(breakdown, key[0], strings.text(key[1]) if key[1] >= 0 else "")
        site, top = known[key]
        entries, tops = sites.setdefault(site, ([], set()))
        entries.append(row)
        tops.add(top)
    least_ns = _MIN_FRAC * extent(breakdown).span_ns
    found = [
        _finding(breakdown, site, np.array(entries, dtype=np.int64), sorted(tops))
        for site, (entries, tops) in sites.items()
    ]
    large = [item for item in found if item.at_stake_ns >= least_ns and item.at_stake_ns]
    yield from sorted(large, key=lambda item: -item.at_stake_ns)[:_MOST_SITES]


def _finding(breakdown: Breakdown, site: Site, mine: IntArray, tops: list[int]) -> Finding:
    rows = breakdown.tables.rows
    layers = np.unique(rows.layer[mine]).tolist()
    idle = {layer: _idle_beside_ns(breakdown, mine[rows.layer[mine] == layer]) for layer in layers}
    host = {layer: int(rows.host_ns[mine][rows.layer[mine] == layer].sum()) for layer in layers}
    idle_ns, host_ns = sum(idle.values()), sum(host.values())
    nodes = subtrees(breakdown, np.array(tops, dtype=np.int64))
    return costing(
        breakdown,
        key=f"host-compute:{site}",
        title=f"{site} computes on the host",
        at_stake_ns=idle_ns,
        arithmetic=(
            f"{len(mine):,} operators on host tensors take {format_ns(host_ns)} of the host; during "
            f"{format_ns(idle_ns)} of it the device had nothing to do. Findings about launches, waits and gaps between "
            "steps count that idle time, too."
        ),
        evidence=Selection.of(node=nodes[:MOST_NODES]),
        advice=(
            "Keep the tensors on the device (create them there: device='xpu'; no .cpu() before the work), do it once "
            "instead of every step, or do it on another thread while the device is busy."
        ),
        source="operators without device work below them, against gaps between device activities",
        caveat=idle_caveat(breakdown),
        columns={
            "layer": tuple(map(float, layers)),
            "host_ns": tuple(map(float, host.values())),
            "idle_ns": tuple(map(float, idle.values())),
        },
    )


def _idle_beside_ns(breakdown: Breakdown, mine: IntArray) -> int:
    """Idle time of the device while these operators run: |A and B| = |A| + |B| - |A or B|."""
    rows, found = breakdown.tables.rows, 0
    gaps = breakdown.gaps
    for rank in np.unique(rows.rank[mine]).tolist():
        at = mine[rows.rank[mine] == rank]
        here = np.flatnonzero(rows.rank[gaps.next] == rank)
        ours: tuple[AnyArray, AnyArray] = (rows.start_ns[at], rows.total_ns[at])
        idle: tuple[AnyArray, AnyArray] = (gaps.start_ns[here], gaps.dur_ns[here])
        both = [np.concatenate(pair) for pair in zip(ours, idle, strict=True)]
        found += union_ns(*ours) + union_ns(*idle) - union_ns(both[0], both[1])
    return found
