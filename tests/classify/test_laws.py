"""Laws of classification, on traces that hypothesis makes up."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.classify.situations import Line, look, traced
from xpubreak.classify.backend import NO_ROLE, Confidence, Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.classify.engine import classify

OPERATORS = st.sampled_from(
    ["aten::mm", "aten::view", "aten::_to_cpu", "aten::to", "_C::rms_norm", "_xpu_C::fp8_gemm", "vllm::moe_forward",
     "c10d::allreduce_", "mine::op", "torch_ipex::linear", "record_param_comms", "detach_", "aten::", "::", ""]
)  # fmt: skip
KERNELS = st.sampled_from(
    ["gemm_kernel", "vllm::rms_norm_kernel<float>", "at::native::xpu::FillFunctor", "_rms_norm_kernel", "oneccl_x",
     "cute::MhaName<XeFMHAFwdKernel>", "_ZTSN4vllm3fooE", "_ZTS", "a::b<c>", "<img onerror=1>", "](javascript:1)", ""]
) | st.text(max_size=30)  # fmt: skip
CALLS = st.sampled_from(
    ["urEnqueueKernelLaunch", "urEventWait", "urEnqueueCommandBufferExp", "urEnqueueUSMMemcpy", "?"]
)


@st.composite
def traces(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Kineto events: nested spans on one thread, launches in some of them, kernels anywhere."""
    events: list[dict[str, Any]] = []
    runtime = draw(st.sampled_from(["xpu_runtime", "cuda_runtime", "hip_runtime"]))

    def add(category: str, name: str, start: int, end: int, **args: Any) -> None:
        event = {"ph": "X", "cat": category, "name": name, "pid": 1, "tid": 1, "ts": start, "dur": end - start}
        events.append({**event, "args": args})

    def fill(start: int, end: int) -> None:
        if end - start < 4:
            return
        kind = draw(st.sampled_from(["operator", "scope", "call", "nothing"]))
        middle = draw(st.integers(start + 1, end - 1))
        if kind == "operator":
            hint = {"kernel_backend": "triton"} if draw(st.booleans()) else {}
            add("cpu_op", draw(OPERATORS), start, end, **hint)
        elif kind == "scope":
            add("user_annotation", draw(st.sampled_from(["step", "## Call CompiledFxGraph x ##"])), start, end)
        elif kind == "call":
            add(runtime, draw(CALLS), start, end, correlation=draw(st.integers(1, 6)))
            return
        fill(start + 1, middle)
        fill(middle, end - 1)

    fill(0, 100)
    for number in range(draw(st.integers(0, 5))):
        linked = {"correlation": draw(st.integers(1, 8))} if draw(st.booleans()) else {}
        category = draw(st.sampled_from(["kernel", "kernel", "gpu_memcpy", "gpu_memset"]))
        event = {"ph": "X", "cat": category, "name": draw(KERNELS), "pid": 0, "tid": 7, "ts": 200 + 10 * number}
        events.append({**event, "dur": draw(st.integers(0, 9)), "args": linked})
    return events


def lines(events: list[dict[str, Any]]) -> list[Line]:
    trace, context = traced(events)
    backends = classify(trace, context)
    return [look(trace, backends, row) for row in [*context.host_rows.tolist(), *context.activity.tolist()]]


@given(traces())
@settings(max_examples=50, deadline=None)
def test_every_activity_and_span_has_a_role_a_category_and_evidence(events: list[dict[str, Any]]) -> None:
    trace, context = traced(events)
    backends = classify(trace, context)
    covered = trace.events.is_activity | trace.events.is_span
    assert ((backends.role != NO_ROLE) == covered).all()
    assert ((backends.evidence >= 0) == covered).all()
    assert set(backends.role[covered].tolist()) <= set(Role)
    assert set(backends.confidence[covered].tolist()) <= set(Confidence)
    assert (backends.category[covered] < len(CATEGORIES)).all()
    unattributed = covered & (backends.role == Role.UNATTRIBUTED)
    assert (unattributed == (covered & (backends.confidence == Confidence.NONE))).all()
    assert len(set(backends.evidences)) == len(backends.evidences)
    assert set(backends.evidence[covered].tolist()) == set(range(len(backends.evidences)))


@given(traces(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_file_does_not_matter(events: list[dict[str, Any]], random: Any) -> None:
    shuffled = [*events]
    random.shuffle(shuffled)
    starts = Counter((event["tid"], event["ts"], event["dur"]) for event in events)
    correlated = Counter(event["args"].get("correlation") for event in events if event["cat"].endswith("_runtime"))
    if max(starts.values(), default=1) > 1 or max(correlated.values(), default=1) > 1:
        return  # there the file's order is the only thing that says what lies in what
    assert Counter(map(repr, lines(events))) == Counter(map(repr, lines(shuffled)))


@given(traces())
@settings(max_examples=50, deadline=None)
def test_an_operator_seen_twice_is_classified_the_same_twice(events: list[dict[str, Any]]) -> None:
    later = [dict(event, ts=event["ts"] + 1000, args=dict(event["args"])) for event in events]
    for event in later:
        if "correlation" in event["args"]:
            event["args"]["correlation"] += 100
    once, twice = Counter(map(repr, lines(events))), Counter(map(repr, lines(events + later)))
    assert twice == Counter({line: 2 * count for line, count in once.items()})


@given(traces(), st.sampled_from(["elsewhere_kernel", "vllm::elsewhere<int>", "at::native::elsewhere"]))
@settings(max_examples=50, deadline=None)
def test_an_unlinked_kernel_changes_nothing_else(events: list[dict[str, Any]], name: str) -> None:
    if not any(event["cat"] in ("kernel", "gpu_memcpy", "gpu_memset") for event in events):
        return  # the first kernel would turn a CPU target into a device
    extra = {"ph": "X", "cat": "kernel", "name": name, "pid": 0, "tid": 9, "ts": 500, "dur": 5, "args": {}}
    before, after = Counter(map(repr, lines(events))), Counter(map(repr, lines([*events, extra])))
    added = after - before
    assert (sum(added.values()), before - after) == (1, Counter())
    assert name in next(iter(added))


def test_columns_are_read_only_and_typed() -> None:
    trace, context = traced([])
    backends = classify(trace, context)
    dtypes = {field.name: getattr(backends, field.name) for field in dataclasses.fields(backends)}
    assert [dtypes[name].dtype for name in ("role", "category", "confidence", "evidence")] == [
        np.uint8,
        np.uint8,
        np.uint8,
        np.int32,
    ]
    assert not any(dtypes[name].flags.writeable for name in ("role", "category", "confidence", "evidence"))


def test_a_name_of_megabytes_is_cut_and_classified() -> None:
    event = {"ph": "X", "cat": "kernel", "name": "x" * 3_000_000, "pid": 0, "tid": 7, "ts": 0, "dur": 5, "args": {}}
    (line,) = lines([event])
    assert len(line.key) <= 4096
