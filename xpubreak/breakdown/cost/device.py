"""Devices: what the datasheets promise, which no kernel exceeds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from xpubreak.breakdown.cost.work import MATRIX, Work

_TERA, _GIGA = 10**12, 10**9


@dataclass(frozen=True)
class Device:
    """Peaks of one kind of device.

    Parameters
    ----------
    name
        As people call it.
    pattern
        Regular expression that its name in a trace fits, whatever the case.
    matrix_flops
        Operations a second of the matrix engines, dense, by type in the trace.
    vector_flops
        Operations a second of the other units, in single precision.
    memory_bytes_per_s
        Of the device's memory.
    source
        Where the numbers are from.
    tiles
        Of which one may appear as a device of its own, with as large a part of everything.
    tile_memory_bytes
        A device of no more memory is one tile.
    """

    name: str
    pattern: str
    matrix_flops: Mapping[str, float]
    vector_flops: float
    memory_bytes_per_s: float
    source: str
    tiles: int = 1
    tile_memory_bytes: int = 0

    def peak_flops(self, work: Work) -> float:
        """Operations a second that a piece of work can hope for."""
        if work.unit == MATRIX:
            default = self.vector_flops if work.type_name in {"float", "double"} else self.matrix_flops["c10::BFloat16"]
            return self.matrix_flops.get(work.type_name, default)
        return self.vector_flops

    def least_ns(self, work: Work) -> float:
        """The least time that a piece of work takes: its arithmetic or its traffic, whichever is longer."""
        flops = work.flops - work.avoidable_flops
        return max(flops / self.peak_flops(work), work.bytes / self.memory_bytes_per_s) * 1e9


def _matrix(half_tera: float, single_tera: float | None = None, *, has_fp8: bool = True) -> Mapping[str, float]:
    """Peaks by type: 16 bits, 8 bits (twice as many), and single precision where the engines take it (as TF32)."""
    found = dict.fromkeys(("c10::Half", "c10::BFloat16"), half_tera * _TERA)
    found |= dict.fromkeys(("signed char", "char"), 2 * half_tera * _TERA)
    if has_fp8:
        found |= dict.fromkeys(("c10::Float8_e4m3fn", "c10::Float8_e5m2"), 2 * half_tera * _TERA)
    if single_tera is not None:
        found["float"] = single_tera * _TERA
    return MappingProxyType(found)


# Intel states FP32 and INT8 of Arc Pro cards; XMX does half as many operations in 16 bits as in 8. What Xe2 does with
# FP8 is not stated: products in types that are not listed are held against 16 bits.
# Max series: 8 XMX a core of 4096 bits, 512 operations of 16 bits a clock each, 1.6 GHz (1550) and 1.55 GHz (1100).
# They take TF32 (half as many operations as 16 bits), FP16, BF16 and INT8, no FP8: that is converted first. Products in
# single precision are held against TF32, as on other devices: a roof, whether or not torch was told to use it.
DEVICES = (
    Device(
        "Arc Pro B60",
        r"arc.*pro.*b60",
        MappingProxyType({"c10::Half": 98.5e12, "c10::BFloat16": 98.5e12, "signed char": 197e12}),
        12.28 * _TERA,
        456 * _GIGA,
        "Intel product page: FP32 12.28 TFLOPS, INT8 197 TOPS, 456 GB/s; 16 bits is half of INT8",
    ),
    Device(
        "Arc Pro B70",
        r"arc.*pro.*b70",
        MappingProxyType({"c10::Half": 183.5e12, "c10::BFloat16": 183.5e12, "signed char": 367e12}),
        22.94 * _TERA,
        608 * _GIGA,
        "Intel product page: FP32 22.94 TFLOPS, INT8 367 TOPS, 608 GB/s; 16 bits is half of INT8",
    ),
    Device(
        "Data Center GPU Max 1550",
        r"data center gpu max 1550",
        _matrix(838.9, single_tera=419.4, has_fp8=False),
        52.4 * _TERA,
        3276.8 * _GIGA,
        "Intel Max series overview: 128 cores, 1.6 GHz, XMX 838.9 TFLOPS BF16, half of it TF32, FP32 52.4 TFLOPS, "
        "HBM2e 3276.8 GB/s",
        tiles=2,
        tile_memory_bytes=80 << 30,
    ),
    Device(
        "Data Center GPU Max 1100",
        r"data center gpu max 1100",
        _matrix(355.5, single_tera=177.8, has_fp8=False),
        22.2 * _TERA,
        1228.8 * _GIGA,
        "Intel Max series overview: 56 cores, 1.55 GHz, XMX 355.5 TFLOPS BF16, half of it TF32, FP32 22.2 TFLOPS, "
        "HBM2e 1228.8 GB/s",
    ),
    Device(
        "H100 SXM",
        r"nvidia h100 80gb hbm3(?! mig)",
        _matrix(989.4, single_tera=494.7),
        66.9 * _TERA,
        3352 * _GIGA,
        "NVIDIA H100 datasheet, dense: BF16 989.4 TFLOPS, FP8 twice that, TF32 494.7, FP32 66.9, 3.35 TB/s",
    ),
    Device(
        "H200",
        r"nvidia h200(?! mig| nvl)",
        _matrix(989.4, single_tera=494.7),
        66.9 * _TERA,
        4800 * _GIGA,
        "NVIDIA H200 datasheet, dense: BF16 989.4 TFLOPS, FP8 twice that, TF32 494.7, FP32 66.9, 4.8 TB/s",
    ),
)


_added: dict[str, Device] = {}


def add_device(device: Device) -> None:
    """Hold traces of the device of just this name against these peaks from now on.

    Parameters
    ----------
    device
        Measured, or stated elsewhere.
    """
    _added[device.name] = device


def find_device(name: str, memory_bytes: int = 0) -> Device | None:
    """Look a device up by its name in a trace.

    Parameters
    ----------
    name
        Such as ``Intel(R) Arc(TM) Pro B60 Graphics``.
    memory_bytes
        Of the device, 0 for unknown: tells one tile from a card.

    Returns
    -------
    Device or None
        None for an unknown one: its peaks are unknown, too.
    """
    if name in _added:
        return _added[name]
    text = re.sub(r"\((?:r|tm|c)\)|®|™", "", name.lower())
    for device in DEVICES:
        if re.search(device.pattern, text):
            is_tile = device.tiles > 1 and 0 < memory_bytes <= device.tile_memory_bytes
            return _tile(device) if is_tile else device
    return None


def _tile(device: Device) -> Device:
    part = 1 / device.tiles
    return replace(
        device,
        name=f"{device.name}, one tile",
        matrix_flops=MappingProxyType({name: flops * part for name, flops in device.matrix_flops.items()}),
        vector_flops=device.vector_flops * part,
        memory_bytes_per_s=device.memory_bytes_per_s * part,
        tiles=1,
    )
