"""From the traces of a recording's ranks to tables, with what the recording knows about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xpubreak.errors import Issue, NotATraceError
from xpubreak.trace import kineto
from xpubreak.trace.trace import Trace

NOTES_KEY = "xpubreak"


def read_ranks(
    paths: Iterable[Path], tell: Callable[[str, int, int | None], None] = lambda _stage, _done, _total: None
) -> list[Trace]:
    """Read the traces of all ranks; one that cannot be read is left out, which the first one's issues say.

    Parameters
    ----------
    paths
        One file per rank.
    tell
        Told ``"reading"``, bytes done and bytes in all.

    Raises
    ------
    NotATraceError
        None can be read.
    """
    files = list(paths)
    traces: list[Trace] = []
    failures: list[NotATraceError] = []
    done_bytes, total_bytes = 0, size_bytes(files)
    for path in files:
        tell("reading", done_bytes, total_bytes)
        try:
            traces.append(kineto.read(path))
        except NotATraceError as error:
            failures.append(error)
        done_bytes += size_bytes([path])
    tell("reading", done_bytes, total_bytes)
    if not traces:
        raise failures[0]
    issues = [Issue("unreadable-file", "error", f"A rank was left out: {error}") for error in failures]
    return with_issues(_numbered(traces), issues)


def with_issues(traces: list[Trace], issues: Iterable[Issue]) -> list[Trace]:
    """Add what concerns the whole recording, once: to the first rank."""
    return [replace(traces[0], issues=(*traces[0].issues, *issues)), *traces[1:]]


def with_notes(traces: list[Trace], notes: Mapping[str, Any]) -> list[Trace]:
    """Merge notes into the ``"xpubreak"`` entry of every rank's ``metadata.extra``."""
    return [_noted(trace, notes) if notes else trace for trace in traces]


def is_empty(traces: Iterable[Trace]) -> bool:
    """Whether nothing that takes time was recorded in any rank."""
    return not any(len(trace.spans) or len(trace.activities) for trace in traces)


def size_bytes(paths: Iterable[Path]) -> int:
    """Sizes of files, added up."""
    return sum(path.stat().st_size for path in paths if path.exists())


def _numbered(traces: list[Trace]) -> list[Trace]:
    """Replicas and separate engines all begin with rank 0: then ranks are counted through."""
    ranks = [trace.metadata.rank for trace in traces]
    if len(set(ranks)) == len(ranks):
        return traces
    return [replace(trace, metadata=replace(trace.metadata, rank=rank)) for rank, trace in enumerate(traces)]


def _noted(trace: Trace, notes: Mapping[str, Any]) -> Trace:
    own = {**trace.metadata.extra.get(NOTES_KEY, {}), **notes}
    return replace(trace, metadata=replace(trace.metadata, extra={**trace.metadata.extra, NOTES_KEY: own}))
