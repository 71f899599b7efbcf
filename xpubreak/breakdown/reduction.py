"""The reduce: folded ranks put together as they come, in bounded memory.

Parts are merged sixteen at a time, and what comes out sixteen at a time again: a row is copied as often as the tree is
high, not as often as there are ranks. When the rows exceed a limit, steps are added up; when they still do, ranks are,
but for those that stand out. Sums stay exact, and what each rank adds up to stays with its `Run`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np

from xpubreak.breakdown.collectivesums import CollectiveSums
from xpubreak.breakdown.fold import STEPS, fold_collectives, fold_ranks, fold_steps
from xpubreak.breakdown.merge import merge
from xpubreak.breakdown.operations import Operations, operations
from xpubreak.breakdown.peergroups import groups_of
from xpubreak.breakdown.rows import Tables
from xpubreak.breakdown.run import RankSums, Run
from xpubreak.classify.backend import Role
from xpubreak.trace.strings import Strings

FAN_IN = 16
MAX_ROWS = 2_000_000
"""Rows that a browser still shows; some 300 bytes each here, 40 in the page."""
MAX_STANDING_OUT = 8
_MIN_STANDING_OUT = 3.0
"""Ranks beyond this many times the usual distance (median absolute deviation) from the median stand out."""
_DETAILED_RANKS = 64
"""More ranks keep what their traces say of themselves only for the first: it is the same for all."""


class Reduction:
    """Takes ranks in any order.

    Parameters
    ----------
    max_rows
        Limit of the rows.
    """

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows
        self._levels: list[list[Tables]] = []
        self._collectives = CollectiveSums()
        self._names = Strings()
        self._groups: dict[frozenset[int], list[int]] = {}
        self._runs = 0
        self._folds_steps = self._folds_ranks = False

    def __len__(self) -> int:
        return self._runs

    @property
    def rows(self) -> int:
        """Rows that are held at the moment."""
        return sum(len(part.rows) for level in self._levels for part in level)

    def add(self, part: Tables) -> None:
        """Take one rank, as `xpubreak.breakdown.fold.fold_events` made it."""
        self._runs += len(part.runs)
        self._collectives.add(self._renamed(part))
        part = fold_collectives(part)
        if self._runs > _DETAILED_RANKS:
            part = replace(part, runs=tuple(self._plain(run) for run in part.runs))
        self._put(self._folded(part), 0)
        if self.rows > self._max_rows and not self._folds_steps:
            self._folds_steps = True
            self._levels = [[self._folded(part) for part in level] for level in self._levels]
        if self.rows > self._max_rows and not self._folds_ranks:
            # Which ranks stand out is known at the end; until then the rows of ranks that do so now are kept apart.
            self._folds_ranks = True
            self._levels = [[self._folded(part) for part in level] for level in self._levels]

    def finish(self) -> Tables:
        """Return all ranks that were taken, in their order; there is one at least."""
        parts = [part for level in reversed(self._levels) for part in level]
        whole = merge(parts)
        runs = self._with_waits(self._of_one_weight(sorted(whole.runs, key=lambda run: run.metadata.rank)))
        if self._folds_ranks:
            whole = fold_ranks(whole, standing_out(runs))
        else:
            order = np.argsort(whole.rows.rank, kind="stable")
            whole = replace(whole, rows=whole.rows.take(order))
        return replace(whole, runs=tuple(runs))

    def _put(self, part: Tables, height: int) -> None:
        if height == len(self._levels):
            self._levels.append([])
        level = self._levels[height]
        level.append(part)
        if len(level) == FAN_IN:
            self._levels[height] = []
            self._put(self._folded(merge(level)), height + 1)

    def _folded(self, part: Tables) -> Tables:
        if self._folds_steps and STEPS not in part.folded:
            part = fold_steps(part)
        if self._folds_ranks:
            part = fold_ranks(part, set(standing_out(part.runs)) & set(np.unique(part.rows.rank).tolist()))
        return part

    def _renamed(self, part: Tables) -> Operations:
        """Collectives of a rank, with names that mean the same for all."""
        found = Operations.of(part, operations(part.rows))
        return found.renamed(lambda number: self._names.intern(part.strings.text(number)))

    def _plain(self, run: Run) -> Run:
        """Without what the first ranks say for all; equal groups of ranks are one list."""
        metadata = run.metadata
        groups = [self._groups.setdefault(ranks, sorted(ranks)) for ranks in groups_of(metadata.extra, metadata.rank)]
        info = {"pg_config": [{"ranks": group} for group in groups]}
        return replace(
            run, metadata=replace(metadata, operators=frozenset(), versions={}, extra={"distributedInfo": info})
        )

    def _of_one_weight(self, runs: Sequence[Run]) -> list[Run]:
        """Device time is what counts where any rank has it: a rank that recorded none was added up as of a CPU target.

        What its host spent on handing collectives over is no time of these, and would be the shortest of all ranks.
        """
        silent = {run.metadata.rank for run in runs if run.sums is not None and not run.sums.activities}
        if len(silent) == sum(run.sums is not None for run in runs):
            return list(runs)
        for rank in silent:
            self._collectives.discard(rank)
        nothing = (0,) * len(Role)
        return [
            replace(run, sums=replace(run.sums, roles_ns=nothing))
            if run.sums is not None and run.metadata.rank in silent
            else run
            for run in runs
        ]

    def _with_waits(self, runs: Sequence[Run]) -> list[Run]:
        found = self._collectives.of_ranks(runs, self._names.text)
        return [
            replace(run, sums=replace(run.sums, **asdict(found[run.metadata.rank])))
            for run in runs
            if run.sums is not None
        ]


def standing_out(runs: Sequence[Run]) -> tuple[int, ...]:
    """Ranks to keep apart: the slowest and the fastest in what they compute themselves, and others far off."""
    sums = {run.metadata.rank: run.sums for run in runs if run.sums is not None}
    if not sums:
        return ()
    ranks = np.array(list(sums))
    compute_ns = np.array([_compute_ns(item) for item in sums.values()], dtype=np.float64)
    away = np.abs(compute_ns - np.median(compute_ns))
    usual = float(np.median(away)) or 1.0
    far = np.flatnonzero(away > _MIN_STANDING_OUT * usual)
    far = far[np.argsort(-away[far], kind="stable")][:MAX_STANDING_OUT]
    ends = [int(np.argmin(compute_ns)), int(np.argmax(compute_ns))]
    return tuple(sorted({int(ranks[number]) for number in [*far.tolist(), *ends]}))


def _compute_ns(sums: RankSums) -> int:
    return sum(sums.roles_ns) - sums.roles_ns[Role.COLLECTIVES]
