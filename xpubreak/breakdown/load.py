"""Load traces: a file, a folder, a glob, a list; one or many ranks."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from dataclasses import replace
from os import PathLike
from pathlib import Path

from xpubreak.breakdown.analysis import analyse
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.classify.rules import rules
from xpubreak.errors import Issue, NotATraceError
from xpubreak.trace import kineto
from xpubreak.trace.trace import Trace

_SUFFIXES = (".json", ".json.gz")
_FRONT_END = ".async_llm."

Source = str | PathLike[str] | Trace


def load(source: Source | Iterable[Source], *, title: str | None = None) -> Breakdown:
    """Read traces and break their time down.

    Parameters
    ----------
    source
        A trace file (``.json``, ``.json.gz``), a folder of them, a glob pattern, or several of these. Each file is
        one rank. Traces that were already read may be given, too.
    title
        What to call the breakdown; by default the name of the file or folder.

    Returns
    -------
    Breakdown
        Possibly empty: then `Breakdown.issues` say why.

    Raises
    ------
    NotATraceError
        No trace is there. Of several files, those that are no traces are named in `Breakdown.issues` instead.
    """
    several = [source] if isinstance(source, str | PathLike | Trace) else list(source)
    traces: list[Trace] = []
    failures: list[tuple[Path, NotATraceError]] = []
    for item in several:
        if isinstance(item, Trace):
            traces.append(item)
            continue
        for path in find(item):
            try:
                traces.append(kineto.read(path))
            except NotATraceError as error:
                failures.append((path, error))
    if not traces:
        if failures:
            raise failures[0][1]
        raise NotATraceError("No trace was given.")
    traces = _without_front_ends(traces)
    analyses = [analyse(trace, rules.list) for trace in _with_distinct_ranks(traces, failures)]
    return Breakdown.of(analyses, title if title is not None else _title(several[0]))


def find(source: str | PathLike[str]) -> list[Path]:
    """List the trace files that a path, folder or glob pattern stands for, by name.

    Raises
    ------
    NotATraceError
        Nothing is there.
    """
    text = str(source)
    if "://" in text:
        raise NotATraceError(f"{text}: only local files can be read; copy the trace here first.")
    path = Path(text).expanduser()
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.name.endswith(_SUFFIXES) and file.is_file())
        if not found:
            raise NotATraceError(f"{path} is a folder without trace files ({', '.join('*' + s for s in _SUFFIXES)}).")
        return found
    if path.exists() or not glob.has_magic(text):
        return [path]
    matches = sorted(Path(match) for match in glob.glob(str(path), recursive=True))  # noqa: PTH207  # absolute patterns
    found = [match for match in matches if match.is_file()]
    if not found:
        raise NotATraceError(f"No file matches {text}.")
    return found


def _without_front_ends(traces: list[Trace]) -> list[Trace]:
    """Leave out the empty traces that vLLM's API process writes beside those of its workers."""
    return [trace for trace in traces if _FRONT_END not in trace.metadata.source or len(trace.spans)] or traces


def _with_distinct_ranks(traces: list[Trace], failures: list[tuple[Path, NotATraceError]]) -> list[Trace]:
    issues = [
        Issue(
            "unreadable-file", "error", f"{path.name} was left out: it is no readable trace.", example=str(error)[:120]
        )
        for path, error in failures
    ]
    ranks = [trace.metadata.rank for trace in traces]
    if len(set(ranks)) < len(ranks):
        # Traces of separate runs all say rank 0: they are kept apart by their place in the list.
        message = "Several traces claim the same rank; they are numbered in the order in which they were given."
        issues.append(Issue("duplicate-rank", "warning", message, count=len(ranks) - len(set(ranks))))
        traces = [replace(trace, metadata=replace(trace.metadata, rank=i)) for i, trace in enumerate(traces)]
    if issues:
        traces[0] = replace(traces[0], issues=(*traces[0].issues, *issues))
    return traces


def _title(source: Source) -> str:
    name = Path(source.metadata.source if isinstance(source, Trace) else source).name
    for suffix in (".gz", ".json", ".trace", ".pt"):
        name = name.removesuffix(suffix)
    return name or "trace"
