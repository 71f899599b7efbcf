"""Launch-bound steps: the device idles while the host prepares the next launch, or the next step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.attribute.label import PHASES
from xpubreak.breakdown.dimension import NO_VALUE
from xpubreak.breakdown.findings.caveats import host_caveat
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.findings.graphcapture import GraphCapture, capture_savings
from xpubreak.breakdown.findings.idle import Gaps
from xpubreak.breakdown.findings.queue import Queue, measure_queue
from xpubreak.breakdown.findings.spans import phase_span_ns, whole_span_ns
from xpubreak.breakdown.selection import Selection
from xpubreak.trace.columns import IntArray
from xpubreak.units import format_ns, format_share

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_MIN_FRAC = 0.05
_TOLD = 5
_PAUSE = 10
"""A gap so many times the median one is no scheduling: nobody asked the engine for anything."""


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """One finding per phase whose steps wait for the host, and one for the time between steps."""
    if breakdown.weight != "device":
        return
    rows, gaps = breakdown.tables.rows, breakdown.gaps
    phases = rows.phase[gaps.next]
    for code in np.unique(phases).tolist():
        phase = PHASES[code] if code < len(PHASES) else NO_VALUE
        mine = gaps.of("launch")
        mine = mine[phases[mine] == code]
        span_ns, steps = phase_span_ns(breakdown, code)
        saved = capture_savings(breakdown, mine)
        if saved.bound_ns >= _MIN_FRAC * span_ns and saved.bound_ns:
            yield _launches(breakdown, phase, saved, span_ns, steps, measure_queue(breakdown, code))
    yield from _between(breakdown, gaps)


def _launches(breakdown: Breakdown, phase: str, saved: GraphCapture, span_ns: int, steps: int, queue: Queue) -> Finding:
    idle_ns = saved.bound_ns
    named = f"{phase} steps" if phase and phase != "unknown" else "steps" if phase else "work outside of steps"
    per_step = f"{queue.launches / steps:,.0f} launches a step" if phase else f"{queue.launches:,} launches"
    return costing(
        breakdown,
        key=f"launch-bound:{phase or 'outside'}",
        title=f"{named[0].upper()}{named[1:]} {'wait' if phase else 'waits'} for the host to launch",
        at_stake_ns=idle_ns,
        arithmetic=(
            f"In {format_ns(idle_ns)} of {format_ns(span_ns)} ({format_share(idle_ns, span_ns)}) the device had "
            f"finished everything before the host launched the next activity. {per_step}, {format_ns(queue.call_ns)} "
            f"of host time each; from launch to start {format_ns(queue.delay_ns)} (median). Launched and not yet "
            f"started, at each launch: {queue.depth_text}. {saved.text}"
        ),
        evidence=Selection.of(phase=phase) if phase else Selection.of(step=-1),
        advice=(
            "Fewer and earlier launches: capture the step in a graph (a replay is one launch; it needs shapes that "
            "repeat, as decoding has them and prompts rarely do), compile it so that kernels fuse, or put more "
            "requests into a step so that kernels last longer."
        ),
        source="gaps between device activities against the times of their launches",
        caveat=host_caveat(breakdown),
        estimate_ns=saved.estimate_ns,
        columns=queue.curve,
    )


def _between(breakdown: Breakdown, gaps: Gaps) -> Iterator[Finding]:
    rows = breakdown.tables.rows
    mine = gaps.of("between-steps")
    mine = mine[rows.step[gaps.next[mine]] >= 0]
    all_ranks = np.unique(breakdown.rows.rank[breakdown.rows.is_activity]).tolist()
    kept: list[IntArray] = []
    ranks: list[int] = []
    span_ns = left_out = 0
    for rank in all_ranks:
        here = mine[rows.rank[gaps.next[mine]] == rank]
        is_pause = gaps.dur_ns[here] > _PAUSE * np.median(gaps.dur_ns[here]) if len(here) else np.zeros(0, dtype=bool)
        whole_ns = whole_span_ns(breakdown, rank) - int(gaps.dur_ns[here[is_pause]].sum())
        here = here[~is_pause]
        idle_ns = int(gaps.dur_ns[here].sum())
        if idle_ns and idle_ns >= _MIN_FRAC * whole_ns:
            kept.append(here)
            ranks.append(rank)
            span_ns += whole_ns
            left_out += int(is_pause.sum())
    if not kept:
        return
    chosen = np.concatenate(kept)
    counted: IntArray = gaps.dur_ns[chosen]
    idle_ns = int(counted.sum())
    ended = gaps.next[chosen]
    is_some = len(ranks) < len(all_ranks)
    shown = ", ".join(map(str, ranks[:_TOLD])) + (" …" if len(ranks) > _TOLD else "")
    of_ranks = f" of rank{'s' if len(ranks) > 1 else ''} {shown}" if is_some else ""
    pauses = f" {left_out} pauses were left out." if left_out else ""
    yield costing(
        breakdown,
        key="between-steps",
        title=f"The device{of_ranks} idles between steps",
        at_stake_ns=idle_ns,
        arithmetic=(
            f"{len(counted):,} gaps between the last activity of a step and the first of the next, "
            f"{format_ns(np.median(counted))} each (median), {format_ns(idle_ns)} together: "
            f"{format_share(idle_ns, span_ns)} of {format_ns(span_ns)}.{pauses}"
        ),
        evidence=Selection.of(step=np.unique(rows.step[ended]).tolist(), rank=ranks if is_some else None),
        advice=(
            "Between steps the host reads sampled tokens, schedules and prepares inputs. Let that overlap with the "
            "device (vLLM: --async-scheduling), and keep detokenisation and logits processors off the critical path."
        ),
        source="gaps between device activities of different steps",
        caveat=host_caveat(breakdown),
    )
