"""What the browser adds up is what pandas adds up: a breakdown, selections of it, and the sums of each.

The fixture is read by ``js/test/fixture.test.ts``. Write it anew with ``XPUBREAK_WRITE_FIXTURES=1``.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xpubreak as xb
from xpubreak.view.eventwire import encode_events
from xpubreak.view.wire import Packet, encode

FIXTURES = Path(__file__).parents[2] / "js" / "test" / "fixtures"
SAMPLES = {"h200-torch-graph": "device", "cpu-vllm-compiled": "host"}
SELECTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"backend": ["torch"]},
    {"backend": ["vllm", "framework"], "layer": [0, 2, 5]},
    {"phase": ["decode"]},
    {"phase": [""]},
    {"category": ["gemm", "attention"], "position": ["layer"]},
    {"text": ["norm"]},
    {"text": ["/mm$|copy_/"]},
    {"step": [1, 2], "confidence": ["certain", "strong"]},
    {"node": [4, 5, 6, 7, 8, 9]},
    {"duration_ns": [[2_000, 20_000]]},
    {"duration_ns": [[0, 1_000], [50_000, 2**53 - 1]], "backend": ["torch"]},
    {"row": [3, 5, 8, 13]},
    {"op": ["aten::mm", ""]},
)


def packed(packet: Packet) -> dict[str, Any]:
    meta = {name: value for name, value in packet.meta.items() if name != "roofline"}  # hands numbers to Bokeh only
    return {"meta": meta, "columns": base64.b64encode(packet.blob).decode()}


def middle_of(bd: xb.Breakdown) -> dict[str, Any]:
    start_ns = np.sort(bd.timeline.start_ns)
    return {"time_ns": [[int(start_ns[len(start_ns) // 3]), int(start_ns[len(start_ns) // 2])]]}


def expected(bd: xb.Breakdown, clauses: dict[str, Any], weight: str) -> dict[str, Any]:
    """Sums by pandas: by backend, by layer, by kernel or operator, and how many calls."""
    part = bd.select(clauses)
    column = f"{weight}_ns"
    kept = part.by("backend")
    rows = part.rows
    counted = rows.is_activity if weight == "device" else ~rows.is_activity
    names = part.by("name" if weight == "host" else "kernel")
    names = names[names[column] > 0]
    return {
        "clauses": part.selection.to_json(),
        "backend": {name: int(ns) for name, ns in zip(kept["backend"], kept[column], strict=True) if ns},
        "layer": {
            str(layer): int(ns)
            for layer, ns in zip(*(part.by("layer")[name] for name in ("layer", column)), strict=True)
            if ns
        },
        "stack": stack_of(part, column),
        "total_ns": int(getattr(part.totals, column)),
        "count": int(counted.sum()),
        "distinct": len(names) if weight == "device" else None,
    }


def stack_of(part: xb.Breakdown, column: str) -> list[list[Any]]:
    """Frames of three levels: backend, category, then the operator, or the kernel or span that has none."""
    sums: dict[tuple[str, str, str], int] = {}
    leaf = "span" if column == "host_ns" else "kernel"
    for row in part.by("backend", "category", "op", leaf).itertuples():
        frame = (row.backend, row.category, row.op or getattr(row, leaf))
        sums[frame] = sums.get(frame, 0) + int(getattr(row, column))
    return [[*frame, ns] for frame, ns in sorted(sums.items()) if ns]


class Calls:
    """Inclusive sums of every call path, added up along the call tree; paths are numbered as they are met."""

    def __init__(self) -> None:
        self.paths: dict[tuple[str, ...], int] = {}

    def of(self, part: xb.Breakdown, column: str) -> list[list[int]]:
        rows, tree, strings = part.rows, part.tables.tree, part.tables.strings
        sums: dict[int, int] = {}
        ns_of = (rows.device_ns if column == "device_ns" else rows.host_ns).tolist()
        for ns, node, display, is_activity in zip(
            ns_of, rows.node.tolist(), rows.display.tolist(), rows.is_activity.tolist(), strict=True
        ):
            labels = [strings.text(display)] if is_activity or node < 0 else [strings.text(tree.name[node])]
            above = tree.parent[node] if node >= 0 else -1
            while above >= 0:
                labels.append(strings.text(tree.name[above]))
                above = tree.parent[above]
            for depth in range(1, len(labels) + 1) if ns else ():
                path = self.paths.setdefault(tuple(labels[-depth:][::-1]), len(self.paths))
                sums[path] = sums.get(path, 0) + ns
        return [[path, ns] for path, ns in sorted(sums.items())]


def made(name: str, weight: str) -> dict[str, Any]:
    bd = xb.load(xb.samples.path(name))
    assert bd.weight == weight
    chosen = [*SELECTIONS, middle_of(bd)]
    calls = Calls()
    column = f"{weight}_ns"
    selections = [
        {**expected(bd, clauses, weight), "calls": calls.of(bd.select(clauses), column)} for clauses in chosen
    ]
    return {
        "facts": packed(encode(bd)),
        "events": packed(encode_events(bd)),
        "paths": [list(path) for path in calls.paths],
        "selections": selections,
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_fixture_is_fresh(name: str) -> None:
    path = FIXTURES / f"{name}.json"
    fixture = json.loads(json.dumps(made(name, SAMPLES[name])))
    if os.environ.get("XPUBREAK_WRITE_FIXTURES"):
        path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n", encoding="utf-8")
    assert fixture == json.loads(path.read_text(encoding="utf-8"))


def test_selections_tell_something() -> None:
    """A selection that keeps all or nothing of every sample would prove little."""
    fixtures = [json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8")) for name in SAMPLES]
    for number in range(1, len(SELECTIONS)):
        parts = [fixture["selections"][number]["total_ns"] for fixture in fixtures]
        wholes = [fixture["selections"][0]["total_ns"] for fixture in fixtures]
        assert any(0 < part < whole for part, whole in zip(parts, wholes, strict=True)), SELECTIONS[number]
