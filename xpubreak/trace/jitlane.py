"""Lane: what one thread scans with. Several lanes fill one `Builder`, each with a table of byte strings of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xpubreak.trace.builder import Builder
from xpubreak.trace.columns import AnyArray
from xpubreak.trace.jitcolumns import ColumnMaker
from xpubreak.trace.jitscan import CODE_COUNT, NUMBER_COUNT, STRINGS_FULL, scan
from xpubreak.trace.jitstrings import ByteTable

SLACK_BYTES = 64
"""As many bytes are loaded at once, also from the last one: what is at the very end of a text is not scanned."""
_ROWS = 1 << 15
_ODDS = 1 << 11

Arrays = tuple[AnyArray, AnyArray]


@dataclass(frozen=True)
class Scanned:
    """What was found in a text from ``start`` to ``stop``.

    Parameters
    ----------
    lane
        By which.
    start, stop
        Where the first event begins; where the first one that was not read does.
    arrays
        int64[…, 6] and int32[…, 7], see `jitscan`; the first ``rows`` are filled.
    odds
        The row that each odd event precedes, and where it begins and ends.
    timeless
        Number of events without time.
    why
        Why it is no more, see `jitscan`.
    """

    lane: Lane
    start: int
    stop: int
    arrays: Arrays
    rows: int
    odds: list[list[int]]
    timeless: int
    why: int

    def hand_over(self, first: int, end: int, place: int) -> None:
        """Give some rows to the builder; the text begins at a place in the file."""
        numbers, codes = self.arrays
        self.lane.columns.add(numbers[first:end], codes[first:end], place)


class Lane:
    """Scans texts, one at a time."""

    def __init__(self, builder: Builder) -> None:
        self._table = ByteTable()
        self.columns = ColumnMaker(builder, self._table)
        self._odds = np.empty((_ODDS, 3), dtype=np.int64)
        self._spare: list[Arrays] = []

    def scan(self, text: bytes, start: int) -> Scanned:
        """Read events from ``start`` up to `SLACK_BYTES` before the end, or to what is not understood."""
        arrays = self._spare.pop() if self._spare else _arrays()
        data = np.frombuffer(text, dtype=np.uint8).ctypes.data
        at, end, row, odd, timeless = start, len(text) - SLACK_BYTES, 0, 0, 0
        while True:
            at, row, odd, skipped, why = scan(data, at, end, *arrays, row, self._odds, odd, 0, self._table.address)
            timeless += skipped
            if why != STRINGS_FULL:
                return Scanned(self, start, at, arrays, row, self._odds[:odd].tolist(), timeless, why)
            self._table.grow(len(text))

    def recycle(self, scanned: Scanned) -> None:
        """Take arrays back whose rows were handed over: memory that is there already is quicker than new one."""
        self._spare.append(scanned.arrays)


def _arrays() -> Arrays:
    return np.empty((_ROWS, NUMBER_COUNT), dtype=np.int64), np.empty((_ROWS, CODE_COUNT), dtype=np.int32)
