"""Deviation: which of several numbers that should be equal are not.

The rule is the modified z-score (Iglewicz and Hoaglin, 1993): distance from the median of the others in units of the
median absolute deviation, which one odd number cannot widen. The layer bars in the browser use the same one.
"""

from __future__ import annotations

import numpy as np

from xpubreak.trace.columns import AnyArray, BoolArray, FloatArray

LEAST_SIBLINGS = 4
_DEVIATIONS, _NORMAL = 3.5, 1.4826


def deviating(values: AnyArray, least_frac: float) -> tuple[BoolArray, FloatArray]:
    """Which values lie far from the others, and the median of the others of each; none of so few that nobody can tell.

    Parameters
    ----------
    values
        Of siblings.
    least_frac
        Smaller distances, relative to the median of the others, do not matter.
    """
    middle = float(np.median(values)) if len(values) else 0.0
    if len(values) <= LEAST_SIBLINGS:
        return np.zeros(len(values), dtype=bool), np.full(len(values), middle)
    usual = _medians_of_others(values)
    distance = np.abs(values - usual)
    spread = _NORMAL * float(np.median(np.abs(values - middle)))
    return np.asarray((distance > _DEVIATIONS * spread) & (distance >= least_frac * usual) & (usual > 0)), usual


def _medians_of_others(values: AnyArray) -> FloatArray:
    """Median without each value itself: in ascending order, places behind it move up by one."""
    order = np.argsort(values, kind="stable")
    ascending, place = values[order], np.empty(len(values), dtype=np.int64)
    place[order] = np.arange(len(values))
    upper = (len(values) - 1) // 2
    lower = upper if len(values) % 2 == 0 else upper - 1
    found: FloatArray = (ascending[lower + (place <= lower)] + ascending[upper + (place <= upper)]) / 2
    return found
