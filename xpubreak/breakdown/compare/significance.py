"""From the times of steps to differences with intervals, p-values and what could have been found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xpubreak.breakdown.compare.resample import Resampling
from xpubreak.breakdown.compare.student import normal_cdf, quantile, two_sided_p
from xpubreak.trace.columns import AnyArray, BoolArray

POWER = 0.8
_FARTHEST = 2.5
_ROUNDING = 1e-9
"""Sums of steps are whole numbers, their means floats: less of both times is no spread and no difference."""

_CHUNK = 512  # rows at once: bounds memory at 2000 draws to some 10 MB


@dataclass(frozen=True)
class Estimates:
    """One entry per row, float64; NaN where there are too few steps.

    Parameters
    ----------
    a_ns, b_ns
        Mean time per step.
    low_ns, high_ns
        Interval of the difference b − a.
    p
        Probability of such a difference, or a larger one, from noise alone.
    detectable_ns
        The smallest difference that would be found with a probability of 80 %.
    """

    a_ns: AnyArray
    b_ns: AnyArray
    low_ns: AnyArray
    high_ns: AnyArray
    p: AnyArray
    detectable_ns: AnyArray

    @property
    def delta_ns(self) -> AnyArray:
        """Difference b − a."""
        return np.asarray(self.b_ns - self.a_ns)


def estimate(a: AnyArray, b: AnyArray, of_a: Resampling, of_b: Resampling, alpha: float) -> Estimates:
    """Compare rows of two runs.

    Parameters
    ----------
    a, b
        float64[rows, steps]: time of each row in each step of the run.
    of_a, of_b
        How their steps are drawn.
    alpha
        1 − the confidence of the intervals.

    Notes
    -----
    Intervals are percentiles of the bootstrap distribution, "expanded" for few steps (Hesterberg 2015, "What teachers
    should know about the bootstrap", §5.4): widened to Student's t with Welch and Satterthwaite's degrees of freedom,
    and to the variance of a mean of steps that wander (`longrun`).
    P-values are those of t with the standard error of the bootstrap: percentiles alone cannot tell p below 1/draws, and
    the control of many comparisons needs smaller ones.
    """
    parts = [estimate_some(a[i : i + _CHUNK], b[i : i + _CHUNK], of_a, of_b, alpha) for i in range(0, len(a), _CHUNK)]
    if not parts:
        return Estimates(*(np.zeros(0) for _ in range(6)))
    names = ("a_ns", "b_ns", "low_ns", "high_ns", "p", "detectable_ns")
    return Estimates(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def means(a: AnyArray, b: AnyArray, of_a: Resampling, of_b: Resampling) -> Estimates:
    """Mean times alone, of too few steps to say more."""
    nothing = np.full(len(a), np.nan)
    a_ns, b_ns = without_rounding(a @ of_a.point, b @ of_b.point)
    return Estimates(a_ns, b_ns, nothing, nothing, nothing, nothing)


def without_rounding(a_ns: AnyArray, b_ns: AnyArray, where: BoolArray | bool = True) -> tuple[AnyArray, AnyArray]:
    """Make times the same that differ by no more than the rounding of means over unlike numbers of steps."""
    alike = where & (np.abs(b_ns - a_ns) <= _ROUNDING * (np.abs(a_ns) + np.abs(b_ns)))
    middle = (a_ns + b_ns) / 2  # the same the other way round
    return np.where(alike, middle, a_ns), np.where(alike, middle, b_ns)


def estimate_some(a: AnyArray, b: AnyArray, of_a: Resampling, of_b: Resampling, alpha: float) -> Estimates:
    """As `estimate`, for as many rows as fit into memory at once."""
    a_ns, b_ns = a @ of_a.point, b @ of_b.point
    of_a_drawn, a_variance, a_degrees = of_a.deviations(a)
    of_b_drawn, b_variance, b_degrees = of_b.deviations(b)
    drawn = of_b_drawn - of_a_drawn
    error = drawn.std(axis=1, ddof=1)
    exact = error <= _ROUNDING * (np.abs(a_ns) + np.abs(b_ns))
    error[exact] = 0.0
    a_ns, b_ns = without_rounding(a_ns, b_ns, exact)
    delta = b_ns - a_ns
    drawn += delta[:, None]
    df = _degrees(np.hstack([a_variance, b_variance]), np.hstack([a_degrees, b_degrees]))
    critical = quantile(1 - alpha / 2, df)
    # Draws hardly reach beyond some standard errors, which Student's t does for few independent steps.
    reached = np.minimum(critical, _FARTHEST)
    tail, beyond = normal_cdf(-reached), critical / reached
    drawn.sort(axis=1)
    low, high = (delta + (_at(drawn, at) - delta) * beyond for at in (tail, 1 - tail))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(exact, np.where(delta == 0, 1.0, 0.0), two_sided_p(delta / error, df))
    return Estimates(
        a_ns,
        b_ns,
        np.where(exact, delta, low),
        np.where(exact, delta, high),
        p,
        np.where(exact, 0.0, (critical + quantile(POWER, df)) * error),
    )


def adjusted(p: AnyArray) -> AnyArray:
    """P-values for many comparisons at once, after Benjamini and Hochberg: of those at most α, a share α is chance."""
    known = np.flatnonzero(~np.isnan(p))
    found = np.full(len(p), np.nan)
    if not len(known):
        return found
    order = known[np.argsort(p[known], kind="stable")]
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum.accumulate(scaled[::-1])[::-1].clip(max=1.0)
    return found


def _degrees(parts: AnyArray, degrees: AnyArray) -> AnyArray:
    """Welch and Satterthwaite's degrees of freedom of a sum of independent variances, each with its own."""
    free = np.maximum(degrees, 1e-6)
    whole = parts.sum(axis=1)
    # Relative to the whole: squares of tiny variances would be lost.
    shares = np.divide(parts, whole[:, None], out=np.zeros_like(parts), where=whole[:, None] > 0)
    spread = (shares**2 / free).sum(axis=1)
    return np.asarray(np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), free.sum(axis=1)))


def _at(ordered: AnyArray, p: AnyArray) -> AnyArray:
    """Quantile of each row of ordered numbers."""
    last = ordered.shape[1] - 1
    place = np.clip(p * last, 0, last)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, last)
    rows = np.arange(len(ordered))
    fraction = place - below
    return np.asarray(ordered[rows, below] * (1 - fraction) + ordered[rows, above] * fraction)
