"""Runs: what is known about each rank besides its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xpubreak.attribute.label import Step
from xpubreak.breakdown.analysis import Analysis
from xpubreak.breakdown.recording import recording_issues
from xpubreak.errors import Issue
from xpubreak.trace.trace import Metadata
from xpubreak.trace.tracks import Track

_ALIGNABLE_NS = 86_400 * 10**9
"""Ranks whose traces start further apart than a day do not share a clock: some writers leave the base time out."""


@dataclass(frozen=True)
class RankSums:
    """What a whole rank adds up to, kept where its rows are folded; −1 for what is not known.

    Parameters
    ----------
    device_ns, host_ns, busy_ns
        As in `Totals`.
    activities, spans
        Numbers.
    roles_ns
        Weight by role code.
    calls, wait_ns, transfer_ns
        Matched collectives of the rank (`collectives`) of which it is known how long they waited.
    last_calls
        Those for which the other ranks had to wait for this one.
    partial_calls
        Collectives of groups with ranks that are missing, of which that is not known.
    """

    device_ns: int
    host_ns: int
    busy_ns: int
    activities: int
    spans: int
    roles_ns: tuple[int, ...]
    calls: int = -1
    wait_ns: int = -1
    transfer_ns: int = -1
    last_calls: int = -1
    partial_calls: int = -1


@dataclass(frozen=True)
class Run:
    """One rank of a breakdown.

    Parameters
    ----------
    metadata
        As the trace has it.
    issues
        Of reading, linking and labelling.
    steps
        Found in the trace; ``Rows.step`` counts them.
    tracks
        Host threads and device streams; ``Rows.track`` counts them.
    layer_count
        Number of layers; 0 for none.
    sources
        How steps, phases, layers and modules were found.
    clamped, overlapping
        Host spans that overhang by rounding, and that truly overlap.
    sums
        Of the rank, where its rows are folded.
    """

    metadata: Metadata
    issues: tuple[Issue, ...] = ()
    steps: tuple[Step, ...] = ()
    tracks: tuple[Track, ...] = ()
    layer_count: int = 0
    sources: dict[str, str] = field(default_factory=dict)
    clamped: int = 0
    overlapping: int = 0
    sums: RankSums | None = None

    @classmethod
    def of(cls, analysis: Analysis) -> Run:
        """Keep what is not in the rows."""
        labels = analysis.labels
        return cls(
            metadata=analysis.trace.metadata,
            issues=(
                *analysis.trace.issues,
                *analysis.launches.issues,
                *labels.issues,
                *recording_issues(analysis),
            ),
            steps=labels.steps,
            tracks=analysis.trace.tracks,
            layer_count=labels.layer_count,
            sources={
                "step": labels.step_source,
                "phase": labels.phase_source,
                "layer": labels.layer_source,
                "module": labels.module_source,
            },
            clamped=analysis.spans.clamped,
            overlapping=analysis.spans.overlapping,
        )


def origins_ns(runs: Sequence[Run]) -> dict[int, int]:
    """Start of each rank's trace on the clock that all ranks share; all 0 where they share none.

    The clock's 0 is the earliest start.
    """
    starts = {run.metadata.rank: run.metadata.start_time_ns for run in runs}
    first, last = min(starts.values(), default=0), max(starts.values(), default=0)
    if last - first > _ALIGNABLE_NS:
        return dict.fromkeys(starts, 0)
    return {rank: start - first for rank, start in starts.items()}
