"""Differences between two runs, row by row."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.breakdown.compare.axes import Axes
from xpubreak.breakdown.compare.pairing import Pairing, pair
from xpubreak.breakdown.compare.resample import Resampling, resample
from xpubreak.breakdown.compare.significance import Estimates, adjusted, estimate, means, without_rounding
from xpubreak.breakdown.compare.stepkinds import Steps, steps_of
from xpubreak.breakdown.facts import group_by, sum_by
from xpubreak.trace.columns import AnyArray, IntArray

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

VERDICTS = ("slower", "faster", "only in A", "only in B", "noise", "same", "too few steps")
ALPHA = 0.05
DRAWS = 2000


@dataclass(frozen=True)
class Differences:
    """One row per combination of values of some dimensions that either run has.

    Parameters
    ----------
    dimensions
        Names.
    values
        One tuple per row.
    a_total_ns, b_total_ns
        int64 sums over all selected rows of the run, compared or not. They add up to the runs' totals exactly.
    a_count, b_count
        float64 activities (spans, where nothing ran on a device) per step.
    estimates
        Per step.
    q
        float64 p-values of all rows together; NaN where there are too few steps.
    verdict
        Of `VERDICTS`, one per row.
    """

    dimensions: tuple[str, ...]
    values: list[tuple[Any, ...]]
    a_total_ns: IntArray
    b_total_ns: IntArray
    a_count: AnyArray
    b_count: AnyArray
    estimates: Estimates
    q: AnyArray
    verdict: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.values)


class Matched:
    """Two runs whose steps and names are matched.

    Parameters
    ----------
    a, b
        Baseline and candidate.
    alpha
        Share of chance among what is called significant; intervals hold with 1 − alpha.
    draws
        Of the bootstrap.
    seed
        The same seed gives the same numbers.
    """

    def __init__(self, a: Breakdown, b: Breakdown, *, alpha: float = ALPHA, draws: int = DRAWS, seed: int = 0) -> None:
        self.a, self.b, self.alpha, self.draws, self.seed = a, b, alpha, draws, seed

    @cached_property
    def axes(self) -> Axes:
        """Names, matched."""
        return Axes(self.a, self.b)

    @cached_property
    def steps(self) -> tuple[Steps, Steps]:
        """Of both runs."""
        return steps_of(self.a), steps_of(self.b)

    @cached_property
    def pairing(self) -> Pairing:
        """Steps, matched."""
        return pair(*self.steps)

    @cached_property
    def _units(self) -> tuple[IntArray, IntArray]:
        """Step of each row that carries weight, −1 outside; 0 where runs are compared as wholes."""
        if self.pairing.level == "run":
            return tuple(np.zeros(len(rows), dtype=np.int64) for rows in self.axes.rows)  # type: ignore[return-value]
        return tuple(  # type: ignore[return-value]
            steps.of_row[rows] for steps, rows in zip(self.steps, self.axes.rows, strict=True)
        )

    @cached_property
    def _weights(self) -> tuple[IntArray, IntArray]:
        return tuple(  # type: ignore[return-value]
            bd.weights_ns[rows] for bd, rows in zip((self.a, self.b), self.axes.rows, strict=True)
        )

    @cached_property
    def _resamplings(self) -> tuple[Resampling, Resampling]:
        share = np.array([one.weight for one in self.pairing.compared], dtype=float)
        share /= share.sum()
        found = []
        for units, kinds, weights in zip(
            self._units, (self.pairing.a_unit, self.pairing.b_unit), self._weights, strict=True
        ):
            inside = units >= 0
            series = sum_by(units[inside], weights[inside], len(kinds))
            # Seeded by what the run is, not by where it stands: compare(a, b) is compare(b, a) with other signs.
            own = zlib.crc32(series.tobytes(), self.seed)
            found.append(resample(kinds, share, self.draws, own))
        if self.pairing.level == "run":  # a run is one of the cell, however often it was recorded
            a, b = (
                replace(one, point=one.point / count, draws=one.draws / count)
                for one, count in zip(found, self.repeats, strict=True)
            )
            return a, b
        return found[0], found[1]

    @property
    def repeats(self) -> tuple[int, int]:
        """How often each side recorded its cell."""
        return repeats_of(self.a), repeats_of(self.b)

    @property
    def covered_frac(self) -> tuple[float, float]:
        """Share of the time of each run that is in compared steps; 1 where there is none."""
        found = []
        for units, kinds, weights in zip(
            self._units, (self.pairing.a_unit, self.pairing.b_unit), self._weights, strict=True
        ):
            inside = units >= 0
            whole, mine = int(weights.sum()), weights[inside][kinds[units[inside]] >= 0]
            found.append(int(mine.sum()) / whole if whole else 1.0)
        return found[0], found[1]

    def by(self, dimensions: Sequence[str]) -> Differences:
        """Differences by some dimensions; by none: of everything together."""
        values, sides = self._groups(dimensions)
        totals = [sum_by(one, weights, len(values)) for one, weights in zip(sides, self._weights, strict=True)]
        times, counts = zip(*(self._per_step(side, sides[side], len(values)) for side in (0, 1)), strict=True)
        of_a, of_b = self._resamplings
        found = self._estimate(times[0], times[1])
        q = adjusted(found.p)
        return Differences(
            tuple(dimensions),
            values,
            totals[0],
            totals[1],
            counts[0] @ of_a.point,
            counts[1] @ of_b.point,
            found,
            q,
            self._verdicts(found, q, counts),
        )

    def times(self, dimensions: Sequence[str]) -> tuple[list[tuple[Any, ...]], AnyArray, AnyArray]:
        """As `by`, the values and the mean times of both sides alone: nothing is drawn, however many rows there are."""
        values, sides = self._groups(dimensions)
        means_ns = []
        for group, units, weights, drawn in zip(sides, self._units, self._weights, self._resamplings, strict=True):
            inside = units >= 0
            shares_ns = weights[inside] * drawn.point[units[inside]]
            means_ns.append(np.bincount(group[inside], weights=shares_ns, minlength=len(values)))
        return values, *without_rounding(means_ns[0], means_ns[1])

    def _groups(self, dimensions: Sequence[str]) -> tuple[list[tuple[Any, ...]], tuple[IntArray, IntArray]]:
        """Combinations of values that there are, and that of each row of both sides."""
        columns = [self.axes.column(name) for name in dimensions]
        n_a = len(self.axes.rows[0])
        if not columns:
            return [()], (np.zeros(n_a, dtype=np.int64), np.zeros(len(self.axes.rows[1]), dtype=np.int64))
        first, group = group_by([np.concatenate([column[0], column[1]]) for column in columns])
        values = [
            tuple(values[int(one[at] if at < n_a else other[at - n_a])] for one, other, values in columns)
            for at in first.tolist()
        ]
        return values, (group[:n_a], group[n_a:])

    def wall(self) -> Estimates | None:
        """Wall time of a step on the host; None where runs are compared as wholes."""
        if self.pairing.level == "run":
            return None
        rows = [steps.wall_ns[None, :].astype(float) for steps in self.steps]
        return self._estimate(rows[0], rows[1])

    def _estimate(self, a: AnyArray, b: AnyArray) -> Estimates:
        if self.pairing.is_testable:
            return estimate(a, b, *self._resamplings, self.alpha)
        return means(a, b, *self._resamplings)

    def _per_step(self, side: int, group: IntArray, n_groups: int) -> tuple[AnyArray, AnyArray]:
        """Time and number of rows of each group in each step, float64[groups, steps]: whole numbers below 2^53."""
        units = self._units[side]
        n_units = len((self.pairing.a_unit, self.pairing.b_unit)[side])
        inside = units >= 0
        cell = group[inside] * n_units + units[inside]
        shape = (n_groups, n_units)
        times = np.bincount(cell, weights=self._weights[side][inside], minlength=n_groups * n_units).reshape(shape)
        return times, np.bincount(cell, minlength=n_groups * n_units).reshape(shape).astype(float)

    def _verdicts(self, found: Estimates, q: AnyArray, counts: Sequence[AnyArray]) -> tuple[str, ...]:
        is_in = [count @ one.point > 0 for count, one in zip(counts, self._resamplings, strict=True)]
        delta = found.delta_ns
        sure = (q <= self.alpha) & ((found.low_ns > 0) | (found.high_ns < 0))
        words = np.where(sure, np.where(delta > 0, "slower", "faster"), "noise").astype(object)
        words[~sure & (delta == 0)] = "same"
        if not self.pairing.is_testable:
            words[:] = "too few steps"
        # What one run has in a step or two is no difference between the runs.
        told = sure | (not self.pairing.is_testable)
        words[is_in[0] & ~is_in[1] & told] = "only in A"
        words[~is_in[0] & is_in[1] & told] = "only in B"
        return tuple(words.tolist())


def repeats_of(bd: Breakdown) -> int:
    """How often the cell was recorded, by ``--repeat``; 1 where nothing says."""
    noted = bd.metadata.extra.get("xpubreak")
    count = noted.get("repeat") if isinstance(noted, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 1
