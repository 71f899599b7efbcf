"""Odd steps: steps that take longer than others with the same load; at the beginning, they are warm-up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.attribute.label import PHASES
from xpubreak.breakdown.findings.deviation import deviating
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.findings.steplengths import step_lengths
from xpubreak.breakdown.selection import Selection
from xpubreak.trace.columns import IntArray
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_LEAST_FRAC = 0.20
_MOST_WARM_UP = 3
_TOLD = 5


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """At most one finding for warm-up and one for other long steps."""
    found = step_lengths(breakdown)
    usual_ns = np.zeros(len(found.step))
    is_long = np.zeros(len(found.step), dtype=bool)
    same = np.stack([found.rank, found.phase.astype(np.int64), found.load])
    _, group = np.unique(same, axis=1, return_inverse=True)
    for number in np.unique(group).tolist():
        siblings = np.flatnonzero(group.reshape(-1) == number)
        odd, usual = deviating(found.length_ns[siblings], _LEAST_FRAC)
        usual_ns[siblings] = usual
        is_long[siblings] = odd & (found.length_ns[siblings] > usual)
    if not is_long.any():
        return
    is_warm_up = np.zeros(len(found.step), dtype=bool)
    for number in np.unique(group).tolist():
        siblings = np.flatnonzero(group.reshape(-1) == number)
        leading = int(np.argmin(np.append(is_long[siblings], False)))
        is_warm_up[siblings[:leading]] = leading <= _MOST_WARM_UP
    for chosen, is_first in ((is_long & is_warm_up, True), (is_long & ~is_warm_up, False)):
        at = np.flatnonzero(chosen)
        if len(at):
            yield _finding(breakdown, found.step[at], found.phase[at], found.length_ns[at], usual_ns[at], is_first)


def _finding(
    breakdown: Breakdown, step: IntArray, phase: np.ndarray, length_ns: IntArray, usual_ns: np.ndarray, is_first: bool
) -> Finding:
    stake_ns = float((length_ns - usual_ns).sum())
    told = "; ".join(
        f"step {number} ({PHASES[code] if code < len(PHASES) else 'unknown'}) {format_ns(spent)} against "
        f"{format_ns(usual)}"
        for number, code, spent, usual in list(zip(step.tolist(), phase.tolist(), length_ns, usual_ns, strict=True))[
            :_TOLD
        ]
    )
    more = f"; and {len(step) - _TOLD} more" if len(step) > _TOLD else ""
    what = "step takes" if len(step) == 1 else "steps take"
    return costing(
        breakdown,
        key="warm-up" if is_first else "odd-steps",
        title="Warm-up is part of the profile" if is_first else f"{len(step)} {what} much longer than others alike",
        at_stake_ns=stake_ns,
        arithmetic=(
            f"Against the median of steps with the same load: {told}{more}. Together {format_ns(stake_ns)} more."
        ),
        evidence=Selection.of(step=np.unique(step).tolist()),
        advice=(
            "First runs compile, allocate and fill caches. Leave them out: %%xpu_breakdown --warmup 1, or "
            "bd.select(step=slice(...)); otherwise shares and means include them."
            if is_first
            else "Look at what only these steps do: another graph or shape, an allocation, garbage collection, another "
            "process on the device."
        ),
        source="modified z-score of steps with the same load (Iglewicz and Hoaglin, 1993)",
    )
