"""Heading: what stands before the event array of a trace, and where that array begins."""

from __future__ import annotations

import re

from xpubreak.errors import NotATraceError
from xpubreak.trace.foreign import name_content

MAX_HEADER_BYTES = 1 << 26
EVENTS_KEY = re.compile(rb'"traceEvents"\s*:\s*\[')
"""Inside a JSON string the quotes would be escaped, so this never matches within a name."""

_BLANKS = b"\xef\xbb\xbf \t\r\n"
_KEY = b'"traceEvents"'
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]', re.DOTALL)


class Heading:
    """Feed it the beginning of a file, until the array of events begins; then `text` is what stands before."""

    def __init__(self) -> None:
        self.text = b""
        self.is_array = False
        self.is_misplaced = False
        """The only list of events stands within something else, or brackets before it are damaged."""
        self._held = bytearray()
        self._searched = self._walked = self._depth = 0
        self._elsewhere: tuple[int, int] | None = None

    def feed(self, chunk: bytes) -> bytes | None:
        """Return what follows the bracket that opens the array; None while it is not there yet."""
        if not self._held:  # nothing is kept of what is blank, however much there is of it
            chunk = chunk.lstrip(_BLANKS)
        self._held += chunk
        if not self._held:
            return None
        start = bytes(self._held[:1])
        if start == b"[":
            self.is_array = True
            return self._end(0, 1)
        if start != b"{":
            raise NotATraceError(f"it {name_content(bytes(self._held[:512]))}.")
        while (match := EVENTS_KEY.search(self._held, self._searched)) is not None:
            if self._depth_at(match.start()) == 1:
                return self._end(*match.span())
            self._elsewhere = self._elsewhere or match.span()
            self._searched = match.end()
        # The key may be there, and its bracket to come.
        key = self._held.rfind(_KEY, self._searched)
        self._searched = max(self._searched, len(self._held) - len(_KEY)) if key < 0 else key
        if len(self._held) <= MAX_HEADER_BYTES:
            return None
        if self._elsewhere is None:
            raise NotATraceError(f'no "traceEvents" within its first {MAX_HEADER_BYTES >> 20} MiB.')
        return self.finish()

    def finish(self) -> bytes | None:
        """Return what follows a list of events that is not where it should be; None where there is none either."""
        if self._elsewhere is None:
            return None
        self.is_misplaced = True
        return self._end(*self._elsewhere)

    def _end(self, header_end: int, cut: int) -> bytes:
        self.text, rest = bytes(self._held[:header_end]), bytes(self._held[cut:])
        self._held.clear()
        return rest

    def _depth_at(self, end: int) -> int:
        """Brackets that are open at a place; places are asked for in order."""
        held = self._held
        for token in _TOKEN.finditer(held, self._walked, end):
            char = held[token.start()]
            self._depth += (char in b"{[") - (char in b"}]")
        self._walked = end
        return self._depth
