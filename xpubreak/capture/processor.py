"""The processor that a recording was made on: traces of CPU targets do not name it."""

from __future__ import annotations

import contextlib
import os
import platform
from pathlib import Path
from types import ModuleType
from typing import Any

_CPUINFO = Path("/proc/cpuinfo")
_HIGHEST_KHZ = Path("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")
_THREADS = Path("/proc/self/task")
_MOST_CHARACTERS = 120


def processor(torch: ModuleType) -> dict[str, Any]:
    """Name, processors that this process may use, threads that torch uses, instruction set that torch chose.

    And ``vendor``, ``family`` and ``model``, which tell the kind of core where a virtual machine hides the name, with
    ``physical_cores`` (threads of one core share its units), ``sockets`` and ``max_mhz``. What cannot be found out is
    left out.
    """
    found: dict[str, Any] = {}
    for key, ask in (
        ("threads", lambda: int(torch.get_num_threads())),
        ("isa", lambda: str(torch.backends.cpu.get_cpu_capability())),
    ):
        try:
            found[key] = ask()
        except (AttributeError, TypeError, ValueError, RuntimeError):  # older versions, stand-ins
            continue
    told, allowed = _told(), _allowed()
    # Where threads are pinned, as vLLM's workers do, one that has not started yet has its processor all the same.
    count = max(len(allowed), min(found.get("threads", 0), os.cpu_count() or 0))
    found |= {"name": _name(told), "cores": count, **_kind(told), "max_mhz": _max_mhz()}
    cores = {(block["physical id"], block["core id"]) for block in told if _is_placed(block, allowed, count)}
    found["physical_cores"] = min(len(cores), count)
    return {key: value for key, value in found.items() if value}


def _told() -> list[dict[str, str]]:
    """What the kernel of the machine says, a block for each logical processor; only Linux does."""
    try:
        text = _CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    blocks = [[line.partition(":") for line in block.splitlines()] for block in text.split("\n\n")]
    return [{key.strip().lower(): value.strip() for key, _, value in block} for block in blocks if block]


def _name(told: list[dict[str, str]]) -> str:
    """As the kernel says; ``platform`` tells no more than the architecture on Linux."""
    named = next((block["model name"] for block in told if block.get("model name")), "")
    return (named or platform.processor() or platform.machine())[:_MOST_CHARACTERS]


def _kind(told: list[dict[str, str]]) -> dict[str, Any]:
    first = told[0] if told else {}
    found: dict[str, Any] = {"vendor": first.get("vendor_id", "")[:_MOST_CHARACTERS]}
    found |= {
        key: int(first[said]) for key, said in (("family", "cpu family"), ("model", "model")) if _is_count(first, said)
    }
    found["sockets"] = len({block["physical id"] for block in told if "physical id" in block})
    return found


def _is_count(block: dict[str, str], key: str) -> bool:
    return block.get(key, "").isdecimal()


def _max_mhz() -> int:
    """The highest clock of a core, as the kernel says; virtual machines do not know."""
    try:
        return int(_HIGHEST_KHZ.read_text(encoding="ascii")) // 1000
    except (OSError, ValueError):
        return 0


def _allowed() -> set[int]:
    """Numbers of the processors that any thread of this process may use; empty where that is not told."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    if affinity is None:
        return set(range(os.cpu_count() or 0))
    found = set(affinity(0))
    with contextlib.suppress(OSError):  # no /proc
        for thread in _THREADS.iterdir():
            with contextlib.suppress(OSError, ValueError):  # it has ended meanwhile
                found |= affinity(int(thread.name))
    return found


def _is_placed(block: dict[str, str], allowed: set[int], count: int) -> bool:
    """Whether the processor is one of ours, and says on which core it is; any, where more are used than are allowed."""
    is_ours = len(allowed) < count or block.get("processor", "") in {str(number) for number in allowed}
    return is_ours and "physical id" in block and "core id" in block
