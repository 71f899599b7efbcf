"""Health: what is wrong with a profile as a whole, so that nobody takes its totals for complete."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xpubreak.breakdown.analysis import Analysis
from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.breakdown.totals import coverage
from xpubreak.errors import Issue
from xpubreak.trace.events import Kind
from xpubreak.tree.launches import GRAPH_WORDS
from xpubreak.units import format_share

_DOUBTFUL_FRAC = 0.05
_MIN_REPEATS = 20
_MIN_IDENTICAL_NS = 5_000  # below, unrelated kernels may well take the same few ticks of the clock

EMPTY = (
    "Nothing was recorded: the profiled process ran no operator and no kernel. A vLLM engine usually lives in other "
    "processes, where a profiler of this process sees nothing. Build the engine with VLLM_ENABLE_V1_MULTIPROCESSING=0, "
    "or with a profiler_config and open the traces that its workers write with %xpu_trace."
)


def health_issues(tables: Tables, analyses: Sequence[Analysis]) -> list[Issue]:
    """Look for what makes totals incomplete or doubtful."""
    rows = tables.rows
    found: list[Issue] = []
    if not len(rows):
        found.append(Issue("empty-trace", "error", EMPTY))
        return found
    found += _overlaps(analyses)
    found += _versions(analyses)
    device = rows.is_activity
    if device.any():
        found += _coverage(rows)
        found += _identical_durations(tables)
        found += _hidden_graphs(tables)
    found += _ranks(analyses)
    if any(analysis.trace.metadata.synthetic for analysis in analyses):
        found.append(Issue("synthetic", "info", "This trace was generated, not recorded on hardware."))
    return found


def _overlaps(analyses: Sequence[Analysis]) -> list[Issue]:
    clamped = sum(analysis.spans.clamped for analysis in analyses)
    overlapping = sum(analysis.spans.overlapping for analysis in analyses)
    found = []
    if clamped:
        message = "Host spans overhang by a rounding nanosecond; their ends were clamped."
        found.append(Issue("rounded-overlap", "info", message, count=clamped))
    if overlapping:
        message = "Host spans overlap without containing each other; each instant is counted once, for the later one."
        found.append(Issue("partial-overlap", "warning", message, count=overlapping))
    return found


def _coverage(rows: Rows) -> list[Issue]:
    part = coverage(rows, rows.device_ns)
    cases = (
        ("unlinked", part.unlinked_ns, "could not be linked to the host call that launched it"),
        ("unattributed", part.unattributed_ns, "could not be attributed to a backend"),
        ("weak-attribution", part.weak_ns, "is attributed by an ambiguous name alone"),
    )
    return [
        Issue(code, "warning", f"{format_share(time_ns, part.weight_ns)} of the device time {what}.")
        for code, time_ns, what in cases
        if time_ns > _DOUBTFUL_FRAC * part.weight_ns
    ]


def _identical_durations(tables: Tables) -> list[Issue]:
    """Different kernels with identical durations: a defect of the XPU profiler (intel/torch-xpu-ops#2713)."""
    rows = tables.rows
    kernel = np.flatnonzero((rows.kind == Kind.KERNEL) & (rows.device_ns >= _MIN_IDENTICAL_NS))
    if not len(kernel):
        return []
    pairs, counts = np.unique(np.stack([rows.device_ns[kernel], rows.name[kernel]]), axis=1, return_counts=True)
    durations, names_per_duration = np.unique(pairs[0][counts >= 3], return_counts=True)
    suspects = durations[names_per_duration >= 2]
    repeats = int(np.isin(rows.device_ns[kernel], suspects).sum())
    if repeats < max(_MIN_REPEATS, 0.3 * len(kernel)):
        return []
    message = (
        "Unrelated kernels report durations identical to the nanosecond: a known profiler defect "
        "(intel/torch-xpu-ops#2713). Single durations cannot be trusted."
    )
    return [Issue("identical-durations", "error", message, count=repeats)]


def _hidden_graphs(tables: Tables) -> list[Issue]:
    """Graph replays without kernels of their own: the time is there, but not what ran (pytorch/pytorch#171689)."""
    rows, strings = tables.rows, tables.strings
    calls = np.flatnonzero((rows.kind == Kind.RUNTIME) | (rows.kind == Kind.DRIVER))
    names = np.unique(rows.name[calls])
    words = (*GRAPH_WORDS, "executecommandlists")
    setup = ("capture", "create", "destroy", "instantiate", "finalize", "release", "retain", "update")
    submitting = []
    for name in names.tolist():
        text = strings.text(name).lower()
        if any(word in text for word in words) and not any(word in text for word in setup):
            submitting.append(name)
    submissions = calls[np.isin(rows.name[calls], submitting)]
    if not len(submissions):
        return []
    launched = rows.launch_ns[rows.is_activity]
    opaque = submissions[~np.isin(rows.start_ns[submissions], launched)]
    kernels_in_graphs = len(opaque) < len(submissions)
    if kernels_in_graphs or not len(opaque):
        return []
    message = (
        "Graphs were replayed but the profiler recorded none of their kernels: device time is incomplete, and shares "
        "are of the visible part only. Record with --enforce-eager to see everything."
    )
    return [
        Issue("graph-hides-kernels", "error", message, count=len(opaque), example=strings.text(rows.name[opaque[0]]))
    ]


def _versions(analyses: Sequence[Analysis]) -> list[Issue]:
    ranks = [analysis.trace.metadata.rank for analysis in analyses]
    if len(set(ranks)) == len(ranks):
        return []
    message = "Several traces claim the same rank; they were numbered in order of their names."
    return [Issue("duplicate-rank", "warning", message, count=len(ranks) - len(set(ranks)))]


def _ranks(analyses: Sequence[Analysis]) -> list[Issue]:
    expected = max(analysis.trace.metadata.world_size for analysis in analyses)
    if len(analyses) >= expected:
        return []
    message = f"{len(analyses)} of {expected} ranks: the others were not given or not found."
    return [Issue("missing-ranks", "info", message, count=expected - len(analyses))]
