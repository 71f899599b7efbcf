"""Odd layers: layers whose time differs from that of layers that run the same kinds of kernels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.attribute.label import PHASES
from xpubreak.breakdown.findings.caveats import duration_caveat
from xpubreak.breakdown.findings.deviation import deviating
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.selection import Selection
from xpubreak.trace.columns import AnyArray, BoolArray, IntArray
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_LEAST_FRAC = 0.05
_TOLD = 3
_ENOUGH_STEPS = 3


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """One finding per phase with odd layers."""
    rows = breakdown.rows
    counted = (rows.is_activity if breakdown.weight == "device" else breakdown.weights_ns > 0) & (rows.layer >= 0)
    for code in np.unique(rows.phase[counted]).tolist():
        if code < len(PHASES):
            found = _of_phase(breakdown, np.flatnonzero(counted & (rows.phase == code)), PHASES[code])
            if found is not None:
                yield found


def _of_phase(breakdown: Breakdown, mine: IntArray, phase: str) -> Finding | None:
    rows, weights_ns = breakdown.rows, breakdown.weights_ns
    layers = int(rows.layer[mine].max()) + 1
    steps, step = np.unique(
        rows.rank[mine].astype(np.int64) << 32 | rows.step[mine].astype(np.int64) + 1, return_inverse=True
    )
    spent = np.zeros((layers, len(steps)))
    np.add.at(spent, (rows.layer[mine], step), weights_ns[mine])
    # The median over steps: one slow step is no property of a layer.
    usual_of_layer = np.median(spent, axis=1)
    kinds = np.zeros((layers, 256), dtype=np.int64)
    np.add.at(kinds, (rows.layer[mine], rows.category[mine]), 1)
    is_odd, usual = _odd(usual_of_layer, kinds)
    if not is_odd.any():
        return None
    odd = np.flatnonzero(is_odd)
    excess_ns = (usual_of_layer[odd] - usual[odd]) * len(steps)
    order = odd[np.argsort(-np.abs(excess_ns), kind="stable")]
    told = "; ".join(
        _words(breakdown, mine, layer, usual_of_layer[layer], usual[layer]) for layer in order[:_TOLD].tolist()
    )
    more = f" And {len(odd) - _TOLD} more." if len(odd) > _TOLD else ""
    stake_ns = float(excess_ns[excess_ns > 0].sum())
    few = "" if len(steps) >= _ENOUGH_STEPS else "So few steps are little evidence: it may be chance."
    which = f"Layer {odd[0]} differs" if len(odd) == 1 else f"{len(odd)} layers differ"
    return costing(
        breakdown,
        key=f"odd-layers:{phase}",
        title=f"{which} from the others ({phase})",
        at_stake_ns=stake_ns,
        arithmetic=(
            f"Medians over {len(steps):,} steps: {told}.{more} What the slower ones take beyond the usual, over all "
            f"steps: {format_ns(stake_ns)}."
        ),
        evidence=Selection.of(layer=odd.tolist(), phase=phase),
        advice=(
            "Equal layers should take equal time. Look at which kernel makes the difference: another shape or type, a "
            "missed fusion, a copy, or data that lies elsewhere."
        ),
        caveat=" ".join(filter(None, (duration_caveat(breakdown), few))),
        source="modified z-score of layers with the same kinds of kernels (Iglewicz and Hoaglin, 1993)",
    )


def _odd(values: AnyArray, kinds: AnyArray) -> tuple[BoolArray, AnyArray]:
    """Odd layers, and the usual time of the siblings of each."""
    _, group = np.unique(kinds, axis=0, return_inverse=True)
    group = group.reshape(-1)
    is_odd, usual = np.zeros(len(values), dtype=bool), np.zeros(len(values))
    for number in range(int(group.max()) + 1):
        siblings = np.flatnonzero(group == number)
        is_odd[siblings], usual[siblings] = deviating(values[siblings], _LEAST_FRAC)
    return is_odd, usual


def _words(breakdown: Breakdown, mine: IntArray, layer: int, spent_ns: float, usual_ns: float) -> str:
    sign = "+" if spent_ns > usual_ns else "\N{MINUS SIGN}"
    share = abs(spent_ns - usual_ns) / usual_ns
    return f"layer {layer} {format_ns(spent_ns)} against {format_ns(usual_ns)} ({sign}{share:.0%})"
