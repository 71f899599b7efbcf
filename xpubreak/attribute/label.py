"""Labels: step, phase, layer and module of every event, and where each came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from xpubreak.attribute.cues import read_cues
from xpubreak.attribute.intervals import Position
from xpubreak.attribute.layers import Layering, find_layering
from xpubreak.attribute.modulename import read_span
from xpubreak.attribute.modules import Modules, find_modules
from xpubreak.attribute.moments import find_moments
from xpubreak.attribute.phases import NO_PHASE, PHASES, Batch, find_batches
from xpubreak.attribute.steps import FOREVER, Windows, find_windows
from xpubreak.attribute.unlinked import adopt
from xpubreak.classify.backend import Backends
from xpubreak.errors import Issue
from xpubreak.trace.columns import NONE, BoolArray, CodeArray, SmallArray, distinct, freeze
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace
from xpubreak.tree.launches import Launches
from xpubreak.tree.nest import Nesting

POSITIONS: tuple[str, ...] = tuple(position.name.lower() for position in Position)

__all__ = ["NO_PHASE", "PHASES", "POSITIONS", "Labels", "Step", "label"]


@dataclass(frozen=True, slots=True)
class Step:
    """One pass of the model over a batch.

    Parameters
    ----------
    index
        From 0, in order of start.
    name
        As in the trace. Untrusted text.
    start_ns, end_ns
        Of the annotation or root span on the host.
    until_ns
        Start of the next step: what was enqueued until then (logits, sampling) is this step's; the end of the trace
        for the last one.
    phase
        Code into `PHASES`.
    context_requests, context_tokens, generation_requests, generation_tokens
        −1 where not known.
    row
        Event row of the span.
    """

    index: int
    name: str
    start_ns: int
    end_ns: int
    until_ns: int
    phase: int
    context_requests: int
    context_tokens: int
    generation_requests: int
    generation_tokens: int
    row: int


@dataclass(frozen=True)
class Labels:
    """Where every event belongs.

    Parameters
    ----------
    step
        int32[n_events]: index into ``steps``, −1 outside. An activity belongs to the step that enqueued it.
    phase
        uint8[n_events]: code into `PHASES`; `NO_PHASE` outside of steps.
    layer
        int32[n_events]: −1 outside of layers.
    module
        int32[n_events]: index into ``modules``, −1 for none.
    position
        uint8[n_events]: code into `POSITIONS`.
    modules
        Distinct paths. Untrusted text.
    steps
        In order of start.
    layer_count
        Layers of the model, as most steps show them; 0 for none.
    step_source
        ``"annotation"``, ``"profiler-step"``, ``"model-root"``, ``"compiled-graph"``, ``"embedding"``,
        ``"graph-replay"``, ``"none"``.
    phase_source
        ``"annotation"``, ``"shapes"``, ``"none"``.
    layer_source
        ``"module-spans"``, ``"nn-module-frames"``, ``"repeats"`` (of kernels), ``"attention-count"`` (repeats of
        operators around their attention), ``"none"``.
    module_source
        ``"module-spans"``, ``"nn-module-frames"``, ``"layers"`` (nothing but ``layers.<number>`` is known),
        ``"module-spans, layers"`` …, ``"none"``.
    issues
        What is doubtful about the labels.
    """

    step: CodeArray
    phase: SmallArray
    layer: CodeArray
    module: CodeArray
    position: SmallArray
    modules: tuple[str, ...]
    steps: tuple[Step, ...]
    layer_count: int
    step_source: str
    phase_source: str
    layer_source: str
    module_source: str
    issues: tuple[Issue, ...] = ()

    def __post_init__(self) -> None:
        for column in (self.step, self.phase, self.layer, self.module, self.position):
            freeze(column)

    def path_names(self, trace: Trace) -> dict[int, str]:
        """What to call some events in call paths, by event row.

        Steps go by their phase, or every step would be a path of its own; module spans by their path alone.
        """
        found = {step.row: f"step ({PHASES[step.phase]})" if step.row >= 0 else "" for step in self.steps}
        if self.step_source == "profiler-step":
            found = dict.fromkeys(found, "ProfilerStep")
        elif self.step_source != "annotation":
            found = {}
        events = trace.events
        annotations = np.flatnonzero(events.kind == Kind.ANNOTATION)
        spans = {
            name: span[0]
            for name in distinct(events.name[annotations]).tolist()
            if (span := read_span(trace.strings.text(name)))
        }
        rows = annotations[np.isin(events.name[annotations], list(spans))]
        found.update(zip(rows.tolist(), (spans[name] for name in events.name[rows].tolist()), strict=True))
        return found


def label(trace: Trace, spans: Nesting, frames: Nesting | None, launches: Launches, backends: Backends) -> Labels:
    """Find step, phase, layer and module of every event.

    Parameters
    ----------
    trace
        As read.
    spans
        Nesting of the host spans.
    frames
        Nesting of host spans and Python frames; None where the trace has no frames.
    launches
        The host side of every activity.
    backends
        For the categories: attention anchors layers.

    Returns
    -------
    Labels
        Total: every event has a position, and −1 where nothing is known.
    """
    cues = read_cues(trace, backends)
    moments = find_moments(trace, launches)
    is_work = trace.events.is_activity if len(launches.activity) else cues.anchor | cues.heavy
    windows = find_windows(trace, spans, frames, moments, is_work, cues.anchor)
    step = windows.at(moments)
    adopted = adopt(trace, windows, moments, step)
    batches, phase_source = find_batches(trace, backends, windows, step)
    modules = find_modules(trace, spans, frames, launches, cues.anchor)
    layering = find_layering(trace, spans, launches, backends, moments, cues, windows, step, modules)
    phases = np.array([*(batch.phase for batch in batches), NO_PHASE], dtype=np.uint8)
    paths, module, module_source = _modules(modules, layering)
    return Labels(
        step=step,
        phase=phases[step],
        layer=layering.layer,
        module=module,
        position=layering.position,
        modules=paths,
        steps=tuple(_steps(trace, windows, batches)),
        layer_count=layering.count,
        step_source=windows.source,
        phase_source=phase_source,
        layer_source=layering.source,
        module_source=module_source,
        issues=(*_step_issues(trace, launches, windows, step, adopted), *layering.issues),
    )


def _modules(modules: Modules, layering: Layering) -> tuple[tuple[str, ...], CodeArray, str]:
    """Module paths, with ``layers.<number>`` where only the layer is known."""
    if layering.source in (modules.source, "none"):
        return modules.paths, modules.of_event, modules.source
    first = len(modules.paths)
    is_deeper = np.append(modules.in_layer, False)[modules.of_event]
    synthesised: BoolArray = (layering.layer >= 0) & ~is_deeper
    module = np.where(synthesised, first + layering.layer, modules.of_event).astype(np.int32)
    paths = (*modules.paths, *(f"layers.{number}" for number in range(int(layering.layer.max(initial=NONE)) + 1)))
    return paths, module, f"{modules.source}, layers" if modules.paths else "layers"


def _steps(trace: Trace, windows: Windows, batches: list[Batch]) -> Iterable[Step]:
    trace_end_ns = int(trace.events.end_ns.max(initial=0))
    for index, batch in enumerate(batches):
        row = int(windows.row[index])
        yield Step(
            index=index,
            name=trace.name(row),
            start_ns=int(windows.start_ns[index]),
            end_ns=int(windows.end_ns[index]),
            until_ns=trace_end_ns if windows.until_ns[index] == FOREVER else int(windows.until_ns[index]),
            phase=batch.phase,
            context_requests=batch.context_requests,
            context_tokens=batch.context_tokens,
            generation_requests=batch.generation_requests,
            generation_tokens=batch.generation_tokens,
            row=row,
        )


def _step_issues(trace: Trace, launches: Launches, windows: Windows, step: CodeArray, adopted: int) -> Iterable[Issue]:
    if adopted:
        message = "Activities without a launch were given the step that the profiler drew around them on the device."
        yield Issue("step-by-device-annotation", "info", message, count=adopted)
    if not len(windows):
        if len(launches.activity) or len(trace.spans):
            message = "No steps were found: there are no annotations of vLLM, no profiler steps, no model root."
            yield Issue("no-steps", "info", message)
        return
    outside = int((step[launches.activity] < 0).sum())
    if outside:
        message = "Device activities belong to no step: they were enqueued before the first one, or nobody knows when."
        yield Issue("activities-outside-steps", "info", message, count=outside)
