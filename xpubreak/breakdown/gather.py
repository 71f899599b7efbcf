"""From what the floors found in one trace to its rows."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from xpubreak.breakdown.analysis import Analysis
from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.breakdown.run import Run
from xpubreak.classify.demangle import base_name
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, CodeArray, IntArray
from xpubreak.trace.events import Kind
from xpubreak.trace.strings import Strings
from xpubreak.tree.calltree import innermost_operators


def gather(analysis: Analysis) -> Tables:
    """Make rows of an analysed trace: one per device activity, then one per host span, each in trace order."""
    strings = Strings(analysis.trace.strings)
    columns: dict[str, Any] = _columns(analysis, strings)
    name_of_operator = np.append(analysis.tree.name, NONE)[np.append(innermost_operators(analysis.tree), NONE)]
    columns["op"] = name_of_operator.astype(np.int32)[columns["node"]]
    rows = Rows(**{field.name: columns[field.name] for field in fields(Rows)})
    return Tables(rows, analysis.tree, strings, tuple(analysis.backends.evidences), (Run.of(analysis),))


def _columns(analysis: Analysis, strings: Strings) -> dict[str, AnyArray]:
    trace, events, launches = analysis.trace, analysis.trace.events, analysis.launches
    labels, backends = analysis.labels, analysis.backends
    spans = analysis.spans.rows
    event = np.concatenate([launches.activity, spans])
    count, n_activities = len(event), len(launches.activity)
    stream_of_track = np.array([track.stream for track in trace.tracks] + [NONE], dtype=np.int32)
    modules = np.array([strings.intern(text) for text in labels.modules] + [NONE], dtype=np.int32)
    host_ns = np.zeros(count, dtype=np.int64)
    host_ns[n_activities:] = analysis.spans.self_ns
    is_device = np.arange(count) < n_activities
    names = events.name[event]
    row_of_event = np.full(len(events) + 1, NONE, dtype=np.int32)
    row_of_event[event] = np.arange(count)
    depth = np.zeros(count, dtype=np.int32)
    depth[n_activities:] = analysis.spans.depth
    called = analysis.node[event]  # in call paths, steps and modules go by shorter names
    shown = np.where(called >= 0, _at(analysis.tree.name, called).astype(np.int32), names)
    return {
        "rank": _everywhere(trace.metadata.rank, count, np.int32),
        "event": event,
        "kind": events.kind[event],
        "name": names,
        "display": _displays(shown, is_device & (events.kind[event] == Kind.KERNEL), strings),
        "node": analysis.node[event],
        "role": backends.role[event],
        "category": backends.category[event],
        "confidence": backends.confidence[event],
        "evidence": backends.evidence[event],
        "layer": labels.layer[event],
        "position": labels.position[event],
        "phase": labels.phase[event],
        "step": labels.step[event],
        "module": modules[labels.module[event]],
        "stream": np.where(is_device, stream_of_track[events.track[event]], NONE).astype(np.int32),
        "link": np.concatenate([launches.link, np.full(len(spans), 255, dtype=np.uint8)]),
        "track": events.track[event],
        "depth": depth,
        "launch": np.concatenate([row_of_event[launches.launch], np.full(len(spans), NONE, dtype=np.int64)]),
        "start_ns": events.start_ns[event],
        "launch_ns": np.concatenate([_at(events.start_ns, launches.launch), np.full(len(spans), NONE)]),
        "device_ns": np.where(is_device, events.dur_ns[event], 0),
        "host_ns": host_ns,
        "total_ns": events.dur_ns[event],
        "launched_ns": _launched_ns(analysis, row_of_event, count),
        "bytes": events.bytes[event],
        "shapes": events.shapes[event],
        "dtypes": events.dtypes[event],
        "collective": _everywhere(NONE, count, np.int32),
        "sequence": _everywhere(NONE, count, np.int64),
        "offset": events.offset[event],
        "count": _everywhere(1, count, np.int64),
    }


def _launched_ns(analysis: Analysis, row_of_event: CodeArray, count: int) -> IntArray:
    launches, events = analysis.launches, analysis.trace.events
    launched = np.zeros(count, dtype=np.int64)
    linked = launches.op >= 0
    np.add.at(launched, row_of_event[launches.op[linked]], events.dur_ns[launches.activity[linked]])
    return launched


def _at(column: AnyArray, rows: IntArray) -> AnyArray:
    """Values of a column at some rows, −1 at −1."""
    return np.asarray(np.where(rows >= 0, column[rows], NONE)) if len(column) else np.full(len(rows), NONE)


def _everywhere(value: int, count: int, dtype: type[np.generic]) -> AnyArray:
    """One value for all rows, which takes no memory."""
    return np.broadcast_to(np.array(value, dtype=dtype), count)


def _displays(names: AnyArray, is_kernel: BoolArray, strings: Strings) -> AnyArray:
    """Readable names; only kernels carry mangled and templated ones."""
    shown: AnyArray = names.copy()
    distinct, which = np.unique(names[is_kernel], return_inverse=True)
    readable = [strings.intern(base_name(strings.text(name)).display) for name in distinct.tolist()]
    shown[is_kernel] = np.array(readable, dtype=np.int32)[which.reshape(-1)] if readable else shown[is_kernel]
    return shown
