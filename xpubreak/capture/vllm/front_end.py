"""Put the events of a front end's trace into the trace of a worker, as further host tracks."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from typing import Any

from xpubreak.capture.trace_folder import open_trace
from xpubreak.errors import Issue

_SPANS = {"cpu_op", "user_annotation", "python_function"}
_OPENING = re.compile(rb'"traceEvents"\s*:\s*\[')
_BASE = re.compile(rb'"baseTimeNanoseconds"\s*:\s*(\d+)')
_CHUNK_BYTES = 1 << 20
MERGED = Issue("front-end", "info", "What the front end recorded of itself is beside rank 0, as further host tracks.")
# They would tie the front end's operators to the worker's kernels of the same number.
_TIES = ("External id", "correlation", "Ev Idx")


def front_end_events(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Events of a front end's trace with the base of their times in ns; none where it holds nothing but names."""
    with open_trace(path) as file:
        content = json.loads(file.read().decode("utf-8", "replace"), strict=False)
    events = content.get("traceEvents") if isinstance(content, dict) else None
    found = [event for event in events or () if isinstance(event, dict)]
    if not any(event.get("cat") in _SPANS for event in found):
        return [], 0
    base = content.get("baseTimeNanoseconds", 0)
    return found, base if isinstance(base, int) else 0


def merge(worker: Path, front_ends: list[Path], target: Path) -> bool:
    """Write a worker's trace with the events of front ends in it.

    Parameters
    ----------
    worker, front_ends
        Traces, compressed or not; damaged front ends are left out.
    target
        Where to write, uncompressed.

    Returns
    -------
    bool
        Whether there was anything to put in; nothing is written otherwise.
    """
    found = []
    for path in front_ends:
        try:
            events, base_ns = front_end_events(path)
        except (OSError, ValueError, EOFError, zlib.error):
            continue
        found.append((events, base_ns))
    if not any(events for events, _ in found):
        return False
    worker_base_ns = _base_of(worker)
    text = b"".join(_moved(events, base_ns - worker_base_ns) for events, base_ns in found)
    with open_trace(worker) as source, target.open("wb") as out:
        head = b""
        opening = None
        while opening is None and (chunk := source.read(_CHUNK_BYTES)):
            head += chunk
            opening = _OPENING.search(head)
        end = opening.end() if opening else len(head)
        out.write(head[:end] + (text if opening else b"") + head[end:])
        while chunk := source.read(_CHUNK_BYTES):
            out.write(chunk)
    return opening is not None


def _moved(events: list[dict[str, Any]], shift_ns: int) -> bytes:
    lines = []
    for event in events:
        moved = dict(event)
        if isinstance(moved.get("ts"), int | float):
            moved["ts"] = moved["ts"] + shift_ns / 1000
        if isinstance(moved.get("args"), dict):
            moved["args"] = {name: value for name, value in moved["args"].items() if name not in _TIES}
        lines.append(json.dumps(moved).encode() + b",\n")
    return b"".join(lines)


def _base_of(path: Path) -> int:
    """The base stands before or behind the events."""
    with open_trace(path) as file:
        before = b""
        while chunk := file.read(_CHUNK_BYTES):
            match = _BASE.search(before + chunk)
            if match:
                return int(match[1])
            before = chunk[-64:]
    return 0
