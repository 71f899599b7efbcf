"""Read torch-profiler (Kineto) Chrome traces: ``.json`` and ``.json.gz``, object or bare array.

Fields and their quirks: pytorch/kineto ``libkineto/src/output_json.cpp`` and
``libkineto/src/plugin/xpupti/XpuptiActivityHandlers.cpp``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xpubreak.errors import Issue, NotATraceError, merge_issues
from xpubreak.trace.ahead import read_ahead
from xpubreak.trace.builder import Builder
from xpubreak.trace.compiled import is_worth
from xpubreak.trace.ending import read_ending
from xpubreak.trace.metadata import describe
from xpubreak.trace.plainreader import PlainReader
from xpubreak.trace.record import Record, decode_many
from xpubreak.trace.salvage import decode_each, entries
from xpubreak.trace.scan import Batch, Scanner
from xpubreak.trace.source import mark_of, read_chunks
from xpubreak.trace.trace import Trace

if TYPE_CHECKING:
    from xpubreak.trace.jitlane import Scanned
    from xpubreak.trace.jitreader import JitReader

_WHAT_TO_DO = (
    "Expected a torch.profiler trace: Chrome trace JSON as written by export_chrome_trace or vLLM's "
    "profiler (*.pt.trace.json, optionally .gz)."
)


def read(path: str | PathLike[str]) -> Trace:
    """Read one trace file.

    Everything readable is kept; what is damaged, unknown or incomplete becomes counted issues.

    Parameters
    ----------
    path
        ``.json`` or ``.json.gz`` (recognised by content, not by name).

    Returns
    -------
    Trace
        Possibly without events; then an issue says why.

    Raises
    ------
    NotATraceError
        The file cannot be read or is no such trace.
    """
    return _read(Path(path), str(path))


def read_bytes(data: bytes, source: str = "") -> Trace:
    """Read a trace from the content of a file; `source` is what to call it."""
    return _read(data, source)


def from_dicts(events: Iterable[dict[str, Any]], **top_level: Any) -> Trace:
    """Make a trace of event dictionaries as they would stand in ``traceEvents``, and top-level keys."""
    return read_bytes(json.dumps({**top_level, "traceEvents": list(events)}).encode())


def _read(source: Path | bytes, label: str) -> Trace:
    issues: list[Issue] = []
    mark = "" if isinstance(source, bytes) else mark_of(source)  # before it is read: it may grow meanwhile
    scanner, builder = Scanner(), Builder()
    try:
        _scan(source, scanner, builder, issues)
        if not scanner.has_events_array:
            raise NotATraceError('it has no "traceEvents" array.')
    except NotATraceError as error:
        reason = str(error) if str(error).startswith(label) and label else f"{label or 'This'} is no trace: {error}"
        raise NotATraceError(f"{reason} {_WHAT_TO_DO}") from error
    footer = _decode_rest(scanner, builder, issues)
    events, tracks, origin_ns = builder.finish()
    metadata, doubts = describe(scanner.heading.text, footer, events, tracks, builder, origin_ns, label)
    metadata = replace(metadata, source_mark=mark)
    found = merge_issues([*issues, *builder.issues(), *doubts])
    return Trace(events, builder.strings, tracks, metadata, found)


def _scan(source: Path | bytes, scanner: Scanner, builder: Builder, issues: list[Issue]) -> None:
    """Read the events; what they were read with is gone afterwards: columns are then copied where it was."""
    fast: JitReader | PlainReader | None = _quick_reader(source, builder)
    place = 0

    def feed(text: bytes, scanned: Scanned | None = None) -> None:
        nonlocal fast
        rest: bytes | None = text
        if fast is not None:
            rest = fast.feed(text, place, scanned) if scanner.has_events_array else None
            if rest is None:
                return
            fast = None
        for batch in scanner.feed(rest or b"", place):
            _decode(batch, builder)

    def prepare(chunk: bytes) -> Scanned | None:
        reader = fast  # by the other thread: `feed` may give it up meanwhile
        return reader.scan_ahead(chunk) if scanner.has_events_array and reader is not None else None

    chunks = read_ahead(read_chunks(source, issues.append), prepare)
    with closing(chunks):
        for chunk, scanned in chunks:
            place += len(chunk)
            feed(scanner.read_header(chunk), scanned)
    feed(scanner.end_header())
    if fast is not None and scanner.has_events_array:
        for batch in scanner.feed(fast.finish(), place):
            _decode(batch, builder)


_BYTES_PER_EVENT = 25  # of a compressed trace; plain ones are larger, and get there with fewer events


def _quick_reader(source: Path | bytes, builder: Builder) -> JitReader | PlainReader:
    """Make a compiled one where numba is installed and the trace is long enough."""
    try:
        size_bytes = len(source) if isinstance(source, bytes) else source.stat().st_size
    except OSError:
        size_bytes = 0  # opening it will say what is wrong
    if not is_worth(size_bytes // _BYTES_PER_EVENT):
        return PlainReader(builder)
    from xpubreak.trace.jitreader import JitReader  # noqa: PLC0415 - imports numba

    return JitReader(builder)


def _decode(batch: Batch, builder: Builder) -> None:
    rubbish = batch.around()
    records: list[Record] = []
    offsets = batch.offsets
    if batch.spans:
        try:
            records = decode_many(b"[" + batch.text[batch.spans[0][0] : batch.spans[-1][1]] + b"]")
        except ValueError:
            rubbish += batch.between()
            texts = [batch.text[start:end] for start, end in batch.spans]
            records, offsets = decode_each(zip(offsets, texts, strict=True), builder)
    for text in rubbish:
        builder.count("broken-event", text[:60].decode("utf-8", "replace"))
    builder.add(records, offsets)


def _decode_rest(scanner: Scanner, builder: Builder, issues: list[Issue]) -> bytes:
    """Read what is left at the end of the file; return the rest of the object around the array."""
    rest, footer = scanner.finish(), b""
    if scanner.is_complete:
        footer = read_ending(scanner, builder)
    else:
        issues.append(
            Issue(
                "truncated-file",
                "error",
                "The file ends before its list of events does; totals cover only the part that was written. "
                "Let the profiler finish writing, or copy the file again.",
            )
        )
        if rest:
            place = scanner.rest_place
            texts = entries(rest, place) if Scanner.resume(rest) else [(place, rest)]
            builder.add(*decode_each(texts, builder))
    if scanner.heading.is_misplaced:
        builder.count("misplaced-events")
    if scanner.broken:
        builder.count("broken-event", times=scanner.broken)
    if scanner.oversized:
        issues.append(
            Issue("oversized-event", "warning", "Events longer than 16 MiB were left out.", count=scanner.oversized)
        )
    return footer
