"""Modules: which module every span ran in, from module spans or from ``nn.Module`` frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xpubreak.attribute.container import find_container, in_same_layer
from xpubreak.attribute.intervals import NO_INTERVALS, Intervals
from xpubreak.attribute.modulename import read_frame, read_span
from xpubreak.attribute.moduletree import ModuleTree
from xpubreak.trace.columns import NONE, BoolArray, CodeArray, IntArray, distinct
from xpubreak.trace.compiled import compile_loop, is_worth
from xpubreak.trace.trace import Trace
from xpubreak.tree.jumps import nearest
from xpubreak.tree.launches import Launches
from xpubreak.tree.nest import Nesting
from xpubreak.tree.paths import Paths


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


@dataclass(frozen=True)
class _Calls:
    """Calls of modules, in depth-first order.

    Parameters
    ----------
    tree
        Of the modules.
    position, node, outer
        int64[calls]: where in the nesting; which node of the tree; in which other call, −1 for none.
    innermost
        int32[positions]: in which call everything of the nesting is, −1 for none.
    """

    tree: ModuleTree
    position: IntArray
    node: IntArray
    outer: IntArray
    innermost: CodeArray


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
    call_of = nothing.copy()
    call_of[nesting.rows] = calls.innermost
    caller = np.where(launches.launch >= 0, launches.launch, launches.span)
    linked = caller >= 0
    call_of[launches.activity[linked]] = call_of[caller[linked]]
    node_of_call = np.append(calls.node, NONE).astype(np.int32)
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
    names = trace.events.name[nesting.rows]
    is_module = np.zeros(len(trace.strings) + 1, dtype=bool)
    is_module[list(keys)] = True
    position = np.flatnonzero(is_module[names])
    call = np.full(len(nesting) + 1, NONE, dtype=np.int32)  # by position; the last one is for −1
    call[position] = np.arange(len(position))
    innermost = _innermost(nesting.parent, call)
    outer = np.append(innermost, NONE)[nesting.parent[position]].astype(np.int64)
    # Equal names below the same module are one path, and of each path one call tells which module it is.
    paths = Paths(len(position))
    path = paths.add_nested(outer, names[position], np.zeros(len(position), dtype=np.uint8))
    tree = ModuleTree()
    nodes: list[int] = []
    for parent, name, _ in paths.table.tolist():
        above = nodes[parent] if parent >= 0 else NONE
        if is_path:
            nodes.append(tree.path(in_same_layer(keys[name], tree.name[above]) if above >= 0 else keys[name]))
        else:
            nodes.append(tree.child(above, keys[name]))
    return _Calls(tree, position, np.array(nodes, dtype=np.int64)[path], outer, innermost)


def _innermost(parent: CodeArray, call: CodeArray) -> CodeArray:
    if is_worth(len(parent)):
        found = np.empty(len(parent), dtype=np.int32)
        compile_loop(_walk)(parent, call, found)
        return found
    return call[nearest(parent, call[:-1] >= 0)]


def _walk(parent, call, found):  # type: ignore[no-untyped-def]
    for i in range(len(parent)):
        found[i] = call[i]
        if call[i] < 0 and parent[i] >= 0:  # which is an earlier one
            found[i] = found[parent[i]]


def _intervals(trace: Trace, nesting: Nesting, calls: _Calls, layer_of_node: CodeArray) -> Intervals:
    layer = layer_of_node[calls.node]
    outer = np.append(layer, NONE)[calls.outer]
    enters = np.flatnonzero((layer >= 0) & (outer < 0))
    rows: IntArray = nesting.rows[calls.position[enters]]
    return Intervals.of(trace.events.start_ns[rows], trace.events.end_ns[rows], trace.events.track[rows], layer[enters])
