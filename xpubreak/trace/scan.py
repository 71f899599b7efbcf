"""Find the events in the text of a trace, without parsing it: bounded memory, and damage stays local.

A trace is one JSON object with a ``traceEvents`` array, or the bare array. Its brackets and quotes are located with
numpy, chunk by chunk; strings and escapes are followed across chunks. Events come out as slices of text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xpubreak.trace.columns import BoolArray, IntArray
from xpubreak.trace.heading import EVENTS_KEY, MAX_HEADER_BYTES, Heading

MAX_EVENT_BYTES = 1 << 24
"""No event of a profiler is longer; a longer one is skipped and counted."""
RESYNC_BYTES = 1 << 20
"""An unfinished event this long is searched for the beginning of another one: a quote or bracket is missing."""

_QUOTE, _BACKSLASH = ord('"'), ord("\\")
_DELTA = np.zeros(256, dtype=np.int8)
_DELTA[[ord("{"), ord("[")]] = 1
_DELTA[[ord("}"), ord("]")]] = -1
_IS_SPECIAL = _DELTA != 0
_IS_SPECIAL[[_QUOTE, _BACKSLASH]] = True
_SPECIAL_TABLE = _IS_SPECIAL.tobytes()

_SEPARATORS = b" \t\r\n,"
# Inside a JSON string the quotes would be escaped, so this never matches within a name.
_EVENT_START = re.compile(rb'[,\n]\s*(?=\{\s*(?:"(?:cat|name|pid|tid|ts|dur|id|s)"\s*:\s*[^{}\[\]]{0,2000}?)?"ph"\s*:)')


_START_WITHIN_BYTES = 1 << 16


def event_start(text: bytes) -> int:
    """Where, near its beginning, an event seems to begin in a text that was cut out of the array; −1 for nowhere."""
    found = _EVENT_START.search(text, 0, _START_WITHIN_BYTES)
    return -1 if found is None else found.end()


@dataclass
class Batch:
    """Consecutive complete entries of the event array.

    Parameters
    ----------
    text
        Their text, including what lies between them.
    spans
        (start, end) offsets of each entry in the text.
    end
        Offset up to which the text is known: an unfinished entry begins there.
    place
        Of the text's first byte in the file, decompressed.
    in_rubbish
        What stands before the first entry goes on with what the batch before ended with, and was counted there: how
        many pieces a file is read in is nobody's concern.
    """

    text: bytes
    spans: list[tuple[int, int]]
    end: int = 0
    place: int = 0
    in_rubbish: bool = False

    @property
    def offsets(self) -> list[int]:
        """Place of each entry in the file, decompressed."""
        return [self.place + start for start, _ in self.spans]

    def around(self) -> list[bytes]:
        """What stands before the first and behind the last entry and is no separator: numbers, texts, rubbish."""
        first, last = (self.spans[0][0], self.spans[-1][1]) if self.spans else (self.end, self.end)
        return _rubbish([b"" if self.in_rubbish else self.text[:first], self.text[last : self.end]])

    @property
    def ends_in_rubbish(self) -> bool:
        """Whether what stands behind the last entry is rubbish, which may go on in the next batch."""
        if self.end < len(self.text):  # an entry was begun
            return False
        last = self.spans[-1][1] if self.spans else 0
        return bool(_rubbish([self.text[last:]])) or (self.in_rubbish and not self.spans)

    def between(self) -> list[bytes]:
        """What stands between entries and is no separator."""
        return _rubbish([self.text[end:start] for (_, end), (start, _) in itertools.pairwise(self.spans)])


def _rubbish(gaps: list[bytes]) -> list[bytes]:
    return [left for gap in gaps if (left := gap.strip(b", \t\r\n"))]


class Scanner:
    """Feed chunks, take batches; afterwards `heading`, `footer` and the counters tell what else there was."""

    def __init__(self) -> None:
        self.heading = Heading()
        self.footer = b""
        self.footer_place = 0
        self.lost_bytes = 0
        """Of the footer, beyond what is kept of it."""
        self.oversized = 0
        self.broken = 0
        self._state = "header"
        self._pending = bytearray()
        self._resync_at = RESYNC_BYTES
        self._skipping = False
        self._in_rubbish = False
        self._fed_bytes = 0
        self._reset_structure()

    @property
    def is_complete(self) -> bool:
        """Whether the end of the event array was seen."""
        return self._state == "footer"

    @property
    def has_events_array(self) -> bool:
        """Whether the beginning of the event array was seen."""
        return self._state != "header"

    def feed(self, chunk: bytes, end: int | None = None) -> Iterator[Batch]:
        """Take the next piece of the file, and yield what became complete.

        Parameters
        ----------
        chunk
            Piece of the file.
        end
            Place in the file where it ends; by default, pieces are fed without gaps.
        """
        self._fed_bytes = self._fed_bytes + len(chunk) if end is None else end
        chunk = self.read_header(chunk)
        while chunk and self._state == "events":
            batch, chunk = self._read_events(chunk)
            batch.in_rubbish = self._in_rubbish
            self._in_rubbish = batch.ends_in_rubbish
            if batch.spans or batch.around():
                yield batch
        if chunk and self._state == "footer":
            kept = chunk[: max(0, MAX_HEADER_BYTES - len(self.footer))]
            self.footer += kept
            self.lost_bytes += len(chunk) - len(kept)

    def read_header(self, chunk: bytes) -> bytes:
        """Read up to the beginning of the event array, and return what follows; all of the chunk behind that."""
        return chunk if self.has_events_array else self._begun(self.heading.feed(chunk))

    def end_header(self) -> bytes:
        """Return what follows the beginning of a misplaced event array, where the file has no other."""
        return b"" if self.has_events_array else self._begun(self.heading.finish())

    def finish(self) -> bytes:
        """Return the text of an unfinished last entry; empty where the file is whole."""
        return bytes(self._pending).strip(_SEPARATORS)

    @property
    def rest_place(self) -> int:
        """Place in the file of what `finish` returns."""
        return self._fed_bytes - len(bytes(self._pending).lstrip(_SEPARATORS))

    @staticmethod
    def resume(text: bytes) -> tuple[bytes, bytes] | None:
        """Split damaged text at the beginning of the next event in it, if there is one."""
        match = _EVENT_START.search(text, 1)
        return None if match is None else (text[: match.start()], text[match.end() :])

    def _reset_structure(self) -> None:
        self._depth = 0
        self._in_string = 0
        self._odd_backslashes = False

    def _begun(self, text: bytes | None) -> bytes:
        if text is None:
            return b""
        self._state = "events"
        return text

    def _read_events(self, chunk: bytes) -> tuple[Batch, bytes]:
        """Consume the chunk, or the part of it up to the end of the array; return what is to be scanned next."""
        is_open = self._depth > 0
        starts, ends, array_end = self._entries(chunk)
        if array_end >= 0:
            self._state = "footer"
            used, rest = chunk[:array_end], chunk[array_end + 1 :]
            self.footer_place = self._fed_bytes - len(rest)
        else:
            used, rest = chunk, b""
        # Whatever is scanned, and scanned anew, ends where the piece that was fed last does.
        place = self._fed_bytes - len(chunk) - len(self._pending)
        if self._skipping:
            if not len(ends):
                return Batch(b"", []), rest
            self._skipping = is_open = False
            place += int(ends[0])
            used, starts, ends = used[ends[0] :], starts - ends[0], ends[1:] - ends[0]
        offset = len(self._pending)
        text = bytes(self._pending) + used
        self._pending.clear()
        opened = [0] if is_open else []
        spans = list(zip(opened + (starts + offset).tolist(), (ends + offset).tolist(), strict=False))
        if self._state == "events":
            # Between entries there is nothing to keep: an entry that was begun starts at its bracket.
            begun = opened + (starts + offset).tolist()
            if len(begun) > len(spans):
                return Batch(text, spans, begun[-1], place), self._hold(text[begun[-1] :])
        return Batch(text, spans, len(text), place), rest

    def _hold(self, text: bytes) -> bytes:
        """Keep an unfinished entry for the next chunk; return text to scan anew where it turns out to be damaged."""
        self._pending += text
        if len(self._pending) < self._resync_at:
            return b""
        split = self.resume(bytes(self._pending))
        if split is None and len(self._pending) <= MAX_EVENT_BYTES:
            self._resync_at *= 4
            return b""
        if split is not None and EVENTS_KEY.search(split[0]):
            return self._end_early()
        self._pending.clear()
        self._resync_at = RESYNC_BYTES
        if split is None:
            self.oversized += 1
            self._skipping = True
            return b""
        self.broken += 1
        self._reset_structure()
        return split[1]

    def _end_early(self) -> bytes:
        """The end of the array was lost to damage, and another trace has begun since."""
        self._state = "footer"
        self.footer = bytes(self._pending)
        self.footer_place = self._fed_bytes - len(self.footer)
        self._pending.clear()
        return b""

    def _entries(self, chunk: bytes) -> tuple[IntArray, IntArray, int]:
        """Locate where entries of the array begin and end, and where the array ends (−1: not in this chunk)."""
        data = np.frombuffer(chunk, dtype=np.uint8)
        at = np.flatnonzero(np.frombuffer(chunk.translate(_SPECIAL_TABLE), dtype=bool))
        char = data[at]
        is_quote = (char == _QUOTE) & ~self._escaped(at, char, len(chunk))
        inside = (np.cumsum(is_quote, dtype=np.int32) + np.int32(self._in_string)) & 1
        delta = _DELTA[char] * (inside == 0)
        depth = np.cumsum(delta, dtype=np.int32) + np.int32(self._depth)
        closing = np.flatnonzero((depth < 0) & (delta < 0))
        end = int(closing[0]) if len(closing) else len(at)
        if len(at):
            last = min(end, len(at) - 1)
            self._in_string = int(inside[last])
            self._depth = int(depth[last])
        starts = at[:end][(delta[:end] == 1) & (depth[:end] == 1)]
        ends = at[:end][(delta[:end] == -1) & (depth[:end] == 0)] + 1
        return starts, ends, int(at[end]) if end < len(at) else -1

    def _escaped(self, at: IntArray, char: np.ndarray, length: int) -> BoolArray:
        """Which special characters stand behind an odd run of backslashes."""
        is_backslash = char == _BACKSLASH
        carried = self._odd_backslashes
        if not is_backslash.any():
            self._odd_backslashes = False
            return np.asarray((at == 0) & carried)
        index = np.arange(len(at))
        joins = np.zeros(len(at), dtype=bool)  # directly behind another backslash
        joins[1:] = is_backslash[:-1] & (at[1:] == at[:-1] + 1)
        run_start = np.maximum.accumulate(np.where(is_backslash & ~joins, index, 0))
        run = index - run_start + 1
        run = run + ((at[run_start] == 0) & carried)  # the run began in the chunk before
        odd = is_backslash & (run % 2 == 1)
        escaped = np.zeros(len(at), dtype=bool)
        escaped[1:] = joins[1:] & odd[:-1]
        if len(at) and at[0] == 0 and carried and not is_backslash[0]:
            escaped[0] = True
        self._odd_backslashes = bool(len(at) and at[-1] == length - 1 and odd[-1])
        return escaped
