"""Hypothesis strategies for arbitrary traces, as event dictionaries for `xpubreak.trace.kineto.from_dicts`.

Times are whole nanoseconds written as microseconds with three decimals, as Kineto writes them.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Event = dict[str, Any]

HOST_CATEGORIES = ("cpu_op", "user_annotation", "xpu_runtime", "xpu_driver", "python_function")
DEVICE_CATEGORIES = ("kernel", "gpu_memcpy", "gpu_memset")
SILENT_CATEGORIES = ("gpu_user_annotation", "overhead", "collective_comm", "xpu_sync", "Trace", "never_heard_of")

PLAIN_NAMES = (
    "aten::linear",
    "aten::mm",
    "aten::fill_",
    "aten::_to_cpu",
    "_C::rms_norm",
    "_xpu_C::fp8_gemm_w8a16",
    "vllm::unified_attention_with_output",
    "execute_context_1(5)_generation_0(0)",
    "execute_context_0(0)_generation_4(4)",
    "xpb:model.layers.0.mlp:Qwen3MLP",
    "xpb:model.layers.1.self_attn:Qwen3Attention",
    "nn.Module: Qwen3DecoderLayer_0",
    "## Call CompiledFxGraph fabc ##",
    "urEnqueueKernelLaunch",
    "zeCommandListAppendLaunchKernel",
    "gemm_kernel",
    "triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_0",
    "_ZTSN6compat12experimental6detail13KernelFunctorIXad",
    "oneccl_allreduce_pcie<bfloat16>",
    "Memcpy D2H (DEVICE -> HOST)",
    "metrics: gemm_kernel",
)
HOSTILE_NAMES = (
    "",
    " ",
    "<img src=x onerror=alert(1)>",
    "](javascript:alert(1))",
    "__proto__",
    "\u0000\u202e\u2028\ufeff",
    '"\\',
    "a;b;c",
    "=1+1",
    "nan",
    "x" * 5000,
    "_Z" + "N" * 300,
    "<" * 300,
)

# Few values, so that ids meet and events touch.
_SMALL_NS = st.integers(0, 40) | st.integers(0, 5_000)
_IDS = st.integers(0, 12) | st.sampled_from([-1, 2**31, 2**63 - 1])
_PROCESSES = st.sampled_from([1, 2, -1, 0, "1", "Spans", "", 10**12])


_ABSURD: tuple[tuple[str, Any], ...] = (
    ("dur", -1.0),
    ("dur", None),
    ("dur", "12"),
    ("dur", 1e300),
    ("ts", None),
    ("ts", "NaN"),
    ("ts", -5.25),
    ("name", None),
    ("name", 7),
    ("cat", None),
    ("ph", "Q"),
    ("ph", None),
    ("ph", "B"),
    ("args", None),
    ("args", []),
    ("args", {"correlation": "7", "External id": 1.5, "bytes": None}),
    ("args", {"correlation": {}, "Input Dims": {"a": 1}}),
    ("pid", None),
    ("tid", [1]),
)


def names() -> st.SearchStrategy[str]:
    """Names as traces have them, now and then a hostile one or any text at all."""
    # No lone surrogates: they cannot stand in a file of UTF-8.
    any_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
    return st.sampled_from(PLAIN_NAMES) | st.sampled_from(HOSTILE_NAMES) | any_text


def microseconds(nanoseconds: int) -> float:
    """As Kineto writes them."""
    return nanoseconds / 1000


def _bar(category: str, start_ns: int, dur_ns: int, pid: Any, tid: Any, details: tuple[Any, ...]) -> Event:
    name, correlation, external_id, n_bytes, dims, backend = details
    args: Event = {}
    if correlation is not None:
        args["correlation"] = correlation
    if external_id is not None:
        args["External id"] = external_id
    if category in ("gpu_memcpy", "gpu_memset"):
        args["bytes"] = n_bytes
    if category == "cpu_op" and dims is not None:
        args["Input Dims"] = dims
        args["kernel_backend"] = backend
    start, dur = microseconds(start_ns), microseconds(dur_ns)
    return {"ph": "X", "cat": category, "name": name, "pid": pid, "tid": tid, "ts": start, "dur": dur, "args": args}


_DETAILS = st.tuples(
    names(),
    st.none() | _IDS,
    st.none() | _IDS,
    st.integers(0, 1 << 33),
    st.sampled_from([None, [], [[4, 8], [8, 2]], [[[1, 2]], []]]),
    st.sampled_from(["triton", "", "cutlass"]),
)


def nested_spans(*, pid: Any = 1, tid: Any = 1, max_spans: int = 12) -> st.SearchStrategy[list[Event]]:
    """Host spans of one thread in which every two either nest or do not overlap; some are instants."""
    # A span begins some time after the last one began or, having closed a few, ended; it ends within what encloses it.
    moves = st.tuples(
        st.integers(0, 3), st.integers(0, 30), st.integers(0, 400), st.sampled_from(HOST_CATEGORIES[:4]), _DETAILS
    )

    def build(plan: list[tuple[int, int, int, str, tuple[Any, ...]]]) -> list[Event]:
        events: list[Event] = []
        open_ends = [1 << 40]
        at = 0
        for close, gap_ns, dur_ns, category, details in plan:
            for _ in range(min(close, len(open_ends) - 1)):
                at = max(at, open_ends.pop())
            start_ns = min(at + gap_ns, open_ends[-1])
            end_ns = min(start_ns + dur_ns, open_ends[-1])
            events.append(_bar(category, start_ns, end_ns - start_ns, pid, tid, details))
            open_ends.append(end_ns)
            at = start_ns
        return events

    return st.lists(moves, max_size=max_spans).map(build)


def overlapping_spans(*, pid: Any = 1, tid: Any = 1, max_spans: int = 12) -> st.SearchStrategy[list[Event]]:
    """Host spans of one thread that begin and end anyhow."""
    bars = st.builds(_bar, st.sampled_from(HOST_CATEGORIES), _SMALL_NS, _SMALL_NS, st.just(pid), st.just(tid), _DETAILS)
    return st.lists(bars, max_size=max_spans)


def activities(*, max_activities: int = 12) -> st.SearchStrategy[list[Event]]:
    """Device activities on several devices and queues; they overlap, repeat ids, belong to nothing."""
    devices, queues = st.integers(0, 1), st.sampled_from([0, 64, 70])
    bars = st.builds(_bar, st.sampled_from(DEVICE_CATEGORIES), _SMALL_NS, _SMALL_NS, devices, queues, _DETAILS)
    return st.lists(bars, max_size=max_activities)


def traces() -> st.SearchStrategy[list[Event]]:
    """Whole traces: several threads, queues, silent categories, odd ids, duplicates, any order.

    Every event is complete and readable; what a reader must repair or leave out is in `damaged`.
    """
    odd = st.builds(
        _bar,
        st.sampled_from(SILENT_CATEGORIES + HOST_CATEGORIES),
        _SMALL_NS,
        _SMALL_NS,
        _PROCESSES,
        _PROCESSES,
        _DETAILS,
    )
    threads = st.tuples(nested_spans(tid=1), overlapping_spans(tid=2), nested_spans(tid=3, max_spans=4))
    parts = st.tuples(
        threads, activities(), st.lists(odd, max_size=3), st.integers(0, 2), st.randoms(use_true_random=False)
    )

    def build(drawn: tuple[Any, ...]) -> list[Event]:
        spans, device_events, odd_events, duplicates, order = drawn
        events: list[Event] = [*(event for one in spans for event in one), *device_events, *odd_events]
        events += [dict(event) for event in events[:duplicates]]
        flows = [
            {"ph": "s", "cat": "ac2g", "name": "ac2g", "id": event["args"].get("correlation", 0)}
            | {key: event[key] for key in ("pid", "tid", "ts")}
            for event in events
            if event["cat"] == "xpu_runtime"
        ]
        events += flows
        order.shuffle(events)
        return events

    return parts.map(build)


def damaged() -> st.SearchStrategy[list[Event]]:
    """Traces in which some events lack fields or have absurd ones; JSON all the same."""
    fields = st.sampled_from(["dur", "ts", "name", "cat", "pid", "tid", "args", "ph"])
    blows = st.lists(st.tuples(st.integers(0, 60), st.sampled_from(_ABSURD) | fields.map(lambda field: (field,))))

    def build(drawn: tuple[list[Event], list[tuple[int, tuple[Any, ...]]]]) -> list[Event]:
        events = [dict(event) for event in drawn[0]]
        for index, (field, *value) in drawn[1]:
            if index < len(events):
                events[index].pop(field, None)
                if value:
                    events[index][field] = value[0]
        return events

    return st.tuples(traces(), blows).map(build)
