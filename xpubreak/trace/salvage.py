"""What can be had out of damaged text."""

from __future__ import annotations

from collections.abc import Iterable

from xpubreak.trace.builder import Builder
from xpubreak.trace.heading import EVENTS_KEY
from xpubreak.trace.record import Record, decode_one
from xpubreak.trace.scan import Scanner


def decode_each(texts: Iterable[tuple[int, bytes]], builder: Builder) -> tuple[list[Record], list[int]]:
    """Decode one by one; where one is damaged, look for whole events that its damage swallowed.

    Parameters
    ----------
    texts
        Of entries, each with its place in the file.
    builder
        Counts what is damaged.

    Returns
    -------
    list of Record, list of int
        The records, and their places in the file.
    """
    records: list[Record] = []
    offsets: list[int] = []
    waiting = list(texts)[::-1]
    while waiting:
        place, text = waiting.pop()
        record = decode_one(text)
        if record is not None:
            records.append(record)
            offsets.append(place)
            continue
        builder.count("broken-event", text[:60].decode("utf-8", "replace"))
        split = Scanner.resume(text)
        if split is not None and EVENTS_KEY.search(split[0]):  # what follows belongs to another list
            builder.count("second-document", text[:60].decode("utf-8", "replace"))
        elif split is not None:
            waiting.extend(entries(split[1], place + len(text) - len(split[1]))[::-1])
    return records, offsets


def entries(text: bytes, place: int) -> list[tuple[int, bytes]]:
    """Cut text from inside an event array into its entries, the unfinished last one included, with their places."""
    scanner = Scanner()
    found = [
        (batch.place + start, batch.text[start:end])
        for piece, piece_end in ((b"[", place), (text, place + len(text)))
        for batch in scanner.feed(piece, piece_end)
        for start, end in batch.spans
    ]
    rest = scanner.finish()
    return [*found, (scanner.rest_place, rest)] if rest else found
