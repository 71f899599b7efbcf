"""Read-only struct-of-arrays, the form in which every floor hands its table up."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
CodeArray = npt.NDArray[np.int32]
SmallArray = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]
AnyArray = npt.NDArray[Any]

NONE = -1
"""Sentinel of every index column: no such thing."""


def freeze(array: AnyArray) -> AnyArray:
    """Make an array read-only in place and return it."""
    array.flags.writeable = False
    return array
