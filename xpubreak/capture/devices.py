"""Which device to record: XPU before CUDA before CPU, and in words why not the others."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from xpubreak.capture.runtime import import_torch, ipex_failure
from xpubreak.errors import CaptureError, Issue

REQUESTS = ("auto", "xpu", "cuda", "cpu")


@dataclass(frozen=True)
class Device:
    """What will be recorded.

    Parameters
    ----------
    name
        ``"xpu"``, ``"cuda"`` (ROCm builds of torch call themselves so too) or ``"cpu"``.
    activities
        Names of `torch.profiler.ProfilerActivity`, the host's first.
    issues
        What will be missing from the recording.
    """

    name: str
    activities: tuple[str, ...]
    issues: tuple[Issue, ...] = ()


def choose(requested: str = "auto") -> Device:
    """Pick the device to record.

    Parameters
    ----------
    requested
        One of `REQUESTS`. ``"auto"`` takes the first that is there of XPU, CUDA, CPU.

    Raises
    ------
    CaptureError
        The requested device cannot be recorded; the message says what is missing.
    """
    if requested not in REQUESTS:
        raise CaptureError(f"Unknown device {requested!r}; choose one of {', '.join(REQUESTS)}.")
    torch = import_torch()
    if requested == "cpu":
        return Device("cpu", ("CPU",))
    candidates = ("xpu", "cuda") if requested == "auto" else (requested,)
    absent = []
    for name in candidates:
        reason = why_absent(torch, name)
        if not reason:
            return _recordable(torch, name, requested)
        absent.append(reason)
    if requested != "auto":
        raise CaptureError(f"{requested} requested, but {absent[0]}")
    message = f"No accelerator was there, so the CPU's own time is shown: {' '.join(absent)}"
    return Device("cpu", ("CPU",), (Issue("no-accelerator", "info", message),))


def why_absent(torch: ModuleType, name: str) -> str:
    """Say in one sentence why a device cannot be used; empty where it can."""
    build = f"this torch {torch.__version__}"
    if name == "xpu":
        if not _is_xpu_build(torch):
            if ipex_failure():
                return f"{build} has no XPU build of its own, and {ipex_failure()}"
            return f"{build} has no XPU build: see https://pytorch.org/get-started/locally for the one that has."
        if not torch.xpu.is_available():
            return (
                f"{build} sees no XPU: check the driver (sycl-ls, xpu-smi discovery), the render group "
                "and ZE_AFFINITY_MASK."
            )
        return ""
    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        return f"{build} has no CUDA build."
    if not torch.cuda.is_available():
        return f"{build} sees no CUDA device: check the driver (nvidia-smi) and CUDA_VISIBLE_DEVICES."
    return ""


def _is_xpu_build(torch: ModuleType) -> bool:
    xpu: Any = getattr(torch, "xpu", None)
    is_compiled = getattr(xpu, "_is_compiled", None)
    return bool(is_compiled()) if is_compiled is not None else xpu is not None and xpu.is_available()


def _recordable(torch: ModuleType, name: str, requested: str) -> Device:
    supported = {activity.name for activity in torch.profiler.supported_activities()}
    if name.upper() in supported:
        return Device(name, ("CPU", name.upper()))
    missing = (
        f"the profiler of torch {torch.__version__} cannot record {name.upper()} kernels (it was built without "
        f"{'PTI' if name == 'xpu' else 'CUPTI'})"
    )
    if requested == name:
        raise CaptureError(f"{name} requested, but {missing}.")
    message = f"There is an {name.upper()} device, but {missing}: only host time is shown."
    return Device("cpu", ("CPU",), (Issue("device-not-recorded", "warning", message),))
