"""The processor that a recording was made on: traces of CPU targets do not name it."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from types import ModuleType
from typing import Any

_CPUINFO = Path("/proc/cpuinfo")
_MOST_CHARACTERS = 120


def processor(torch: ModuleType) -> dict[str, Any]:
    """Name, cores that this process may use, threads that torch uses, instruction set that torch chose.

    What cannot be found out is left out.
    """
    found: dict[str, Any] = {"name": _name(), "cores": _cores()}
    for key, ask in (
        ("threads", lambda: int(torch.get_num_threads())),
        ("isa", lambda: str(torch.backends.cpu.get_cpu_capability())),
    ):
        try:
            found[key] = ask()
        except (AttributeError, TypeError, ValueError, RuntimeError):  # older versions, stand-ins
            continue
    return {key: value for key, value in found.items() if value}


def _name() -> str:
    """As the kernel of the machine says; ``platform`` tells no more than the architecture on Linux."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    told = (line.partition(":")[2].strip() for line in lines if line.lower().startswith("model name"))
    return (next(told, "") or platform.processor() or platform.machine())[:_MOST_CHARACTERS]


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 0
