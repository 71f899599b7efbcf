"""Launch links: correlation first, runtime before driver, External id only as a fallback."""

from __future__ import annotations

from typing import Any

from xpubreak.trace import kineto
from xpubreak.trace.trace import Trace
from xpubreak.tree.launches import Launches, Link, link
from xpubreak.tree.nest import nest


def event(name: str, start: float, end: float, cat: str, tid: int = 1, **args: Any) -> dict[str, Any]:
    pid = 0 if cat in ("kernel", "gpu_memcpy") else 1
    return {"ph": "X", "cat": cat, "name": name, "pid": pid, "tid": tid, "ts": start, "dur": end - start, "args": args}


def op(name: str, start: float, end: float, **args: Any) -> dict[str, Any]:
    return event(name, start, end, "cpu_op", **args)


def call(name: str, start: float, correlation: int, cat: str = "xpu_runtime", tid: int = 1) -> dict[str, Any]:
    return event(name, start, start + 1, cat, tid, correlation=correlation)


def kernel(name: str, start: float, **args: Any) -> dict[str, Any]:
    return event(name, start, start + 5, "kernel", 7, **args)


def linked(*events: dict[str, Any]) -> tuple[Trace, Launches]:
    trace = kineto.from_dicts(events)
    return trace, link(trace, nest(trace.events, trace.spans))


def described(trace: Trace, launches: Launches) -> list[str]:
    def name(row: int) -> str:
        return trace.name(row) if row >= 0 else "–"

    return [
        f"{name(activity)} ← {name(launch)} ← {name(span)} ({Link(how).name.lower()})"
        for activity, launch, span, how in zip(
            launches.activity.tolist(), launches.launch.tolist(), launches.span.tolist(), launches.link, strict=True
        )
    ]


def test_the_runtime_call_comes_before_the_driver_call_of_the_same_id() -> None:
    pair = linked(
        op("aten::mm", 0, 9),
        call("zeCommandListAppendLaunchKernel", 2.2, 5, "xpu_driver"),
        call("urEnqueueKernelLaunch", 2, 5),
        kernel("gemm_kernel", 20, correlation=5),
    )
    assert described(*pair) == ["gemm_kernel ← urEnqueueKernelLaunch ← aten::mm (runtime)"]


def test_the_driver_call_where_there_is_no_runtime_call() -> None:
    pair = linked(call("cuLaunchKernelEx", 2, 5, "cuda_driver"), kernel("k", 20, correlation=5))
    assert described(*pair) == ["k ← cuLaunchKernelEx ← – (driver)"]


def test_external_id_is_a_fallback_and_recorded_as_such() -> None:
    pair = linked(op("aten::mm", 0, 9, **{"External id": 3}), kernel("k", 20, **{"External id": 3}))
    assert described(*pair) == ["k ← – ← aten::mm (external_id)"]
    # With a launch, External id has no say: under torch.compile it names plumbing.
    pair = linked(
        op("CompiledRegion", 0, 1, **{"External id": 3}),
        op("aten::mm", 2, 9),
        call("urEnqueueKernelLaunch", 3, 4),
        kernel("k", 20, correlation=4, **{"External id": 3}),
    )
    assert described(*pair) == ["k ← urEnqueueKernelLaunch ← aten::mm (runtime)"]


def test_external_id_zero_means_none() -> None:
    pair = linked(op("aten::mm", 0, 9, **{"External id": 0}), kernel("k", 20, **{"External id": 0}))
    assert described(*pair) == ["k ← – ← – (none)"]


def test_the_operator_is_the_innermost_one_and_annotations_are_no_operators() -> None:
    trace, launches = linked(
        op("aten::linear", 0, 20),
        op("aten::mm", 1, 15),
        event("scope", 2, 12, "user_annotation"),
        call("urEnqueueKernelLaunch", 3, 5),
        kernel("k", 30, correlation=5),
    )
    assert trace.name(launches.op[0]) == "aten::mm"
    assert trace.name(launches.span[0]) == "scope"


def test_reused_correlation_ids_take_the_last_launch_before_and_say_so() -> None:
    pair = linked(
        op("first", 0, 9),
        op("second", 100, 109),
        call("urEnqueueKernelLaunch", 1, 5),
        call("urEnqueueKernelLaunch", 101, 5),
        kernel("k", 20, correlation=5),
        kernel("k", 120, correlation=5),
    )
    assert [line.split(" ← ")[2] for line in described(*pair)] == ["first (runtime)", "second (runtime)"]
    assert [(issue.code, issue.count) for issue in pair[1].issues] == [("duplicate-correlation", 2)]


def test_several_kernels_of_one_launch_are_a_graph_replay() -> None:
    _, launches = linked(
        call("mystery", 1, 5),
        kernel("a", 20, correlation=5),
        kernel("b", 30, correlation=5),
        call("urEnqueueKernelLaunch", 3, 6),
        kernel("c", 40, correlation=6),
        call("cudaGraphLaunch", 5, 7, "cuda_runtime"),
        kernel("d", 50, correlation=7),
    )
    assert launches.is_graph.tolist() == [1, 1, 0, 1]


def test_activities_before_their_launch_are_a_skewed_clock() -> None:
    _, launches = linked(call("urEnqueueKernelLaunch", 50, 5), kernel("k", 20, correlation=5))
    assert [issue.code for issue in launches.issues] == ["clock-skew"]
    assert launches.link.tolist() == [Link.RUNTIME]
