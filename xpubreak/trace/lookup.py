"""Lookup: many events read again from the file they stand in, in one pass."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from xpubreak.trace.source import read_chunks

WINDOW_BYTES = 1 << 14
"""Events that are looked up are shorter; a longer one is not found."""
_DECODER = json.JSONDecoder(strict=False)


def entries_at(source: Path, offsets: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Decode the events that begin at some places of the decompressed file.

    Parameters
    ----------
    source
        Trace file, plain or gzipped: it is decompressed up to the last of them, in bounded memory.
    offsets
        Ascending.

    Yields
    ------
    dict
        For each place, in order; empty where no event begins, or one that is damaged or too long.

    Raises
    ------
    NotATraceError
        The file cannot be read.
    """
    waiting = iter(offsets)
    wanted = next(waiting, None)
    held, place = b"", 0
    for chunk in read_chunks(source, lambda issue: None):
        if wanted is None:
            return
        text = held + chunk
        while wanted is not None and wanted + WINDOW_BYTES <= place + len(text):
            yield _decoded(text[wanted - place : wanted - place + WINDOW_BYTES])
            wanted = next(waiting, None)
        held = text[-WINDOW_BYTES:]
        place += len(text) - len(held)
    while wanted is not None:
        yield _decoded(held[wanted - place :] if wanted >= place else b"")
        wanted = next(waiting, None)


def _decoded(window: bytes) -> dict[str, Any]:
    try:
        found, _ = _DECODER.raw_decode(window.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
