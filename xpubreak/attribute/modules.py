"""Modules: which module every span ran in, from module spans or from ``nn.Module`` frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from xpubreak.attribute.container import find_container, in_same_layer
from xpubreak.attribute.intervals import NO_INTERVALS, Intervals
from xpubreak.attribute.modulename import read_frame, read_span
from xpubreak.attribute.moduletree import ModuleTree
from xpubreak.trace.columns import NONE, BoolArray, CodeArray, IntArray, distinct
from xpubreak.trace.trace import Trace
from xpubreak.tree.launches import Launches
from xpubreak.tree.nest import Nesting


@dataclass(frozen=True)
class Modules:
    """What module spans or frames say.

    Parameters
    ----------
    paths
        Distinct module paths.
    of_event
        int32[n_events]: the innermost module's index in ``paths``, −1 for none; of an activity, where it was enqueued.
    layers
        When the thread was in which layer; empty where the modules show no layers.
    in_layer
        bool[paths]: the path lies inside a layer.
    source
        ``"module-spans"``, ``"nn-module-frames"`` or ``"none"``.
    """

    paths: tuple[str, ...]
    of_event: CodeArray
    layers: Intervals
    in_layer: BoolArray
    source: str


@dataclass
class _Calls:
    """Calls of modules, in depth-first order."""

    tree: ModuleTree = field(default_factory=ModuleTree)
    position: list[int] = field(default_factory=list)
    node: list[int] = field(default_factory=list)
    outer: list[int] = field(default_factory=list)


def find_modules(
    trace: Trace, spans: Nesting, frames: Nesting | None, launches: Launches, anchors: BoolArray
) -> Modules:
    """Find modules and layers: spans written at capture first, they hold the true names.

    Parameters
    ----------
    trace, spans, frames, launches
        Of the same trace.
    anchors
        bool[n_events]: attention.

    Returns
    -------
    Modules
        From spans; from frames where the spans show no layers and the frames do, or where there are no spans.
    """
    found = _read(trace, spans, launches, anchors, _span_key, "module-spans")
    if frames is None or len(found.layers):
        return found
    other = _read(trace, frames, launches, anchors, _frame_key, "nn-module-frames")
    return other if len(other.layers) or not found.paths else found


def _span_key(name: str) -> str | None:
    found = read_span(name)
    return found[0] if found else None


def _frame_key(name: str) -> str | None:
    return name if read_frame(name) else None


def _read(
    trace: Trace,
    nesting: Nesting,
    launches: Launches,
    anchors: BoolArray,
    key_of: Callable[[str], str | None],
    source: str,
) -> Modules:
    events = trace.events
    names = distinct(events.name[nesting.rows]).tolist()
    keys = {name: key for name in names if (key := key_of(trace.strings.text(name))) is not None}
    nothing = np.full(len(events), NONE, dtype=np.int32)
    if not keys:
        return Modules((), nothing, NO_INTERVALS, np.zeros(0, dtype=bool), "none")
    calls = _calls(trace, nesting, keys, is_path=source == "module-spans")
    innermost = np.full(len(nesting), NONE, dtype=np.int32)  # call
    for call, position in enumerate(calls.position):  # outer calls come first, inner ones overwrite
        innermost[position : nesting.subtree_end[position] + 1] = call
    call_of = nothing.copy()
    call_of[nesting.rows] = innermost
    caller = np.where(launches.launch >= 0, launches.launch, launches.span)
    linked = caller >= 0
    call_of[launches.activity[linked]] = call_of[caller[linked]]
    node_of_call = np.array([*calls.node, NONE], dtype=np.int32)
    attentions = node_of_call[call_of[np.flatnonzero(anchors)]]
    container = find_container(calls.tree, attentions[attentions >= 0])
    paths = calls.tree.paths(container)
    number_of = {path: index for index, path in enumerate(dict.fromkeys(paths))}
    path_of_node = np.array([*(number_of[path] for path in paths), NONE], dtype=np.int32)
    layer_of_node = np.array([*container.layers(calls.tree), NONE], dtype=np.int32)
    in_layer = np.zeros(len(number_of), dtype=bool)
    in_layer[path_of_node[:-1][layer_of_node[:-1] >= 0]] = True
    of_event = path_of_node[node_of_call[call_of]]
    return Modules(tuple(number_of), of_event, _intervals(trace, nesting, calls, layer_of_node), in_layer, source)


def _calls(trace: Trace, nesting: Nesting, keys: dict[int, str], *, is_path: bool) -> _Calls:
    events = trace.events
    found = _Calls()
    open_calls: list[tuple[int, int]] = []  # last position of its subtree, call
    names = events.name[nesting.rows]
    is_module = np.zeros(len(trace.strings) + 1, dtype=bool)
    is_module[list(keys)] = True
    positions = np.flatnonzero(is_module[names])
    # Lists: indexing arrays one by one takes longer than all the rest.
    for position, name, last in zip(
        positions.tolist(), names[positions].tolist(), nesting.subtree_end[positions].tolist(), strict=True
    ):
        while open_calls and open_calls[-1][0] < position:
            open_calls.pop()
        outer = open_calls[-1][1] if open_calls else NONE
        parent = found.node[outer] if outer >= 0 else NONE
        key = keys[name]
        if is_path:
            found.node.append(found.tree.path(in_same_layer(key, found.tree.name[parent]) if parent >= 0 else key))
        else:
            found.node.append(found.tree.child(parent, key))
        found.outer.append(outer)
        found.position.append(position)
        open_calls.append((last, len(found.node) - 1))
    return found


def _intervals(trace: Trace, nesting: Nesting, calls: _Calls, layer_of_node: CodeArray) -> Intervals:
    layer = layer_of_node[np.array(calls.node, dtype=np.int64)]
    outer = np.append(layer, NONE)[np.array(calls.outer, dtype=np.int64)]
    enters = np.flatnonzero((layer >= 0) & (outer < 0))
    rows: IntArray = nesting.rows[np.array(calls.position, dtype=np.int64)[enters]]
    return Intervals.of(trace.events.start_ns[rows], trace.events.end_ns[rows], trace.events.track[rows], layer[enters])
