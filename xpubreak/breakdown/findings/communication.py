"""Collectives: what of them nothing hides, and how much of that is waiting for the slowest rank."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.collectives import Collectives, match_collectives
from xpubreak.breakdown.findings.extent import extent
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.operations import operations
from xpubreak.breakdown.processgroups import MatchedBy
from xpubreak.breakdown.rows import Rows
from xpubreak.breakdown.selection import Selection
from xpubreak.breakdown.totals import union_ns
from xpubreak.classify.backend import Role
from xpubreak.trace.columns import BoolArray, IntArray
from xpubreak.trace.events import Kind
from xpubreak.units import format_ns, format_share

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_MIN_FRAC = 0.02
_NOT_SPLIT = " Waiting is not told from transfer: not all ranks of a call are here, or they could not be matched."
_WAY_NAMES = {
    MatchedBy.SEQUENCE: "recorded number within their group",
    MatchedBy.GROUP: "recorded group",
    MatchedBy.POSITION: "position in their step",
}


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """One finding for what is exposed, one for waiting; the second needs several ranks."""
    rows = breakdown.rows
    mine = operations(rows)
    if not len(mine):
        return
    on_device = breakdown.weight == "device"
    spent_ns = int((rows.device_ns if on_device else rows.host_ns)[mine].sum())
    exposed_ns = _exposed_ns(rows, mine, _computes(rows, mine, on_device=on_device))
    matched = match_collectives(breakdown.tables, breakdown.row_numbers[mine])
    is_split = matched.is_split
    waited_ns = int(matched.wait_ns[is_split].sum())
    moved_ns = int(matched.transfer_ns[is_split].sum())
    unknown_ns = spent_ns - waited_ns - moved_ns
    span_ns = extent(breakdown).span_ns
    evidence = Selection.of(backend=Role.COLLECTIVES.key)
    together = f"{len(mine):,} collectives take {format_ns(spent_ns)}"
    if waited_ns >= _MIN_FRAC * span_ns and waited_ns:
        yield costing(
            breakdown,
            key="collective-wait",
            title="Ranks wait for the slowest one in collectives",
            at_stake_ns=waited_ns,
            arithmetic=(
                f"{together} over {len(breakdown.ranks)} ranks: {format_ns(waited_ns)} of waiting (of each collective, "
                f"what a rank takes beyond the fastest one) and {format_ns(moved_ns)} of transfer"
                + (f"; of {format_ns(unknown_ns)} it is not known which" if unknown_ns else "")
                + f". Starts of one collective lie {format_ns(_skew_ns(matched))} apart (median)."
            ),
            evidence=evidence,
            advice=(
                "Find out what the last rank to arrive does before: more work (experts, uneven heads), a slower "
                "device, or a host that launches late."
            ),
            source=f"durations of collectives over ranks, matched by {_ways(matched)}",
        )
    rest_ns = max(0, exposed_ns - waited_ns)
    if rest_ns >= _MIN_FRAC * span_ns and rest_ns:
        one = " One rank alone does not tell waiting from transfer."
        split = "" if is_split.any() else one if len(breakdown.tables.runs) < 2 else _NOT_SPLIT
        yield costing(
            breakdown,
            key="collective-exposed",
            title="Collectives run beside nothing",
            at_stake_ns=rest_ns,
            arithmetic=(
                f"{together}; during {format_ns(exposed_ns)} ({format_share(exposed_ns, spent_ns)}) of it the rank "
                f"computes nothing"
                + (f", {format_ns(waited_ns)} of that counts as waiting" if waited_ns else "")
                + f".{split}"
            ),
            evidence=evidence,
            advice=(
                "Overlap them with compute (vLLM: fused all-reduce and norm, sequence parallelism, dual batch "
                "overlap), make them smaller, or use fewer ranks."
            ),
            source="intervals of collectives against those of other activities of the rank",
        )


def _computes(rows: Rows, mine: IntArray, *, on_device: bool) -> BoolArray:
    """Which rows hide a collective: other activities; on the host, operators on threads without collectives."""
    if on_device:
        return np.asarray(rows.is_activity & (rows.role != Role.COLLECTIVES))
    place = rows.rank.astype(np.int64) << 32 | rows.track
    works = (rows.kind == Kind.OPERATOR) & np.isin(rows.role, (Role.TORCH, Role.VLLM, Role.TRITON))
    return np.asarray(works & ~np.isin(place, np.unique(place[mine])))


def _exposed_ns(rows: Rows, mine: IntArray, computes: BoolArray) -> int:
    """Time of a rank in which collectives run and nothing else does, added up over ranks."""
    found = 0
    for rank in np.unique(rows.rank[mine]).tolist():
        rest = np.flatnonzero(computes & (rows.rank == rank))
        here = np.concatenate([mine[rows.rank[mine] == rank], rest])
        found += union_ns(rows.start_ns[here], rows.total_ns[here])
        found -= union_ns(rows.start_ns[rest], rows.total_ns[rest])
    return found


def _ways(found: Collectives) -> str:
    """Say how many operations were matched in which way, the surest first."""
    counts = np.bincount(found.way[found.is_split], minlength=len(MatchedBy))
    return ", ".join(f"{_WAY_NAMES[way]} ({counts[way]:,})" for way in _WAY_NAMES if counts[way])


def _skew_ns(found: Collectives) -> float:
    """Median over the matched calls of how far apart their ranks start."""
    mine = np.flatnonzero(found.call >= 0)
    _, call = np.unique(found.call[mine], return_inverse=True)
    start_ns = found.end_ns[mine] - found.dur_ns[mine]
    first = np.full(int(call.max()) + 1, np.iinfo(np.int64).max)
    last = np.full(len(first), np.iinfo(np.int64).min)
    np.minimum.at(first, call, start_ns)
    np.maximum.at(last, call, start_ns)
    return float(np.median(last - first))
