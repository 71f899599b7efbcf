"""Many ranks on one machine: read side by side where that pays, one after another where it does not."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xpubreak.breakdown.access import NO_OPTIONS, Access
from xpubreak.breakdown.cache import Cache, Entry
from xpubreak.breakdown.rank import name_of, read_rank, with_issues, with_rank
from xpubreak.breakdown.remote import is_url
from xpubreak.breakdown.rows import Tables
from xpubreak.breakdown.scratch import free_memory_bytes, scratch_folder
from xpubreak.breakdown.store import open_saved
from xpubreak.breakdown.workers import WORKERS, WorkersError
from xpubreak.classify.rule import Rule
from xpubreak.errors import Issue, NotATraceError
from xpubreak.trace.ahead import processors

_FRONT_END = ".async_llm."
_WORTH_COLD_BYTES = 24 << 20
_WORTH_WARM_BYTES = 3 << 20
"""Compressed bytes of all traces from which on processes save time; a cold one takes a second to start."""
_PLAIN_RATIO = 14
"""Plain JSON is this much larger than gzipped (measured, 14 to 15 on traces of vLLM)."""
_BYTES_PER_COMPRESSED_BYTE = 14
_BYTES_OF_A_PROCESS = 400 << 20
"""Memory that reading takes: some 350 bytes an event, of which 25 are in the compressed file, and libraries."""
_NARROW_BYTES_PER_COMPRESSED_BYTE = 3
"""Columns that a process hands over (measured, 2.6 for XPU, 1.1 for CUDA)."""
_TOLD_AFTER_S = 2.0


@dataclass(frozen=True)
class Failure:
    """A rank that could not be read, and why."""

    source: str
    why: str
    is_trace: bool = True
    """False where the file is none; True where reading it went wrong."""
    is_final: bool = False
    """``why`` says what is wrong with it: to load again does not help."""
    code: str = "failed-rank"
    """Of the issue."""


def read_ranks(
    sources: Sequence[str],
    rules: Sequence[Rule],
    processes: int | None = None,
    cache: Cache | None = None,
    access: Access = NO_OPTIONS,
) -> list[Tables | Failure]:
    """Read ranks, in several processes where that is faster.

    Parameters
    ----------
    sources
        Paths or URLs.
    rules
        Of the user.
    processes
        How many; None for as many as are worth it.
    cache
        Where to look first, and to keep what was made; only of files of this machine.
    access
        How URLs are reached.

    Returns
    -------
    list of Tables or Failure
        One per source, in their order.
    """
    # Before anything is read: what changes meanwhile is not kept.
    entries = [None if cache is None or is_url(source) else cache.entry(Path(source), rules) for source in sources]
    found: list[Tables | Failure | None] = [None if entry is None else entry.find() for entry in entries]
    missing = [number for number, item in enumerate(found) if item is None]
    wanted = [sources[number] for number in missing]
    count = worth(wanted) if processes is None else max(1, min(processes, len(wanted)))
    options = access.as_json()
    if options is None:  # objects of a client stay in this process
        count = 1
    progress = _Progress(len(wanted), count)
    read: list[Tables | Failure | None] = [None] * len(wanted)
    if count > 1 and options is not None:
        with suppress(WorkersError, OSError):  # no processes, no room for what they write: what is missing is read here
            _side_by_side(wanted, rules, count, read, progress, [entries[number] for number in missing], options)
    for number, source in enumerate(wanted):
        item = read[number]
        if item is None:
            item = _read_here(source, rules, access, is_only=len(sources) == 1)
            progress.one_more()
            entry = entries[missing[number]]
            if entry is not None and isinstance(item, Tables):
                entry.keep(item)
        found[missing[number]] = item
    progress.end()
    return [item for item in found if item is not None]


def _side_by_side(
    sources: Sequence[str],
    rules: Sequence[Rule],
    processes: int,
    found: list[Tables | Failure | None],
    progress: _Progress,
    entries: Sequence[Entry | None],
    access: str,
) -> None:
    """Fill in what the workers read; what they could not is left for this process, but for what ended one of them."""
    # The cache takes the very file: on a disk, and to be mapped.
    is_kept = any(entry is not None for entry in entries)
    expected_bytes = sum(map(_compressed_bytes, sources)) * _NARROW_BYTES_PER_COMPRESSED_BYTE
    with scratch_folder(None if is_kept else expected_bytes) as folder:
        for number, answer in WORKERS.read(sources, rules, folder, processes, access, {"is_narrow": not is_kept}):
            if "done" in answer:
                try:
                    found[number] = open_saved(answer["done"], is_widened=is_kept).tables
                except NotATraceError:  # what it wrote is damaged; the trace need not be
                    continue
                entry = entries[number]
                if entry is not None:
                    entry.adopt(Path(answer["done"]))
                with suppress(OSError):  # where a mapped file can be removed, its columns stay
                    Path(answer["done"]).unlink()
            elif "no_trace" in answer:
                found[number] = Failure(sources[number], answer["no_trace"], is_trace=False)
            elif "died" in answer:
                why = f"the process that read it ended twice: {answer['died']}"
                found[number] = Failure(sources[number], f"{sources[number]}: {why}.")
            else:
                continue
            progress.one_more()


def _read_here(source: str, rules: Sequence[Rule], access: Access, *, is_only: bool) -> Tables | Failure:
    try:
        return read_rank(source, rules, access)
    except NotATraceError as error:
        return Failure(source, str(error), is_trace=False)
    except Exception as error:
        if is_only:
            raise
        return Failure(source, f"{source}: {type(error).__name__}: {error}")  # the other ranks are shown


def worth(sources: Sequence[str]) -> int:
    """How many processes reading is worth."""
    sizes = [_compressed_bytes(source) for source in sources]
    least = _WORTH_WARM_BYTES if WORKERS.is_warm else _WORTH_COLD_BYTES
    if len(sources) < 2 or sum(sizes) < least:
        return 1
    one = max(sizes) * _BYTES_PER_COMPRESSED_BYTE + _BYTES_OF_A_PROCESS
    return max(1, min(len(sources), processors(), free_memory_bytes() // one))


def _compressed_bytes(source: str) -> int:
    if is_url(source):
        return _WORTH_COLD_BYTES  # waiting for a network is worth sharing
    try:
        size = Path(source).stat().st_size
    except OSError:
        return 0
    return size if source.endswith(".gz") else size // _PLAIN_RATIO


def without_front_ends(parts: list[Tables]) -> list[Tables]:
    """Leave out the empty traces that vLLM's API process writes beside those of its workers."""
    return [part for part in parts if not is_empty_front_end(part)] or parts


def is_empty_front_end(part: Tables) -> bool:
    """Whether it is one of vLLM's API process."""
    return _FRONT_END in part.runs[0].metadata.source and not bool((~part.rows.is_activity).any())


def with_distinct_ranks(parts: list[Tables], failures: Sequence[Failure]) -> list[Tables]:
    """Give ranks that others have before them numbers of their own, beyond all ranks of the run; name what failed."""
    issues = [failure_issue(failure) for failure in failures]
    known = [part.runs[0].metadata for part in parts]
    free = max(max(item.rank + 1, item.world_size) for item in known)
    seen: dict[int, str] = {}
    distinct: list[Tables] = []
    named = []
    for part, item in zip(parts, known, strict=True):
        if item.rank in seen:
            # Traces of separate runs all say rank 0; a copy says what the rank says that it was made of.
            named.append(f"{name_of(item.source)} (rank {item.rank}, as {name_of(seen[item.rank])}) is called {free}")
            distinct.append(with_rank(part, free))
            free += 1
        else:
            seen[item.rank] = item.source
            distinct.append(part)
    if named:
        shown = ", ".join(named[:3]) + (" …" if len(named) > 3 else "")
        message = f"Several traces claim the same rank. The first keeps it; {shown}. No collective of these is matched."
        issues.append(Issue("duplicate-rank", "warning", message, count=len(named)))
    if issues:
        distinct = [with_issues(distinct[0], issues), *distinct[1:]]
    return distinct


def failure_issue(failure: Failure) -> Issue:
    """Say that a rank is missing, and why."""
    name, why = name_of(failure.source), failure.why[:120]
    if failure.is_final:
        return Issue(failure.code, "error", f"{name} was left out: {failure.why[:300]}")
    if failure.is_trace:
        message = f"{name} was left out: reading it failed. Load again to try once more."
        return Issue("failed-rank", "error", message, example=failure.why[:300])
    return Issue("unreadable-file", "error", f"{name} was left out: it is no readable trace.", example=why)


class _Progress:
    """A line on standard error, where people look on and it takes long."""

    def __init__(self, total: int, processes: int) -> None:
        self._total, self._processes, self._done = total, processes, 0
        self._began = time.monotonic()
        self._is_watched = "ipykernel" in sys.modules or bool(getattr(sys.stderr, "isatty", bool)())
        self._is_told = False

    def one_more(self) -> None:
        self._done += 1
        if not self._is_watched or self._total < 2 or time.monotonic() - self._began < _TOLD_AFTER_S:
            return
        self._is_told = True
        sys.stderr.write(f"\rxpubreak: {self._done} of {self._total} ranks read …")
        sys.stderr.flush()

    def end(self) -> None:
        if self._is_told:
            by = f" by {self._processes} processes" if self._processes > 1 else ""
            took = time.monotonic() - self._began
            sys.stderr.write(f"\rxpubreak: {self._total} ranks read in {took:.1f} s{by}\n")
