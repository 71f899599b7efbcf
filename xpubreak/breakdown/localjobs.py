"""Ranks read into a store by this machine: side by side where that pays, like those that are not kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from xpubreak.breakdown.access import Access
from xpubreak.breakdown.manyranks import worth
from xpubreak.breakdown.rank import rules_from_json
from xpubreak.breakdown.rankjob import run_rank
from xpubreak.breakdown.scratch import scratch_folder
from xpubreak.breakdown.workers import WORKERS, WorkersError
from xpubreak.errors import NotATraceError

Answer = Callable[[], bytes]


def answers(
    sources: Sequence[str],
    processes: int | None,
    rules: list[dict[str, Any]],
    store: str | None,
    uses_cache: bool,
    access: Access,
) -> Iterator[tuple[str, Answer]]:
    """Yield sources, and what gives their facts or raises, as they come.

    Parameters
    ----------
    sources
        Different ones.
    processes
        How many read at a time; None for as many as are worth it.
    rules, store, uses_cache, access
        As in `run_rank`.
    """
    count = worth(sources) if processes is None else max(1, min(processes, len(sources)))
    options = access.as_json()
    read: set[str] = set()
    if count > 1 and store is not None and options is not None:  # objects of a client stay in this process
        job = {"store": store, "uses_cache": uses_cache}
        # No processes, or no room for what they write: what is missing is read here.
        with suppress(WorkersError, OSError), scratch_folder(None) as folder:
            kept = rules_from_json(rules)
            for number, answer in WORKERS.read(sources, kept, folder, count, options, job):
                found = _answer(answer)
                if found is not None:
                    read.add(sources[number])
                    yield sources[number], found
    for source in sources:
        if source not in read:
            yield source, lambda source=source: run_rank(source, rules, store, uses_cache, access)  # type: ignore[misc]


def _answer(answer: dict[str, Any]) -> Answer | None:
    """What a worker answered; None where the rank has to be read here, which says what is wrong."""
    if "done" in answer:
        content = Path(answer["done"]).read_bytes()
        Path(answer["done"]).unlink()
        return lambda: content
    if "no_trace" in answer:
        return _raises(NotATraceError(answer["no_trace"]))
    if "died" in answer:
        return _raises(ChildProcessError(f"the process that read it ended twice: {answer['died']}"))
    return None


def _raises(error: Exception) -> Answer:
    def answer() -> bytes:
        raise error

    return answer
