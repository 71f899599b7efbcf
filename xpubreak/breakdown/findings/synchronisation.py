"""Synchronisation: the host waits for the device, and the device then for the host; by call site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.findings.callsite import MOST_NODES, Site, site_of, subtrees
from xpubreak.breakdown.findings.caveats import host_caveat
from xpubreak.breakdown.findings.extent import extent
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.selection import Selection
from xpubreak.trace.events import Kind
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_MIN_FRAC = 0.005
_MOST_SITES, _MOST_TOLD = 5, 50


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """One finding per call site, the costliest five."""
    if breakdown.weight != "device":
        return
    rows, strings, gaps = breakdown.tables.rows, breakdown.strings, breakdown.gaps
    mine = gaps.of("sync")
    groups: dict[Site, tuple[list[int], set[int]]] = {}
    known: dict[tuple[int, int], tuple[Site, int]] = {}
    for gap in mine.tolist():
        row = int(gaps.culprit[gap])
        key = (int(rows.node[row]), int(rows.module[row]))
        if key not in known:
            known[key] = site_of(breakdown, key[0], strings.text(key[1]) if key[1] >= 0 else "")
        site, top = known[key]
        entries, tops = groups.setdefault(site, ([], set()))
        entries.append(gap)
        tops.add(top)
    least_ns = _MIN_FRAC * extent(breakdown).span_ns
    found: list[Finding] = []
    costliest = sorted(groups.items(), key=lambda item: -int(gaps.dur_ns[item[1][0]].sum()))
    for site, (entries, tops) in costliest[:_MOST_TOLD]:
        nodes = subtrees(breakdown, np.array(sorted(tops), dtype=np.int64))
        copies = breakdown.row_numbers
        copies = copies[(rows.kind[copies] == Kind.MEMCPY) & np.isin(rows.node[copies], nodes)]
        idle_ns, copied_ns = int(gaps.dur_ns[entries].sum()), int(rows.device_ns[copies].sum())
        waited_ns = int(rows.total_ns[np.unique(gaps.culprit[entries])].sum())
        finding = costing(
            breakdown,
            key=f"sync:{site}",
            title=f"The host waits for the device in {site}",
            at_stake_ns=idle_ns + copied_ns,
            arithmetic=(
                f"{len(entries):,} times the device ran dry while the host waited for it, and idled until the next "
                f"launch: {format_ns(idle_ns)} + {format_ns(copied_ns)} of {len(copies):,} copies there. The host "
                f"waited {format_ns(waited_ns)}."
            ),
            evidence=Selection.of(node=nodes[:MOST_NODES]),
            advice=(
                "Without the wait the host could launch ahead. Keep the value on the device (torch.where instead of "
                "if, tensors instead of .item(), .tolist(), .cpu()), read it a step later, or copy with "
                "non_blocking=True from and to pinned memory."
            ),
            source="waits of the launching thread during which the device ran dry",
            caveat=host_caveat(breakdown),
        )
        found.append(finding)
    found.sort(key=lambda item: -item.at_stake_ns)
    large = [item for item in found[:_MOST_SITES] if item.at_stake_ns >= least_ns]
    small = [item for item in found if item not in large]
    yield from large
    rest_ns = sum(item.at_stake_ns for item in small)
    if small and rest_ns >= least_ns:
        yield _merged(breakdown, small, rest_ns)


def _merged(breakdown: Breakdown, small: list[Finding], rest_ns: int) -> Finding:
    """Many call sites that cost little each."""
    nodes = sorted({node for item in small for name, values in item.evidence.clauses for node in values})
    told = "; ".join(f"{item.key.partition(':')[2]} {format_ns(item.at_stake_ns)}" for item in small[:_MOST_SITES])
    more = f"; and {len(small) - _MOST_SITES} more" if len(small) > _MOST_SITES else ""
    return costing(
        breakdown,
        key="sync-several",
        title=f"The host waits for the device at {len(small)} more places",
        at_stake_ns=rest_ns,
        arithmetic=f"Idle time and copies at each: {told}{more}.",
        evidence=Selection.of(node=nodes[:MOST_NODES]),
        advice=small[0].advice,
        source=small[0].source,
        caveat=small[0].caveat,
    )
