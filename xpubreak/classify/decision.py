"""A decision about one kind of event: role, category, confidence, and why."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from xpubreak.classify.backend import NO_ROLE, Backends, Confidence, Evidence, Role
from xpubreak.classify.category import CATEGORY_CODES
from xpubreak.trace.columns import IntArray

Situation = TypeVar("Situation", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule made of a situation; ``category`` is one of ``CATEGORIES``."""

    role: Role
    category: str
    confidence: Confidence
    evidence: Evidence


class Verdicts:
    """Columns of `Backends` in the making: each distinct situation is decided once and scattered to its rows."""

    def __init__(self, event_count: int) -> None:
        self._role = np.full(event_count, NO_ROLE, dtype=np.uint8)
        self._category = np.zeros(event_count, dtype=np.uint8)
        self._confidence = np.zeros(event_count, dtype=np.uint8)
        self._evidence = np.full(event_count, -1, dtype=np.int32)
        self._evidence_ids: dict[Evidence, int] = {}

    def scatter(
        self, rows: IntArray, situations: list[Situation], which: IntArray, decide: Callable[[Situation], Decision]
    ) -> None:
        """Decide each situation and write it to the rows that are in it.

        Parameters
        ----------
        rows
            int64[n]: event rows.
        situations
            The distinct situations.
        which
            int64[n]: index of the situation of each row.
        decide
            Maps a situation to its decision.
        """
        decisions = [decide(situation) for situation in situations]
        ids = [self._evidence_ids.setdefault(made.evidence, len(self._evidence_ids)) for made in decisions]
        self._role[rows] = np.array([made.role for made in decisions], dtype=np.uint8)[which]
        self._category[rows] = np.array([CATEGORY_CODES[made.category] for made in decisions], dtype=np.uint8)[which]
        self._confidence[rows] = np.array([made.confidence for made in decisions], dtype=np.uint8)[which]
        self._evidence[rows] = np.array(ids, dtype=np.int32)[which]

    def role_of(self, rows: IntArray) -> IntArray:
        """Return the roles written so far, int64."""
        return self._role[rows].astype(np.int64)

    def backends(self) -> Backends:
        """Return the finished columns."""
        return Backends(self._role, self._category, self._confidence, self._evidence, tuple(self._evidence_ids))
