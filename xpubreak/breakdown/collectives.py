"""Collectives matched across ranks: how much of each was waiting for the slowest rank, and how much was transfer.

A collective ends for everyone when its last rank has come and the data are exchanged. The rank that came last waited
for nobody, so what it took is the transfer; what the others took beyond that is waiting. No clock is needed for this.

::

    rank 0   ======wait======++transfer++
    rank 1               ==wait==++transfer++      (its clock may say anything)
    rank 2                       ++transfer++      came last: the straggler
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from xpubreak.breakdown.matching import match
from xpubreak.breakdown.operations import Operations, operations
from xpubreak.breakdown.peergroups import PeerGroups
from xpubreak.breakdown.processgroups import MatchedBy
from xpubreak.breakdown.rows import Tables
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, IntArray, SmallArray, freeze


@dataclass(frozen=True)
class Collectives:
    """Struct of arrays, one entry per collective operation of every rank, in order of rows.

    Law: ``wait_ns + transfer_ns`` is the duration of every entry that is split; each of their calls has an entry with
    wait 0.

    Parameters
    ----------
    row
        int64: number of the row.
    rank
        int32.
    call
        int64: equal for what belongs together, numbered by step and order; −1 where no partners were found.
    dur_ns
        int64: device time, or self time on a CPU target.
    transfer_ns
        int64: the shortest duration of the call over its ranks; −1 unmatched, and where a rank of the group is missing.
    wait_ns
        int64: the rest of the own duration; −1 where the transfer is not known.
    end_ns
        int64: on the clock that the ranks are taken to share.
    way
        uint8, a `MatchedBy`: what tells that the entries of a call belong together.
    is_partial
        bool: a rank of the group of processes is missing, and may be the one that the others waited for.
    unsettled_ranks
        Ranks that belong to several groups of processes, and have operations of which the trace does not say who takes
        part in them.
    """

    row: IntArray
    rank: AnyArray
    call: IntArray
    dur_ns: IntArray
    transfer_ns: IntArray
    wait_ns: IntArray
    end_ns: IntArray
    way: SmallArray
    is_partial: BoolArray
    unsettled_ranks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name != "unsettled_ranks":
                freeze(getattr(self, field.name))

    def __len__(self) -> int:
        return len(self.row)

    @property
    def is_matched(self) -> BoolArray:
        """Entries with partners on other ranks."""
        return self.call >= 0

    @property
    def is_split(self) -> BoolArray:
        """Entries of which it is known how long they waited: all ranks of their group are here."""
        return self.transfer_ns >= 0

    @property
    def call_count(self) -> int:
        """Number of matched calls."""
        return int(self.call.max(initial=NONE)) + 1

    @property
    def last_rank(self) -> IntArray:
        """int64 per call: the rank that came last, whom the others waited for; the lowest of several; −1 unknown."""
        found = np.full(self.call_count, np.iinfo(np.int64).max)
        came_last = self.is_split & (self.wait_ns == 0)
        np.minimum.at(found, self.call[came_last], self.rank[came_last].astype(np.int64))
        found[self.call[self.is_matched & ~self.is_split]] = NONE
        return found


def match_collectives(tables: Tables, chosen: IntArray | None = None) -> Collectives:
    """Find which collective operations of the ranks belong together.

    Calls are matched by what the trace records (group of processes, and number within it) or else as the n-th of their
    name on their stream within their step, see `matching`; where ranks do not agree how many there are, none of them
    is, and nor are transfers between two ranks.

    Parameters
    ----------
    tables
        Of all ranks.
    chosen
        int64 numbers of the rows to look at, ascending; all by default. Partners are looked for among all rows, so
        that a selection changes no numbers.

    Returns
    -------
    Collectives
    """
    rows = tables.rows
    row = operations(rows)
    found = Operations.of(tables, row)
    matching = match(found, tables.runs, tables.strings.text)
    call, transfer_ns = matching.call, matching.transfer_ns
    end_ns = rows.start_ns[row] + rows.total_ns[row]
    for number, origin_ns in tables.origins_ns.items():
        end_ns[found.rank == number] += origin_ns
    in_several = PeerGroups.of(tables.runs).in_several
    unsettled = set(found.rank[matching.tried == MatchedBy.POSITION].tolist()).intersection(in_several)
    columns = {
        "row": row,
        "rank": found.rank,
        "call": call,
        "dur_ns": found.dur_ns,
        "transfer_ns": transfer_ns,
        "wait_ns": np.where(transfer_ns >= 0, found.dur_ns - transfer_ns, NONE),
        "end_ns": end_ns,
        "way": matching.way,
        "is_partial": matching.is_partial,
    }
    if chosen is not None and len(chosen) < len(rows):
        kept = np.isin(row, chosen)
        columns = {name: column[kept] for name, column in columns.items()}
    return Collectives(**columns, unsettled_ranks=tuple(sorted(unsettled)))
