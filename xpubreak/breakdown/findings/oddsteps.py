"""Odd steps: steps that take longer than others with the same load; at the beginning, they are warm-up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.attribute.label import PHASES
from xpubreak.breakdown.findings.caveats import duration_caveat
from xpubreak.breakdown.findings.deviation import deviating
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.findings.steplengths import StepLengths, step_lengths
from xpubreak.breakdown.selection import Selection
from xpubreak.trace.columns import FloatArray, IntArray
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_LEAST_FRAC = 0.20
_MOST_WARM_UP = 3
_TOLD = 5
_MOST_GROUPS = 4


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """One finding for warm-up and one for other long steps; ranks with other steps have their own."""
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
    several = len(np.unique(found.rank)) > 1
    for chosen, is_first in ((is_long & is_warm_up, True), (is_long & ~is_warm_up, False)):
        groups = _by_steps(found, np.flatnonzero(chosen))
        for at in groups:
            yield _finding(breakdown, found, at, usual_ns, is_first, several, len(groups) > 1)


def _by_steps(found: StepLengths, at: IntArray) -> list[IntArray]:
    """Put ranks with the same long steps together: a selection of ranks and steps then holds these and no others."""
    groups: dict[tuple[int, ...], list[IntArray]] = defaultdict(list)
    for rank in np.unique(found.rank[at]).tolist():
        mine = at[found.rank[at] == rank]
        groups[tuple(found.step[mine].tolist())].append(mine)
    parts = [np.concatenate(parts) for parts in groups.values()]
    # Of very many, nobody would read each.
    return parts if len(parts) <= _MOST_GROUPS else [at]


def _finding(
    breakdown: Breakdown, found: StepLengths, at: IntArray, usual_ns: FloatArray, is_first: bool, several: bool,
    is_part: bool,
) -> Finding:  # fmt: skip
    rank, step, length_ns = found.rank[at], found.step[at], found.length_ns[at]
    stake_ns = float((length_ns - usual_ns[at]).sum())
    ranks, steps = np.unique(rank).tolist(), np.unique(step).tolist()
    shown = ", ".join(str(number) for number in ranks[:_TOLD]) + (" …" if len(ranks) > _TOLD else "")
    of_ranks = f"rank{'s' if len(ranks) > 1 else ''} {shown}"
    told = "; ".join(
        f"step {step[i]} ({PHASES[code] if (code := int(found.phase[at[i]])) < len(PHASES) else 'unknown'})"
        f"{f' of rank {rank[i]}' if several else ''} {format_ns(length_ns[i])} against {format_ns(usual_ns[at[i]])}"
        for i in range(min(len(at), _TOLD))
    )
    besides = len(ranks) * len(steps) > len(at)
    more = f"; and {len(step) - _TOLD} more" if len(step) > _TOLD else ""
    what = "step takes" if len(step) == 1 else "steps take"
    finding = costing(
        breakdown,
        key="warm-up" if is_first else "odd-steps",
        title=("Warm-up is part of the profile" if is_first else f"{len(step)} {what} much longer than others alike")
        + (f" ({of_ranks})" if several else ""),
        at_stake_ns=stake_ns,
        arithmetic=(
            f"Against the median of the other steps with the same load: {told}{more}. Together {format_ns(stake_ns)} "
            f"more.{' Selected are all of these steps of all of these ranks.' if besides else ''}"
        ),
        evidence=Selection.of(step=steps, rank=ranks if several else None),
        advice=(
            "First runs compile, allocate and fill caches. Leave them out: %%xpu_breakdown --warmup 1, or "
            "bd.select(step=slice(...)); otherwise shares and means include them."
            if is_first
            else "Look at what only these steps do: another graph or shape, an allocation, garbage collection, another "
            "process on the device."
        ),
        caveat=duration_caveat(breakdown),
        source="modified z-score of steps with the same load (Iglewicz and Hoaglin, 1993)",
    )
    return replace(finding, key=f"{finding.key}:{of_ranks}") if is_part else finding
