"""Categories of the writers, and what they are here.

Sources: pytorch/kineto ``libkineto/include/ActivityType.h`` and ``src/plugin/xpupti``; categories of Kineto on XPU,
CUDA and ROCm carry the same meaning under other prefixes.
"""

from __future__ import annotations

from xpubreak.trace.events import Kind

KIND_OF_CATEGORY: dict[str, Kind] = {
    "cpu_op": Kind.OPERATOR,
    "user_annotation": Kind.ANNOTATION,
    "python_function": Kind.PYTHON,
    "kernel": Kind.KERNEL,
    "gpu_memcpy": Kind.MEMCPY,
    "gpu_memset": Kind.MEMSET,
    "xpu_runtime": Kind.RUNTIME,
    "cuda_runtime": Kind.RUNTIME,
    "hip_runtime": Kind.RUNTIME,
    "privateuse1_runtime": Kind.RUNTIME,
    "xpu_driver": Kind.DRIVER,
    "cuda_driver": Kind.DRIVER,
    "privateuse1_driver": Kind.DRIVER,
    "gpu_user_annotation": Kind.DEVICE_ANNOTATION,
    "collective_comm": Kind.COLLECTIVE_SPAN,
    "xpu_sync": Kind.SYNC,
    "cuda_sync": Kind.SYNC,
    "overhead": Kind.OVERHEAD,
    "Trace": Kind.PROFILER,
    "cuda_profiler_range": Kind.PROFILER,
    "xpu_scope_profiler": Kind.PROFILER,
}

SCOPE_TWIN_PREFIX = "metrics: "
"""The XPU scope profiler writes each kernel a second time under this prefix, ±1 ns around it."""

DEVICE_SIDE = (Kind.KERNEL, Kind.MEMCPY, Kind.MEMSET, Kind.DEVICE_ANNOTATION)
HOST_SIDE = (Kind.OPERATOR, Kind.ANNOTATION, Kind.RUNTIME, Kind.DRIVER, Kind.PYTHON, Kind.COLLECTIVE_SPAN)

# Events of one thread that begin and end together nest in this order: Kineto gives an operator, the runtime call in it
# and the driver call below that the same rounded times.
NESTING_RANK = {
    Kind.PYTHON: 0,
    Kind.ANNOTATION: 1,
    Kind.OPERATOR: 2,
    Kind.RUNTIME: 3,
    Kind.DRIVER: 4,
}
