"""Layers: the best source that a trace offers, and what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from xpubreak.attribute.container import MAX_LAYERS
from xpubreak.attribute.cues import Cues
from xpubreak.attribute.intervals import Intervals, Position
from xpubreak.attribute.modules import Modules
from xpubreak.attribute.moments import Moments
from xpubreak.attribute.sequences import Found, by_kernels, by_operators
from xpubreak.attribute.steps import Windows
from xpubreak.classify.backend import Backends
from xpubreak.errors import Issue
from xpubreak.trace.columns import NONE, CodeArray, IntArray, SmallArray
from xpubreak.trace.trace import Trace
from xpubreak.tree.launches import Launches
from xpubreak.tree.nest import Nesting


@dataclass(frozen=True)
class Layering:
    """Layer and position of every event.

    Parameters
    ----------
    layer
        int32[n_events], −1 outside.
    position
        uint8[n_events], a `Position`.
    count
        Layers of the model, as most steps with layers show them; of a pipeline's stage, up to its last one.
    source
        See `Labels`.
    issues
        Steps that disagree.
    """

    layer: CodeArray
    position: SmallArray
    count: int
    source: str
    issues: tuple[Issue, ...]


def find_layering(
    trace: Trace,
    spans: Nesting,
    launches: Launches,
    backends: Backends,
    moments: Moments,
    cues: Cues,
    windows: Windows,
    step: CodeArray,
    modules: Modules,
) -> Layering:
    """Find the layers: from modules, else from repeats of kernels, else from operators around attention.

    Parameters
    ----------
    trace, spans, launches, backends, moments, cues, windows, modules
        Of the same trace.
    step
        int32[n_events].

    Returns
    -------
    Layering
        From one source for the whole trace.
    """
    if len(modules.layers):
        own_step = _step_of(modules.layers, windows)
        layer, position = modules.layers.place(moments, step, own_step)
        # A stage of a pipeline has the later layers only, by their true numbers: those before it are of the model, too.
        before = int(modules.layers.layer.min())
        per_step = _distinct(modules.layers, own_step, len(windows))
        return _layering(layer, position, per_step, modules.source, before)
    if len(launches.activity):
        found = by_kernels(trace, spans, launches, moments, cues, windows, step)
        if 0 < found.per_step.max(initial=0) <= MAX_LAYERS:
            return _placed(found, moments, step, "repeats")
    found = by_operators(trace, spans, moments, cues, backends, windows, step)
    if 0 < found.per_step.max(initial=0) <= MAX_LAYERS:
        return _placed(found, moments, step, "attention-count")
    nothing = np.full(len(step), NONE, dtype=np.int32)
    outside = np.full(len(step), Position.OUTSIDE, dtype=np.uint8)
    return Layering(nothing, outside, 0, "none", ())


def _placed(found: Found, moments: Moments, step: CodeArray, source: str) -> Layering:
    layer, position = found.intervals.place(moments, step, found.own_step)
    layer[found.rows], position[found.rows] = found.layer, found.position
    return _layering(layer, position, found.per_step, source)


def _step_of(intervals: Intervals, windows: Windows) -> CodeArray:
    return windows.at(Moments(intervals.start_ns, intervals.track))


def _distinct(intervals: Intervals, own_step: CodeArray, n_steps: int) -> IntArray:
    """How many different layers each step has; where no step has any, the whole trace is one."""
    pairs = np.unique(np.stack([own_step, intervals.layer]), axis=1)
    if (pairs[0] < 0).all():
        return np.array([len(np.unique(pairs[1]))], dtype=np.int64)
    return np.bincount(pairs[0][pairs[0] >= 0], minlength=n_steps)


def _layering(layer: CodeArray, position: SmallArray, per_step: IntArray, source: str, before: int = 0) -> Layering:
    counts = Counter(per_step[per_step > 0].tolist())
    most = max(counts, key=lambda count: (counts[count], count))
    return Layering(layer, position, before + most, source, tuple(_issues(per_step, most)))


def _issues(per_step: IntArray, most: int) -> Iterable[Issue]:
    other = np.flatnonzero((per_step > 0) & (per_step != most))
    if len(other):
        message = f"Steps do not agree on the number of layers: most have {most}."
        example = f"step {other[0]} has {per_step[other[0]]}"
        yield Issue("layer-counts-differ", "warning", message, count=len(other), example=example)
    without = np.flatnonzero(per_step == 0)
    if len(without):
        message = "Steps show no layers: no attention was recorded in them."
        yield Issue("steps-without-layers", "info", message, count=len(without), example=f"step {without[0]}")
