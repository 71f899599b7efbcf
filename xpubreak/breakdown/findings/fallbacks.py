"""CPU fallbacks: operators without a kernel on the device, with the transfers and the idle time they cause.

An operator fell back where it holds ``aten::_to_cpu`` (``at::native::cpu_fallback``): lists of fallbacks name linear
algebra that no language model uses, so the trace decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.findings.callsite import MOST_NODES, subtrees
from xpubreak.breakdown.findings.caveats import idle_caveat
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.findings.idle import fallback_rows
from xpubreak.breakdown.selection import Selection
from xpubreak.trace.columns import AnyArray, IntArray
from xpubreak.trace.events import Kind
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_MOST_LAYERS = 8


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """One finding per operator that fell back."""
    rows, strings = breakdown.tables.rows, breakdown.strings
    if breakdown.weight != "device":
        return
    fell = fallback_rows(breakdown.tables)
    fell = fell[np.isin(fell, breakdown.row_numbers)]
    if not len(fell):
        return
    gaps = breakdown.gaps
    caused = gaps.of("fallback")
    for name in np.unique(rows.name[fell]).tolist():
        mine = fell[rows.name[fell] == name]
        nodes = subtrees(breakdown, rows.node[mine])
        copies = breakdown.row_numbers
        copies = copies[(rows.kind[copies] == Kind.MEMCPY) & np.isin(rows.node[copies], nodes)]
        idle = caused[np.isin(gaps.culprit[caused], mine)]
        idle_ns = int(gaps.dur_ns[idle].sum())
        columns = _by_layer(breakdown, mine, copies, idle)
        copied_ns, host_ns = int(rows.device_ns[copies].sum()), int(rows.total_ns[mine].sum())
        text = strings.text(name)
        evidence = Selection.of(node=nodes) if len(nodes) <= MOST_NODES else Selection.of(backend="cpu")
        yield costing(
            breakdown,
            key=f"cpu-fallback:{text}",
            title=f"{text} falls back to the CPU",
            at_stake_ns=idle_ns + copied_ns,
            arithmetic=(
                f"{len(mine):,} calls, {format_ns(host_ns)} on the host. At stake: {format_ns(idle_ns)} in which the "
                f"device had nothing to do + {format_ns(copied_ns)} of {len(copies):,} copies to and fro. "
                f"{_places(columns)}"
            ),
            evidence=evidence,
            advice=(
                "The device has no kernel for this operator: call another one that it has, move the work to tensors "
                "that live on the host anyway, or do it once instead of every step. PYTORCH_DEBUG_XPU_FALLBACK=1 names "
                "each fallback as it happens."
            ),
            source="at::native::cpu_fallback; intel/torch-xpu-ops XPUFallback",
            caveat=idle_caveat(breakdown),
            columns=columns,
        )


def _by_layer(breakdown: Breakdown, mine: IntArray, copies: IntArray, idle: IntArray) -> dict[str, tuple[float, ...]]:
    """What each layer has of it; -1 for outside of layers."""
    rows, gaps = breakdown.tables.rows, breakdown.gaps
    layer_of_gap = rows.layer[gaps.culprit[idle]]
    layers = np.unique(np.concatenate([rows.layer[mine], rows.layer[copies], layer_of_gap])).tolist()

    def sums(layer: AnyArray, values: IntArray) -> tuple[float, ...]:
        return tuple(float(values[layer == one].sum()) for one in layers)

    return {
        "layer": tuple(map(float, layers)),
        "calls": sums(rows.layer[mine], np.ones(len(mine), dtype=np.int64)),
        "host_ns": sums(rows.layer[mine], rows.total_ns[mine]),
        "copies": sums(rows.layer[copies], np.ones(len(copies), dtype=np.int64)),
        "copies_ns": sums(rows.layer[copies], rows.device_ns[copies]),
        "idle_ns": sums(layer_of_gap, gaps.dur_ns[idle]),
    }


def _places(columns: dict[str, tuple[float, ...]]) -> str:
    """Host time, transfers and idle time by layer, in words."""
    each = list(zip(*(columns[name] for name in ("layer", "host_ns", "copies_ns", "idle_ns")), strict=True))
    if all(layer < 0 for layer, *_ in each):
        return "All of it outside of layers."
    shown = "; ".join(
        (f"layer {layer:.0f} " if layer >= 0 else "outside of layers ")
        + f"{format_ns(host)}, {format_ns(copied)}, {format_ns(idle)}"
        for layer, host, copied, idle in each[:_MOST_LAYERS]
    )
    more = f"; and {len(each) - _MOST_LAYERS} more" if len(each) > _MOST_LAYERS else ""
    return f"Host time, copies and idle time by layer: {shown}{more}."
