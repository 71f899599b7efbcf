"""Which steps of two runs are compared, and with what weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xpubreak.breakdown.compare.stepkinds import StepKind, Steps
from xpubreak.trace.columns import NONE, IntArray

MIN_STEPS = 5
"""Fewer steps of a kind in either run say nothing about its noise: nothing is called significant."""


@dataclass(frozen=True)
class KindCount:
    """A kind of steps, and how many of it both runs have."""

    kind: StepKind
    a_steps: int
    b_steps: int

    @property
    def weight(self) -> int:
        """As many as both have: the same the other way round, and a run's own mix where the other did the same."""
        return min(self.a_steps, self.b_steps)

    @property
    def is_enough(self) -> bool:
        """Whether there are enough for statistics."""
        return self.weight >= MIN_STEPS


@dataclass(frozen=True)
class Pairing:
    """Steps of two runs, matched.

    Parameters
    ----------
    level
        ``"batch"``: by phase and batch bucket; ``"phase"``: by phase, since no batch is in both; ``"run"``: not by
        steps at all, since no kind of step is in both. Each run is one unit then.
    kinds
        All kinds of steps of either run.
    compared
        Those that differences per step are of.
    a_unit, b_unit
        int64 per step: which of ``compared`` it is of; −1 for none. One entry, 0, for a run as a whole.
    """

    level: str
    kinds: tuple[KindCount, ...]
    compared: tuple[KindCount, ...]
    a_unit: IntArray
    b_unit: IntArray

    @property
    def is_testable(self) -> bool:
        """Whether there are enough steps to tell a difference from noise."""
        return self.level != "run" and all(one.is_enough for one in self.compared)

    @property
    def per(self) -> str:
        """What times are per: ``"step"`` or ``"run"``."""
        return "run" if self.level == "run" else "step"


def pair(a: Steps, b: Steps) -> Pairing:
    """Match the steps of two runs by phase and batch, else by phase alone, else not at all."""
    kinds = _counts(a.kind, b.kind)
    shared = [one for one in kinds if one.weight]
    if shared:
        return _paired("batch", kinds, a.kind, b.kind, lambda kind: kind)
    by_phase = _counts(tuple(map(_phase, a.kind)), tuple(map(_phase, b.kind)))
    if any(one.weight for one in by_phase):
        return _paired("phase", by_phase, a.kind, b.kind, _phase)
    whole = KindCount(StepKind(""), 1, 1)
    return Pairing("run", kinds, (whole,), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))


def _paired(
    level: str,
    kinds: tuple[KindCount, ...],
    a: tuple[StepKind, ...],
    b: tuple[StepKind, ...],
    key: Callable[[StepKind], StepKind],
) -> Pairing:
    shared = [one for one in kinds if one.weight]
    # Kinds with too few steps would leave every row without an interval; they are listed, not mixed in.
    compared = tuple([one for one in shared if one.is_enough] or shared)
    place = {one.kind: at for at, one in enumerate(compared)}
    units = (np.array([place.get(key(kind), NONE) for kind in side], dtype=np.int64) for side in (a, b))
    return Pairing(level, kinds, compared, *units)


def _counts(a: tuple[StepKind, ...], b: tuple[StepKind, ...]) -> tuple[KindCount, ...]:
    in_a, in_b = Counter(a), Counter(b)
    return tuple(KindCount(kind, in_a[kind], in_b[kind]) for kind in sorted({*in_a, *in_b}))


def _phase(kind: StepKind) -> StepKind:
    return StepKind(kind.phase)
