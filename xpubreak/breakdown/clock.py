"""The clock that all ranks of a breakdown share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xpubreak.trace.columns import IntArray

if TYPE_CHECKING:
    from xpubreak.breakdown.rows import Rows


def shared_start_ns(rows: Rows, origins: Mapping[int, int]) -> IntArray:
    """Start of each row on the common clock, int64."""
    found: IntArray = rows.start_ns.copy()
    for rank, origin in origins.items():
        if origin:
            found[rows.rank == rank] += origin
    return found
