"""What a session needs to know of a vLLM worker: its place, its device, its models."""

from __future__ import annotations

import contextlib
from types import ModuleType
from typing import Any

from xpubreak.capture.devices import Device, choose


def position_of(worker: Any) -> str:
    """Name a worker by its data-parallel replica and its rank in it."""
    parallel = getattr(worker, "parallel_config", None)
    replica = getattr(parallel, "data_parallel_index", None) or getattr(parallel, "data_parallel_rank", 0)
    return f"dp{replica or 0}_rank{getattr(worker, 'rank', 0)}"


def device_of(torch: ModuleType, worker: Any, requested: str) -> Device:
    """What to record in a worker: by default what it computes on."""
    kind = getattr(getattr(worker, "device", None), "type", "")
    if requested == "auto" and kind in {"xpu", "cuda", "cpu"}:
        return choose(kind)
    return choose(requested)


def models_of(worker: Any) -> tuple[dict[str, Any], set[int]]:
    """Models by name, and the identities of what runs compiled and so is to be left alone."""
    roots = {"": worker.get_model()}
    with contextlib.suppress(Exception):  # speculative decoding; the method is newer than most versions
        draft = worker.get_draft_model()
        if draft is not None:
            roots["draft"] = draft
    closed: set[int] = set()
    for root in roots.values():
        for module in root.modules():
            # Set by vLLM's @support_torch_compile. Its inner forwards are not called, and taking hooks away from what
            # dynamo has traced would compile once more.
            if getattr(module, "do_not_compile", True) is False:
                closed |= {id(part) for part in module.modules()}
    return roots, closed
