"""What a trace says about its run: device, rank, versions; and what is doubtful about it."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from xpubreak.errors import Issue
from xpubreak.trace.builder import Builder
from xpubreak.trace.columns import distinct
from xpubreak.trace.events import Events, Kind
from xpubreak.trace.number import to_index
from xpubreak.trace.trace import Metadata
from xpubreak.trace.tracks import Track

_OWN_KEY = "xpubreak"  # written by capture: {"versions": {...}, "operators": [...], "processor": {...}}
_MAX_RANK = 1 << 24
_LOST_BEHIND = "What the file says behind its events could not be read; rank, versions and device may be among it."
_SYNTHETIC_KEY = "xpubreak_synthetic"
_LAUNCH_WORDS = ("launch", "enqueuekernel", "commandbuffer", "executecommandlists")
_VERSION_KEYS = ("vllm", "torch", "triton", "xpupti", "cupti", "cuda_", "roctracer", "rocprofiler", "hip_", "nccl")
_VENDOR_OF_DEVICE = (("intel", "xpu"), ("nvidia", "cuda"), ("tesla", "cuda"), ("amd", "rocm"), ("instinct", "rocm"))


def describe(
    header: bytes,
    footer: bytes,
    events: Events,
    tracks: tuple[Track, ...],
    builder: Builder,
    origin_ns: int,
    source: str,
) -> tuple[Metadata, list[Issue]]:
    """Put together what is known about the run.

    Parameters
    ----------
    header, footer
        Text of the file before and behind the event array.
    events, tracks
        As read.
    builder
        For the categories seen and the names.
    origin_ns
        Time 0 of the columns, in the clock of the file.
    source
        What the file is called.

    Returns
    -------
    Metadata, list of Issue
        Issues say what is missing or contradicts itself.
    """
    extra, issues = _top_level(header, footer)
    device_name = _device_name(extra, events, tracks)
    device, doubt = _device(extra, events, builder, device_name)
    issues += doubt
    own = extra.pop(_OWN_KEY, None)
    own = own if isinstance(own, dict) else {}
    if isinstance(own.get("processor"), dict):
        extra["processor"] = own["processor"]
        device_name = device_name or (processor_text(own["processor"]) if device == "cpu" else "")
    info = _as_dict(extra.get("distributedInfo"))
    base_ns = to_index(extra.get("baseTimeNanoseconds", 0))
    kept = events.is_span | events.is_activity
    duration_ns = int(events.end_ns[kept].max() - events.start_ns[kept].min()) if kept.any() else 0
    metadata = Metadata(
        source=source,
        device=device,
        device_name=device_name,
        rank=min(max(0, to_index(info.get("rank", 0))), _MAX_RANK),
        world_size=min(max(1, to_index(info.get("world_size", 1))), _MAX_RANK),
        versions=_versions(extra, own),
        operators=frozenset(str(name) for name in own.get("operators", ()) if isinstance(name, str)),
        start_time_ns=max(0, base_ns) + origin_ns,
        duration_ns=duration_ns,
        synthetic=bool(extra.get(_SYNTHETIC_KEY)),
        extra={**extra, "categories": dict(builder.categories)},
    )
    return metadata, issues


def _top_level(header: bytes, footer: bytes) -> tuple[dict[str, Any], list[Issue]]:
    if not header.strip():
        return {}, []
    opened = header.rstrip() + b'"traceEvents": []'
    for end in (footer, b"}"):
        try:
            found = json.loads((opened + end).decode("utf-8-sig", "replace"), strict=False)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            found.pop("traceEvents", None)
            is_lost = end is not footer and bool(footer.strip())
            return found, [Issue("damaged-metadata", "warning", _LOST_BEHIND)] if is_lost else []
    return {}, [Issue("damaged-metadata", "warning", "Rank, versions and device of the run could not be read.")]


def _device(extra: dict[str, Any], events: Events, builder: Builder, device_name: str) -> tuple[str, list[Issue]]:
    categories = builder.categories
    if any(category.startswith("xpu_") for category in categories) or "xpupti_version" in extra:
        return "xpu", _check_launches(events, builder, "xpu")
    if any(category.startswith("hip_") for category in categories) or _is_rocm(extra):
        return "rocm", []
    if any(category.startswith("cuda_") for category in categories):
        return "cuda", _check_launches(events, builder, "cuda")
    if not events.is_activity.any():
        return "cpu", []
    for word, device in _VENDOR_OF_DEVICE:
        if word in device_name.lower():
            return device, []
    if "cupti_version" in extra or "cuda_driver_version" in extra:
        return "cuda", []
    return "xpu", [
        Issue("device-guessed", "warning", "The trace does not say which kind of device it is of; read as XPU.")
    ]


def _is_rocm(extra: dict[str, Any]) -> bool:
    return any(key.startswith(("roctracer", "rocprofiler", "hip_")) for key in extra)


def _check_launches(events: Events, builder: Builder, device: str) -> list[Issue]:
    if events.is_activity.any():
        return []
    calls = distinct(events.name[(events.kind == Kind.RUNTIME) | (events.kind == Kind.DRIVER)])
    if not any(word in builder.strings.text(call).lower() for call in calls for word in _LAUNCH_WORDS):
        return []
    hint = (
        " Known with torch 2.13 on Battlemage (intel/torch-xpu-ops#3985): set SYCL_UR_USE_LEVEL_ZERO_V2=0 and retry."
        if device == "xpu"
        else ""
    )
    message = f"Kernels were launched but the profiler recorded none: device time is missing altogether.{hint}"
    return [Issue("no-kernel-records", "error", message)]


def _device_name(extra: dict[str, Any], events: Events, tracks: tuple[Track, ...]) -> str:
    properties = extra.get("deviceProperties")
    if not isinstance(properties, list):
        return ""
    used = {tracks[track].device for track in distinct(events.track[events.is_activity])}
    names = [
        str(entry.get("name", "")) for entry in properties if isinstance(entry, dict) and entry.get("id") in used
    ] or [str(entry.get("name", "")) for entry in properties[:1] if isinstance(entry, dict)]
    return names[0][:200] if names else ""


def processor_text(processor: Mapping[str, Any]) -> str:
    """Name a processor as a device: what it is, and how much of it was there to compute on.

    Parameters
    ----------
    processor
        As capture stamps it: ``name``, ``cores``, ``isa``.
    """
    name, cores = str(processor.get("name", ""))[:120], to_index(processor.get("cores", 0))
    more = [f"{cores} {'core' if cores == 1 else 'cores'}"] if cores > 0 else []
    more += [str(processor["isa"])[:20]] if processor.get("isa") else []
    return f"{name} ({', '.join(more)})" if name and more else name


def _versions(extra: dict[str, Any], own: dict[str, Any]) -> dict[str, str]:
    stamped = own.get("versions")
    versions = {
        key.removesuffix("_version").replace("_", "-"): str(value)[:100]
        for key, value in extra.items()
        if key.endswith("_version") and key.startswith(_VERSION_KEYS) and isinstance(value, str | int | float)
    }
    if isinstance(stamped, dict):
        versions.update({str(key): str(value)[:100] for key, value in stamped.items()})
    return versions


def _as_dict(value: Any) -> dict[str, Any]:
    """Old writers stored ``distributedInfo`` as the text of a Python dictionary."""
    if isinstance(value, str) and len(value) < 1 << 20:
        try:
            value = ast.literal_eval(value)  # literals only: no code is run
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}
