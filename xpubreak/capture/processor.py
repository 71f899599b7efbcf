"""The processor that a recording was made on: traces of CPU targets do not name it."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from types import ModuleType
from typing import Any

_CPUINFO = Path("/proc/cpuinfo")
_HIGHEST_KHZ = Path("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")
_MOST_CHARACTERS = 120


def processor(torch: ModuleType) -> dict[str, Any]:
    """Name, cores that this process may use, threads that torch uses, instruction set that torch chose.

    And ``vendor``, ``family`` and ``model``, which tell the kind of core where a virtual machine hides the name, with
    ``sockets``, ``threads_per_core`` and ``max_mhz``. What cannot be found out is left out.
    """
    told = _told()
    found: dict[str, Any] = {"name": _name(told), "cores": _cores(), **_kind(told), "max_mhz": _max_mhz()}
    for key, ask in (
        ("threads", lambda: int(torch.get_num_threads())),
        ("isa", lambda: str(torch.backends.cpu.get_cpu_capability())),
    ):
        try:
            found[key] = ask()
        except (AttributeError, TypeError, ValueError, RuntimeError):  # older versions, stand-ins
            continue
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
    if _is_count(first, "siblings") and _is_count(first, "cpu cores") and int(first["cpu cores"]):
        found["threads_per_core"] = max(1, int(first["siblings"]) // int(first["cpu cores"]))
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


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 0
