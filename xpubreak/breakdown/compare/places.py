"""Where in a layer a kernel runs: between which of the kernels that every implementation has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xpubreak.classify.category import CATEGORY_CODES
from xpubreak.trace.columns import IntArray

if TYPE_CHECKING:
    from xpubreak.breakdown.rows import Rows

_ANCHORS = tuple(CATEGORY_CODES[name] for name in ("gemm", "attention", "moe", "collective"))


def places_in_layers(rows: Rows) -> tuple[IntArray, int]:
    """Count, for every row, the anchors (GEMM, attention, experts, collectives) before it in its layer and step.

    Anchors of one kind that follow each other count once: one library splits a GEMM in two, another does not.

    Returns
    -------
    int64[rows], int
        −1 outside of layers and for spans; and the anchors of most layers, by which runs are found to be alike.
    """
    place = np.full(len(rows), -1, dtype=np.int64)
    mine = np.flatnonzero(rows.is_activity & (rows.layer >= 0) & (rows.step >= 0))
    if not len(mine):
        return place, 0
    mine = mine[np.lexsort((rows.start_ns[mine], rows.layer[mine], rows.step[mine], rows.rank[mine]))]
    keys = np.stack([rows.rank[mine], rows.step[mine], rows.layer[mine]])
    is_first = np.concatenate([[True], (np.diff(keys, axis=1) != 0).any(axis=0)])
    anchor = np.where(np.isin(rows.category[mine], _ANCHORS), rows.category[mine].astype(np.int64), -1)
    at = np.flatnonzero(anchor >= 0)
    layer_of = np.cumsum(is_first) - 1
    counts = np.zeros(len(mine), dtype=np.int64)
    if len(at):
        changes = np.concatenate([[True], (np.diff(anchor[at]) != 0) | (np.diff(layer_of[at]) != 0)])
        # The same kind again, but with other work between them, is another one.
        changes[1:] |= np.diff(at) > 1
        counts[at] = changes
    passed = np.cumsum(counts)
    start = passed[is_first] - counts[is_first]
    place[mine] = passed - start[layer_of]
    ends = np.append(np.flatnonzero(is_first)[1:], len(mine)) - 1
    return place, int(np.bincount(place[mine][ends]).argmax())
