"""Profile quality: what makes the profile itself doubtful. Costs no time, but comes before everything that does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.findings.doubtful import doubtful
from xpubreak.breakdown.findings.finding import Finding
from xpubreak.breakdown.findings.idle import waits
from xpubreak.breakdown.health import opaque_submissions, recorded_issues
from xpubreak.breakdown.rankhealth import rank_issues
from xpubreak.breakdown.totals import union_ns
from xpubreak.errors import Issue
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_TITLES = {
    "clock-skew": "Clocks of host and device differ",
    "device-not-recorded": "The device was not recorded",
    "duplicate-correlation": "Launches share correlation ids",
    "empty-trace": "Nothing was recorded",
    "folded": "Only sums of the ranks are here",
    "graph-hides-kernels": "Graph replays hide their kernels",
    "identical-durations": "Unrelated kernels have identical durations",
    "layer-counts-differ": "Steps differ in their number of layers",
    "lost-activities": "The profiler lost activities",
    "missing-ranks": "Ranks are missing",
    "no-kernel-records": "Kernels were launched, none was recorded",
    "misplaced-events": "The list of events is not where it should be",
    "overhead": "Recording costs much",
    "partial-collectives": "Waiting for ranks that are missing is unknown",
    "profiler-overhead": "The profiler itself takes much time",
    "second-document": "The file holds more than one trace",
    "second-events": "The file has more than one list of events",
    "truncated-file": "The file is cut off",
    "unattributed": "Much of the device time has no known backend",
    "unlinked": "Much of the device time has no known launch",
    "weak-attribution": "Much of the device time is attributed by names alone",
}
_ALWAYS = ("missing-ranks",)


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """One finding for each issue that is more than a note."""
    for issue in (*recorded_issues(breakdown.tables), *rank_issues(breakdown.tables)):
        if issue.severity != "info" or issue.code in _ALWAYS:
            yield _finding(breakdown, issue, opaque_ns(breakdown) if issue.code == "graph-hides-kernels" else {})


def opaque_ns(breakdown: Breakdown) -> dict[int, int]:
    """How long the device may have been busy without a record, by rank.

    From each submission of a graph to the end of the next wait for the device, less what is recorded in between.
    """
    rows, submissions = breakdown.tables.rows, opaque_submissions(breakdown.tables)
    ends = waits(breakdown.tables)
    found: dict[int, int] = {}
    for rank in np.unique(rows.rank[submissions]).tolist():
        first = np.sort(rows.start_ns[submissions[rows.rank[submissions] == rank]])
        until = np.sort((rows.start_ns + rows.total_ns)[ends[rows.rank[ends] == rank]])
        place = np.searchsorted(until, first, side="left")
        held = place < len(until)
        last = until[place[held]]
        whole_ns = union_ns(first[held], last - first[held])
        seen = np.flatnonzero(rows.is_activity & (rows.rank == rank))
        start = np.concatenate([first[held], rows.start_ns[seen]])
        length = np.concatenate([last - first[held], rows.device_ns[seen]])
        # |A without B| = |A or B| - |B|
        hidden_ns = min(whole_ns, union_ns(start, length) - union_ns(rows.start_ns[seen], rows.device_ns[seen]))
        if hidden_ns:
            found[int(rank)] = hidden_ns
    return found


def _finding(breakdown: Breakdown, issue: Issue, opaque: dict[int, int]) -> Finding:
    more = (
        f" From the submission of a graph to the next wait for the device, {format_ns(sum(opaque.values()))} pass in "
        "which nothing is recorded: so long may hidden kernels have run."
        if opaque
        else ""
    )
    evidence, note = doubtful(breakdown, issue.code)
    fallback = issue.code.replace("-", " ").capitalize()
    times = f" ({issue.count:,}×)" if issue.count > 1 else ""
    example = f" For example: {issue.example[:200]}" if issue.example else ""
    return Finding(
        key=f"profile:{issue.code}",
        title=_TITLES.get(issue.code, fallback),
        severity=issue.severity,
        at_stake_ns=0,
        at_stake_per_step_ns=None,
        arithmetic=f"{issue.message}{times}{example}{more}{note}",
        evidence=evidence,
        advice=(
            "Do not take totals and shares for complete before this is settled."
            if issue.severity == "error"
            else "Keep it in mind when you read totals and shares."
        ),
        source="checks of the profile as a whole",
        columns={"rank": tuple(map(float, opaque)), "opaque_ns": tuple(map(float, opaque.values()))} if opaque else {},
    )
