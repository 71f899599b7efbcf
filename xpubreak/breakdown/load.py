"""Load traces: a file, a folder, a glob, a list; one or many ranks."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from xpubreak.breakdown.access import NO_OPTIONS, Access
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.cache import Cache
from xpubreak.breakdown.manyranks import Failure, read_ranks, with_distinct_ranks, without_front_ends
from xpubreak.breakdown.merge import merge
from xpubreak.breakdown.rank import broken_down
from xpubreak.breakdown.remote import is_url, list_urls
from xpubreak.breakdown.rows import Tables
from xpubreak.classify.rules import rules
from xpubreak.errors import NotATraceError
from xpubreak.trace.trace import Trace

_SUFFIXES = (".json", ".json.gz")

Source = str | PathLike[str] | Trace


def load(
    source: Source | Iterable[Source],
    *,
    title: str | None = None,
    cache: bool = True,
    processes: int | None = None,
    executor: Any = None,
    store: str | PathLike[str] | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Breakdown:
    """Read traces and break their time down.

    Parameters
    ----------
    source
        A trace file (``.json``, ``.json.gz``), a folder of them, a glob pattern, a URL of these that fsspec reaches
        (``s3://``, ``gs://`` …), or several. Each file is one rank. Traces that were already read may be given, too.
    title
        What to call the breakdown; by default the name of the file or folder.
    cache
        Open at once what was made of the same trace before, and keep what is made now, in a folder of this user's,
        writable by nobody else (``$XPUBREAK_CACHE_DIR``; at most ``$XPUBREAK_CACHE_BYTES``, such as ``500MB``, 2 GiB by
        default). Workers of an executor have it on their machines.
    processes
        How many processes of this machine read at a time. By default as many as there are processors, memory and work
        for; 1 reads here, one after another. An executor has its own.
    executor
        Reads elsewhere: a Dask client, an executor of `concurrent.futures`, ``xb.executors.ray()``, or whatever else
        has ``submit``. Only facts come back: sums are exact, single events stay in ``store``.
    store
        Folder or URL where a partitioned Parquet data set of all ranks is written, also by the executor's workers,
        who must reach it. What is there already and unchanged is not read again.
    storage_options
        Options for fsspec's file systems behind URLs, such as ``{"endpoint_url": "https://…"}`` or ``{"anon": True}``;
        or a mapping for each kind of URL, ``{"s3": {…}, "gs": {…}}``. They are sent to the workers, and saved nowhere.
        Without them, each process finds what its own environment says.

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
    name = title if title is not None else _title(several[0]) if several else ""
    in_force, access = rules.list, Access.given(storage_options)
    if executor is not None or store is not None:
        from xpubreak.breakdown.cluster import load_facts  # noqa: PLC0415 - not needed for traces of this machine

        if any(isinstance(item, Trace) for item in several):
            raise NotATraceError("Traces that were read already cannot be read by an executor or into a store.")
        sources = [found for item in several for found in sources_of(item, access)]  # type: ignore[arg-type]  # no traces
        place = None if store is None else str(store)
        return load_facts(
            sources, in_force, executor, place, name, uses_cache=cache, access=access, processes=processes
        )
    given = [[item] if isinstance(item, Trace) else sources_of(item, access) for item in several]
    places: list[Trace | str] = [place for places in given for place in places]
    sources = [place for place in places if isinstance(place, str)]
    read = iter(read_ranks(sources, in_force, processes, Cache.default() if cache else None, access))
    found = [broken_down(place, in_force) if isinstance(place, Trace) else next(read) for place in places]
    failures = [item for item in found if isinstance(item, Failure)]
    parts = [item for item in found if isinstance(item, Tables)]
    if not parts:
        if failures:
            raise NotATraceError(failures[0].why)
        raise NotATraceError("No trace was given.")
    parts = with_distinct_ranks(without_front_ends(parts), failures)
    merged = merge(sorted(parts, key=lambda part: part.runs[0].metadata.rank))
    return Breakdown(replace(merged, access=access), name)


def sources_of(item: str | PathLike[str], access: Access = NO_OPTIONS) -> list[str]:
    """List the traces that a path, folder, glob pattern or URL stands for, by name.

    Raises
    ------
    NotATraceError
        Nothing is there.
    """
    if is_url(str(item)):
        return list_urls(str(item), _SUFFIXES, access)
    return [str(path) for path in find(item)]


def find(source: str | PathLike[str]) -> list[Path]:
    """List the trace files that a path, folder or glob pattern stands for, by name.

    Raises
    ------
    NotATraceError
        Nothing is there.
    """
    text = str(source)
    if not text.strip():  # a variable that is not set: for Path it is the current folder
        raise NotATraceError("The path is empty; '.' is the current folder.")
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


def _title(source: Source) -> str:
    name = Path(source.metadata.source if isinstance(source, Trace) else source).name
    for suffix in (".gz", ".json", ".trace", ".pt"):
        name = name.removesuffix(suffix)
    return name or "trace"
