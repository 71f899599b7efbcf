"""Doubtful events: which ones an issue of the profile is about, so that a click on it shows them and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.findings.callsite import MOST_NODES
from xpubreak.breakdown.health import launch_calls, opaque_submissions, repeated_durations
from xpubreak.breakdown.recording import unrecorded
from xpubreak.breakdown.rows import Tables
from xpubreak.breakdown.selection import Selection
from xpubreak.trace.columns import IntArray
from xpubreak.tree.launches import Link

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_BY_VALUE = {
    "unattributed": Selection.of(backend="unattributed"),
    "weak-attribution": Selection.of(confidence="weak"),
}
MOST_ROWS = MOST_NODES
"""More events are not put into a selection: then it is the first ones, in the order of time."""


def doubtful(breakdown: Breakdown, code: str) -> tuple[Selection, str]:
    """Select the events that an issue is about, and say so where they are not all of them.

    Parameters
    ----------
    breakdown
        Of which only selected events are taken.
    code
        Of the issue.

    Returns
    -------
    selection, note
        Nothing selected for issues about the profile as a whole, and where single events were added up.
    """
    if code in _BY_VALUE:
        return _BY_VALUE[code], ""
    find = _ROWS.get(code)
    if find is None or breakdown.tables.folded:
        return Selection(), ""
    rows = breakdown.tables.rows
    found = np.intersect1d(find(breakdown.tables), breakdown.row_numbers)
    if not len(found):
        return Selection(), ""
    chosen = found[np.argsort(rows.start_ns[found], kind="stable")][:MOST_ROWS]
    note = f" Selected are the first {len(chosen):,} of {len(found):,} such events." if len(chosen) < len(found) else ""
    return Selection.of(row=np.sort(chosen).tolist()), note


def _lost_launches(tables: Tables) -> IntArray:
    rows = tables.rows
    found = [np.zeros(0, dtype=np.int64)]
    for rank in np.unique(rows.rank).tolist():
        mine = np.flatnonzero(rows.rank == rank)
        launch = rows.launch[mine]
        linked = np.searchsorted(mine, launch[launch >= 0])
        columns = (rows.kind[mine], rows.category[mine], rows.name[mine], rows.start_ns[mine])
        telling, first, stop = unrecorded(*columns, linked)
        found += [mine[telling[start:end]] for start, end in zip(first.tolist(), stop.tolist(), strict=True)]
    return np.concatenate(found)


def _unlinked(tables: Tables) -> IntArray:
    rows = tables.rows
    return np.flatnonzero(rows.is_activity & (rows.link == Link.NONE))


_ROWS = {
    "graph-hides-kernels": opaque_submissions,
    "identical-durations": repeated_durations,
    "lost-activities": _lost_launches,
    "no-kernel-records": launch_calls,
    "unlinked": _unlinked,
}
