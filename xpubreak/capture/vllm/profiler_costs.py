"""What options of vLLM's own profiler cost; keys as in its ``profiler_config``."""

from __future__ import annotations

COSTS = {
    "torch_profiler_with_stack": (
        "Python stacks are recorded (torch_profiler_with_stack): several times the events, and workers that wait fill "
        "the trace"
    ),
    "torch_profiler_use_gzip": (
        "traces are compressed by the worker (torch_profiler_use_gzip): stopping takes up to eight times as long"
    ),
    "torch_profiler_with_memory": "allocations are recorded (torch_profiler_with_memory)",
}
