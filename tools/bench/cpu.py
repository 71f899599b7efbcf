"""CPU time of a page's main thread, frame by frame: unlike wall time it does not grow when the machine is busy."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import Any

CATEGORIES = ["toplevel", "devtools.timeline", "blink.user_timing"]
_TASK = "ThreadControllerImpl::RunTask"
_FRAME = "FireAnimationFrame"
_BEGAN, _PAINTED = "bench began", "bench painted"  # as page.js marks them


def frame_ms(trace: bytes) -> list[float]:
    """CPU milliseconds of each frame: of the task that runs its callbacks, lays it out and records its paint.

    Parameters
    ----------
    trace
        What Chromium recorded with `CATEGORIES`.
    """
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    callbacks = sorted((e["ts"], e["pid"], e["tid"]) for e in events if e["name"] == _FRAME)
    if not callbacks:
        return []
    main = callbacks[-1][1:]
    starts = [ts for ts, *thread in callbacks if tuple(thread) == main]
    tasks = sorted(
        (e["ts"], e["ts"] + e["dur"], e["tdur"])
        for e in events
        if e["name"] == _TASK and (e["pid"], e["tid"]) == main and "tdur" in e
    )
    spent: list[float] = []
    until = float("-inf")
    for begin, end, cpu_us in tasks:
        if begin < until:  # inside of the one before
            continue
        until = end
        if bisect_left(starts, begin) < bisect_left(starts, end):
            spent.append(cpu_us / 1000)
    return spent


def until_painted_ms(trace: bytes) -> float:
    """CPU milliseconds of the main thread from what a reader did until it was painted, as the page marks both.

    Parameters
    ----------
    trace
        What Chromium recorded with `CATEGORIES`.
    """
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    began, painted = (next(e for e in events if e["name"] == name) for name in (_BEGAN, _PAINTED))
    tasks = sorted(
        (e["ts"], e["ts"] + e["dur"], e["tdur"])
        for e in events
        if e["name"] == _TASK and (e["pid"], e["tid"]) == (began["pid"], began["tid"]) and "tdur" in e
    )
    spent = 0.0
    until = float("-inf")
    for begin, end, cpu_us in tasks:
        if begin < until or end < began["ts"] or begin > painted["ts"]:  # inside of the one before, before or after
            continue
        until = end
        spent += cpu_us / 1000
    return spent
