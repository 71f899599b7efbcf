"""What a trace file adds up to, computed the slow and obvious way from its JSON text alone."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

ACTIVITIES = ("kernel", "gpu_memcpy", "gpu_memset")
SPANS = (
    "cpu_op",
    "user_annotation",
    *(f"{vendor}_{level}" for vendor in ("xpu", "cuda", "privateuse1") for level in ("runtime", "driver")),
    "hip_runtime",
)


def events(path: Path) -> list[dict[str, Any]]:
    """Complete events, numbers as exact decimals."""
    data = path.read_bytes()
    document = json.loads(
        gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data, parse_float=Decimal, parse_int=Decimal
    )
    return complete(document["traceEvents"] if isinstance(document, dict) else document)


def complete(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those with a start and a duration."""
    return [entry for entry in entries if entry.get("ph") == "X" and "ts" in entry]


def ns(value: Any) -> int:
    return int((Decimal(str(value)) * 1000).to_integral_value())


def device_ns(entries: list[dict[str, Any]]) -> int:
    """Plain sum of the durations of all device activities."""
    return sum(
        max(0, ns(entry.get("dur", 0)))
        for entry in entries
        if entry.get("cat") in ACTIVITIES and not str(entry.get("name")).startswith("metrics: ")
    )


def host_ns(entries: list[dict[str, Any]]) -> int:
    """Union of the spans of every thread, added up over threads."""
    threads: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for entry in entries:
        if entry.get("cat") in SPANS:
            start = ns(entry["ts"])
            key = (str(entry.get("pid")), str(entry.get("tid")))
            threads.setdefault(key, []).append((start, start + max(0, ns(entry.get("dur", 0)))))
    total = 0
    for spans in threads.values():
        covered = -(1 << 62)
        for start, end in sorted(spans):
            total += max(0, end - max(start, covered))
            covered = max(covered, end)
    return total
