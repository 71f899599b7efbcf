"""Bootstrap over steps: weights that turn the times of steps into resampled means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xpubreak.breakdown.compare.longrun import mean_variance
from xpubreak.trace.columns import AnyArray, IntArray


@dataclass(frozen=True)
class Resampling:
    """Weights of the steps of one run.

    Parameters
    ----------
    point
        float64[steps]: times @ point is the mean per step over the kinds of steps, each with its share.
    draws
        float64[draws, steps]: the same for resampled steps, as if they were independent.
    share
        float64[kinds].
    unit
        int64[steps]: kind of each step, −1 for steps that are not compared.
    """

    point: AnyArray
    draws: AnyArray
    share: AnyArray
    unit: IntArray

    def deviations(self, times: AnyArray) -> tuple[AnyArray, AnyArray, AnyArray]:
        """How far resampled means lie from the mean.

        Parameters
        ----------
        times
            float64[rows, steps].

        Returns
        -------
        float64[rows, draws], float64[rows, kinds], float64[rows, kinds]
            Deviations, widened to the variance that `mean_variance` finds for each row; that variance by kind of
            steps, and its degrees of freedom.
        """
        found = np.zeros((len(times), len(self.draws)))
        variance, degrees = (np.zeros((len(times), len(self.share))) for _ in range(2))
        for kind, share in enumerate(self.share.tolist()):
            mine = np.flatnonzero(self.unit == kind)
            own = times[:, mine]
            variance[:, kind], degrees[:, kind] = mean_variance(own)
            drawn = own.var(axis=1) / max(1, len(mine))  # what drawing independently amounts to
            ratio = np.divide(variance[:, kind], drawn, out=np.zeros(len(times)), where=drawn > 0)
            found += own @ (self.draws[:, mine] - self.point[mine]).T * np.sqrt(ratio)[:, None]
            variance[:, kind] *= share**2
        return found, variance, degrees


def resample(unit: IntArray, share: AnyArray, draws: int, seed: int) -> Resampling:
    """Draw steps with replacement, within their kind.

    Parameters
    ----------
    unit
        int64[steps]: kind of each step, −1 for none; in order of time.
    share
        float64[kinds]: of the kinds in the mean.
    draws
        How many.
    seed
        Of this run: the same run gives the same draws whatever it is compared with, and on whichever side.
    """
    random = np.random.default_rng(seed)
    point = np.zeros(len(unit))
    drawn = np.zeros((draws, len(unit)))
    for kind in range(len(share)):
        mine = np.flatnonzero(unit == kind)
        if len(mine):
            weight = share[kind] / len(mine)
            point[mine] = weight
            drawn[:, mine] = _draw(random, len(mine), draws) * weight
    return Resampling(point, drawn, np.asarray(share, dtype=float), unit)


def _draw(random: np.random.Generator, count: int, draws: int) -> AnyArray:
    """How often each step is drawn, float64[draws, steps]."""
    flat = np.arange(draws)[:, None] * count + random.integers(0, count, size=(draws, count))
    return np.bincount(flat.reshape(-1), minlength=draws * count).reshape(draws, count).astype(float)
