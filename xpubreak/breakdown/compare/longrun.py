"""How sure the mean of a series of steps is, where neighbouring steps may resemble each other.

Independent steps: variance / n. Steps that wander together say less. Two estimates, of which the larger one counts:

* Of an AR(1) process with the lag-1 correlation r of the series: variance / n · (1 + r) / (1 − r). Short series
  underestimate r and their variance; both are corrected (Kendall 1954; Marriott and Pope 1954).
* Where that process does not fit, as with a slow wander under quick noise: the lowest frequencies of the series, the
  mean of the squares of its first ν cosine coefficients (Müller 2007; Lazarus, Lewis, Stock and Watson 2018), ν =
  0.4 n^⅔. It counts where it is larger than independent steps explain, √(2 / ν) beyond.
"""

from __future__ import annotations

import numpy as np

from xpubreak.trace.columns import AnyArray

_MOST_CORRELATION = 0.97
_LEAST_EFFECTIVE = 2.0
_LEAST_DEGREES = 2.0
"""With one alone, a run whose clock fell once could not be told from one that takes a tenth of the time."""

_LEAST_STEPS = 5
"""Fewer steps show nothing of their neighbours."""


def mean_variance(times: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Variance of the mean of each row, and its degrees of freedom.

    Parameters
    ----------
    times
        float64[rows, steps], in order of time.

    Returns
    -------
    float64[rows], float64[rows]
    """
    count = times.shape[1]
    if count < 2:
        return np.zeros(len(times)), np.zeros(len(times))
    plain = times.var(axis=1, ddof=1) / count
    if count < _LEAST_STEPS:
        return plain, np.full(len(times), count - 1.0)
    effective = _effective_steps(times)
    wider = count / effective
    variance = plain * wider * (count - 1) / (count - wider)
    degrees = np.maximum(effective - 1, _LEAST_DEGREES)
    slow, cosines = _slow_variance(times)
    is_slow = (plain > 0) & (slow > variance) & (slow > plain * (1 + np.sqrt(2 / cosines)))
    return np.where(is_slow, slow, variance), np.where(is_slow, np.minimum(cosines, degrees), degrees)


def _effective_steps(times: AnyArray) -> AnyArray:
    """Independent steps that would say as much, float64[rows]; all of them where r is within half its error of 0."""
    count = times.shape[1]
    centred = times - times.mean(axis=1, keepdims=True)
    power = (centred * centred).sum(axis=1)
    lagged = (centred[:, 1:] * centred[:, :-1]).sum(axis=1)
    r = np.divide(lagged, power, out=np.zeros(len(times)), where=power > 0)
    unbiased = np.clip((r + 1 / count) / (1 - 3 / count), 0, _MOST_CORRELATION)
    unbiased[r <= 0.5 / np.sqrt(count)] = 0
    return np.asarray(np.maximum(count * (1 - unbiased) / (1 + unbiased), _LEAST_EFFECTIVE))


def _slow_variance(times: AnyArray) -> tuple[AnyArray, int]:
    """Variance of the mean by the lowest frequencies, float64[rows], and how many of them."""
    count = times.shape[1]
    cosines = max(3, int(0.4 * count ** (2 / 3)))
    phase = np.pi * np.outer((np.arange(count) + 0.5) / count, np.arange(1, cosines + 1))
    coefficients = times @ (np.sqrt(2 / count) * np.cos(phase))
    return (coefficients**2).mean(axis=1) / count, cosines
