"""Material: what rows are made of. The trace and what the floors made of it can go before the first row is made."""

from __future__ import annotations

from dataclasses import dataclass

from xpubreak.breakdown.analysis import Analysis
from xpubreak.breakdown.run import Run
from xpubreak.classify.backend import Evidence
from xpubreak.trace.columns import AnyArray, CodeArray, IntArray
from xpubreak.trace.strings import Strings
from xpubreak.trace.tracks import Track
from xpubreak.tree.calltree import CallTree
from xpubreak.tree.launches import Launches

_OF_TRACE = ("start_ns", "dur_ns", "name", "kind", "track", "external_id", "bytes", "shapes", "dtypes", "offset")
_OF_BACKENDS = ("role", "category", "confidence", "evidence")
_OF_LABELS = ("step", "phase", "layer", "module", "position")


@dataclass(frozen=True)
class Material:
    """Columns of an analysed trace, each of which can be let go on its own, unlike those of an `Analysis`.

    Parameters
    ----------
    of_event
        Of the trace, its backends and labels, and ``node``: a value for each event. Whoever makes rows takes them out.
    span_rows, span_depth, span_self_ns
        Event row, depth and self time of every host span.
    launches
        The host side of the activities.
    tree, strings, evidences, modules, tracks, run
        What columns refer to.
    """

    of_event: dict[str, AnyArray]
    span_rows: IntArray
    span_depth: CodeArray
    span_self_ns: IntArray
    launches: Launches
    tree: CallTree
    strings: Strings
    evidences: tuple[Evidence, ...]
    modules: tuple[str, ...]
    tracks: tuple[Track, ...]
    run: Run

    @classmethod
    def of(cls, analysis: Analysis) -> Material:
        """Take out of an analysis what is needed."""
        trace, spans = analysis.trace, analysis.spans
        of_event: dict[str, AnyArray] = {name: getattr(trace.events, name) for name in _OF_TRACE}
        of_event |= {name: getattr(analysis.backends, name) for name in _OF_BACKENDS}
        of_event |= {name: getattr(analysis.labels, name) for name in _OF_LABELS}
        return cls(
            of_event={**of_event, "node": analysis.node},
            span_rows=spans.rows,
            span_depth=spans.depth,
            span_self_ns=spans.self_ns,
            launches=analysis.launches,
            tree=analysis.tree,
            strings=trace.strings,
            evidences=analysis.backends.evidences,
            modules=analysis.labels.modules,
            tracks=trace.tracks,
            run=Run.of(analysis),
        )
