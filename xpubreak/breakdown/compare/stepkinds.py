"""Steps of a run by their kind: what may be compared with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.attribute.label import PHASES
from xpubreak.breakdown.selection import Selection
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, IntArray

if TYPE_CHECKING:
    from xpubreak.attribute.label import Step
    from xpubreak.breakdown.breakdown import Breakdown

_CHOOSING = ("step", "phase", "time_ns", "rank")
"""Clauses that choose steps; the others choose what of a step is looked at, and a step without it counts as 0."""


@dataclass(frozen=True, order=True)
class StepKind:
    """What steps have in common that are compared with each other.

    Parameters
    ----------
    phase
        ``prefill``, ``decode``, ``mixed``, ``unknown``; empty for any.
    context_tokens, generation_tokens
        At least so many, and fewer than twice as many: both are powers of two. −1 where not known or not looked at.
    """

    phase: str
    context_tokens: int = NONE
    generation_tokens: int = NONE

    def __str__(self) -> str:
        parts = [self.phase or "all steps"]
        named = ((self.context_tokens, "in prefill"), (self.generation_tokens, "in decode"))
        parts += [f"{_bucket_words(tokens)} {where}" for tokens, where in named if tokens > 0]
        return ", ".join(parts)


@dataclass(frozen=True)
class Steps:
    """The steps of one run that its selection leaves.

    Parameters
    ----------
    of_row
        int64 per row of the breakdown: position in the other columns, −1 outside of steps.
    kind
        Of each step.
    wall_ns
        int64, of each step's annotation on the host; the longest of several ranks.
    """

    of_row: IntArray
    kind: tuple[StepKind, ...]
    wall_ns: IntArray

    def __len__(self) -> int:
        return len(self.kind)


def steps_of(bd: Breakdown) -> Steps:
    """Find the steps of a breakdown, in order of time.

    Ranks of one run go in lockstep: steps with one number are one step where all ranks have as many.
    """
    rows, runs = bd.rows, bd.tables.runs
    together = len({len(run.steps) for run in runs}) <= 1
    count = max((len(run.steps) for run in runs), default=0)
    ranks = {run.metadata.rank: place for place, run in enumerate(runs)}
    place = _places(bd.tables.rows.rank, ranks)
    everywhere = bd.tables.rows.step.astype(np.int64) + (0 if together else place * count)
    chosen = np.unique(everywhere[_chosen(bd) & (bd.tables.rows.step >= 0)])
    number = np.full(count * max(len(runs), 1) + 1, NONE, dtype=np.int64)
    number[chosen] = np.arange(len(chosen))
    of_row = number[np.where(rows.step >= 0, everywhere[bd.row_numbers], -1)]
    steps = [[run.steps[one] for run in (runs if together else runs[at : at + 1])]
             for at, one in (divmod(int(key), count) for key in chosen.tolist())]  # fmt: skip
    return Steps(
        of_row,
        tuple(_kind(same[0]) for same in steps),
        np.array([max(step.end_ns - step.start_ns for step in same) for same in steps], dtype=np.int64),
    )


def _chosen(bd: Breakdown) -> BoolArray:
    clauses = tuple(clause for clause in bd.selection.clauses if clause[0] in _CHOOSING)
    return Selection(clauses).mask(bd.tables)


def _places(rank: AnyArray, ranks: dict[int, int]) -> IntArray:
    distinct, which = np.unique(rank, return_inverse=True)
    found: IntArray = np.array([ranks[one] for one in distinct.tolist()], dtype=np.int64)[which.reshape(-1)]
    return found


def _kind(step: Step) -> StepKind:
    phase = PHASES[step.phase] if step.phase < len(PHASES) else "unknown"
    return StepKind(phase, _bucket(step.context_tokens), _bucket(step.generation_tokens))


def _bucket(tokens: int) -> int:
    """The power of two at or below; engines pad batches to such sizes, and times differ little within one."""
    return tokens if tokens <= 0 else 1 << (int(tokens).bit_length() - 1)


def _bucket_words(tokens: int) -> str:
    return "1 token" if tokens == 1 else f"{tokens}–{2 * tokens - 1} tokens"
