"""A breakdown as a Chrome trace, for https://ui.perfetto.dev: everything with its backend, layer, phase and step.

The format is that of torch's profiler (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU),
so that ``xb.load`` reads it again. Times are microseconds with three decimals: exact to the nanosecond.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from xpubreak.attribute.label import PHASES, POSITIONS
from xpubreak.breakdown.facts import group_by
from xpubreak.breakdown.outfile import packed_file
from xpubreak.breakdown.sidebyside import side_by_side
from xpubreak.breakdown.visible import visible
from xpubreak.classify.backend import Confidence, Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.trace.events import Kind
from xpubreak.version import __version__

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_VENDORS = {"xpu": ("xpu", "Intel"), "cuda": ("cuda", "NVIDIA"), "rocm": ("hip", "AMD")}
_OTHER_VENDOR = ("privateuse1", "")
_LABELS = (
    "role",
    "category",
    "confidence",
    "evidence",
    "layer",
    "position",
    "phase",
    "step",
    "module",
    "bytes",
    "shapes",
)
_BATCH = 4096


def write(bd: Breakdown, path: str | os.PathLike[str]) -> Path:
    """Write a trace; see `Breakdown.to_perfetto`."""
    with packed_file(path) as (file, target):
        _write(bd, file)
    return target


def _write(bd: Breakdown, file: BinaryIO) -> None:
    head = json.dumps(_top_level(bd))
    file.write(f'{head[:-1]}, "traceEvents": [\n'.encode())
    batch: list[str] = []
    separator = ""
    for event in _events(bd):
        batch.append(event)
        if len(batch) == _BATCH:
            file.write((separator + ",\n".join(batch)).encode())
            separator = ",\n"
            batch.clear()
    file.write((separator + ",\n".join(batch) if batch else "").encode())
    file.write(b"\n]}\n")


def _top_level(bd: Breakdown) -> dict[str, Any]:
    metadata = bd.metadata
    found: dict[str, Any] = {"schemaVersion": 1, "displayTimeUnit": "ns", "exporter": f"xpubreak {__version__}"}
    if bd.weight == "device":
        vendor = _VENDORS.get(metadata.device, _OTHER_VENDOR)[1]
        found["deviceProperties"] = [{"id": 0, "name": visible(metadata.device_name) or f"{vendor} (not recorded)"}]
    if metadata.start_time_ns:
        found["baseTimeNanoseconds"] = min(item.start_time_ns for item in bd.metadatas)
    if metadata.synthetic:
        found["xpubreak_synthetic"] = True
    if len(bd.ranks) == 1:
        found["distributedInfo"] = {"rank": metadata.rank, "world_size": metadata.world_size}
    own: dict[str, Any] = {"title": visible(bd.title), "selection": visible(str(bd.selection))}
    own["versions"] = {visible(name): visible(value) for name, value in metadata.versions.items()}
    own["operators"] = sorted(visible(name) for name in metadata.operators)
    return {**found, "xpubreak": own}


def _events(bd: Breakdown) -> Iterator[str]:
    rows, line = bd.rows, bd.timeline
    pid, tid = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    for order, (at, process, thread, names) in enumerate(_tracks(bd)):
        pid[at], tid[at] = process, thread
        for what, name in zip(("process_name", "thread_name"), names, strict=True):
            yield _json({"ph": "M", "name": what, "pid": process, "tid": thread, "args": {"name": name}})
        for what, owner in (("process_sort_index", process), ("thread_sort_index", order)):
            yield _json({"ph": "M", "name": what, "pid": process, "tid": thread, "args": {"sort_index": owner}})
    texts = {i: _json(_sent(bd.strings.text(i))) for i in np.unique(rows.name).tolist()}
    categories = _categories(bd.device)
    first, group = group_by([getattr(rows, name) for name in _LABELS])
    labels = [_json(_args(bd, row))[1:-1] for row in first.tolist()]
    number = np.where(line.launch >= 0, line.launch, -1)
    launches = np.unique(number[number >= 0])
    number[launches] = launches  # a launch goes by its own row
    columns = (rows.name, rows.kind, pid, tid, line.start_ns, rows.total_ns, group, number, line.launch)
    table = zip(*(column.tolist() for column in columns), strict=True)
    for name, kind, process, thread, start_ns, dur_ns, label, linked, launch in table:
        where = f'"pid": {process}, "tid": {thread}, "ts": {_us(start_ns)}'
        correlation = f', "correlation": {linked + 1}' if linked >= 0 else ""
        yield (
            f'{{"ph": "X", "cat": "{categories[kind]}", "name": {texts[name]}, {where}, "dur": {_us(dur_ns)}, '
            f'"args": {{{labels[label]}{correlation}}}}}'
        )
        if launch >= 0:
            flow = f'"id": {linked + 1}, "cat": "ac2g", "name": "ac2g"'
            whence = f'"pid": {pid[launch]}, "tid": {tid[launch]}, "ts": {_us(int(line.start_ns[launch]))}'
            yield f'{{"ph": "s", {flow}, {whence}}}'
            yield f'{{"ph": "f", "bp": "e", {flow}, {where}}}'


def _tracks(bd: Breakdown) -> Iterator[tuple[Any, int, int, tuple[str, str]]]:
    """Rows of each track that Perfetto can show, its process and thread, and what to call them.

    Perfetto drops what overlaps on one track without being nested (google/perfetto#4280): that goes to a track beside.
    """
    rows, line = bd.rows, bd.timeline
    processes: dict[tuple[int, str, str], int] = {}
    thread = 0
    several = len(bd.ranks) > 1
    runs = {run.metadata.rank: run for run in bd.tables.runs}
    for number, lane in enumerate(line.lanes):
        at = np.flatnonzero(line.lane == number)
        track = runs[lane.rank].tracks[int(rows.track[at[0]])]
        is_stream = lane.kind == "stream"
        process = processes.setdefault((lane.rank, lane.kind, track.pid), len(processes) + 1)
        owner = f"{bd.device} {track.pid}" if is_stream else f"host process {track.pid}"
        owner = f"rank {lane.rank} · {owner}" if several else owner
        place = side_by_side(line.start_ns[at], rows.total_ns[at])
        for beside in range(int(place.max()) + 1):
            thread += 1
            name = lane.label if not beside else f"{lane.label} (overlapping {beside})"
            yield at[place == beside], process, thread, (visible(owner), visible(name))


def _args(bd: Breakdown, row: int) -> dict[str, Any]:
    rows = bd.rows
    role = Role(rows.role[row])
    found: dict[str, Any] = {
        "backend": bd.backend_label(role),
        "role": role.key,
        "category": CATEGORIES[rows.category[row]],
        "confidence": Confidence(rows.confidence[row]).key,
        "rule": _sent(bd.evidences[rows.evidence[row]].rule) if rows.evidence[row] >= 0 else "",
        "phase": _word(PHASES, int(rows.phase[row])),
        "position": _word(POSITIONS, int(rows.position[row])),
    }
    found |= {
        name: int(getattr(rows, name)[row]) for name in ("step", "layer", "bytes") if getattr(rows, name)[row] >= 0
    }
    if rows.module[row] >= 0:
        found["module"] = _sent(bd.strings.text(int(rows.module[row])))
    if Kind.KERNEL <= rows.kind[row] <= Kind.MEMSET:  # not `is_activity`, which looks at every row
        found["stream"] = int(rows.stream[row])
    if rows.shapes[row] >= 0:
        found["Input Dims"] = _shapes(bd.strings.text(int(rows.shapes[row])))
    return {name: value for name, value in found.items() if value != ""}


def _shapes(text: str) -> Any:
    try:
        return _visible_value(json.loads(text))
    except (ValueError, RecursionError):
        return _sent(text)


def _visible_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_visible_value(item) for item in value]
    return _sent(value) if isinstance(value, str) else value if isinstance(value, int | float) else str(type(value))


def _word(words: Sequence[str], code: int) -> str:
    return words[code] if code < len(words) else ""


def _categories(device: str) -> dict[int, str]:
    vendor = _VENDORS.get(device, _OTHER_VENDOR)[0]
    return {
        int(Kind.OPERATOR): "cpu_op",
        int(Kind.ANNOTATION): "user_annotation",
        int(Kind.RUNTIME): f"{vendor}_runtime",
        int(Kind.DRIVER): f"{'cuda' if vendor == 'hip' else vendor}_driver",
        int(Kind.KERNEL): "kernel",
        int(Kind.MEMCPY): "gpu_memcpy",
        int(Kind.MEMSET): "gpu_memset",
    }


def _sent(text: str) -> str:
    """A control character in a name has kept viewers from opening traces (pytorch/pytorch#130622)."""
    return visible(text)


def _us(time_ns: int) -> str:
    return f"{time_ns // 1000}.{time_ns % 1000:03d}"


def _json(value: Any) -> str:
    return json.dumps(value)
