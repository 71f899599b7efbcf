"""Many ranks on many machines: the map through any executor, the reduce here, over facts only."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from xpubreak.breakdown import localjobs
from xpubreak.breakdown.access import NO_OPTIONS, Access
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.dataset import Kept, facts_of, kept_ranks
from xpubreak.breakdown.fold import EVENTS
from xpubreak.breakdown.manyranks import Failure, failure_issue, is_empty_front_end
from xpubreak.breakdown.rank import name_of, rules_to_json, with_issues
from xpubreak.breakdown.rankjob import run_rank_beside_others, unpacked
from xpubreak.breakdown.reduction import Reduction
from xpubreak.breakdown.remote import fingerprint, place_of
from xpubreak.breakdown.rows import Tables
from xpubreak.classify.rule import Rule
from xpubreak.errors import Issue, NotATraceError, XpubreakError

T = TypeVar("T")

_POLL_S = 0.05
_TOLD_EVERY_S = 0.5


def load_facts(
    sources: Sequence[str],
    rules: Sequence[Rule],
    executor: Any,
    store: str | None,
    title: str,
    *,
    uses_cache: bool = True,
    access: Access = NO_OPTIONS,
    processes: int | None = None,
) -> Breakdown:
    """Read ranks by an executor and put their facts together.

    An interrupt (Ctrl-C) stops waiting, cancels what has not begun, and returns the ranks that are there.

    Parameters
    ----------
    sources
        Paths or URLs that the workers reach.
    rules
        Of the user.
    executor
        Whatever has ``submit``; None reads on this machine.
    store
        Folder or URL for the data set, or None.
    title
        What to call the result.
    uses_cache
        Workers look into the caches of their machines, and keep there what they make.
    access
        How URLs are reached, here and by the workers.
    processes
        How many of this machine read at a time, without an executor; None for as many as are worth it.

    Raises
    ------
    NotATraceError
        None of the ranks could be read.
    """
    packed_rules = rules_to_json(rules)
    reduction = Reduction()
    failures: list[Failure] = []
    seen: dict[int, str] = {}
    different: dict[str, str] = {}
    for source in sources:
        if place_of(source) in different:
            why = "it was given twice, and is read once."
            failures.append(Failure(source, why, is_final=True, code="duplicate-rank"))
        else:
            different[place_of(source)] = source
    there = _unchanged(list(different.values()), store, packed_rules, access)
    waiting = [source for source in different.values() if source not in there]
    progress = _Progress(len(sources))
    fronts: list[Tables] = []

    def take(source: str, answer: Callable[[], Tables]) -> None:
        try:
            part = answer()
        except CancelledError:
            failures.append(Failure(source, "it was cancelled before it was read"))
        except NotATraceError as error:
            failures.append(Failure(source, str(error), is_trace=False))
        except XpubreakError as error:
            failures.append(Failure(source, str(error), is_final=True))
        except Exception as error:  # noqa: BLE001 - executors raise what they like: the other ranks are shown
            failures.append(Failure(source, f"{type(error).__name__}: {error}"))
        else:
            rank = part.runs[0].metadata.rank
            if is_empty_front_end(part):
                fronts.append(part)
            elif rank in seen:
                other = name_of(seen[rank])
                why = f"it says that it is rank {rank}, as {other} does; ranks of several runs need a load each."
                failures.append(Failure(source, why, is_final=True, code="duplicate-rank"))
            else:
                seen[rank] = source
                reduction.add(_from_here(part, source))
        progress.one_more(len(failures))

    is_interrupted = False
    try:
        for source, kept in there.items():
            assert store is not None
            try:
                part = unpacked(facts_of(store, kept, access))
            except Exception:  # noqa: BLE001 - damaged, or gone: it is read again; clients raise what they like
                waiting.append(source)
            else:
                take(source, lambda part=part: part)  # type: ignore[misc]
        arguments = (packed_rules, store, uses_cache, access)
        if executor is None:
            answers = localjobs.answers(waiting, processes, *arguments)
        else:
            answers = _answers(waiting, executor, arguments)
        for source, answer in answers:
            take(source, lambda answer=answer: unpacked(answer()))  # type: ignore[misc]
    except KeyboardInterrupt:
        is_interrupted = True
        if not len(reduction):
            raise
    progress.end()
    if not len(reduction):
        if fronts:
            return Breakdown(fronts[0], title)
        raise NotATraceError(failures[0].why if failures else "No trace was given.")
    tables = replace(reduction.finish(), store=store or "", access=access)
    issues = [failure_issue(failure) for failure in failures]
    if is_interrupted:
        left = len(sources) - len(reduction) - len(failures) - len(fronts)
        again = "load again to go on from here" if store else "give store=… to go on where it stopped next time"
        message = f"Loading was interrupted: {left} of {len(sources)} ranks are missing; {again}."
        issues.append(Issue("interrupted", "error", message, count=left))
    if issues:
        tables = with_issues(tables, issues)
    assert EVENTS in tables.folded
    return Breakdown(tables, title)


def _unchanged(
    sources: Sequence[str], store: str | None, rules: list[dict[str, Any]], access: Access
) -> dict[str, Kept]:
    """What is in the store already and need not be read again."""
    if store is None:
        return {}
    kept = kept_ranks(store, rules, access)
    if not kept:
        return {}
    marks = {}
    for source in sources:
        with suppress(XpubreakError):  # it is gone, or only workers reach it: reading will say
            marks[source] = fingerprint(source, access, is_listed=True)
    at = {place_of(item.source): item for item in kept}
    found = {}
    for source, mark in marks.items():
        there = at.get(place_of(source))
        if there is not None and there.mark == mark:
            found[source] = there
    # What was moved is known by its name, size and age, where these leave no doubt.
    taken = {item.rank for item in found.values()}
    moved = _only([((name_of(item.source), item.mark), item) for item in kept if item.rank not in taken])
    asked = _only([((name_of(source), mark), source) for source, mark in marks.items() if source not in found])
    found |= {source: moved[key] for key, source in asked.items() if key in moved}
    return found


def _only(pairs: Sequence[tuple[Any, T]]) -> dict[Any, T]:
    """What has a key for itself, by key."""
    times = Counter(key for key, _ in pairs)
    return {key: item for key, item in pairs if times[key] == 1}


def _from_here(part: Tables, source: str) -> Tables:
    """The same, said to be from the file that was asked for: it may have been moved since it was read."""
    run = part.runs[0]
    return replace(part, runs=(replace(run, metadata=replace(run.metadata, source=source)),))


def _answers(
    sources: Sequence[str], executor: Any, arguments: tuple[list[dict[str, Any]], str | None, bool, Access]
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Sources and what gives their bytes or raises, as they come."""
    submit = getattr(executor, "submit", None)
    if submit is None:
        raise XpubreakError(
            f"{type(executor).__name__} has no submit: give a Dask client, an executor of concurrent.futures, or "
            "xb.executors.ray()."
        )
    # Dask takes options of its own: the same source may have changed since it was read last. What a dying worker read,
    # Dask reads again elsewhere by itself; what cannot be read would fail twice (no `retries`).
    options = {"pure": False} if type(executor).__module__.startswith("distributed") else {}
    running: list[tuple[str, Any]] = []
    try:
        for source in sources:
            try:
                running.append((source, submit(run_rank_beside_others, source, *arguments, **options)))
            except Exception as error:  # noqa: BLE001 - a broken pool takes no more work
                yield source, _raises(error)
        while running:
            is_done = [future.done() for _, future in running]
            done = [item for item, is_over in zip(running, is_done, strict=True) if is_over]
            running = [item for item, is_over in zip(running, is_done, strict=True) if not is_over]
            for source, future in done:
                yield source, future.result
            if not done:
                time.sleep(_POLL_S)
    finally:
        for _, future in running:
            with suppress(Exception):
                future.cancel()


def _raises(error: Exception) -> Callable[[], bytes]:
    def answer() -> bytes:
        raise error

    return answer


class _Progress:
    """A line on standard error, where people look on."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._told_at = total, 0, time.monotonic() + _TOLD_EVERY_S
        self._is_watched = "ipykernel" in sys.modules or bool(getattr(sys.stderr, "isatty", bool)())
        self._is_told = False

    def one_more(self, failed: int) -> None:
        self._done += 1
        now = time.monotonic()
        if self._is_watched and now > self._told_at:
            self._told_at, self._is_told = now + _TOLD_EVERY_S, True
            bad = f", {failed} failed" if failed else ""
            sys.stderr.write(f"\rxpubreak: {self._done} of {self._total} ranks{bad} …")
            sys.stderr.flush()

    def end(self) -> None:
        if self._is_told:
            sys.stderr.write(f"\rxpubreak: {self._done} of {self._total} ranks read\n")
