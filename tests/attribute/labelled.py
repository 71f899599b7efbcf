"""A trace through the floors below labels, for tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.drawing import draw
from xpubreak.attribute.label import PHASES, POSITIONS, Labels, label
from xpubreak.classify.backend import Backends
from xpubreak.classify.context import Context
from xpubreak.classify.engine import classify
from xpubreak.trace.events import Kind
from xpubreak.trace.kineto import from_dicts
from xpubreak.trace.trace import Trace
from xpubreak.tree.launches import Launches, link
from xpubreak.tree.nest import Nesting, nest


@dataclass(frozen=True)
class Labelled:
    """A trace, what the floors below made of it, and its labels."""

    trace: Trace
    spans: Nesting
    frames: Nesting | None
    launches: Launches
    backends: Backends
    labels: Labels

    def rows(self, name: str) -> list[int]:
        """Rows of the events of a name."""
        return np.flatnonzero(self.trace.events.name == self.trace.strings.find(name)).tolist()

    def steps(self, name: str) -> list[int]:
        """Steps of the events of a name."""
        return [int(self.labels.step[row]) for row in self.rows(name)]

    def layers(self, name: str) -> list[int]:
        """Layers of the events of a name."""
        return [int(self.labels.layer[row]) for row in self.rows(name)]

    def positions(self, name: str) -> list[str]:
        """Positions of the events of a name."""
        return [POSITIONS[self.labels.position[row]] for row in self.rows(name)]

    def modules(self, name: str) -> list[str]:
        """Modules of the events of a name, empty for none."""
        modules = (*self.labels.modules, "")
        return [modules[self.labels.module[row]] for row in self.rows(name)]

    @property
    def phases(self) -> list[str]:
        """Phases of the steps."""
        return [PHASES[step.phase] for step in self.labels.steps]

    @property
    def codes(self) -> set[str]:
        """Codes of the issues."""
        return {issue.code for issue in self.labels.issues}


def label_trace(trace: Trace) -> Labelled:
    """Label a trace."""
    events = trace.events
    spans = nest(events, trace.spans)
    is_frame = events.kind == Kind.PYTHON
    frames = nest(events, np.flatnonzero(events.is_span | is_frame)) if is_frame.any() else None
    launches = link(trace, spans)
    context = Context(
        launches.activity, launches.launch, launches.op, launches.span, launches.link, launches.is_graph,
        spans.rows, spans.parent,
    )  # fmt: skip
    backends = classify(trace, context)
    return Labelled(trace, spans, frames, launches, backends, label(trace, spans, frames, launches, backends))


def label_picture(picture: str) -> Labelled:
    """Label a drawn trace."""
    return label_trace(from_dicts(draw(picture)))
