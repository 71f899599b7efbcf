"""Recording: what the profiler cost, and which launches it has no record of; from a trace, before rows are made."""

from __future__ import annotations

import numpy as np

from xpubreak.breakdown.analysis import Analysis
from xpubreak.classify.category import CATEGORY_CODES
from xpubreak.errors import Issue
from xpubreak.trace.columns import CodeArray, IntArray, SmallArray
from xpubreak.trace.events import Kind
from xpubreak.units import format_ns, format_share

_LOUD_OVERHEAD_FRAC = 0.05
_LOUD_LOST_FRAC = 0.02
_LEAST_LOST = 5


def recording_issues(analysis: Analysis) -> list[Issue]:
    """Look at how a trace was recorded."""
    return [*_overhead(analysis), *_lost(analysis)]


def _overhead(analysis: Analysis) -> list[Issue]:
    """The profiler's own events, as it wrote them: flushing buffers, instrumenting, allocating."""
    trace = analysis.trace
    mine = trace.events.kind == Kind.OVERHEAD
    spent_ns, whole_ns = int(trace.events.dur_ns[mine].sum()), trace.metadata.duration_ns
    if spent_ns <= _LOUD_OVERHEAD_FRAC * whole_ns or not spent_ns:
        return []
    message = (
        f"The profiler reports {format_ns(spent_ns)} of overhead of its own, {format_share(spent_ns, whole_ns)} of the "
        "wall time: times on the host are longer than they are without it."
    )
    return [Issue("profiler-overhead", "warning", message, count=int(mine.sum()))]


def _lost(analysis: Analysis) -> list[Issue]:
    """Launches without a record of what they launched, while others have one: buffers overflowed or were flushed."""
    events, launches = analysis.trace.events, analysis.launches
    telling, first, stop = unrecorded(
        events.kind, analysis.backends.category, events.name, events.start_ns, launches.launch[launches.launch >= 0]
    )
    count = int((stop - first).sum())
    if not count:
        return []
    at = int(np.argmax(stop - first))
    longest = int(stop[at] - first[at])
    start_ns = int(events.start_ns[telling[first[at]]])
    length_ns = int(events.start_ns[telling[stop[at] - 1]]) - start_ns
    message = (
        f"{count:,} of {len(telling):,} launches have no record of what they put on the device; the longest stretch "
        f"of them, {longest:,} launches over {format_ns(length_ns)}, begins {format_ns(start_ns)} into the trace. "
        "The profiler lost activities (full buffers, a flush): device time is incomplete. Record fewer steps."
    )
    return [Issue("lost-activities", "error", message, count=count)]


def unrecorded(
    kind: SmallArray, category: SmallArray, name: CodeArray, start_ns: IntArray, linked: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Find stretches of launches of one rank that have no record.

    Parameters
    ----------
    kind, category, name, start_ns
        Columns of events, or of rows.
    linked
        Places in these columns of launches that have a record.

    Returns
    -------
    telling, first, stop
        Places of launches by start, and the ends of each stretch in them; no stretches where few are lost.
    """
    codes = [CATEGORY_CODES[word] for word in ("launch", "memcpy", "memset")]
    calls = np.flatnonzero((kind == Kind.RUNTIME) & np.isin(category, codes))
    is_linked = np.zeros(len(kind), dtype=bool)
    is_linked[linked] = True
    # Names that never launch anything that is recorded say nothing.
    telling = calls[np.isin(name[calls], name[is_linked])]
    telling = telling[np.argsort(start_ns[telling], kind="stable")]
    is_lost = ~is_linked[telling]
    edges = np.diff(np.concatenate([[0], is_lost.astype(np.int8), [0]]))
    first, stop = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    # Single ones are copies of nothing and the like; buffers are lost as a whole.
    is_stretch = stop - first >= _LEAST_LOST
    first, stop = first[is_stretch], stop[is_stretch]
    if int((stop - first).sum()) < _LOUD_LOST_FRAC * len(telling):
        return telling, first[:0], stop[:0]
    return telling, first, stop
