"""What is wrong with several ranks taken together, and what of them is not here."""

from __future__ import annotations

from xpubreak.breakdown.collectives import match_collectives
from xpubreak.breakdown.fold import RANKS, STEPS
from xpubreak.breakdown.peergroups import PeerGroups
from xpubreak.breakdown.ranktable import clock_spread_ns
from xpubreak.breakdown.rows import Tables
from xpubreak.classify.backend import Role
from xpubreak.errors import Issue
from xpubreak.units import format_ns

_NOTED_SKEW_NS = 50_000


def rank_issues(tables: Tables) -> list[Issue]:
    """Look for what a reader of several ranks has to know."""
    found = _folded(tables)
    if len(tables.runs) < 2 or not bool((tables.rows.role == Role.COLLECTIVES).any()):
        return found
    spread_ns = 0.0  # the ends of calls are not known of sums
    if tables.folded:
        sums = {run.metadata.rank: run.sums for run in tables.runs if run.sums is not None}
        settled = {rank for rank, item in sums.items() if item.calls > 0 or item.partial_calls > 0}
        unsettled = tuple(sorted(set(PeerGroups.of(tables.runs).in_several) - settled))
        partial = sum(max(0, item.partial_calls) for item in sums.values())
    else:
        collectives = match_collectives(tables)
        unsettled, partial = collectives.unsettled_ranks, int(collectives.is_partial.sum())
        spread_ns = clock_spread_ns(collectives)
    if partial:
        found.append(_partial_calls(partial))
    if unsettled:
        message = (
            "Ranks belong to several groups of processes, and the trace does not say which one a collective is of: "
            "these are not matched, and their waiting is not told apart."
        )
        found.append(Issue("unsettled-groups", "info", message, count=len(unsettled)))
    if spread_ns > _NOTED_SKEW_NS:
        message = (
            f"The clocks of the ranks disagree by {format_ns(round(spread_ns))}, by the ends of their collectives: the "
            "timeline of one rank is exact, distances between ranks are not. Waits are told without clocks."
        )
        found.append(Issue("skewed-clocks", "info", message))
    return found


def _partial_calls(count: int) -> Issue:
    message = (
        f"{count:,} collective operations are of groups of processes with ranks that are missing here, any of which "
        "may be the one that the others waited for: how long these waited, for whom, and the transfer are not known."
    )
    return Issue("partial-collectives", "warning", message, count=count)


def _folded(tables: Tables) -> list[Issue]:
    if not tables.folded:
        return []
    gone = ["single events"]
    if STEPS in tables.folded:
        gone.append("steps")
    if RANKS in tables.folded:
        gone.append("ranks but those that stand out")
    where = "bd.detail(rank) reads those of a rank" if tables.store else "load with store=… to keep them"
    message = (
        f"Sums of {len(tables.runs)} ranks: {', '.join(gone)} were added up where they were read. All sums are exact; "
        f"timeline, single kernels and percentiles are not here: {where}."
    )
    return [Issue("folded", "warning", message)]
