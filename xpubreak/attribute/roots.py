"""Roots: spans that come once a pass of the model, where nothing announces the steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xpubreak.attribute.modulename import read_frame, read_span
from xpubreak.attribute.moments import Moments
from xpubreak.classify.category import MAX_NAME_CHARS
from xpubreak.classify.runtime import runtime_category
from xpubreak.trace.columns import BoolArray, IntArray, distinct
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace
from xpubreak.tree.nest import Nesting

# Dynamo enters a compiled forward through this; Inductor's graph calls follow, one or (piecewise) several a pass.
_COMPILED_ENTRIES = ("Pregraph bytecode", "Torch-Compiled Region", "## Call CompiledFxGraph")
_EMBEDDINGS = ("aten::embedding",)


@dataclass(frozen=True)
class Root:
    """Rows of the spans that begin a pass, ordered by start, and what they are."""

    rows: IntArray
    source: str


NO_ROOT = Root(np.zeros(0, dtype=np.int64), "none")


def find_roots(trace: Trace, spans: Nesting, frames: Nesting | None, moments: Moments, anchors: BoolArray) -> Root:
    """Find what comes once a pass of the model.

    Parameters
    ----------
    trace, spans, frames, moments
        Of the same trace.
    anchors
        bool[n_events]: attention, as activities or operators.

    Returns
    -------
    Root
        Outermost spans of a module, else entries of a compiled graph, else embedding look-ups between which the same
        number of attentions lies, else replays of whole graphs.
    """
    modules = _outermost_modules(trace, spans, frames)
    if len(modules):
        return Root(modules, "model-root")
    events = trace.events
    attentions = np.sort(events.start_ns[anchors & (events.kind == Kind.OPERATOR)])
    for names, source in ((_COMPILED_ENTRIES, "compiled-graph"), (_EMBEDDINGS, "embedding")):
        for name in names:
            rows = _named(trace, spans, name)
            begins = rows[_opens_a_pass(events.start_ns[rows], attentions)]
            if _is_regular(events.start_ns[begins], attentions):
                return Root(begins, source)
    replays = _replays(trace, spans, moments, anchors)
    return Root(replays, "graph-replay") if len(replays) else NO_ROOT


def _replays(trace: Trace, spans: Nesting, moments: Moments, anchors: BoolArray) -> IntArray:
    """Calls that replay a graph of several attentions: a whole pass, not a piece of one around its attention."""
    events = trace.events
    calls = [
        name
        for name in distinct(events.name[spans.rows]).tolist()
        if runtime_category(trace.strings.text(name)[:MAX_NAME_CHARS]) == "graph"
    ]
    rows = spans.rows[np.isin(events.name[spans.rows], calls) & (events.kind[spans.rows] == Kind.RUNTIME)]
    rows = rows[np.argsort(events.start_ns[rows], kind="stable")]
    attended_ns = np.sort(moments.time_ns[anchors & events.is_activity])
    first = np.searchsorted(attended_ns, events.start_ns[rows], side="left")
    last = np.searchsorted(attended_ns, events.start_ns[rows], side="right")
    return np.asarray(rows[last - first > 1])


def _outermost_modules(trace: Trace, spans: Nesting, frames: Nesting | None) -> IntArray:
    """Calls of the outermost module with the largest share of time: model, not sampler."""
    events = trace.events
    nesting = spans if frames is None else frames
    names = {
        name
        for name in distinct(events.name[nesting.rows]).tolist()
        if read_span(trace.strings.text(name)) or read_frame(trace.strings.text(name))
    }
    positions = np.flatnonzero(np.isin(events.name[nesting.rows], list(names)))
    outermost: list[int] = []
    covered = -1
    for position in positions.tolist():
        if position > covered:
            outermost.append(position)
            covered = int(nesting.subtree_end[position])
    rows = nesting.rows[outermost]
    if not len(rows):
        return rows
    totals = np.bincount(events.name[rows], weights=events.dur_ns[rows])
    calls: IntArray = rows[events.name[rows] == totals.argmax()]
    return calls[np.argsort(events.start_ns[calls], kind="stable")]


def _named(trace: Trace, spans: Nesting, name: str) -> IntArray:
    events = trace.events
    wanted = [text_id for text_id, text in enumerate(trace.strings) if text.startswith(name)]
    rows = spans.rows[np.isin(events.name[spans.rows], wanted)]
    return rows[np.argsort(events.start_ns[rows], kind="stable")]


def _opens_a_pass(starts_ns: IntArray, attentions_ns: IntArray) -> BoolArray:
    """Of candidates with no attention in between (two embeddings, nested entries), the first."""
    seen = np.searchsorted(attentions_ns, starts_ns)
    return np.concatenate([[True], seen[1:] > seen[:-1]]) if len(seen) else np.zeros(0, dtype=bool)


def _is_regular(starts_ns: IntArray, attentions_ns: IntArray) -> bool:
    """The same number of attentions, and more than one, follows each."""
    if not len(starts_ns):
        return False
    bounds = np.append(np.searchsorted(attentions_ns, starts_ns), len(attentions_ns))
    per_pass = np.diff(bounds)
    return bool(per_pass[0] > 1 and (per_pass == per_pass[0]).all())
