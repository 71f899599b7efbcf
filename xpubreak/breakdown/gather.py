"""From what the floors found in one trace to its rows."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from xpubreak.breakdown.material import Material
from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.classify.demangle import base_name
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, CodeArray, IntArray
from xpubreak.trace.events import Kind
from xpubreak.trace.strings import Strings
from xpubreak.tree.calltree import innermost_operators

_OF_EVENT = (
    *("offset", "bytes", "start_ns", "name", "shapes", "dtypes", "track", "kind"),
    *("evidence", "role", "category", "confidence", "layer", "step", "position", "phase", "node"),
)
"""Columns of rows that are columns of events, by the same names."""


def gather(material: Material) -> Tables:
    """Make rows of an analysed trace: one per device activity, then one per host span, each in trace order.

    Parameters
    ----------
    material
        Whose columns go, one by one, when rows have them: with a large trace, both would be what takes most memory.
        Only ``external_id`` stays.
    """
    strings = Strings(material.strings)
    columns = _columns(material, strings)
    rows = Rows(**{field.name: columns.pop(field.name) for field in fields(Rows)})
    return Tables(rows, material.tree, strings, material.evidences, (material.run,))


def _columns(material: Material, strings: Strings) -> dict[str, AnyArray]:
    launches, tree, of_event = material.launches, material.tree, material.of_event
    event = np.concatenate([launches.activity, material.span_rows])
    count, activities = len(event), len(launches.activity)
    row_of_event = np.full(len(of_event["kind"]) + 1, NONE, dtype=np.int32)
    row_of_event[event] = np.arange(count, dtype=np.int32)
    launch, op = row_of_event[launches.launch], row_of_event[launches.op]
    del row_of_event
    columns = {name: of_event.pop(name)[event] for name in _OF_EVENT}
    total_ns = of_event.pop("dur_ns")[event]
    modules = np.array([strings.intern(text) for text in material.modules] + [NONE], dtype=np.int32)
    stream_of_track = np.array([track.stream for track in material.tracks], dtype=np.int32)
    operator = np.append(innermost_operators(tree), NONE)
    is_kernel = columns["kind"][:activities] == Kind.KERNEL
    return {
        **columns,
        "rank": _everywhere(material.run.metadata.rank, count, np.int32),
        "event": event,
        "display": _displays(_shown(columns["name"], columns["node"], tree.name), is_kernel, strings),
        "op": _at(tree.name, operator)[columns["node"]],
        "module": modules[of_event.pop("module")[event]],
        "stream": _first(stream_of_track[columns["track"][:activities]], count, NONE),
        "link": _first(launches.link, count, 255),
        "depth": _last(material.span_depth, count),
        "launch": _first(launch.astype(np.int64), count, NONE),
        "launch_ns": _first(_at(columns["start_ns"], launch), count, NONE),
        "device_ns": _first(total_ns[:activities], count, 0),
        "host_ns": _last(material.span_self_ns, count),
        "total_ns": total_ns,
        "launched_ns": _launched_ns(op, total_ns),
        "collective": _everywhere(NONE, count, np.int32),
        "sequence": _everywhere(NONE, count, np.int64),
        "count": _everywhere(1, count, np.int64),
    }


def _first(values: AnyArray, count: int, others: int) -> AnyArray:
    """A column of activities, which are the first rows, and a value for all other rows."""
    column = np.full(count, others, dtype=values.dtype)
    column[: len(values)] = values
    return column


def _last(values: AnyArray, count: int) -> AnyArray:
    """A column of host spans, which are the last rows; 0 for all others."""
    column = np.zeros(count, dtype=values.dtype)
    column[count - len(values) :] = values
    return column


def _launched_ns(op: CodeArray, total_ns: IntArray) -> IntArray:
    """Device time that each row launched itself; ``op`` is the row of the operator around each activity's launch."""
    launched = np.zeros(len(total_ns), dtype=np.int64)
    linked = op >= 0
    np.add.at(launched, op[linked], total_ns[: len(op)][linked])
    return launched


def _at(column: AnyArray, rows: IntArray | CodeArray) -> AnyArray:
    """Values of a column at some rows, −1 at −1."""
    found = np.full(len(rows), NONE, dtype=column.dtype)
    is_there = rows >= 0
    found[is_there] = column[rows[is_there]]
    return found


def _everywhere(value: int, count: int, dtype: type[np.generic]) -> AnyArray:
    """One value for all rows, which takes no memory."""
    return np.broadcast_to(np.array(value, dtype=dtype), count)


def _shown(names: CodeArray, nodes: CodeArray, called: CodeArray) -> CodeArray:
    """Names as in call paths, where there is one: steps and modules go by shorter names in these."""
    return np.asarray(np.where(nodes >= 0, np.append(called, np.int32(NONE))[nodes], names))


def _displays(names: CodeArray, is_kernel: BoolArray, strings: Strings) -> CodeArray:
    """Readable names; only kernels, which are among the first rows, carry mangled and templated ones."""
    kernels = np.flatnonzero(is_kernel)
    distinct, which = np.unique(names[kernels], return_inverse=True)
    readable = [strings.intern(base_name(strings.text(name)).display) for name in distinct.tolist()]
    names[kernels] = np.array(readable, dtype=np.int32)[which.reshape(-1)]
    return names
