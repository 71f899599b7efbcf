"""Folding: rows added up until what many ranks leave fits where it is looked at. Sums stay exact.

::

    "events"   one row per call path, name, backend, layer, phase, step, stream …: no single events, no intervals
    "steps"    the steps of a phase added up
    "ranks"    ranks added up, but for those that stand out

What the rows of a rank can no longer tell is kept in its `Run` (`RankSums`): busy time, waits, sums by backend.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace

import numpy as np

from xpubreak.breakdown.collectiveargs import without_recorded
from xpubreak.breakdown.facts import group_by, sum_by
from xpubreak.breakdown.operations import operations
from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.breakdown.run import RankSums
from xpubreak.breakdown.totals import union_ns
from xpubreak.classify.backend import Role
from xpubreak.trace.columns import NONE, AnyArray, BoolArray

EVENTS, STEPS, RANKS = "events", "steps", "ranks"
OTHER_RANKS = NONE
"""Rank of what was added up over ranks."""

_KEYS = (
    "node", "display", "name", "op", "kind", "role", "category", "confidence", "evidence", "layer", "position",
    "module", "phase", "link", "step", "stream", "rank",
)  # fmt: skip
_SUMS = ("device_ns", "host_ns", "total_ns", "launched_ns", "count")
_FIRSTS = ("start_ns",)
_GONE = ("event", "track", "launch", "launch_ns", "shapes", "dtypes", "offset")
_OF_COLLECTIVES = ("collective", "sequence")
"""Kept where collectives are, which are single then."""


def fold_events(tables: Tables) -> Tables:
    """Add up the single events of each rank, but for collectives: they are matched where all ranks come together."""
    runs = tuple(replace(run, sums=sums_of(tables, run.metadata.rank), tracks=()) for run in tables.runs)
    single = np.zeros(len(tables.rows), dtype=bool)
    single[operations(tables.rows)] = True
    return replace(tables, rows=_grouped(tables.rows, single), runs=runs, folded=(EVENTS,))


def fold_collectives(tables: Tables) -> Tables:
    """Add up collectives, too."""
    return replace(tables, rows=_grouped(without_recorded(tables.rows)))


def fold_steps(tables: Tables) -> Tables:
    """Add up the steps of each phase."""
    rows = replace(tables.rows, step=np.full(len(tables.rows), NONE, dtype=np.int32))
    runs = tuple(replace(run, steps=()) for run in tables.runs)
    return replace(tables, rows=_grouped(rows), runs=runs, folded=(EVENTS, STEPS))


def fold_ranks(tables: Tables, kept: Collection[int]) -> Tables:
    """Add up all ranks but those that are kept; what is known about each rank stays."""
    rank = np.where(np.isin(tables.rows.rank, list(kept)), tables.rows.rank, OTHER_RANKS).astype(np.int32)
    rows = replace(tables.rows, rank=rank, stream=_plain_streams(tables.rows, rank))
    return replace(tables, rows=_grouped(rows), folded=(EVENTS, STEPS, RANKS))


def _plain_streams(rows: Rows, rank: AnyArray) -> AnyArray:
    """Streams of different ranks have nothing in common but their numbers: device 0, host −1."""
    return np.where((rank == OTHER_RANKS) & (rows.stream >= 0), 0, rows.stream).astype(np.int32)


def sums_of(tables: Tables, rank: int) -> RankSums:
    """Add up one rank, collectives aside: these need all ranks."""
    rows = tables.rows
    mine = rows.rank == rank
    device = rows.is_activity & mine
    weight_ns = rows.device_ns if rows.is_activity.any() else rows.host_ns
    return RankSums(
        device_ns=int(rows.device_ns[mine].sum()),
        host_ns=int(rows.host_ns[mine].sum()),
        busy_ns=union_ns(rows.start_ns[device], rows.device_ns[device]),
        activities=int(rows.count[device].sum()),
        spans=int(rows.count[mine & ~device].sum()),
        roles_ns=tuple(int(weight_ns[mine & (rows.role == role)].sum()) for role in Role),
    )


def _grouped(rows: Rows, is_single: BoolArray | None = None) -> Rows:
    own = np.zeros(len(rows), dtype=np.int64) if is_single is None else np.cumsum(is_single) * is_single
    first, group = group_by([*(getattr(rows, key) for key in _KEYS), own])
    count = len(first)
    columns = {key: getattr(rows, key)[first] for key in (*_KEYS, *_OF_COLLECTIVES, "depth")}
    columns |= {key: sum_by(group, getattr(rows, key), count) for key in _SUMS}
    copied = np.maximum(rows.bytes, 0)
    is_told = np.bincount(group, weights=rows.bytes >= 0, minlength=count) > 0
    columns["bytes"] = np.where(is_told, sum_by(group, copied, count), NONE)
    for key in _FIRSTS:
        earliest = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(earliest, group, getattr(rows, key))
        columns[key] = earliest
    dtype_of = {field.name: getattr(rows, field.name).dtype for field in fields(Rows)}
    columns |= {key: np.full(count, NONE, dtype=dtype_of[key]) for key in _GONE}
    return Rows(**{name: columns[name].astype(dtype, copy=False) for name, dtype in dtype_of.items()})
