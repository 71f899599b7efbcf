"""Collective operations of ranks: what of them is needed to match them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.classify.backend import Role
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, IntArray
from xpubreak.trace.events import Kind

POINT_TO_POINT = ("sendrecv", "send_recv", "isend", "irecv", "::send", "::recv", "send_kernel", "recv_kernel")
"""Words in names of transfers between two ranks: their ranks do not all take part, and are not matched by name."""


@dataclass(frozen=True)
class Operations:
    """A few bytes for each operation, of thousands of ranks.

    Parameters
    ----------
    rank, step
        int32.
    stream
        int32: streams with collectives counted through within each rank, as their numbers differ between processes.
    name
        int64: equal for equal names; −1 for transfers between two ranks.
    recorded
        int32 id of the text of a `xpubreak.breakdown.recorded.Recorded`; −1 where the trace says nothing.
    sequence
        int64 number within the group of processes, −1 where it is not recorded.
    start_ns, dur_ns
        int64.
    """

    rank: AnyArray
    step: AnyArray
    stream: AnyArray
    name: IntArray
    recorded: AnyArray
    sequence: IntArray
    start_ns: IntArray
    dur_ns: IntArray

    @classmethod
    def of(cls, tables: Tables, row: IntArray) -> Operations:
        """Take them from rows."""
        rows = tables.rows
        name = rows.display[row].astype(np.int64)
        name[_is_point_to_point(tables, rows.display[row])] = NONE
        return cls(
            rows.rank[row],
            rows.step[row],
            _stream_places(rows, row),
            name,
            rows.collective[row],
            rows.sequence[row],
            rows.start_ns[row],
            _durations(rows)[row],
        )

    def renamed(self, new_id: Callable[[int], int]) -> Operations:
        """Return the same, with other ids for its texts."""
        return replace(
            self,
            name=_renumbered(self.name, new_id),
            recorded=_renumbered(self.recorded, new_id).astype(np.int32),
        )


def operations(rows: Rows) -> IntArray:
    """Rows of collectives: activities, or host spans where a rank has no activity at all.

    Of gloo these are the spans of its own threads: the operators that hand the work over do not wait for it.
    """
    is_collective = rows.role == Role.COLLECTIVES
    device = is_collective & rows.is_activity
    if rows.is_activity.any():
        return np.flatnonzero(device)
    own = is_collective & (rows.kind == Kind.ANNOTATION)
    return np.flatnonzero(own if own.any() else is_collective & (rows.kind == Kind.OPERATOR))


def _renumbered(ids: AnyArray, new_id: Callable[[int], int]) -> IntArray:
    distinct, which = np.unique(ids, return_inverse=True)
    numbers = [new_id(number) if number >= 0 else NONE for number in distinct.tolist()]
    return np.array(numbers, dtype=np.int64)[which.reshape(-1)]


def _durations(rows: Rows) -> IntArray:
    return rows.device_ns if rows.is_activity.any() else rows.host_ns


def _is_point_to_point(tables: Tables, names: AnyArray) -> BoolArray:
    distinct = np.unique(names).tolist()
    texts = {name: tables.strings.text(name).lower() for name in distinct}
    return np.isin(names, [name for name, text in texts.items() if any(word in text for word in POINT_TO_POINT)])


def _stream_places(rows: Rows, at: IntArray) -> AnyArray:
    place = np.zeros(len(at), dtype=np.int32)
    for rank in np.unique(rows.rank[at]).tolist():
        mine = rows.rank[at] == rank
        place[mine] = np.unique(rows.stream[at][mine], return_inverse=True)[1].reshape(-1)
    return place
