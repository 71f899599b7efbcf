"""Deviation: which of several numbers that should be equal are not.

The rule is the modified z-score (Iglewicz and Hoaglin, 1993): distance from the median in units of the median absolute
deviation, which one odd number cannot widen. The layer bars in the browser use the same one.
"""

from __future__ import annotations

import numpy as np

from xpubreak.trace.columns import AnyArray, BoolArray

LEAST_SIBLINGS = 4
_DEVIATIONS, _NORMAL = 3.5, 1.4826


def deviating(values: AnyArray, least_frac: float) -> tuple[BoolArray, float]:
    """Which values lie far from the others, and the median; none of so few that nobody can tell.

    Parameters
    ----------
    values
        Of siblings.
    least_frac
        Smaller distances, relative to the median, do not matter.
    """
    if len(values) <= LEAST_SIBLINGS:
        return np.zeros(len(values), dtype=bool), float(np.median(values)) if len(values) else 0.0
    usual = float(np.median(values))
    distance = np.abs(values - usual)
    spread = _NORMAL * float(np.median(distance))
    return np.asarray((distance > _DEVIATIONS * spread) & (distance >= least_frac * usual) & (usual > 0)), usual
