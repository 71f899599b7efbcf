"""Reads events with the compiled scanner, as long as it understands them; the other scanner goes on from there."""

from __future__ import annotations

import numpy as np

from xpubreak.trace.builder import Builder
from xpubreak.trace.columns import AnyArray
from xpubreak.trace.compiled import announced
from xpubreak.trace.jitcolumns import ColumnMaker
from xpubreak.trace.jitscan import CODE_COUNT, CONFUSED, END, NUMBER_COUNT, ODDS_FULL, ROWS_FULL, STRINGS_FULL, scan
from xpubreak.trace.jitstrings import ByteTable
from xpubreak.trace.salvage import decode_each
from xpubreak.trace.scan import RESYNC_BYTES

_ROWS = 1 << 15
_ODDS = 1 << 11
_SLACK_BYTES = 64
"""Eight bytes are loaded at once, also from the last one."""
_MAX_ODD_FRAC = 0.05
_JUDGED_AFTER = 2_000


class JitReader:
    """Feed it the text of the event array; it fills a `Builder`."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._table = ByteTable()
        self._columns = ColumnMaker(builder, self._table)
        self._numbers = np.empty((_ROWS, NUMBER_COUNT), dtype=np.int64)
        self._codes = np.empty((_ROWS, CODE_COUNT), dtype=np.int32)
        self._odds = np.empty((_ODDS, 3), dtype=np.int64)
        self._text = np.zeros(1 << 20, dtype=np.uint8)
        self._length = 0
        self._place = 0
        self._rows = self._oddities = 0

    def feed(self, chunk: bytes, end: int) -> bytes | None:
        """Read what is complete.

        Parameters
        ----------
        chunk
            What follows.
        end
            Place in the file where it ends.

        Returns
        -------
        bytes or None
            Where the array ends, or something is not understood: what the other scanner has to go on with. None while
            more can be fed.
        """
        self._append(chunk)
        self._place = end - self._length
        at = row = odd = 0
        timeless = 0
        while True:
            columns = (self._numbers, self._codes, row, self._odds, odd)
            with announced():
                at, row, odd, skipped, why = scan(
                    self._text.ctypes.data, at, self._length, *columns, 0, self._table.address
                )
            timeless += skipped
            if why in (ROWS_FULL, ODDS_FULL):
                self._hand_over(row, odd)
                row = odd = 0
                if self._is_odd():
                    why = CONFUSED
            elif why == STRINGS_FULL:
                self._table.grow(self._length)
                continue
            if why not in (ROWS_FULL, ODDS_FULL):
                break
        self._hand_over(row, odd)
        if timeless:
            self._builder.count_timeless(timeless)
        rest = self._text[at : self._length]
        if why in (END, CONFUSED) or len(rest) > RESYNC_BYTES or self._is_odd():
            return rest.tobytes()
        self._text[: len(rest)] = rest.copy()
        self._length = len(rest)
        return None

    def finish(self) -> bytes:
        """Return the text of what is incomplete at the end of the file."""
        return self._text[: self._length].tobytes()

    def _append(self, chunk: bytes) -> None:
        needed = self._length + len(chunk) + _SLACK_BYTES
        if needed > len(self._text):
            larger = np.zeros(needed + (needed >> 2), dtype=np.uint8)
            larger[: self._length] = self._text[: self._length]
            self._text = larger
        self._text[self._length : self._length + len(chunk)] = np.frombuffer(chunk, dtype=np.uint8)
        self._length += len(chunk)

    def _hand_over(self, rows: int, odds: int) -> None:
        """Give rows to the builder, odd events in their place among them."""
        self._rows += rows
        self._oddities += odds
        done = 0
        for before, start, end in self._odds[:odds].tolist():
            if before > done:
                self._add(self._numbers[done:before], self._codes[done:before])
                done = before
            text = self._text[start:end].tobytes()
            for record, offset in zip(*decode_each([(self._place + start, text)], self._builder), strict=True):
                self._builder.take(record, offset)
        self._add(self._numbers[done:rows], self._codes[done:rows])

    def _add(self, numbers: AnyArray, codes: AnyArray) -> None:
        self._columns.add(numbers, codes, self._place)

    def _is_odd(self) -> bool:
        """Whether so much is odd that one by one costs more than the other way."""
        seen = self._rows + self._oddities
        return seen > _JUDGED_AFTER and self._oddities > _MAX_ODD_FRAC * seen
