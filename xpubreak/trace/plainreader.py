"""Reads events that are laid out alike without looking for their brackets; the scanner goes on where they are not."""

from __future__ import annotations

import re

import numpy as np

from xpubreak.trace.builder import Builder
from xpubreak.trace.columns import IntArray
from xpubreak.trace.record import decode_many
from xpubreak.trace.scan import RESYNC_BYTES

_BORDER = re.compile(rb'\}\s*,\s*\{\s*"')
_LOOKED_AT_BYTES = 1 << 16
PIECE_BYTES = 1 << 19
"""Records of so much text stay in the memory near the processor while columns are made of them, field by field."""


class PlainReader:
    """Feed it the text of the event array; it fills a `Builder`.

    A profiler writes the same characters between all events. Where the text between two places that have them is as
    many valid events as there are such places, these are the borders of events: a border within a text, or within an
    event, would make one more of them, or the text invalid.
    """

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._border = b""
        self._rarest = 0
        self._pending = b""

    def scan_ahead(self, chunk: bytes) -> None:
        """Leave it to `feed`: decoding keeps Python's lock."""

    def feed(self, chunk: bytes, end: int, scanned: object = None) -> bytes | None:
        """Read what is complete; see `xpubreak.trace.jitreader.JitReader.feed`."""
        for first in range(0, len(chunk), PIECE_BYTES):
            last = min(first + PIECE_BYTES, len(chunk))
            rest = self._feed(self._pending + chunk[first:last], end - len(chunk) + last)
            if rest is not None:
                return rest + chunk[last:]
        return None

    def _feed(self, text: bytes, end: int) -> bytes | None:
        if not self._border:
            found = _BORDER.search(text, 0, _LOOKED_AT_BYTES)
            if found is None:
                return text
            self._border = found.group()
            sample = text[:_LOOKED_AT_BYTES]
            counts = [sample.count(char) for char in self._border]
            self._rarest = counts.index(min(counts))
        last = text.rfind(self._border)
        if last < 0:
            self._pending = text
            return text if len(text) > RESYNC_BYTES else None
        if not self._read(text, last + 1, end - len(text)):
            return text
        self._pending = text[text.index(b"{", last) :]
        return self._pending if len(self._pending) > RESYNC_BYTES else None

    def finish(self) -> bytes:
        """Return the text of what is incomplete at the end of the file."""
        return self._pending

    def _read(self, text: bytes, end: int, place: int) -> bool:
        """Read events up to an end; the text begins at a place in the file."""
        begin = text.find(b"{")
        if text[:begin].strip(b" \t\r\n"):
            return False
        try:
            records = decode_many(b"".join((b"[", memoryview(text)[:end], b"]")))
        except ValueError:
            return False
        starts = np.append(begin, self._borders(text, end) + self._border.index(b"{"))
        if len(records) != len(starts):
            return False
        self._builder.add(records, place + starts)
        return True

    def _borders(self, text: bytes, end: int) -> IntArray:
        """Where the borders before an end are; they cannot overlap. Twice as fast as ``bytes.split``."""
        data = np.frombuffer(text, dtype=np.uint8, count=end)
        at = np.flatnonzero(data == self._border[self._rarest]) - self._rarest
        at = at[(at >= 0) & (at <= len(data) - len(self._border))]
        for offset, char in enumerate(self._border):
            at = at[data[at + offset] == char]
        return at
