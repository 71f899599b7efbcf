"""Pack a breakdown for the browser; the shape of the result is written down in `xpubreak.view.contract`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.attribute.label import PHASES, POSITIONS
from xpubreak.classify.backend import Confidence, Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.errors import Issue
from xpubreak.trace.columns import NONE, AnyArray, CodeArray
from xpubreak.view.contract import ALIGNMENT_BYTES, COLUMNS, FORMAT, NARROWER, NUMPY_OF_DTYPE, VERSION
from xpubreak.view.findingwire import pack_findings
from xpubreak.view.reduce import FOLDED_NAME, Reduced
from xpubreak.view.roofline import roofline_packet

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_STRING_COLUMNS = (("nodes", "name"), ("facts", "name"), ("facts", "module"))


@dataclass(frozen=True)
class Packet:
    """A packed breakdown.

    Parameters
    ----------
    meta
        JSON-ready header; says where in ``blob`` each column lies.
    blob
        The columns, little-endian, each starting at a multiple of 8 bytes.
    """

    meta: dict[str, Any]
    blob: bytes


def encode(bd: Breakdown, title: str = "", less: Reduced | None = None, head: dict[str, Any] | None = None) -> Packet:
    """Pack a breakdown.

    Parameters
    ----------
    bd
        What to pack.
    title
        Instead of its own.
    less
        Facts and call paths instead of its own: `xpubreak.view.reduce`.
    head
        What `header` returned; computed where it is not given.
    """
    source: Any = less or bd
    columns = {(table, name): np.asarray(getattr(getattr(source, table), name)) for table, name, _ in COLUMNS}
    known = len(bd.strings)
    used, renumbered = only_used([columns[key] for key in _STRING_COLUMNS], known + 1)
    columns.update(zip(_STRING_COLUMNS, renumbered, strict=True))
    directory, blob = pack(COLUMNS, columns)
    strings = texts(bd.strings, [i for i in used if i < known])
    if known in used:
        strings.append(FOLDED_NAME)
    head = header(bd, title) if head is None else head
    findings, failures = attempt(lambda: pack_findings(bd, less), {"summary": "Not known", "items": []}, "Findings")
    issues = [*head["issues"], *failures]
    return Packet({**head, "findings": findings, "issues": issues, "strings": strings, "columns": directory}, blob)


def attempt(make: Callable[[], Any], instead: Any, what: str) -> tuple[Any, list[dict[str, Any]]]:
    """Make a part that the rest can be read without; where that fails, return another one, and an issue as JSON."""
    try:
        return make(), []
    except Exception as error:  # noqa: BLE001 - whatever it is, the breakdown is worth being seen
        said = f"{type(error).__name__}: {str(error)[:200]}"
        return instead, [asdict(Issue("part-failed", "warning", f"{what} could not be made ({said}): not shown here."))]


def only_used(columns: Sequence[AnyArray], count: int) -> tuple[list[int], list[CodeArray]]:
    """Renumber the ids below ``count`` that occur in any of the columns; −1 stays. Returns the old ids, and columns."""
    is_used = np.zeros(count + 1, dtype=bool)
    for column in columns:
        is_used[column] = True  # position −1 is the last one
    used = np.flatnonzero(is_used[:-1])
    number = np.full(count + 1, NONE, dtype=np.int32)
    number[used] = np.arange(len(used))
    return used.tolist(), [number[column] for column in columns]


def pack(
    contract: Sequence[tuple[str, str, str]], columns: dict[tuple[str, str], np.ndarray]
) -> tuple[list[dict[str, Any]], bytes]:
    """Lay columns behind each other; returns where each lies, and the bytes."""
    directory: list[dict[str, Any]] = []
    parts: list[bytes | memoryview] = []
    offset = 0
    for table, name, dtype in contract:
        sent = narrowest(columns[table, name], dtype)
        column = np.ascontiguousarray(columns[table, name], dtype=NUMPY_OF_DTYPE[sent])
        directory.append({"table": table, "name": name, "dtype": sent, "length": len(column), "offset": offset})
        padding = -column.nbytes % ALIGNMENT_BYTES
        parts += (column.view(np.uint8).data, bytes(padding))
        offset += column.nbytes + padding
    return directory, b"".join(parts)


def narrowest(column: AnyArray, dtype: str) -> str:
    """Name the narrowest dtype for a column of integers that may travel as ``dtype``."""
    least, most = (int(column.min()), int(column.max())) if len(column) else (0, 0)
    for narrow in NARROWER.get(dtype, ()):
        bounds = np.iinfo(NUMPY_OF_DTYPE[narrow])
        if bounds.min <= least and most <= bounds.max:
            return narrow
    return dtype


def texts(strings: Sequence[str], ids: list[int]) -> list[str]:
    """Texts that can travel: a lone surrogate, legal in JSON, cannot be sent as UTF-8."""
    return [strings[i].encode("utf-8", "replace").decode() for i in ids]


def header(bd: Breakdown, title: str = "") -> dict[str, Any]:
    """Everything but facts, findings and strings: the same however much is folded."""
    metadata, found = bd.metadata, bd.totals
    roofline, failures = attempt(lambda: roofline_packet(bd), None, "The roofline")
    steps = bd.steps if len(bd) else None
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": title or bd.title,
        "device": metadata.device,
        "device_name": metadata.device_name,
        "synthetic": metadata.synthetic,
        "versions": dict(metadata.versions),
        "overhead_ratio": bd.overhead_ratio,
        "weight": bd.weight,
        "roles": [{"key": role.key, "label": bd.backend_label(role)} for role in Role],
        "categories": list(CATEGORIES),
        "phases": list(PHASES),
        "confidences": [confidence.key for confidence in Confidence],
        "positions": list(POSITIONS),
        "steps": []
        if steps is None
        else [
            {"index": int(index), "name": str(name), "phase": str(phase)}
            for index, name, phase in zip(steps["step"], steps["name"], steps["phase"], strict=True)
        ],
        "layer_count": bd.layer_count,
        "ranks": list(bd.ranks),
        "streams": [str(stream) for stream in np.unique(bd.facts.stream).tolist() if stream >= 0],
        "totals": {
            "device_ns": found.device_ns,
            "busy_ns": found.busy_ns,
            "idle_frac": None if math.isnan(found.idle_frac) else found.idle_frac,
            "wall_ns": found.wall_ns,
            "host_ns": found.host_ns,
            "activities": found.activities,
            "spans": found.spans,
        },
        "coverage": {
            name: getattr(bd.coverage, name) for name in ("linked_ns", "unlinked_ns", "unattributed_ns", "weak_ns")
        },
        "issues": [*(asdict(issue) for issue in bd.issues), *failures],
        "sources": {name: bd.sources.get(name, "none") for name in ("step", "phase", "layer", "module")},
        "evidences": [asdict(evidence) for evidence in bd.evidences],
        "roofline": roofline,
    }
