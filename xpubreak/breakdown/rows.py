"""Rows: one per device activity and host span, of all ranks, with every label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from xpubreak.breakdown.analysis import Analysis
from xpubreak.classify.backend import Evidence
from xpubreak.classify.demangle import base_name
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, CodeArray, IntArray, SmallArray, freeze
from xpubreak.trace.events import Kind
from xpubreak.trace.strings import Strings
from xpubreak.tree.calltree import CallTree, depth_first


@dataclass(frozen=True)
class Rows:
    """Struct of arrays, one row per activity or span; activities of a rank first, each in trace order.

    Parameters
    ----------
    rank
        int32.
    event
        int64: row in the trace of that rank.
    kind
        uint8, a `Kind`.
    name, display
        int32 string ids: as in the trace, and demangled and shortened.
    op
        int32 string id of the innermost operator around the launch; of an operator itself, its own name; −1 for none.
    node
        int32 node of the call tree, −1 for none.
    role, category, confidence
        uint8 codes of the classify floor.
    evidence
        int32 into ``Tables.evidences``.
    layer, step
        int32, −1 outside.
    position, phase
        uint8 codes of the attribute floor.
    module
        int32 string id, −1 for none.
    stream
        int32 stream or queue number, −1 on the host.
    link
        uint8, a `Link`; 255 for spans.
    start_ns
        int64 from the start of that rank's trace.
    launch_ns
        int64 start of the launching call, −1 for none.
    device_ns
        int64 duration of an activity; 0 for spans.
    host_ns
        int64 self time of a span; 0 for activities.
    total_ns
        int64 duration of the event itself.
    bytes
        int64 of copies and fills, −1 for none.
    shapes
        int32 string id of the recorded shapes, −1 for none.
    """

    rank: CodeArray
    event: IntArray
    kind: SmallArray
    name: CodeArray
    display: CodeArray
    op: CodeArray
    node: CodeArray
    role: SmallArray
    category: SmallArray
    confidence: SmallArray
    evidence: CodeArray
    layer: CodeArray
    position: SmallArray
    phase: SmallArray
    step: CodeArray
    module: CodeArray
    stream: CodeArray
    link: SmallArray
    start_ns: IntArray
    launch_ns: IntArray
    device_ns: IntArray
    host_ns: IntArray
    total_ns: IntArray
    bytes: IntArray
    shapes: CodeArray

    def __post_init__(self) -> None:
        for field in fields(self):
            freeze(getattr(self, field.name))

    def __len__(self) -> int:
        return len(self.rank)

    @property
    def is_activity(self) -> BoolArray:
        """Rows that are device activities."""
        return (self.kind >= Kind.KERNEL) & (self.kind <= Kind.MEMSET)

    def take(self, rows: AnyArray) -> Rows:
        """Return some rows as a new table."""
        return Rows(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


@dataclass(frozen=True)
class Tables:
    """Rows and what their ids refer to."""

    rows: Rows
    tree: CallTree
    strings: Strings
    evidences: tuple[Evidence, ...]


def gather(analyses: Sequence[Analysis]) -> Tables:
    """Put the ranks together: one string table, one call tree, one list of evidence."""
    strings = Strings()
    evidence_of: dict[Evidence, int] = {}
    paths: dict[tuple[int, int, int], int] = {}
    parts: list[dict[str, AnyArray]] = []
    for analysis in analyses:
        texts = np.array([strings.intern(text) for text in analysis.trace.strings] + [NONE], dtype=np.int32)
        evidences = [evidence_of.setdefault(item, len(evidence_of)) for item in analysis.backends.evidences]
        nodes = _merge_tree(analysis.tree, texts, paths)
        part = _columns(analysis, texts, strings)
        part["evidence"] = np.array([*evidences, NONE], dtype=np.int32)[part["evidence"]]
        part["node"] = nodes[part["node"]]
        parts.append(part)
    tree, new_place = depth_first(paths)
    columns: dict[str, Any] = {
        field.name: np.concatenate([part[field.name] for part in parts]) if parts else np.zeros(0, dtype=np.int64)
        for field in fields(Rows)
    }
    columns["node"] = new_place[columns["node"]].astype(np.int32)
    return Tables(Rows(**columns), tree, strings, tuple(evidence_of))


def _merge_tree(tree: CallTree, texts: AnyArray, paths: dict[tuple[int, int, int], int]) -> AnyArray:
    """Add a rank's call paths to the common ones; return the common node of each of its nodes, and −1 for −1."""
    home = [NONE] * (len(tree) + 1)
    rows = zip(tree.parent.tolist(), texts[tree.name].tolist(), tree.kind.tolist(), strict=True)
    for node, (parent, name, kind) in enumerate(rows):
        home[node] = paths.setdefault((home[parent], name, kind), len(paths))
    return np.array(home, dtype=np.int64)


def _columns(analysis: Analysis, texts: AnyArray, strings: Strings) -> dict[str, AnyArray]:
    trace, events, launches = analysis.trace, analysis.trace.events, analysis.launches
    labels, backends = analysis.labels, analysis.backends
    spans = analysis.spans.rows
    event = np.concatenate([launches.activity, spans])
    count, n_activities = len(event), len(launches.activity)
    stream_of_track = np.array([track.stream for track in trace.tracks] + [NONE], dtype=np.int32)
    modules = np.array([strings.intern(text) for text in labels.modules] + [NONE], dtype=np.int32)
    is_operator = events.kind[spans] == Kind.OPERATOR
    own_op = np.where(is_operator, events.name[spans], NONE)
    op = np.concatenate([_at(events.name, launches.op), own_op])
    host_ns = np.zeros(count, dtype=np.int64)
    host_ns[n_activities:] = analysis.spans.self_ns
    is_device = np.arange(count) < n_activities
    names = texts[events.name[event]]
    called = analysis.node[event]  # in call paths, steps and modules go by shorter names
    shown = np.where(called >= 0, texts[_at(analysis.tree.name, called)], names)
    return {
        "rank": np.full(count, trace.metadata.rank, dtype=np.int32),
        "event": event,
        "kind": events.kind[event],
        "name": names,
        "display": _displays(shown, is_device & (events.kind[event] == Kind.KERNEL), strings),
        "op": texts[op],
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
        "start_ns": events.start_ns[event],
        "launch_ns": np.concatenate([_at(events.start_ns, launches.launch), np.full(len(spans), NONE)]),
        "device_ns": np.where(is_device, events.dur_ns[event], 0),
        "host_ns": host_ns,
        "total_ns": events.dur_ns[event],
        "bytes": events.bytes[event],
        "shapes": texts[events.shapes[event]],
    }


def _at(column: AnyArray, rows: IntArray) -> AnyArray:
    """Values of a column at some rows, −1 at −1."""
    return np.asarray(np.where(rows >= 0, column[rows], NONE)) if len(column) else np.full(len(rows), NONE)


def _displays(names: AnyArray, is_kernel: BoolArray, strings: Strings) -> AnyArray:
    """Readable names; only kernels carry mangled and templated ones."""
    shown: AnyArray = names.copy()
    distinct, which = np.unique(names[is_kernel], return_inverse=True)
    readable = [strings.intern(base_name(strings.text(name)).display) for name in distinct.tolist()]
    shown[is_kernel] = np.array(readable, dtype=np.int32)[which.reshape(-1)] if readable else shown[is_kernel]
    return shown
