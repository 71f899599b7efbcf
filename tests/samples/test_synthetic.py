"""Synthetic XPU traces: they look like Kineto's, and their truth is about what is in them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from xpubreak import samples
from xpubreak.samples.defects import is_activity
from xpubreak.samples.synthetic import MODES
from xpubreak.trace import kineto
from xpubreak.tree.launches import Link, link
from xpubreak.tree.nest import nest

KINDS = [
    {"mode": "eager"},
    {"mode": "compiled"},
    {"mode": "graph"},
    {"mode": "eager", "stacks": True, "module_spans": True, "mixed_steps": 1},
    {"mode": "eager", "moe": True, "tp": 2, "rank": 1},
    {"mode": "graph", "moe": True, "tp": 4},
]


def shape(trace: samples.SyntheticTrace) -> list[tuple[Any, ...]]:
    return [(a.name, a.layer, a.step) for a in trace.truth.activities]


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_is_about_the_activities_in_the_file(kind: dict[str, Any]) -> None:
    trace = samples.synthesize(**kind)
    recorded = [event for event in trace.events if is_activity(event)]
    assert [(e["name"], e["pid"], e["tid"], round(e["ts"] * 1000), round(e["dur"] * 1000)) for e in recorded] == [
        (a.name, a.device, a.queue, a.start_ns, a.dur_ns) for a in trace.truth.activities
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_reader_sees_the_same_activities_in_the_order_of_by_track(kind: dict[str, Any]) -> None:
    trace = samples.synthesize(**kind)
    read = kineto.read_bytes(trace.to_bytes())
    rows = read.activities
    origin_ns = read.metadata.start_time_ns - trace.document["baseTimeNanoseconds"]
    assert [
        (read.name(row), int(read.events.start_ns[row]) + origin_ns, int(read.events.dur_ns[row])) for row in rows
    ] == [(a.name, a.start_ns, a.dur_ns) for a in trace.truth.by_track()]
    assert read.metadata.device == "xpu"
    assert read.metadata.synthetic
    assert "synthetic" in read.metadata.device_name
    assert read.metadata.versions["vllm"] == "0.33.0"
    assert {issue.code for issue in read.issues} == {"timeless-events"}


@pytest.mark.parametrize("kind", KINDS)
def test_host_spans_nest_and_launches_lead_to_the_operator(kind: dict[str, Any]) -> None:
    trace = samples.synthesize(**kind)
    read = kineto.read_bytes(trace.to_bytes())
    nesting = nest(read.events, read.spans)
    assert (nesting.overlapping, nesting.clamped) == (0, 0)
    launches = link(read, nesting)
    assert not launches.issues
    assert set(launches.link.tolist()) == {Link.RUNTIME}
    found = [
        (read.name(op) if op >= 0 else "", "graph" if is_graph else "runtime")
        for op, is_graph in zip(launches.op.tolist(), launches.is_graph.tolist(), strict=True)
    ]
    assert found == [(a.op, a.link) for a in trace.truth.by_track()]


@pytest.mark.parametrize("mode", MODES)
def test_the_five_backends_are_all_there(mode: str) -> None:
    totals = samples.synthesize(mode=mode).truth.total_ns("role")
    whole = sum(totals.values())
    assert {role for (role,) in totals} == {"vllm", "torch", "triton", "cpu", "framework"}
    assert min(totals.values()) > 0.01 * whole


def test_queues_are_in_order_and_activities_follow_their_launch() -> None:
    trace = samples.synthesize(tp=2)
    calls = {e["args"]["correlation"]: e for e in trace.events if e.get("cat") == "xpu_runtime"}
    busy_until: dict[int, float] = {}
    for event in sorted((e for e in trace.events if is_activity(e)), key=lambda e: e["ts"]):
        assert event["ts"] >= busy_until.get(event["tid"], 0)
        busy_until[event["tid"]] = event["ts"] + event["dur"]
        assert event["ts"] > calls[event["args"]["correlation"]]["ts"]
    assert len(busy_until) == 3


def test_the_one_name_of_two_libraries() -> None:
    truth = samples.synthesize().truth
    gemms = {(a.role, a.op, a.told_by) for a in truth.activities if a.name == "gemm_kernel"}
    fp8 = {("vllm", f"_xpu_C::{op}", "op") for op in ("fp8_gemm", "fp8_gemm_w8a16")}
    assert gemms == {("torch", "aten::mm", "op"), *fp8}
    replayed = [a for a in samples.synthesize(mode="graph").truth.activities if a.link == "graph"]
    assert {a.told_by for a in replayed if a.name == "gemm_kernel"} == {"none"}
    assert {a.op for a in replayed} == {""}


def test_every_layer_has_its_attention_in_every_mode() -> None:
    for mode in MODES:
        truth = samples.synthesize(mode=mode, layers=3, decode_steps=2).truth
        for step in range(3):
            attended = [a.layer for a in truth.activities if a.step == step and a.category == "attention"]
            assert sorted(set(attended)) == [0, 1, 2]
        assert {a.position for a in truth.activities if a.category == "sampling"} == {"after"}
        assert {a.layer for a in truth.activities if a.position != "layer"} == {-1}


def test_a_graph_replays_what_is_compiled() -> None:
    assert shape(samples.synthesize(mode="graph")) == shape(samples.synthesize(mode="compiled"))


def test_steps_are_as_annotated() -> None:
    trace = samples.synthesize(prefill_steps=1, mixed_steps=1, decode_steps=1)
    names = ["execute_context_4(512)_generation_0(0)", "execute_context_1(128)_generation_4(4)"]
    names.append("execute_context_0(0)_generation_4(4)")
    assert [step.name for step in trace.truth.steps] == names
    assert [e["name"] for e in trace.events if e.get("cat") == "user_annotation"] == names
    assert [step.phase for step in trace.truth.steps] == ["prefill", "mixed", "decode"]
    assert {(a.step, a.phase) for a in trace.truth.activities} == {(0, "prefill"), (1, "mixed"), (2, "decode")}
    assert {a.in_annotation for a in trace.truth.activities if "LogprobsMode" in a.name} == {False}


def test_fallbacks_point_at_their_operator() -> None:
    trace = samples.synthesize(decode_steps=3)
    assert len(trace.truth.fallbacks) == 4
    for step, fallback in enumerate(trace.truth.fallbacks):
        event = trace.events[fallback.event]
        assert (event["name"], fallback.name, fallback.step) == ("aten::linalg_eig", "aten::linalg_eig", step)


def test_ranks_differ_by_waiting_only() -> None:
    ranks = [samples.synthesize(tp=2, rank=rank).truth for rank in (0, 1)]
    assert [a.name for a in ranks[0].activities] == [a.name for a in ranks[1].activities]
    collectives = [[a.dur_ns for a in truth.activities if a.role == "collectives"] for truth in ranks]
    # Without the wait for the slower rank, an all-reduce takes 27 µs in a decode step; prefill's first are longer.
    assert all(25_000 < min(pair) < 410_000 for pair in zip(*collectives, strict=True))
    assert any(abs(one - other) > 20_000 for one, other in zip(*collectives, strict=True))


def test_the_same_arguments_give_the_same_file(tmp_path: Path) -> None:
    one, other = samples.synthesize(seed=3, tp=2), samples.synthesize(seed=3, tp=2)
    assert one.to_bytes() == other.to_bytes()
    assert one.save(tmp_path / "a.json.gz").read_bytes() == other.save(tmp_path / "b.json.gz").read_bytes()
    assert samples.synthesize(seed=4, tp=2).to_bytes() != one.to_bytes()


def test_saving(tmp_path: Path) -> None:
    trace = samples.synthesize(layers=1, decode_steps=1)
    assert json.loads(trace.save(tmp_path / "a.json").read_bytes()) == trace.document
    assert json.loads(gzip.decompress(trace.save(tmp_path / "a.json.gz").read_bytes())) == trace.document
    assert len(kineto.read(samples.synthetic_xpu(tmp_path / "demo.json.gz")).activities) > 2500


def test_a_large_trace() -> None:
    trace = samples.synthesize(layers=32, decode_steps=20)
    assert len(trace.events) > 80_000


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"layers": 0}, "at least 1 layer"),
        ({"decode_steps": -1}, "no negative step"),
        ({"rank": 1}, "rank below it"),
        ({"mode": "lazy"}, "no mode 'lazy'"),
        ({"defects": ("unlink",)}, "did you mean unlinked"),
        ({"defects": "unlinked"}, "give a tuple"),
        ({"defects": ("graph-hides-kernels",)}, "needs mode='graph'"),
        ({"defects": ("truncated", "no-kernels")}, "leave out one"),
    ],
)
def test_what_cannot_be_made_is_refused(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(samples.SynthesisError, match=complaint):
        samples.synthesize(**arguments)
