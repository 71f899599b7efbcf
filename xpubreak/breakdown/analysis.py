"""One trace through all the floors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xpubreak.attribute.label import Labels, label
from xpubreak.classify.backend import Backends
from xpubreak.classify.context import Context
from xpubreak.classify.engine import classify
from xpubreak.classify.rule import Rule
from xpubreak.trace.columns import CodeArray
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace
from xpubreak.tree.calltree import CallTree, build
from xpubreak.tree.launches import Launches, link
from xpubreak.tree.nest import Nesting, nest


@dataclass(frozen=True)
class Analysis:
    """What the floors found in one trace.

    Parameters
    ----------
    trace
        As read.
    spans
        Nesting of the host spans; host time comes from it.
    context
        Nesting of spans and Python frames, without times; the same object as ``spans`` where there are no frames.
    launches, backends, labels
        Per activity and event.
    tree
        Call tree of ``context`` and the activities; names are string ids of the trace.
    node
        int32[len(events)]: node of every event, −1 for none.
    """

    trace: Trace
    spans: Nesting
    context: Nesting
    launches: Launches
    backends: Backends
    labels: Labels
    tree: CallTree
    node: CodeArray


def analyse(trace: Trace, user_rules: Sequence[Rule] = ()) -> Analysis:
    """Run a trace through tree, classify and attribute; the user's rules speak first."""
    events = trace.events
    spans = nest(events, trace.spans)
    launches = link(trace, spans)
    backends = classify(
        trace,
        Context(
            activity=launches.activity,
            launch=launches.launch,
            op=launches.op,
            span=launches.span,
            link=launches.link,
            is_graph=launches.is_graph,
            host_rows=spans.rows,
            host_parent=spans.parent,
        ),
        user_rules,
    )
    # Nesting of frames takes as much memory as the trace, and is made no sooner than it is needed.
    is_frame = events.kind == Kind.PYTHON
    frames = nest(events, np.flatnonzero(events.is_span | is_frame), is_timed=False) if is_frame.any() else None
    labels = label(trace, spans, frames, launches, backends)
    context = spans if frames is None else frames
    tree, node = build(events, path_names(trace, labels), context, launches)
    return Analysis(trace, spans, context, launches, backends, labels, tree, node)


def path_names(trace: Trace, labels: Labels) -> CodeArray:
    """What to call each event in call paths: steps share one name per phase, or paths would multiply by steps."""
    names: CodeArray = trace.events.name.copy()
    for row, name in labels.path_names(trace).items():
        names[row] = trace.strings.intern(name)
    return names
