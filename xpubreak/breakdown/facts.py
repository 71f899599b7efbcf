"""Facts: rows added up by everything that a view can tell apart."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from xpubreak.breakdown.rows import Rows
from xpubreak.trace.columns import AnyArray, CodeArray, IntArray, SmallArray, freeze

_KEYS = (
    "node",
    "display",
    "role",
    "category",
    "confidence",
    "evidence",
    "layer",
    "position",
    "phase",
    "step",
    "stream",
    "rank",
    "module",
)


@dataclass(frozen=True)
class Facts:
    """One row per (call path, name, backend, evidence, layer, phase, step, stream, rank, module).

    Law: Σ ``device_ns`` is the sum of the durations of all device activities, and Σ ``host_ns`` the union of the
    top-level spans of every thread.

    Parameters
    ----------
    node
        int32 call-tree node, −1 for activities without a host side.
    name
        int32 string id, for display.
    role, category, confidence, position, phase
        uint8 codes.
    evidence, layer, step, stream, rank, module
        int32, −1 for none.
    device_ns, host_ns
        int64.
    count
        int64 number of activities or spans.
    """

    node: CodeArray
    name: CodeArray
    role: SmallArray
    category: SmallArray
    confidence: SmallArray
    evidence: CodeArray
    layer: CodeArray
    position: SmallArray
    phase: SmallArray
    step: CodeArray
    stream: CodeArray
    rank: CodeArray
    module: CodeArray
    device_ns: IntArray
    host_ns: IntArray
    count: IntArray

    def __post_init__(self) -> None:
        for field in fields(self):
            freeze(getattr(self, field.name))

    def __len__(self) -> int:
        return len(self.node)


def add_up(rows: Rows) -> Facts:
    """Group rows into facts, ordered by first appearance of their keys in (node, name, …) order."""
    first, group = group_by([getattr(rows, key) for key in _KEYS])
    keys = {("name" if key == "display" else key): getattr(rows, key)[first] for key in _KEYS}
    return Facts(
        **keys,
        device_ns=sum_by(group, rows.device_ns, len(first)),
        host_ns=sum_by(group, rows.host_ns, len(first)),
        count=np.bincount(group, minlength=len(first)).astype(np.int64),
    )


def group_by(columns: list[AnyArray]) -> tuple[IntArray, IntArray]:
    """Find equal rows.

    Parameters
    ----------
    columns
        Integer columns of one length.

    Returns
    -------
    int64[g], int64[n]
        A row of every group, groups in ascending order of the columns; and the group of every row.
    """
    length = len(columns[0])
    code = np.zeros(length, dtype=np.int64)
    radix = 1
    for column in columns:
        low = int(column.min()) if length else 0
        width = (int(column.max()) if length else 0) - low + 1
        if radix * width >= 1 << 62:
            seen, code = np.unique(code, return_inverse=True)
            radix = len(seen)
        code = code * width + (column.astype(np.int64) - low)
        radix *= width
    _, first, group = np.unique(code, return_index=True, return_inverse=True)
    return first.astype(np.int64), group.reshape(-1).astype(np.int64)


def sum_by(group: IntArray, values: IntArray, n_groups: int) -> IntArray:
    """Exact integer sums per group, int64[n_groups]."""
    total = np.zeros(n_groups, dtype=np.int64)
    np.add.at(total, group, values)
    return total
