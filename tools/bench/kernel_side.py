"""What the kernel does before the browser has anything: sums, lanes, packets."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from xpubreak.view.eventwire import encode_events
from xpubreak.view.wire import encode


def times_ms(bd: Any, runs: int) -> dict[str, list[float]]:
    """Each stage, several times; facts and lanes are computed anew, packets are made from known ones."""
    numbers = np.random.default_rng(0).permutation(len(bd))
    stages: dict[str, Callable[[Any], Any]] = {
        "reference: sort as many int64": lambda _: np.sort(numbers),
        "facts": lambda fresh: fresh.facts,
        "timeline": lambda fresh: fresh.timeline,
        "encode": lambda _: encode(bd),
        "encode_events": lambda _: encode_events(bd),
    }
    return {name: [_once(stage, bd) for _ in range(runs)] for name, stage in stages.items()}


def _once(stage: Callable[[Any], Any], bd: Any) -> float:
    fresh = bd.select()  # remembers nothing yet
    assert len(fresh.rows) == len(bd)
    began = time.perf_counter()
    stage(fresh)
    return 1e3 * (time.perf_counter() - began)


def summary(times: dict[str, list[float]]) -> dict[str, float]:
    """Medians."""
    return {name: median(values) for name, values in times.items()}
