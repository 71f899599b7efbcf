"""The document around the events, as Kineto and vLLM's profiler write it on XPU."""

from __future__ import annotations

from typing import Any

from xpubreak.samples.host import ORIGIN_NS, Event, microseconds
from xpubreak.samples.queues import COLLECTIVE_QUEUE, COMPUTE_QUEUE, COPY_QUEUE

_PROFILERS = ("PyTorch Profiler", "__xpu_profiler__")
_CARD = {
    "name": "Intel(R) Arc(TM) Pro B60 Graphics (synthetic)",
    "totalGlobalMem": 25_669_140_480,
    "maxComputeUnits": 160,
    "maxWorkGroupSize": 1024,
    "maxClockFrequency": 2400,
    "maxMemAllocSize": 25_669_140_480,
    "localMemSize": 131_072,
    "vendor": "Intel(R) Corporation",
    "driverVersion": "1.6.33578",
}


def frame_events(host_pid: int, device: int, tp: int, end_ns: int) -> list[Event]:
    """Return the names of processes and threads, the profilers' own spans and cost, and the marks of the window."""
    opened_ns = ORIGIN_NS - 900_000
    closed_ns = end_ns + 400_000
    ts = microseconds(opened_ns)
    worker = "VLLM::EngineCore" if tp == 1 else f"VLLM::Worker_TP{device}"
    events: list[Event] = []

    def label(kind: str, pid: int | str, tid: int | str, **args: Any) -> None:
        events.append({"name": kind, "ph": "M", "ts": ts, "pid": pid, "tid": tid, "args": args})

    label("process_name", host_pid, 0, name=worker)
    label("process_labels", host_pid, 0, labels="CPU")
    label("process_sort_index", host_pid, 0, sort_index=host_pid)
    label("thread_name", host_pid, host_pid, name=f"thread {host_pid} ({worker[:15]})")
    label("process_name", device, 0, name=worker)
    label("process_labels", device, 0, labels=f"XPU {device}")
    label("process_sort_index", device, 0, sort_index=5_000_000 + device)
    for queue in (COMPUTE_QUEUE, COPY_QUEUE, COLLECTIVE_QUEUE):
        label("thread_name", device, queue, name=f"Stream {queue}")
    label("process_name", "Spans", 0, name="Spans")
    for profiler, inset_ns in zip(_PROFILERS, (0, 200_000), strict=True):
        events.append(
            {
                "ph": "X",
                "cat": "Trace",
                "ts": microseconds(opened_ns + inset_ns),
                "dur": microseconds(closed_ns - opened_ns - 2 * inset_ns),
                "pid": "Spans",
                "tid": profiler,
                "name": f"{profiler} (0)",
                "args": {"Op count": 0},
            }
        )
    for name, number in (("Resource", 0), ("Buffer Flush", 1), ("Instrumentation", 2)):
        events.append(
            {
                "ph": "X",
                "cat": "overhead",
                "name": name,
                "pid": -1,
                "tid": 0,
                "ts": microseconds(opened_ns + number * 210_000),
                "dur": 180.5,
                "args": {"overhead cost": 180_500, "overhead occupancy": 0.4, "overhead count": 12},
            }
        )
    mark = {"ph": "i", "s": "g"}
    traces = {"pid": "Traces", "tid": "Trace PyTorch Profiler"}
    events.append({"name": "Iteration Start: PyTorch Profiler", **mark, **traces, "ts": ts})
    events.append({"name": "Record Window End", **mark, "pid": "", "tid": "", "ts": microseconds(closed_ns)})
    return events


def top_level(*, seed: int, rank: int, tp: int, stacks: bool) -> Event:
    """Return the keys before ``traceEvents``."""
    keys: Event = {
        "schemaVersion": 1,
        "deviceProperties": [{"id": index, **_CARD} for index in range(tp)],
        "trace_id": f"{0x5EED0000 + seed:032X}",
        "xpubreak_synthetic": True,
        "record_shapes": 1,
    }
    if stacks:
        keys["with_stack"] = 1
        keys["with_modules"] = 1
    ranks = list(range(tp))
    groups = [{"pg_name": name, "pg_desc": "default_pg", "pg_size": tp, "ranks": ranks} for name in ("0", "1")]
    keys["distributedInfo"] = {"backend": "xccl", "rank": rank, "world_size": tp, "pg_count": 2, "pg_config": groups}
    return keys | {
        "xpupti_version": "0.17.0",
        "vllm_version": "0.33.0",
        "vllm_version_tuple": ["0", "33", "0"],
        "host_name": "synthetic",
        "displayTimeUnit": "ms",
        "baseTimeNanoseconds": 1_790_857_026_000_000_000,
    }


def last_end_ns(events: list[Event]) -> int:
    """Return when the last complete event ends."""
    ends = (round((event["ts"] + event["dur"]) * 1000) for event in events if event["ph"] == "X")
    return max(ends, default=ORIGIN_NS)
