"""Runtime and driver calls: which launch, which wait, which allocate.

Names as PTI, CUPTI and roctracer write them: ``ur…`` (Unified Runtime), ``ze…`` (Level Zero), ``cuda…``, ``cu…``,
``hip…``.
"""

from __future__ import annotations

import re
from functools import lru_cache

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (category, re.compile(pattern))
    for category, pattern in (
        (
            "graph",
            r"(cuda|cu|hip)GraphLaunch|urEnqueueCommandBuffer\w*|urCommandBufferEnqueue\w*|urEnqueueGraph\w*"
            r"|urGraphExec\w*",
        ),
        (
            "memcpy",
            r"(cuda|hip)Memcpy\w*|cuMemcpy\w*|urEnqueue(USM)?Memcpy\w*|urEnqueueMem(Buffer|Image)(Read|Write|Copy)\w*"
            r"|urEnqueueUSM(Prefetch|MemAdvise)\w*|urEnqueueUSMMemcpy2D|zeCommandListAppendMemoryCopy\w*",
        ),
        (
            "memset",
            r"(cuda|hip)Memset\w*|cuMemset\w*|urEnqueueUSMFill\w*|urEnqueueMemBufferFill\w*"
            r"|zeCommandListAppendMemoryFill\w*",
        ),
        (
            "launch",
            r"(cuda|hip)(Ext)?Launch\w*|hip(Ext)?(Module|Drv)Launch\w*|cuLaunch\w*|urEnqueueKernelLaunch\w*"
            r"|urEnqueueCooperativeKernelLaunch\w*|zeCommandListAppendLaunch\w*|zeCommandQueueExecuteCommandLists",
        ),
        (
            "synchronisation",
            r"\w*(Synchronize|WaitEvent|EventQuery|EventRecord|EventWait|StreamQuery|StreamWait)\w*"
            r"|urEventWait|urQueueFinish|urQueueFlush|urEnqueueEventsWait\w*|urEnqueueDeviceGlobal\w*"
            r"|zeFence\w*|zeEvent\w*|zeCommandListAppend(Barrier|SignalEvent|WaitOnEvents|EventReset)\w*",
        ),
        (
            "allocation",
            r"(cuda|hip)(Malloc|Free|HostAlloc|HostRegister|HostUnregister|HostMalloc|MemPool)\w*|cuMem\w*"
            r"|urUSM\w+|urMem\w+|zeMem(Alloc|Free)\w*|zePhysicalMem\w*|zeVirtualMem\w*",
        ),
    )
)


@lru_cache(maxsize=1 << 14)
def runtime_category(name: str) -> str:
    """Return the category of a call: one of `LAUNCHES`, ``"synchronisation"``, ``"allocation"`` or ``"other"``."""
    return next((category for category, pattern in _PATTERNS if pattern.fullmatch(name)), "other")


LAUNCHES = frozenset({"launch", "graph", "memcpy", "memset"})
"""Categories of calls that put something on the device."""

# Triton starts kernels through the driver API, or through entry points of its own; these belong to compiled C++.
_COMPILED_LAUNCH = re.compile(r"cudaLaunchKernel(ExC)?|hipLaunchKernel|hipExtLaunchKernel")


@lru_cache(maxsize=1 << 14)
def is_compiled_launch(name: str) -> bool:
    """Whether a call launches kernels that a C++ compiler linked in, which Triton's are not."""
    return _COMPILED_LAUNCH.fullmatch(name) is not None
