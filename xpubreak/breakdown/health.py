"""Health: what is wrong with a profile as a whole, so that nobody takes its totals for complete."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.breakdown.run import Run
from xpubreak.breakdown.totals import coverage
from xpubreak.errors import Issue, merge_issues
from xpubreak.trace.columns import IntArray
from xpubreak.trace.events import Kind
from xpubreak.tree.launches import GRAPH_WORDS
from xpubreak.units import format_share

_DOUBTFUL_FRAC = 0.05
_VISIBLE_FRAC = 0.1  # of graph submissions with kernels of their own, above which graphs are taken to show theirs
_LAUNCH_WORDS = ("launchkernel", "enqueuekernel")
_NAMED_RANKS = 8
_MIN_REPEATS = 20
_MIN_IDENTICAL_NS = 5_000  # below, unrelated kernels may well take the same few ticks of the clock

EMPTY = (
    "Nothing was recorded: the profiled process ran no operator and no kernel. A vLLM engine usually computes in other "
    "processes, where a profiler of this process sees nothing: record the engine, with %%xpu_breakdown --llm NAME or "
    "xb.profile(llm=...)."
)


def recorded_issues(tables: Tables) -> tuple[Issue, ...]:
    """All issues of a profile: those of reading each rank, and those of the whole; worst first."""
    return merge_issues([*(issue for run in tables.runs for issue in run.issues), *health_issues(tables)])


def health_issues(tables: Tables) -> list[Issue]:
    """Look for what makes totals incomplete or doubtful."""
    rows, runs = tables.rows, tables.runs
    found: list[Issue] = []
    if not len(rows):
        found.append(Issue("empty-trace", "error", EMPTY))
        return found
    found += _overlaps(runs)
    found += _versions(runs)
    device = rows.is_activity
    if device.any():
        found += _coverage(rows)
        found += _identical_durations(tables)
        found += _missing_kernels(tables)
    found += _hidden_graphs(tables)
    found += _ranks(runs)
    if any(run.metadata.synthetic for run in runs):
        found.append(Issue("synthetic", "info", "This trace was generated, not recorded on hardware."))
    return found


def _overlaps(runs: Sequence[Run]) -> list[Issue]:
    clamped = sum(run.clamped for run in runs)
    overlapping = sum(run.overlapping for run in runs)
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
    repeats = len(repeated_durations(tables))
    if not repeats:
        return []
    message = (
        "Unrelated kernels report durations identical to the nanosecond: a known profiler defect "
        "(intel/torch-xpu-ops#2713). Single durations cannot be trusted: record with another torch release (seen with "
        "2.10 on Battlemage), or measure kernels with unitrace."
    )
    return [Issue("identical-durations", "error", message, count=repeats)]


def repeated_durations(tables: Tables) -> IntArray:
    """Rows of kernels with a duration that others have, too; none for less than chance allows."""
    rows = tables.rows
    is_long_kernel = (rows.kind == Kind.KERNEL) & (rows.device_ns >= _MIN_IDENTICAL_NS)
    # Rank by rank: the clocks of devices tick in steps, and many ranks together would meet by chance.
    parts = [_repeats(rows, np.flatnonzero(is_long_kernel & (rows.rank == rank))) for rank in _ranks_of(tables)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _repeats(rows: Rows, kernel: IntArray) -> IntArray:
    if not len(kernel):
        return kernel
    pairs, counts = np.unique(np.stack([rows.device_ns[kernel], rows.name[kernel]]), axis=1, return_counts=True)
    durations, names_per_duration = np.unique(pairs[0][counts >= 3], return_counts=True)
    suspects = durations[names_per_duration >= 2]
    repeats = kernel[np.isin(rows.device_ns[kernel], suspects)]
    return repeats if len(repeats) >= max(_MIN_REPEATS, 0.3 * len(kernel)) else repeats[:0]


def _ranks_of(tables: Tables) -> list[int]:
    return [run.metadata.rank for run in tables.runs]


def _missing_kernels(tables: Tables) -> list[Issue]:
    """Copies were recorded, kernels were not (intel/torch-xpu-ops#3985); without copies, reading tells already."""
    rows, strings = tables.rows, tables.strings
    if (rows.kind == Kind.KERNEL).any():
        return []
    launching = launch_calls(tables)
    if not len(launching):
        return []
    message = "Kernels were launched but the profiler recorded only copies and fills: most device time is missing."
    if any(run.metadata.device == "xpu" for run in tables.runs):
        known = "Known with torch 2.13 on Battlemage (intel/torch-xpu-ops#3985)"
        message += f" {known}: set SYCL_UR_USE_LEVEL_ZERO_V2=0 and retry."
    example = strings.text(rows.name[launching].min())
    return [Issue("no-kernel-records", "error", message, count=len(launching), example=example)]


def launch_calls(tables: Tables) -> IntArray:
    """Rows of calls that launch kernels, by their names."""
    rows, strings = tables.rows, tables.strings
    calls = np.flatnonzero((rows.kind == Kind.RUNTIME) | (rows.kind == Kind.DRIVER))
    names = np.unique(rows.name[calls]).tolist()
    launching = [name for name in names if any(word in strings.text(name).lower() for word in _LAUNCH_WORDS)]
    return calls[np.isin(rows.name[calls], launching)]


def opaque_submissions(tables: Tables) -> IntArray:
    """Rows of calls that submitted graphs of which no kernel was recorded; none where those of most graphs were."""
    rows, strings = tables.rows, tables.strings
    calls = np.flatnonzero((rows.kind == Kind.RUNTIME) | (rows.kind == Kind.DRIVER))
    words = (*GRAPH_WORDS, "executecommandlists")
    setup = ("capture", "create", "destroy", "instantiate", "finalize", "release", "retain", "update")
    submitting = []
    for name in np.unique(rows.name[calls]).tolist():
        text = strings.text(name).lower()
        if any(word in text for word in words) and not any(word in text for word in setup):
            submitting.append(name)
    submissions = calls[np.isin(rows.name[calls], submitting)]
    launched = rows.launch_ns[rows.is_activity]
    opaque = submissions[~np.isin(rows.start_ns[submissions], launched)]
    # A replay takes several submissions, of which some only signal: most of them say nothing where kernels show.
    is_visible = len(submissions) - len(opaque) > _VISIBLE_FRAC * len(submissions)
    return opaque[:0] if is_visible else opaque


def _hidden_graphs(tables: Tables) -> list[Issue]:
    """Graph replays without kernels of their own: the time is there, but not what ran (pytorch/pytorch#171689)."""
    opaque = opaque_submissions(tables)
    if not len(opaque):
        return []
    message = (
        "Graphs were replayed but the profiler recorded none of their kernels: device time is incomplete, and shares "
        "are of the visible part only. Build the engine with enforce_eager=True (a server: --enforce-eager) to see "
        "everything."
    )
    example = tables.strings.text(tables.rows.name[opaque[0]])
    return [Issue("graph-hides-kernels", "error", message, count=len(opaque), example=example)]


def _versions(runs: Sequence[Run]) -> list[Issue]:
    ranks = [run.metadata.rank for run in runs]
    if len(set(ranks)) == len(ranks):
        return []
    message = "Several traces claim the same rank; they were numbered in order of their names."
    return [Issue("duplicate-rank", "warning", message, count=len(ranks) - len(set(ranks)))]


def _ranks(runs: Sequence[Run]) -> list[Issue]:
    expected = max(run.metadata.world_size for run in runs)
    there = {run.metadata.rank for run in runs if run.metadata.rank < expected}
    missing = expected - len(there)
    if expected < 2 or not missing:
        return []
    named = itertools.islice((rank for rank in range(expected) if rank not in there), _NAMED_RANKS)
    shown = ", ".join(map(str, named)) + (" …" if missing > _NAMED_RANKS else "")
    message = f"{len(there)} of {expected} ranks: rank {shown} was not given or not found; totals are of the others."
    return [Issue("missing-ranks", "warning", message, count=missing)]
