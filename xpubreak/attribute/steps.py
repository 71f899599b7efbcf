"""Steps: one pass of the model over a batch, with everything that was enqueued for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from xpubreak.attribute.iteration import Family, Iteration, read_iteration
from xpubreak.attribute.moments import NEVER, Moments
from xpubreak.attribute.roots import Root, find_roots
from xpubreak.trace.columns import NONE, BoolArray, CodeArray, IntArray, blocks, distinct
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace
from xpubreak.tree.nest import Nesting

FOREVER = 1 << 62

_SOURCES = {Family.EXECUTE: "annotation", Family.WRAPPER: "annotation", Family.PROFILER: "profiler-step"}


@dataclass(frozen=True)
class Windows:
    """Stretches of host time that are steps, ordered by start.

    Parameters
    ----------
    row
        int64[steps]: event row of the annotation or root span.
    start_ns, end_ns
        int64[steps]: of that span.
    until_ns
        int64[steps]: start of the next step on the thread. vLLM closes its annotation before it computes logits and
        samples: what is enqueued up to the next step still belongs to this one.
    track
        int32[steps].
    iteration
        What the name says; None where it is no annotation.
    source
        ``"annotation"``, ``"profiler-step"``, ``"model-root"``, ``"compiled-graph"``, ``"embedding"`` or ``"none"``.
    """

    row: IntArray
    start_ns: IntArray
    end_ns: IntArray
    until_ns: IntArray
    track: CodeArray
    iteration: tuple[Iteration | None, ...]
    source: str

    def __len__(self) -> int:
        return len(self.row)

    def at(self, moments: Moments) -> CodeArray:
        """Step of every event, −1 outside: by its thread's own steps, else by those of the thread with most steps."""
        step = np.full(len(moments.time_ns), NONE, dtype=np.int32)
        if not len(self):
            return step
        tracks = Counter(self.track.tolist())
        main = max(tracks, key=lambda track: (tracks[track], -track))
        for track in [main, *(other for other in tracks if other != main)]:
            mine = np.flatnonzero(self.track == track)
            is_asked = moments.time_ns != NEVER if track == main else moments.track == track
            for rows in blocks(np.flatnonzero(is_asked)):
                at = np.searchsorted(self.start_ns[mine], moments.time_ns[rows], side="right") - 1
                inside = (at >= 0) & (moments.time_ns[rows] < self.until_ns[mine][at])
                step[rows] = np.where(inside, mine[at], NONE)
        return step


def find_windows(
    trace: Trace, spans: Nesting, frames: Nesting | None, moments: Moments, is_model_work: BoolArray, anchors: BoolArray
) -> Windows:
    """Find the steps of a trace.

    Parameters
    ----------
    trace, spans, frames, moments
        Of the same trace.
    is_model_work
        bool[n_events]: what makes an annotation that says "nothing scheduled" a step all the same.
    anchors
        bool[n_events]: attention, to tell the model's root from other spans.

    Returns
    -------
    Windows
        From vLLM's annotations, else from torch.profiler's steps, else from the spans of the model's root, of the
        compiled graph, of the embedding or of a graph's replay that come once a pass.
    """
    events = trace.events
    rows = spans.rows[events.kind[spans.rows] == Kind.ANNOTATION]
    names = {name: read_iteration(trace.strings.text(name)) for name in distinct(events.name[rows]).tolist()}
    families = {found.family for found in names.values() if found is not None and not found.is_empty}
    if families:
        family = min(families)
        wanted = [name for name, found in names.items() if found is not None and found.family == family]
        chosen = _outermost(trace, rows[np.isin(events.name[rows], wanted)])
        iterations = [names[int(events.name[row])] for row in chosen]
        return _windows(trace, chosen, iterations, _SOURCES[family], _has_work(trace, chosen, moments, is_model_work))
    root = find_roots(trace, spans, frames, moments, anchors)
    return _from_root(trace, root)


def _outermost(trace: Trace, rows: IntArray) -> IntArray:
    """Rows by start, without those inside an earlier one of their thread."""
    events = trace.events
    kept: list[int] = []
    open_until: dict[int, int] = {}
    for row in rows[np.lexsort((rows, events.start_ns[rows]))].tolist():
        track = int(events.track[row])
        start_ns = int(events.start_ns[row])
        if start_ns >= open_until.get(track, NEVER):
            kept.append(row)
            open_until[track] = start_ns + int(events.dur_ns[row])
    return np.array(kept, dtype=np.int64)


def _has_work(trace: Trace, rows: IntArray, moments: Moments, is_model_work: BoolArray) -> BoolArray:
    """Whether anything was computed or launched while each of the spans was open."""
    found = np.zeros(len(rows), dtype=bool)
    worked = np.flatnonzero(is_model_work)
    for track in distinct(trace.events.track[rows]).tolist():
        times = np.sort(moments.time_ns[worked[moments.track[worked] == track]])
        mine = trace.events.track[rows] == track
        low = np.searchsorted(times, trace.events.start_ns[rows[mine]])
        high = np.searchsorted(times, trace.events.end_ns[rows[mine]])
        found[mine] = high > low
    return found


def _windows(
    trace: Trace, rows: IntArray, iterations: list[Iteration | None], source: str, has_work: BoolArray | None = None
) -> Windows:
    events = trace.events
    start_ns, track = events.start_ns[rows], events.track[rows]
    until_ns = np.full(len(rows), FOREVER, dtype=np.int64)
    for one in distinct(track).tolist():
        mine = np.flatnonzero(track == one)
        until_ns[mine[:-1]] = start_ns[mine[1:]]
    # An iteration for which nothing was scheduled ends the step before it, but is none itself.
    counts = np.array([has_work is None or not (found and found.is_empty) for found in iterations], dtype=bool)
    kept = np.flatnonzero(counts if has_work is None else counts | has_work)
    return Windows(
        row=rows[kept],
        start_ns=start_ns[kept],
        end_ns=events.end_ns[rows[kept]],
        until_ns=until_ns[kept],
        track=track[kept],
        iteration=tuple(iterations[at] for at in kept.tolist()),
        source=source,
    )


def _from_root(trace: Trace, root: Root) -> Windows:
    return _windows(trace, root.rows, [None] * len(root.rows), root.source if len(root.rows) else "none")
