"""A trace for Perfetto: nothing is dropped, every time is exact, and xb.load reads it again."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xpubreak as xb
from tests.drawing import draw
from tests.strategies import traces
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.sidebyside import side_by_side
from xpubreak.trace import kineto

SAMPLES = ("h200-vllm-compiled", "h200-torch-graph", "cpu-vllm-eager")


def written(bd: Breakdown, folder: Path) -> dict[str, Any]:
    path = bd.to_perfetto(folder / "p.json", redact=False)
    found: dict[str, Any] = json.loads(path.read_text(), parse_float=Decimal)
    return found


def tracks(document: dict[str, Any]) -> dict[tuple[int, int], list[tuple[Decimal, Decimal]]]:
    found: dict[tuple[int, int], list[tuple[Decimal, Decimal]]] = {}
    for event in document["traceEvents"]:
        if event["ph"] == "X":
            found.setdefault((event["pid"], event["tid"]), []).append((event["ts"], event["ts"] + event["dur"]))
    return found


def assert_nested(document: dict[str, Any]) -> None:
    """What Perfetto asks for: on a track, two slices either nest or do not overlap."""
    for spans in tracks(document).values():
        open_ends: list[Decimal] = []
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            while open_ends and open_ends[-1] <= start:
                open_ends.pop()
            assert not open_ends or end <= open_ends[-1]
            open_ends.append(end)


def test_what_overlaps_lies_beside(tmp_path: Path) -> None:
    bd = xb.load(
        kineto.from_dicts(
            draw("""
            host 1  | aten::a-------- aten::d--
                    |      aten::b------
            queue 0 | k1========
                    |      k2========
                    |         k3========
            """)
        )
    )
    document = written(bd, tmp_path)
    assert_nested(document)
    names = {
        (event["pid"], event["tid"]): event["args"]["name"]
        for event in document["traceEvents"]
        if event["name"] == "thread_name"
    }
    assert sorted(names.values()) == [
        "stream 0", "stream 0 (overlapping 1)", "stream 0 (overlapping 2)", "thread 1", "thread 1 (overlapping 1)",
    ]  # fmt: skip
    assert sum(len(spans) for spans in tracks(document).values()) == 6


@pytest.mark.parametrize("name", SAMPLES)
def test_read_again_it_is_the_same(name: str, tmp_path: Path) -> None:
    bd = xb.load(xb.samples.path(name))
    again = xb.load(bd.to_perfetto(tmp_path / "p.json.gz", redact=False))
    assert again.device == bd.device
    assert again.totals.device_ns == bd.totals.device_ns
    assert again.totals.host_ns == bd.totals.host_ns
    assert again.layer_count == bd.layer_count
    columns = ["device_ns", "host_ns", "count"]
    mine, yours = (found.by("backend").set_index("backend")[columns].sort_index() for found in (again, bd))
    assert mine.equals(yours)
    assert again.coverage.linked_ns == bd.coverage.linked_ns


@given(traces())
@settings(max_examples=25)
def test_sums_are_exact_whatever_the_trace(entries: list[dict[str, Any]]) -> None:
    from tempfile import TemporaryDirectory

    bd = xb.load(kineto.from_dicts(entries))
    with TemporaryDirectory() as folder:
        document = written(bd, Path(folder))
        assert_nested(document)
        again = xb.load(Path(folder) / "p.json")
    assert again.totals.device_ns == bd.totals.device_ns
    shown = [event for event in document["traceEvents"] if event["ph"] == "X"]
    assert len(shown) == len(bd)
    assert sum(int(event["dur"] * 1000) for event in shown) == int(bd.rows.total_ns.sum())


def test_labels_and_flows(tmp_path: Path) -> None:
    bd = xb.load(xb.samples.path("h200-vllm-compiled"))
    events = written(bd, tmp_path)["traceEvents"]
    kernel = next(event for event in events if event.get("cat") == "kernel" and event["args"].get("layer") == 2)
    assert set(kernel["args"]) >= {
        "backend",
        "role",
        "category",
        "confidence",
        "rule",
        "phase",
        "step",
        "layer",
        "stream",
    }
    assert kernel["args"]["backend"] in {"torch-cuda-ops", "triton"}
    starts, ends = ({e["id"] for e in events if e["ph"] == mark} for mark in "sf")
    assert starts == ends
    assert len([e for e in events if e["ph"] == "f"]) == int((bd.rows.launch >= 0).sum())
    calls = {
        (e["pid"], e["tid"], e["ts"]) for e in events if e["ph"] == "X" and e["cat"].endswith(("runtime", "driver"))
    }
    assert all((e["pid"], e["tid"], e["ts"]) in calls for e in events if e["ph"] == "s")


def test_ranks_are_processes_of_their_own(tmp_path: Path) -> None:
    bd = xb.load([xb.samples.path("cpu-vllm-eager"), xb.samples.path("cpu-vllm-compiled")])
    events = written(bd, tmp_path)["traceEvents"]
    names = {event["args"]["name"] for event in events if event["name"] == "process_name"}
    assert {name.split(" · ")[0] for name in names} == {"rank 0", "rank 1"}


def test_a_synthetic_trace_says_so(tmp_path: Path) -> None:
    from xpubreak.samples.synthetic import synthesize

    bd = xb.load(synthesize(layers=2, decode_steps=2).save(tmp_path / "t.json"))
    path = bd.to_perfetto(tmp_path / "p.json.gz")
    assert json.loads(gzip.decompress(path.read_bytes()))["xpubreak_synthetic"] is True
    again = xb.load(path)
    assert again.metadata.synthetic
    assert again.device == "xpu"


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=40))
def test_side_by_side_is_the_track_itself_where_everything_nests(spans: list[tuple[int, int]]) -> None:
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
    start, dur = (np.array([span[i] for span in ordered], dtype=np.int64) for i in range(2))
    place = side_by_side(start, dur)
    assert len(place) == len(spans)
    for track in np.unique(place):
        open_ends: list[int] = []
        for begin, length in zip(start[place == track].tolist(), dur[place == track].tolist(), strict=True):
            while open_ends and open_ends[-1] <= begin:
                open_ends.pop()
            assert not open_ends or begin + length <= open_ends[-1]
            open_ends.append(begin + length)
