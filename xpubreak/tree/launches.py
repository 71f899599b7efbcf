"""Launches: which host call put which activity on the device."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from xpubreak.errors import Issue
from xpubreak.trace.columns import NONE, BoolArray, IntArray, SmallArray, distinct, freeze
from xpubreak.trace.events import Events, Kind
from xpubreak.trace.trace import Trace
from xpubreak.tree.jumps import nearest
from xpubreak.tree.nest import Nesting

GRAPH_WORDS = ("graph", "commandbuffer")
"""In names of calls that replay a captured graph: cudaGraphLaunch, hipGraphLaunch, urEnqueueGraphExp,
urCommandBufferEnqueueExp (also urEnqueueCommandBufferExp)."""

_SKEW_NS = 1_000  # device clocks are converted; below a microsecond it is rounding, not skew


class Link(IntEnum):
    """How an activity was linked to the host."""

    NONE = 0  #: no host side was found: the activity lives at node −1
    RUNTIME = 1  #: same correlation id as a runtime call
    DRIVER = 2  #: same correlation id as a driver call, no runtime call has it
    EXTERNAL_ID = 3  #: only ``External id`` named an operator: a fallback, wrong under torch.compile


@dataclass(frozen=True)
class Launches:
    """The host side of every device activity, once each.

    Parameters
    ----------
    activity
        int64[m]: event rows of the device activities, ascending.
    launch
        int64[m]: event row of the launching runtime or driver call, −1 for none.
    op
        int64[m]: event row of the innermost operator around the launch, −1 for none.
    span
        int64[m]: event row of the innermost operator or annotation around the launch, −1 for none.
    link
        uint8[m]: a `Link`.
    is_graph
        uint8[m]: 1 where the launch replays a captured graph.
    issues
        What is doubtful: duplicate correlation ids, activities that start before their launch.
    """

    activity: IntArray
    launch: IntArray
    op: IntArray
    span: IntArray
    link: SmallArray
    is_graph: SmallArray
    issues: tuple[Issue, ...] = ()


def link(trace: Trace, spans: Nesting) -> Launches:
    """Find the launch of every device activity.

    Parameters
    ----------
    trace
        Events and their ids.
    spans
        Nesting of all host spans.

    Returns
    -------
    Launches
        By correlation with a runtime call, else with a driver call, else by ``External id``.
    """
    events = trace.events
    activity = trace.activities
    launch = np.full(len(activity), NONE, dtype=np.int64)
    how = np.zeros(len(activity), dtype=np.uint8)
    duplicates = 0
    for kind, link_kind in ((Kind.RUNTIME, Link.RUNTIME), (Kind.DRIVER, Link.DRIVER)):
        missing = np.flatnonzero(launch == NONE)
        found, ambiguous = _by_correlation(events, np.flatnonzero(events.kind == kind), activity[missing])
        launch[missing] = found
        how[missing[found != NONE]] = link_kind
        duplicates += ambiguous
    # Position −1 finds the appended last one, in a trace without host spans as well.
    op_of, span_of = (np.append(column, NONE) for column in _innermost(events, spans))
    op, span = np.full(len(activity), NONE, dtype=np.int64), np.full(len(activity), NONE, dtype=np.int64)
    launched = np.flatnonzero(launch >= 0)
    position = spans.position[launch[launched]]
    op[launched], span[launched] = op_of[position], span_of[position]
    lost = np.flatnonzero(launch == NONE)
    named = _by_external_id(events, activity[lost])
    op[lost] = np.where((named >= 0) & (events.kind[named] == Kind.OPERATOR), named, NONE)
    span[lost] = named
    how[lost[named != NONE]] = Link.EXTERNAL_ID
    skewed = (launch >= 0) & (events.start_ns[activity] < events.start_ns[launch] - _SKEW_NS)
    return Launches(
        activity=freeze(activity),
        launch=freeze(launch),
        op=freeze(op),
        span=freeze(span),
        link=freeze(how),
        is_graph=freeze(_is_graph(trace, activity, launch).astype(np.uint8)),
        issues=tuple(_issues(duplicates, int(skewed.sum()))),
    )


def _by_correlation(events: Events, calls: IntArray, activity: IntArray) -> tuple[IntArray, int]:
    """Event row of the call with the same correlation id, and how many activities had several to choose from."""
    calls = calls[events.correlation[calls] >= 0]
    found = np.full(len(activity), NONE, dtype=np.int64)
    if not len(calls) or not len(activity):
        return found, 0
    calls = calls[np.lexsort((events.start_ns[calls], events.correlation[calls]))]
    ids, wanted = events.correlation[calls], events.correlation[activity]
    low = np.searchsorted(ids, wanted, side="left")
    high = np.searchsorted(ids, wanted, side="right")
    single = (high - low == 1) & (wanted >= 0)
    found[single] = calls[low[single]]
    several = np.flatnonzero((high - low > 1) & (wanted >= 0))
    starts = events.start_ns[calls].tolist() if len(several) else []
    for i in several.tolist():
        # Ids were reused: the launch is the last one before the activity.
        at = bisect_right(starts, int(events.start_ns[activity[i]]), int(low[i]), int(high[i]))
        found[i] = calls[max(at - 1, int(low[i]))]
    return found, len(several)


def _by_external_id(events: Events, activity: IntArray) -> IntArray:
    """Event row of the operator (else annotation) with the same ``External id``."""
    found = np.full(len(activity), NONE, dtype=np.int64)
    for kind in (Kind.OPERATOR, Kind.ANNOTATION):
        ops = np.flatnonzero((events.kind == kind) & (events.external_id >= 0))
        if not len(ops) or not len(activity):
            continue
        ids, first = np.unique(events.external_id[ops], return_index=True)
        wanted = events.external_id[activity]
        at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        hit = (found == NONE) & (wanted >= 0) & (ids[at] == wanted)
        found[hit] = ops[first[at[hit]]]
    return found


def _innermost(events: Events, spans: Nesting) -> tuple[IntArray, IntArray]:
    """Per position of the nesting: event row of the innermost operator, and of the innermost operator or annotation."""
    kind = events.kind[spans.rows]
    is_op = kind == Kind.OPERATOR
    rows = np.append(spans.rows, NONE)
    op_of = nearest(spans.parent, is_op)
    span_of = nearest(spans.parent, is_op | (kind == Kind.ANNOTATION))
    return rows[op_of], rows[span_of]


def _is_graph(trace: Trace, activity: IntArray, launch: IntArray) -> BoolArray:
    events, strings = trace.events, trace.strings
    linked = launch >= 0
    names = distinct(events.name[launch[linked]])
    replays = [name for name in names.tolist() if any(word in strings.text(name).lower() for word in GRAPH_WORDS)]
    by_name = linked & np.isin(events.name[launch], replays)
    kernels = linked & (events.kind[activity] == Kind.KERNEL)
    per_launch = np.bincount(launch[kernels], minlength=len(events) + 1)
    return np.asarray(by_name | (kernels & (per_launch[launch] > 1)))


def _issues(duplicates: int, skewed: int) -> list[Issue]:
    found = []
    if duplicates:
        message = "Correlation ids are used more than once; the last launch before the activity was taken."
        found.append(Issue("duplicate-correlation", "warning", message, count=duplicates))
    if skewed:
        message = "Device activities start before they were launched: the device clock is off, so delays are not shown."
        found.append(Issue("clock-skew", "warning", message, count=skewed))
    return found
