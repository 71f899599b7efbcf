"""Numbers as JSON holds them."""

from __future__ import annotations

import math


def number(value: float, digits: int = 3) -> float | None:
    """Round to a picosecond; None for what is not known."""
    return None if math.isnan(value) else round(float(value), digits)
