"""Entry: the text of one event, read again from the file it stands in."""

from __future__ import annotations

from pathlib import Path

from xpubreak.trace.scan import MAX_EVENT_BYTES, Scanner
from xpubreak.trace.source import read_chunks

_OPENED = b"["


def entry_text(source: Path | bytes, offset: int) -> bytes:
    """Read the text of an entry.

    Parameters
    ----------
    source
        Trace file, plain or gzipped, or its content.
    offset
        Place of the entry's first byte, decompressed. A gzip file is decompressed up to there, in bounded memory.

    Returns
    -------
    bytes
        Empty where no entry begins there.

    Raises
    ------
    NotATraceError
        The file cannot be read.
    """
    scanner = Scanner()
    seen_bytes = 0
    for chunk in read_chunks(source, lambda issue: None, offset):
        if not seen_bytes and chunk[:1] != b"{":
            return b""
        for piece in (chunk,) if seen_bytes else (_OPENED, chunk):
            for batch in scanner.feed(piece):
                if batch.spans:
                    start, end = batch.spans[0]
                    return batch.text[start:end] if batch.offsets[0] == len(_OPENED) else b""
        seen_bytes += len(chunk)
        if seen_bytes > MAX_EVENT_BYTES:
            return b""
    return scanner.finish()  # cut off, and yet read: its brackets are damaged
