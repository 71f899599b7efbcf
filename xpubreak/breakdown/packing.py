"""Packing of columns in a compressed file: what is quicker to rebuild than to decompress.

Columns of one value are left out. Places and times grow from row to row, and are stored as differences: on 400,000 rows
that saves half of the time of opening, and half of the file. What is left is stored in the least integers that hold it:
half of the bytes to decompress, for 5 % more of them in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from xpubreak.breakdown.arrowparts import check_unpacked
from xpubreak.trace.columns import AnyArray

_GROWING = ("event", "start_ns", "offset")
_ALWAYS = "event"
"""Says how many rows there are, and so is always there."""
EVERYWHERE = ("rank", "collective", "sequence", "offset", "count")
"""Need no memory for one value, as what was just read has them; compiled loops are made for others that do."""
_ALIGNED_BYTES = 64
_LEAST: tuple[type[np.integer[Any]], ...] = (np.uint8, np.int8, np.int16, np.int32)


@dataclass(frozen=True)
class Packing:
    """How columns are stored.

    Parameters
    ----------
    constants
        Columns of one value, which are not stored.
    differences
        Columns of which the differences from row to row are stored, the first one to 0.
    """

    constants: Mapping[str, int] = field(default_factory=dict)
    differences: tuple[str, ...] | list[str] = ()


def pack(columns: Mapping[str, AnyArray], *, has_differences: bool = True) -> tuple[dict[str, Any], Packing]:
    """Return the columns to store, and how to make the others of them; with differences where they compress better."""
    stored: dict[str, Any] = {}
    constants: dict[str, int] = {}
    differences = []
    for name, column in columns.items():
        if name != _ALWAYS and len(column) and bool((column == column[0]).all()):
            constants[name] = int(column[0])
        elif name in _GROWING and has_differences:
            differences.append(name)
            stored[name] = _least(np.diff(column, prepend=column.dtype.type(0)))  # beyond 64 bits both ways wrap around
        else:
            stored[name] = _least(column)
    return stored, Packing(constants, tuple(differences))


def _least(column: AnyArray) -> AnyArray:
    """The same numbers in as few bytes as hold each of them."""
    if not len(column):
        return column
    low, high = int(column.min()), int(column.max())
    for kind in _LEAST:
        limits = np.iinfo(kind)
        if limits.bits < column.dtype.itemsize * 8 and limits.min <= low and high <= limits.max:
            return column.astype(kind)
    return column


def everywhere(value: int, rows: int, dtype: Any) -> AnyArray:
    """A column of one value, which needs no memory."""
    return np.broadcast_to(np.array(value, dtype=dtype), rows)


def check_stored(name: str, stored: AnyArray, dtype: Any) -> AnyArray:
    """Return what is stored of a column, if it is integers of its type, or of a lesser one.

    Raises
    ------
    ValueError
        It is something else.
    """
    if stored.dtype.kind not in "iu" or not np.can_cast(stored.dtype, dtype, "safe"):
        raise ValueError(f"column {name} holds {stored.dtype}, not {np.dtype(dtype).name}")
    return stored


def unpacked(stored: Mapping[str, AnyArray], packing: Packing, dtypes: Mapping[str, Any]) -> dict[str, AnyArray]:
    """Columns as they are documented, from what is stored of them; those that are stored so are not copied."""
    found = dict(stored)
    made = {}
    for name, column in stored.items():
        is_one = column.strides == (0,) and name not in EVERYWHERE
        if is_one or column.dtype != dtypes[name] or name in packing.differences:
            made[name] = -(-len(column) * np.dtype(dtypes[name]).itemsize // _ALIGNED_BYTES) * _ALIGNED_BYTES
    # Memory of Arrow's: of numpy's, which is new for each column, a first touch takes longer than all the rest.
    memory = np.frombuffer(pa.allocate_buffer(sum(made.values())), dtype=np.uint8)
    place = 0
    for name, size_bytes in made.items():
        column = memory[place : place + size_bytes].view(dtypes[name])[: len(stored[name])]
        column[:] = stored[name]
        if name in packing.differences:  # not from the narrow one, which takes four times as long
            np.cumsum(column, out=column)
        found[name] = column
        place += size_bytes
    return found


def check_room(packing: Packing, dtypes: Mapping[str, Any], rows: int, part_bytes: int) -> None:
    """Refuse what would rebuild to far more than it is, as what unpacks to more is refused.

    Raises
    ------
    ValueError
        It would, or the packing is none.
    """
    if not isinstance(packing.constants, Mapping) or not isinstance(packing.differences, list | tuple):
        raise ValueError("its packing is none")
    if _ALWAYS in packing.constants or not (
        set(packing.constants) <= set(dtypes) and set(packing.differences) <= {*_GROWING} & set(dtypes)
    ):
        raise ValueError("its packing is of other columns")
    rebuilt = {*packing.constants, *packing.differences}
    widened = set(dtypes) - rebuilt
    for names in (rebuilt, widened):
        check_unpacked(rows * sum(np.dtype(dtypes[name]).itemsize for name in names), part_bytes)
