"""Student's t and the normal distribution, over arrays: NumPy has neither, and two curves are no reason for SciPy."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from xpubreak.trace.columns import AnyArray

_TINY = 1e-300
_ROUNDS = 200
_LEAST_DF = 0.5
"""Fewer degrees of freedom say nothing: the quantile is beyond every number."""


def normal_cdf(z: AnyArray) -> AnyArray:
    """Probability below z."""
    return np.array([0.5 * math.erfc(-one / math.sqrt(2)) for one in np.ravel(z).tolist()]).reshape(np.shape(z))


def two_sided_p(t: AnyArray, df: AnyArray) -> AnyArray:
    """Probability of a t at least as far from 0; 1 where there is no degree of freedom."""
    t, df = np.broadcast_arrays(np.abs(np.asarray(t, dtype=float)), np.asarray(df, dtype=float))
    known = np.maximum(df, 1e-9)
    found = _incomplete_beta(known / 2, 0.5, known / (known + np.minimum(t, 1e150) ** 2))
    return np.asarray(np.where(df > 0, found, 1.0))


def quantile(p: float, df: AnyArray) -> AnyArray:
    """The t below which a share p ≥ ½ of the distribution lies; infinite where there is no degree of freedom."""
    df = np.asarray(df, dtype=float)
    known = np.maximum(df, _LEAST_DF)
    scale = np.array([math.lgamma((one + 1) / 2) - math.lgamma(one / 2) for one in np.ravel(known).tolist()])
    log_height = scale.reshape(known.shape) - 0.5 * np.log(known * math.pi)
    # The tail is convex, and the normal quantile lies below: Newton's steps go up and never beyond.
    t = np.full(known.shape, NormalDist().inv_cdf(p))
    for _ in range(_ROUNDS):
        density = np.exp(log_height - (known + 1) / 2 * np.log1p(t * t / known))
        step = (two_sided_p(t, known) / 2 - (1 - p)) / np.maximum(density, _TINY)
        t = t + step
        if np.all(np.abs(step) <= 1e-12 * t):
            break
    return np.asarray(np.where(df >= _LEAST_DF, t, np.inf))


def _incomplete_beta(a: AnyArray, b: float, x: AnyArray) -> AnyArray:
    """Regularised incomplete beta function, by Lentz's continued fraction (Numerical Recipes, 6.4)."""
    is_high = x > (a + 1) / (a + b + 2)
    first = np.where(is_high, b, a)
    second = np.where(is_high, a, b)
    at = np.where(is_high, 1 - x, x)
    log_beta = np.array([math.lgamma(one) + math.lgamma(b) - math.lgamma(one + b) for one in np.ravel(a).tolist()])
    with np.errstate(divide="ignore"):
        log_front = first * np.log(at) + second * np.log1p(-at) - log_beta.reshape(np.shape(a))
    found = np.exp(log_front) * _fraction(first, second, at) / first
    return np.asarray(np.clip(np.where(is_high, 1 - found, found), 0.0, 1.0))


def _fraction(a: AnyArray, b: AnyArray, x: AnyArray) -> AnyArray:
    c = np.ones(np.shape(x))
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    whole = d.copy()
    for m in range(1, _ROUNDS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / _away_from_zero(1 + even * d)
        c = _away_from_zero(1 + even / c)
        whole = whole * d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _away_from_zero(1 + odd * d)
        c = _away_from_zero(1 + odd / c)
        change = d * c
        whole = whole * change
        if np.all(np.abs(change - 1) < 1e-15):
            break
    return np.asarray(whole)


def _away_from_zero(value: AnyArray) -> AnyArray:
    return np.asarray(np.where(np.abs(value) < _TINY, _TINY, value))
