"""Pack a breakdown for the browser; the shape of the result is written down in `xpubreak.view.contract`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.attribute.label import PHASES, POSITIONS
from xpubreak.classify.backend import Confidence, Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.view.contract import ALIGNMENT_BYTES, COLUMNS, FORMAT, NUMPY_OF_DTYPE, VERSION

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


def encode(bd: Breakdown, title: str = "") -> Packet:
    """Pack ``bd``; ``title`` replaces its own."""
    columns = {(table, name): np.asarray(getattr(getattr(bd, table), name)) for table, name, _ in COLUMNS}
    used = np.unique(np.concatenate([columns[key] for key in _STRING_COLUMNS]))
    used = used[used >= 0]
    for key in _STRING_COLUMNS:
        columns[key] = np.where(columns[key] >= 0, np.searchsorted(used, columns[key]), -1)
    directory, blob = _pack(columns)
    strings = _texts(bd.strings, used.tolist())
    return Packet({**_header(bd, title), "strings": strings, "columns": directory}, blob)


def _pack(columns: dict[tuple[str, str], np.ndarray]) -> tuple[list[dict[str, Any]], bytes]:
    directory: list[dict[str, Any]] = []
    parts: list[bytes] = []
    offset = 0
    for table, name, dtype in COLUMNS:
        column = np.ascontiguousarray(columns[table, name], dtype=NUMPY_OF_DTYPE[dtype])
        directory.append({"table": table, "name": name, "dtype": dtype, "length": len(column), "offset": offset})
        padding = -column.nbytes % ALIGNMENT_BYTES
        parts += (column.tobytes(), bytes(padding))
        offset += column.nbytes + padding
    return directory, b"".join(parts)


def _texts(strings: Sequence[str], ids: list[int]) -> list[str]:
    """Texts that can travel: a lone surrogate, legal in JSON, cannot be sent as UTF-8."""
    return [strings[i].encode("utf-8", "replace").decode() for i in ids]


def _header(bd: Breakdown, title: str) -> dict[str, Any]:
    metadata, found = bd.metadata, bd.totals
    steps = bd.steps if len(bd) else None
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": title or bd.title,
        "device": metadata.device,
        "device_name": metadata.device_name,
        "synthetic": metadata.synthetic,
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
            "wall_ns": found.wall_ns,
            "host_ns": found.host_ns,
            "activities": found.activities,
            "spans": found.spans,
        },
        "coverage": {
            name: getattr(bd.coverage, name) for name in ("linked_ns", "unlinked_ns", "unattributed_ns", "weak_ns")
        },
        "issues": [asdict(issue) for issue in bd.issues],
        "sources": {name: bd.sources.get(name, "none") for name in ("step", "phase", "layer", "module")},
        "evidences": [asdict(evidence) for evidence in bd.evidences],
    }
