"""Reads events with the compiled scanner, as long as it understands them; the other scanner goes on from there."""

from __future__ import annotations

from xpubreak.trace.builder import Builder
from xpubreak.trace.jitlane import SLACK_BYTES, Lane, Scanned
from xpubreak.trace.jitscan import CONFUSED, END, MORE, ODDS_FULL, ROWS_FULL
from xpubreak.trace.salvage import decode_each
from xpubreak.trace.scan import RESYNC_BYTES, event_start

_MAX_ODD_FRAC = 0.05
_JUDGED_AFTER = 2_000


class JitReader:
    """Feed it the text of the event array; it fills a `Builder`.

    Chunks are scanned where they lie in memory, from the first event that begins in them; what lies before belongs to
    an event that began in the chunk before, and is joined with the rest of that. Whether an event begins at a place is
    a guess, by the characters there, until the events before it turn out to end right there. So a chunk can be scanned
    before the one in front of it was.
    """

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._lane = Lane(builder)
        self._ahead = Lane(builder)
        self._carry = b""
        self._rows = self._oddities = 0

    def scan_ahead(self, chunk: bytes) -> Scanned | None:
        """Scan a chunk before its turn, in one other thread; `feed` takes what is returned, or None."""
        start = event_start(chunk)
        return None if start < 0 else self._ahead.scan(chunk, start)

    def feed(self, chunk: bytes, end: int, scanned: Scanned | None = None) -> bytes | None:
        """Read what is complete.

        Parameters
        ----------
        chunk
            What follows.
        end
            Place in the file where it ends.
        scanned
            What `scan_ahead` made of it.

        Returns
        -------
        bytes or None
            Where the array ends, or something is not understood: what the other scanner has to go on with. None while
            more can be fed.
        """
        if not chunk:
            return None
        place = end - len(chunk)
        at = 0
        if self._carry or scanned is not None:  # whether it was joined or not: what lies before the event counts
            at = event_start(chunk) if scanned is None else scanned.start
            if at < 0 or not self._join(chunk[:at], place - len(self._carry)):
                chunk, place, at, scanned = self._carry + chunk, place - len(self._carry), 0, None
            self._carry = b""
        while True:
            found = self._lane.scan(chunk, at) if scanned is None else scanned
            self._take(found, chunk, place)
            at, scanned = found.stop, None
            if found.why not in (ROWS_FULL, ODDS_FULL) or self._is_odd():
                break
        rest = chunk[at:]
        if found.why in (END, CONFUSED) or len(rest) > RESYNC_BYTES or self._is_odd():
            return rest
        self._carry = rest
        return None

    def finish(self) -> bytes:
        """Return the text of what is incomplete at the end of the file."""
        return self._carry

    def _join(self, head: bytes, place: int) -> bool:
        """Read the last event of the chunk before, which ends in this one; False where it does not end right there."""
        text = self._carry + head + bytes(SLACK_BYTES)
        found = self._lane.scan(text, 0)
        if found.why != MORE or found.stop != len(text) - SLACK_BYTES:
            return False
        self._take(found, text, place)
        return True

    def _take(self, found: Scanned, text: bytes, place: int) -> None:
        """Give rows to the builder, odd events in their place among them."""
        self._rows += found.rows
        self._oddities += len(found.odds)
        self._builder.count_timeless(found.timeless)
        done = 0
        for before, start, end in found.odds:
            found.hand_over(done, before, place)
            done = before
            for record, offset in zip(*decode_each([(place + start, text[start:end])], self._builder), strict=True):
                self._builder.take(record, offset)
        found.hand_over(done, found.rows, place)
        found.lane.recycle(found)

    def _is_odd(self) -> bool:
        """Whether so much is odd that one by one costs more than the other way."""
        seen = self._rows + self._oddities
        return seen > _JUDGED_AFTER and self._oddities > _MAX_ODD_FRAC * seen
