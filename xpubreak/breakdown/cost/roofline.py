"""Roofline: costs added up by operator and shape, as pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.breakdown.cost.costs import Costs
from xpubreak.breakdown.facts import group_by, sum_by
from xpubreak.breakdown.tables import encodable
from xpubreak.classify.category import CATEGORIES
from xpubreak.trace.columns import AnyArray

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.breakdown import Breakdown

COST_COLUMNS = {
    "op": "operator",
    "backend": "of what it launched",
    "category": "kind of operation",
    "shapes": "JSON text of the input shapes",
    "calls": "number",
    "time_ns": "device time that the calls launched themselves; on a CPU target their duration",
    "flops": "floating-point operations of all calls",
    "bytes": "that have to come from and go to memory, each operand once",
    "flops_per_byte": "arithmetic intensity",
    "flops_per_s": "achieved",
    "bytes_per_s": "achieved; above the memory's rate where a cache holds the operands",
    "bound": "memory or compute: what the least time is made of; empty for unknown devices",
    "least_ns": "of all calls by the device's peaks; nan for unknown devices",
    "headroom_ns": "time beyond that; nan for unknown devices",
    "is_lower_bound": "whether some work could not be counted",
    "note": "what was assumed",
}


def roofline(bd: Breakdown, found: Costs) -> pd.DataFrame:
    """One row per operator, shapes and work; most time first. Columns in `COST_COLUMNS`."""
    import pandas as pd  # noqa: PLC0415  # loaded when a table is asked for

    rows = bd.rows
    keys: list[AnyArray] = [rows.name[found.row], rows.shapes[found.row], rows.role[found.row], found.work_of_call]
    first, group = group_by(keys) if len(found.row) else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    count = len(first)
    works = [found.works[place] for place in found.work_of_call[first].tolist()]
    calls = np.bincount(group, minlength=count).astype(np.int64)
    time_ns = sum_by(group, found.time_ns, count)
    flops, moved = (calls * np.array([getattr(work, name) for work in works], float) for name in ("flops", "bytes"))
    least_ns = calls * found.least_ns[first]
    row = found.row[first]
    seconds = np.where(time_ns > 0, time_ns, np.nan) / 1e9
    columns: dict[str, Any] = {
        "op": encodable([bd.strings.text(i) for i in rows.name[row].tolist()]),
        "backend": [bd.backend_label(role) for role in rows.role[row].tolist()],
        "category": [CATEGORIES[code] for code in rows.category[row].tolist()],
        "shapes": encodable([bd.strings.text(i) for i in rows.shapes[row].tolist()]),
        "calls": calls,
        "time_ns": time_ns,
        "flops": flops,
        "bytes": moved,
        "flops_per_byte": flops / np.where(moved > 0, moved, np.nan),
        "flops_per_s": flops / seconds,
        "bytes_per_s": moved / seconds,
        "bound": [_bound(found, place) for place in found.work_of_call[first].tolist()],
        "least_ns": least_ns,
        "headroom_ns": np.maximum(time_ns - least_ns, 0.0),
        "is_lower_bound": [work.is_lower_bound for work in works],
        "note": [work.note for work in works],
    }
    frame: pd.DataFrame = pd.DataFrame(columns, columns=list(COST_COLUMNS))
    sorted_frame: pd.DataFrame = frame.sort_values("time_ns", ascending=False, kind="stable", ignore_index=True)
    return sorted_frame


def _bound(found: Costs, place: int) -> str:
    if found.device is None:
        return ""
    work = found.works[place]
    by_compute = work.flops / found.device.peak_flops(work)
    return "compute" if by_compute > work.bytes / found.device.memory_bytes_per_s else "memory"
