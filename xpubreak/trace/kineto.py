"""Read torch-profiler (Kineto) Chrome traces: ``.json`` and ``.json.gz``, object or bare array.

Fields and their quirks: pytorch/kineto ``libkineto/src/output_json.cpp`` and
``libkineto/src/plugin/xpupti/XpuptiActivityHandlers.cpp``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

from xpubreak.errors import Issue, NotATraceError, merge_issues
from xpubreak.trace.builder import Builder
from xpubreak.trace.metadata import describe
from xpubreak.trace.record import Record, decode_many, decode_one
from xpubreak.trace.scan import Batch, Scanner
from xpubreak.trace.source import read_chunks
from xpubreak.trace.trace import Trace

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
    scanner, builder = Scanner(), Builder()
    try:
        for chunk in read_chunks(source, issues.append):
            for batch in scanner.feed(chunk):
                _decode(batch, builder)
        if not scanner.has_events_array:
            raise NotATraceError('it has no "traceEvents" array.')
    except NotATraceError as error:
        reason = str(error) if str(error).startswith(label) and label else f"{label or 'This'} is no trace: {error}"
        raise NotATraceError(f"{reason} {_WHAT_TO_DO}") from error
    _decode_rest(scanner, builder, issues)
    events, tracks, origin_ns = builder.finish()
    metadata, doubts = describe(scanner.header, scanner.footer, events, tracks, builder, origin_ns, label)
    found = merge_issues([*issues, *builder.issues(), *doubts])
    return Trace(events, builder.strings, tracks, metadata, found)


def _decode(batch: Batch, builder: Builder) -> None:
    rubbish = batch.around()
    records: list[Record] = []
    if batch.spans:
        try:
            records = decode_many(b"[" + batch.text[batch.spans[0][0] : batch.spans[-1][1]] + b"]")
        except ValueError:
            rubbish += batch.between()
            records = _decode_each([batch.text[start:end] for start, end in batch.spans], builder)
    for text in rubbish:
        builder.count("broken-event", text[:60].decode("utf-8", "replace"))
    builder.add(records)


def _decode_each(texts: list[bytes], builder: Builder) -> list[Record]:
    """Decode one by one; where one is damaged, look for whole events that its damage swallowed."""
    records: list[Record] = []
    waiting = texts[::-1]
    while waiting:
        text = waiting.pop()
        record = decode_one(text)
        if record is not None:
            records.append(record)
            continue
        builder.count("broken-event", text[:60].decode("utf-8", "replace"))
        split = Scanner.resume(text)
        if split is not None:
            waiting.extend(_entries(split[1])[::-1])
    return records


def _entries(text: bytes) -> list[bytes]:
    scanner = Scanner()
    found = [
        batch.text[start:end] for piece in (b"[", text) for batch in scanner.feed(piece) for start, end in batch.spans
    ]
    rest = scanner.finish()
    return [*found, rest] if rest else found


def _decode_rest(scanner: Scanner, builder: Builder, issues: list[Issue]) -> None:
    rest = scanner.finish()
    if scanner.is_complete:
        # Behind a missing quote the array seems to end early: what follows still looks like events.
        split = Scanner.resume(scanner.footer)
        if split is not None:
            builder.count("broken-event", scanner.footer[:60].decode("utf-8", "replace"))
            builder.add(_decode_each(_entries(split[1]), builder))
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
            records = _decode_each(_entries(rest) if Scanner.resume(rest) else [rest], builder)
            builder.add(records)
    if scanner.broken:
        builder.count("broken-event", times=scanner.broken)
    if scanner.oversized:
        issues.append(
            Issue("oversized-event", "warning", "Events longer than 16 MiB were left out.", count=scanner.oversized)
        )
