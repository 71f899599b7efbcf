"""``xb.measure_peaks``: roofs of a device that no datasheet states. Joins capture and breakdown."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from xpubreak.errors import CaptureError

if TYPE_CHECKING:
    from xpubreak.breakdown.cost.device import Device


def measure_peaks(device: str = "cpu", *, seconds: float = 0.3, copy_bytes: int = 1 << 29, use: bool = True) -> Device:
    """Measure what this machine reaches in products of matrices and in copies, and hold its traces against that.

    Traces recorded by xpubreak on a CPU name it, with its cores and instruction set; those with the name measured here
    get roofs, headroom and bounds in ``bd.costs`` and the roofline of breakdowns that have not computed them yet.
    Measured peaks are what a good kernel reached, not what the silicon could: work that stays in the caches may exceed
    them.

    Parameters
    ----------
    device
        ``"cpu"``, ``"xpu"``, ``"cuda"``, with an index if need be.
    seconds
        For each type and size, and for copies.
    copy_bytes
        How much is copied; twice as much memory is needed. More than the caches hold.
    use
        Use them from now on, before stated ones.

    Returns
    -------
    Device
        Name, peaks, and how they were measured.

    Raises
    ------
    CaptureError
        There is no torch, or no such device.
    """
    from xpubreak.breakdown.cost.device import Device, add_device  # noqa: PLC0415 - floors load when asked for
    from xpubreak.capture.measurepeaks import measure  # noqa: PLC0415
    from xpubreak.capture.processor import processor  # noqa: PLC0415
    from xpubreak.trace.metadata import processor_text  # noqa: PLC0415

    try:
        torch = import_module("torch")
    except ImportError as error:
        raise CaptureError("Measuring needs torch, which is not installed here.") from error
    try:
        kind = device.partition(":")[0]
        name = processor_text(processor(torch)) if kind == "cpu" else str(getattr(torch, kind).get_device_name(device))
        found = measure(torch, device, seconds, copy_bytes)
    except (AttributeError, AssertionError, RuntimeError) as error:
        raise CaptureError(f"{device!r} cannot be measured: {error}") from error
    plain = found.flops_per_s["float"]
    made = Device(
        name=name,
        pattern="",
        matrix_flops=MappingProxyType({"c10::BFloat16": plain, **found.flops_per_s}),
        vector_flops=plain,
        memory_bytes_per_s=found.bytes_per_s,
        source=found.note,
    )
    if use:
        add_device(made)
    return made
