"""Sequences: the work of every step in order, as kernels or as operators, and the layers that repeats show in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from xpubreak.attribute.cues import Cues
from xpubreak.attribute.intervals import Intervals, Position
from xpubreak.attribute.moments import NEVER, Moments
from xpubreak.attribute.repeats import Layers, find_layers
from xpubreak.attribute.seams import Seams
from xpubreak.attribute.steps import Windows
from xpubreak.classify.backend import Backends
from xpubreak.classify.category import CATEGORY_CODES
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, CodeArray, IntArray, SmallArray
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace
from xpubreak.tree.launches import Launches
from xpubreak.tree.nest import Nesting

_IDLE = np.array([CATEGORY_CODES[name] for name in ("view", "allocation", "annotation", "profiler")], dtype=np.uint8)


@dataclass(frozen=True)
class Found:
    """Layers by repeats.

    Parameters
    ----------
    per_step
        int64[steps]: number of layers found in each step.
    intervals
        The same on the host thread.
    own_step
        int32[intervals]: the step of each.
    rows, layer, position
        Event rows of the activities that were placed by their order on the device, and where.
    """

    per_step: IntArray
    intervals: Intervals
    own_step: CodeArray
    rows: IntArray
    layer: CodeArray
    position: SmallArray


def by_kernels(
    trace: Trace, spans: Nesting, launches: Launches, moments: Moments, cues: Cues, windows: Windows, step: CodeArray
) -> Found:
    """Find the layers of every step in the order of its kernels.

    The order is that of enqueueing; kernels of one graph replay, which share their launch, come in the order in which
    they ran, and so does everything of a step in which the launch of something is not known. Where the order is that
    of running, kernels of side streams take no part in the search, for they come now sooner, now later. They, copies
    and fills are placed by their order. What other threads launched is not placed.

    Parameters
    ----------
    trace, spans, launches, moments, cues, windows
        Of the same trace.
    step
        int32[n_events].

    Returns
    -------
    Found
        Per step; equal steps are searched once.
    """
    events = trace.events
    search = _Search(trace, cues, Seams(trace, spans), windows)
    own = launches.activity[step[launches.activity] >= 0]
    asked = moments.time_ns[own]
    order = own[np.lexsort((events.start_ns[own], asked, step[own]))]
    caller = np.full(len(events), NONE, dtype=np.int64)
    caller[launches.activity] = np.where(launches.launch >= 0, launches.launch, launches.span)
    is_replayed = np.zeros(len(events), dtype=bool)
    is_replayed[launches.activity] = launches.is_graph > 0
    nameless = [index for index, track in enumerate(trace.tracks) if track.tid == "?"]
    bounds = np.searchsorted(step[order], np.arange(len(windows) + 1))
    for number, (first, end) in enumerate(pairwise(bounds.tolist())):
        rows = order[first:end]
        is_lost = moments.time_ns[rows] == NEVER
        by_device = bool(is_lost.any() or is_replayed[rows].any())
        if is_lost.any():
            rows = rows[np.argsort(events.start_ns[rows], kind="stable")]  # queues are in order
        thread = _thread(moments.track[rows], cues.anchor[rows])
        rows = rows[(moments.track[rows] == thread) | (moments.time_ns[rows] == NEVER)]
        is_searched = events.kind[rows] == Kind.KERNEL
        if by_device:
            stream = _thread(events.track[rows], cues.anchor[rows])
            is_searched &= np.isin(events.track[rows], [stream, *nameless])
        searched = np.flatnonzero(is_searched)
        search.step(number, rows, searched, events.name[rows[searched]].astype(np.int64), caller[rows])
    return search.found()


def by_operators(
    trace: Trace, spans: Nesting, moments: Moments, cues: Cues, backends: Backends, windows: Windows, step: CodeArray
) -> Found:
    """Find the layers of every step in the order of its operators.

    Operators are taken whole where their category says what they are (attention, matrix product, norm …), else their
    innermost parts stand for them. With recorded shapes, equal names with different shapes are different work.

    Parameters
    ----------
    trace, spans, moments, cues, backends, windows
        Of the same trace.
    step
        int32[n_events].

    Returns
    -------
    Found
        Per step; activities are left to the intervals.
    """
    events = trace.events
    search = _Search(trace, cues, Seams(trace, spans), windows)
    chosen = spans.rows[_whole_operators(trace, spans, cues, backends)]
    chosen = chosen[step[chosen] >= 0]
    order = chosen[np.lexsort((events.start_ns[chosen], step[chosen]))]
    symbol = events.name[order].astype(np.int64) * (len(trace.strings) + 1) + events.shapes[order] + 1
    bounds = np.searchsorted(step[order], np.arange(len(windows) + 1))
    for number, (first, end) in enumerate(pairwise(bounds.tolist())):
        rows, symbols = order[first:end], symbol[first:end]
        mine = np.flatnonzero(moments.track[rows] == _thread(moments.track[rows], cues.anchor[rows]))
        search.step(number, rows[mine], np.arange(len(mine)), symbols[mine], rows[mine], is_device=False)
    return search.found()


def _thread(track: AnyArray, anchor: BoolArray) -> int:
    """The thread or stream with most attention, else with most work."""
    known = track >= 0
    weighed = track[known & anchor] if (known & anchor).any() else track[known]
    return int(np.bincount(weighed).argmax()) if len(weighed) else NONE


def _whole_operators(trace: Trace, spans: Nesting, cues: Cues, backends: Backends) -> IntArray:
    """Positions of the operators that stand for the work of a step."""
    rows = spans.rows
    is_operator = trace.events.kind[rows] == Kind.OPERATOR
    is_known = is_operator & (cues.anchor[rows] | cues.heavy[rows] | cues.norm[rows])
    is_inside = np.zeros(len(rows), dtype=bool)
    by_depth = np.argsort(spans.depth, kind="stable")
    bounds = np.searchsorted(spans.depth[by_depth], np.arange(int(spans.depth.max(initial=0)) + 2))
    for first, end in zip(bounds[1:-1].tolist(), bounds[2:].tolist(), strict=True):
        at = by_depth[first:end]
        is_inside[at] = is_inside[spans.parent[at]] | is_known[spans.parent[at]]
    so_far = np.concatenate([[0], np.cumsum(is_operator)])
    is_innermost = so_far[spans.subtree_end + 1] == so_far[np.arange(len(rows)) + 1]
    is_idle = np.isin(backends.category[rows], _IDLE)
    return np.flatnonzero(is_operator & ~is_inside & (is_known | (is_innermost & ~is_idle)))


class _Search:
    """Searches step after step, and collects."""

    def __init__(self, trace: Trace, cues: Cues, seams: Seams, windows: Windows) -> None:
        self._trace, self._cues, self._seams, self._windows = trace, cues, seams, windows
        self._known: dict[bytes, Layers] = {}
        self._per_step = np.zeros(len(windows), dtype=np.int64)
        self._stretches: list[tuple[int, int, int, int, int]] = []  # start, end, track, layer, step
        self._rows: list[IntArray] = []
        self._layer: list[CodeArray] = []
        self._position: list[SmallArray] = []

    def step(
        self,
        number: int,
        rows: IntArray,
        searched: IntArray,
        symbol: IntArray,
        caller: IntArray,
        *,
        is_device: bool = True,
    ) -> None:
        """Search one step.

        Parameters
        ----------
        number
            Of the step.
        rows
            All its work in order.
        searched, symbol
            Indices into ``rows`` of what takes part in the search, and their identities.
        caller
            Host span of every one of ``rows``, −1 for none.
        is_device
            The rows are activities.
        """
        key = symbol.tobytes()
        layers = self._known.get(key)
        if layers is None:
            layers = self._known[key] = find_layers(self._cues.work(rows[searched], symbol))
        self._per_step[number] = len(layers)
        if not len(layers):
            return
        # To indices into all the work: what is not searched goes with what comes before it.
        places = np.append(searched, len(rows))
        starts, end = places[layers.starts], int(places[layers.end])
        if is_device:
            at = np.arange(len(rows))
            layer = np.where(at < end, np.searchsorted(starts, at, side="right") - 1, NONE)
            outside = np.where(at < end, Position.BEFORE, Position.AFTER)
            self._rows.append(rows)
            self._layer.append(layer.astype(np.int32))
            self._position.append(np.where(layer >= 0, Position.LAYER, outside).astype(np.uint8))
        self._on_host(number, caller, [*starts.tolist(), end])

    def _on_host(self, number: int, caller: IntArray, bounds: list[int]) -> None:
        times = self._seams.times_ns(caller, bounds, int(self._windows.until_ns[number]))
        first = next((row for row in caller[bounds[0] :].tolist() if row >= 0), NONE)
        if first == NONE:
            return
        track = int(self._trace.events.track[first])
        for layer, (start_ns, end_ns) in enumerate(pairwise(times)):
            # Layers of one graph replay take no time on the host, but still part it in before and after.
            self._stretches.append((start_ns, end_ns, track, layer, number))

    def found(self) -> Found:
        """Everything that was found so far."""
        table = np.array(self._stretches, dtype=np.int64).reshape(-1, 5)
        table = table[np.lexsort((table[:, 1], table[:, 0], table[:, 2]))]
        return Found(
            per_step=self._per_step,
            intervals=Intervals.of(table[:, 0], table[:, 1], table[:, 2], table[:, 3]),
            own_step=table[:, 4].astype(np.int32),
            rows=np.concatenate([np.zeros(0, dtype=np.int64), *self._rows]),
            layer=np.concatenate([np.zeros(0, dtype=np.int32), *self._layer]),
            position=np.concatenate([np.zeros(0, dtype=np.uint8), *self._position]),
        )
