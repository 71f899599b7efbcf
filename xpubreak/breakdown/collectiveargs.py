"""Rows of collectives get what the trace records about them, once, where the trace is.

It stands in the args of few events: these are looked up by their places in the file, in one more decompression, of
traces of several ranks only. The reader has nothing to carry for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from xpubreak.breakdown.operations import operations
from xpubreak.breakdown.recorded import Recorded, number_of
from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.errors import NotATraceError
from xpubreak.trace.columns import NONE, IntArray
from xpubreak.trace.events import Kind
from xpubreak.trace.lookup import entries_at

PARAMETERS = "record_param_comms"
"""Operator of PyTorch around the launch of a collective."""


def with_recorded(tables: Tables, external_id: IntArray, path: Path) -> Tables:
    """Add what the trace says of its collectives to the rows of one rank.

    Parameters
    ----------
    tables
        Of this rank.
    external_id
        int64[n_events] of its trace.
    path
        The trace.
    """
    info = tables.runs[0].metadata.extra.get("distributedInfo")
    world_size = info.get("world_size") if isinstance(info, dict) else None
    row = operations(tables.rows)
    if not isinstance(info, dict) or not isinstance(world_size, int) or world_size < 2 or not len(row):
        return tables
    # Kernels of NCCL tell it themselves; of other libraries, the operator that launched them does.
    asked = [tables.rows.offset[row], _operator_offsets(tables, external_id, row)]
    places = np.unique(np.concatenate(asked))
    places = places[places >= 0]
    ranks_of = _groups(info)
    texts, numbers = np.full(len(places) + 1, NONE, dtype=np.int32), np.full(len(places) + 1, NONE, dtype=np.int64)
    try:
        for place, entry in enumerate(entries_at(path, places.tolist())):
            args = entry.get("args")
            recorded = Recorded.of_args(args, ranks_of) if isinstance(args, dict) else None
            if recorded is not None and isinstance(args, dict):
                texts[place] = tables.strings.intern(recorded.text)
                numbers[place] = number_of(args.get("Seq", args.get("seq")))
    except NotATraceError:  # it has just gone: what was read of it stays
        return tables
    collective, sequence = tables.rows.collective.copy(), tables.rows.sequence.copy()
    for offset in reversed(asked):  # the kernel's own last
        at = np.where(offset >= 0, np.searchsorted(places, offset), len(places))
        collective[row] = np.where(texts[at] >= 0, texts[at], collective[row])
        sequence[row] = np.where(numbers[at] >= 0, numbers[at], sequence[row])
    return replace(tables, rows=replace(tables.rows, collective=collective, sequence=sequence))


def without_recorded(rows: Rows) -> Rows:
    """Forget it: ranks go by other numbers now, or rows are added up."""
    return replace(
        rows,
        collective=np.full(len(rows), NONE, dtype=np.int32),
        sequence=np.full(len(rows), NONE, dtype=np.int64),
    )


def _operator_offsets(tables: Tables, external_id: IntArray, row: IntArray) -> IntArray:
    """Where the ``record_param_comms`` with the external id of each row stands in the file; −1 for none."""
    rows = tables.rows
    operators = np.flatnonzero((rows.name == tables.strings.find(PARAMETERS)) & (rows.kind == Kind.OPERATOR))
    operators = operators[external_id[rows.event[operators]] >= 0]
    if not len(operators):
        return np.full(len(row), NONE, dtype=np.int64)
    distinct, first = np.unique(external_id[rows.event[operators]], return_index=True)
    external = external_id[rows.event[row]]
    at = np.minimum(np.searchsorted(distinct, external), len(distinct) - 1)
    return np.where((external >= 0) & (distinct[at] == external), rows.offset[operators[first[at]]], NONE)


def _groups(info: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    listed = info.get("pg_config")
    found = {}
    for entry in listed if isinstance(listed, list) else ():
        ranks = entry.get("ranks") if isinstance(entry, dict) else None
        if isinstance(ranks, list) and all(isinstance(rank, int) for rank in ranks):
            found[str(entry.get("pg_name"))] = tuple(sorted(ranks))
    return found
