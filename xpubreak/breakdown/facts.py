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
    "module",
    "phase",
    "step",
    "stream",
    "rank",
)
"""What repeats from step to step comes first: grouping is quickest while there are few groups."""

_EXACT = 1 << 53
_LARGEST = 1 << 62


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


def add_up(rows: Rows) -> tuple[Facts, IntArray]:
    """Group rows into facts.

    Parameters
    ----------
    rows
        Of a breakdown.

    Returns
    -------
    Facts, int64[n]
        In ascending order of their keys (node, name, …); and the fact of every row.
    """
    first, group = group_by([getattr(rows, key) for key in _KEYS])
    keys = {("name" if key == "display" else key): getattr(rows, key)[first] for key in _KEYS}
    facts = Facts(
        **keys,
        device_ns=sum_by(group, rows.device_ns, len(first)),
        host_ns=sum_by(group, rows.host_ns, len(first)),
        count=sum_by(group, rows.count, len(first)),
    )
    return facts, freeze(group)


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
    code, radix = np.zeros(length, dtype=np.int64), 1
    for column in columns:
        low = int(column.min()) if length else 0
        digit, width = column.astype(np.int64), (int(column.max()) if length else 0) - low + 1
        digit -= low
        if radix * width > _table_size(length):
            digit, width = _dense(digit, width)
            code, radix = _dense(code, radix)
        if radix * width > _LARGEST:
            code, radix = _dense(code, radix, always=True)
        code *= width
        code += digit
        radix *= width
    group, n_groups = _dense(code, radix, always=True)
    first = np.empty(n_groups, dtype=np.int64)
    first[group] = np.arange(length)
    return first, group


def _table_size(length: int) -> int:
    """Codes below this are told apart with a table, in a time that grows with it; others by sorting."""
    return max(1 << 16, 4 * length)


def _dense(code: IntArray, radix: int, *, always: bool = False) -> tuple[IntArray, int]:
    """Renumber codes below ``radix`` without gaps, in the same order; returns them, and how many there are.

    Codes that need sorting are returned as they are, unless ``always``.
    """
    if radix <= _table_size(len(code)):
        is_there = np.zeros(radix, dtype=bool)
        is_there[code] = True
        seen = np.flatnonzero(is_there)
        number = np.empty(radix, dtype=np.int64)
        number[seen] = np.arange(len(seen))
        return number[code], len(seen)
    if not always:
        return code, radix
    seen, renumbered = np.unique(code, return_inverse=True)
    return renumbered.reshape(-1).astype(np.int64), len(seen)


def sum_by(group: IntArray, values: IntArray, n_groups: int) -> IntArray:
    """Exact integer sums per group, int64[n_groups]."""
    # Sums of floats are exact for as long as all partial sums are integers below 2^53.
    if len(values) and int(np.abs(values).max()) <= _EXACT // len(values):
        return np.bincount(group, weights=values, minlength=n_groups).astype(np.int64)
    total = np.zeros(n_groups, dtype=np.int64)
    np.add.at(total, group, values)
    return total
