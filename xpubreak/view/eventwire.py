"""Pack every single activity and span for the browser: what the timeline, percentiles and event filters need."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.trace.columns import NONE, AnyArray, IntArray
from xpubreak.view.contract import EVENT_COLUMNS, FORMAT, TALLEST_LANE, VERSION
from xpubreak.view.wire import Packet, only_used, pack, texts

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown


def encode_events(bd: Breakdown) -> Packet:
    """Pack the rows of ``bd``.

    Returns
    -------
    Packet
        Its header holds the lanes: ``first[k]`` is the first entry of the k-th row of bars, the last one is the end.
    """
    rows, place = bd.rows, bd.timeline
    depth = np.where(place.lane >= 0, place.depth, TALLEST_LANE)
    drawn = depth < TALLEST_LANE
    lane = np.where(drawn, place.lane, len(place.lanes))
    order = _drawing_order(lane * (TALLEST_LANE + 1) + depth, place.start_ns)
    entry_of_row = np.full(len(rows.total_ns) + 1, NONE, dtype=np.int64)
    entry_of_row[order] = np.arange(len(rows.total_ns))
    used, (shapes,) = only_used([rows.shapes[order]], len(bd.strings))
    columns: dict[str, AnyArray] = {
        "fact": bd.fact_of_row[order],
        "row": bd.row_numbers[order],
        "launch": entry_of_row[place.launch[order]],
        "shapes": shapes,
        "start_ns": place.start_ns[order],
        "dur_ns": rows.total_ns[order],
        "host_ns": rows.host_ns[order],
    }
    directory, blob = pack(EVENT_COLUMNS, {("events", name): column for name, column in columns.items()})
    meta = {
        "format": FORMAT,
        "version": VERSION,
        "lanes": _lanes(bd, lane[order], depth[order]),
        "undrawn": int((~drawn).sum()),
        "shapes": texts(bd.strings, used),
        "steps": _steps(bd),
        "columns": directory,
    }
    return Packet(meta, blob)


def _drawing_order(bar: IntArray, start_ns: IntArray) -> IntArray:
    """Order by row of bars, then start; entries of equal starts stay as they are."""
    narrow = bar.astype(np.uint16) if int(bar.max(initial=0)) < 1 << 16 else bar
    order: IntArray = np.argsort(narrow, kind="stable")  # of 16 bits a radix sort, ten times as fast
    bars, starts = bar[order], start_ns[order]
    # Rows come in the order of their starts, thread by thread: mostly that is all.
    if bool(np.all((bars[1:] > bars[:-1]) | (starts[1:] >= starts[:-1]))):
        return order
    return np.lexsort((start_ns, bar))


def _lanes(bd: Breakdown, lane: IntArray, depth: IntArray) -> list[dict[str, Any]]:
    bar = lane * (TALLEST_LANE + 1) + depth
    found = []
    for number, item in enumerate(bd.timeline.lanes):
        height = min(item.height, TALLEST_LANE)
        first = np.searchsorted(bar, number * (TALLEST_LANE + 1) + np.arange(height + 1)).tolist()
        label = item.label.encode("utf-8", "replace").decode()
        found.append({**asdict(item), "label": label, "height": height, "first": first})
    return found


def _steps(bd: Breakdown) -> list[dict[str, Any]]:
    """When each step of each rank began on the host, and how long it took there, on the common clock."""
    frame = bd.steps
    if not len(frame):
        return []
    return [
        {
            "rank": int(rank),
            "index": int(index),
            "phase": str(phase),
            "start_ns": int(start_ns) + bd.origins_ns.get(int(rank), 0),
            "wall_ns": int(wall_ns),
        }
        for rank, index, phase, start_ns, wall_ns in zip(
            frame["rank"], frame["step"], frame["phase"], frame["start_ns"], frame["wall_ns"], strict=True
        )
    ]
