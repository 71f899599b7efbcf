"""Processors: what their kind of core could do at best, in place of the datasheet that a CPU does not have.

Clouds hide the names of processors, and no datasheet states operations a second for any. But family and model tell the
kind of core, hence operations a clock; the line of products tells the highest clock and the memory channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from xpubreak.breakdown.cost.device import Device
from xpubreak.trace.number import to_index

_FEW_MHZ = 500  # no core that computes goes slower: a lower number is a mistake


@dataclass(frozen=True)
class Core:
    """One kind of core.

    Parameters
    ----------
    name
        Architecture and line of products.
    single_flops
        Operations a clock in single precision; a fused multiplication and addition is two.
    bf16_flops, half_flops
        The same in 16 bits; where the core does not multiply them, they are converted first.
    int8_ops
        The same in 8 bits.
    max_mhz
        Highest boost of any product of the line.
    memory_bytes_per_s
        All channels of one socket.
    memory
        How that comes about.
    """

    name: str
    single_flops: int
    bf16_flops: int
    half_flops: int
    int8_ops: int
    max_mhz: int
    memory_bytes_per_s: float
    memory: str


def _core(name: str, single: int, mhz: int, channels: int, mega: int, kind: str, **more: int) -> Core:
    bf16, half = more.get("bf16", single), more.get("half", single)
    rate = channels * mega * 8e6  # a channel is 8 bytes wide
    memory = f"{channels} channels {kind}-{mega}"
    return Core(name, single, bf16, half, more.get("int8", 4 * single), mhz, rate, memory)


# Operations a clock: two FMA units of 256 bits (Zen 2 to Zen 4, where 512 bits take both) or of 512 bits (the others;
# the smallest Xeons have one). AVX512_BF16 doubles them, VNNI and its predecessors give four times as many in 8 bits.
# AMX: 1024 in BF16 (in FP16, too, from Granite Rapids on) and 2048 in INT8, by Intel's tuning guides.
_AMX = {"bf16": 1024, "int8": 2048}
_CORES: Mapping[tuple[str, int, int], Core] = MappingProxyType(
    {
        ("AuthenticAMD", 23, 49): _core("Zen 2, EPYC 7002", 32, 3900, 8, 3200, "DDR4"),
        ("AuthenticAMD", 25, 1): _core("Zen 3, EPYC 7003", 32, 4100, 8, 3200, "DDR4"),
        ("AuthenticAMD", 25, 17): _core("Zen 4, EPYC 9004", 32, 4400, 12, 4800, "DDR5", bf16=64),
        ("AuthenticAMD", 25, 160): _core("Zen 4c, EPYC 9004", 32, 4400, 12, 4800, "DDR5", bf16=64),
        ("AuthenticAMD", 26, 2): _core("Zen 5, EPYC 9005", 64, 5000, 12, 6400, "DDR5", bf16=128),
        ("AuthenticAMD", 26, 17): _core("Zen 5c, EPYC 9005", 64, 5000, 12, 6400, "DDR5", bf16=128),
        ("GenuineIntel", 6, 85): _core("Skylake to Cooper Lake, Xeon", 64, 4800, 6, 3200, "DDR4", bf16=128),
        ("GenuineIntel", 6, 106): _core("Ice Lake, Xeon", 64, 4100, 8, 3200, "DDR4"),
        ("GenuineIntel", 6, 143): _core("Sapphire Rapids, Xeon", 64, 4800, 8, 4800, "DDR5", half=128, **_AMX),
        ("GenuineIntel", 6, 207): _core("Emerald Rapids, Xeon", 64, 4800, 8, 5600, "DDR5", half=128, **_AMX),
        ("GenuineIntel", 6, 173): _core("Granite Rapids, Xeon 6", 64, 4800, 12, 8800, "MRDIMM", half=1024, **_AMX),
    }
)


def find_processor(name: str, processor: Mapping[str, Any]) -> Device | None:
    """Peaks of the cores that a recording could use.

    They are bounds that nothing exceeds, not promises: all cores at the highest clock at once, and the memory of whole
    sockets, which a virtual machine shares with others. `xpubreak.measure_peaks` says what can be reached.

    Parameters
    ----------
    name
        What the trace calls the device.
    processor
        As capture stamps it: ``vendor``, ``family``, ``model``, ``cores``, and what is known of ``physical_cores``,
        ``sockets`` and ``max_mhz``. A stranger's: anything may be in it.

    Returns
    -------
    Device or None
        None for kinds of core that are not listed.
    """
    kind = (str(processor.get("vendor", "")), to_index(processor.get("family", 0)), to_index(processor.get("model", 0)))
    core, logical = _CORES.get(kind), to_index(processor.get("cores", 0))
    # Xeon Max (Sapphire Rapids) has memory in its package that is several times as fast; its name says so.
    if core is None or not 0 < logical <= 1 << 16 or " max " in f"{name.lower()} ":
        return None
    physical = to_index(processor.get("physical_cores", 0))
    cores = physical if 0 < physical <= logical else logical
    sockets = min(max(1, to_index(processor.get("sockets", 1))), 64)
    said_mhz = to_index(processor.get("max_mhz", 0))
    mhz = said_mhz if _FEW_MHZ <= said_mhz <= 10_000 else core.max_mhz
    clocks = cores * mhz * 1e6
    return Device(
        name=name,
        pattern="",
        matrix_flops=MappingProxyType(
            {
                "float": core.single_flops * clocks,
                "c10::BFloat16": core.bf16_flops * clocks,
                "c10::Half": core.half_flops * clocks,
                "signed char": core.int8_ops * clocks,
                "char": core.int8_ops * clocks,
            }
        ),
        vector_flops=core.single_flops * clocks,
        memory_bytes_per_s=core.memory_bytes_per_s * sockets,
        source=(
            f"bounds, not a datasheet: {cores} × {core.single_flops} operations a clock in single precision "
            f"({core.bf16_flops} in BF16; {core.name}) at {mhz / 1000:.1f} GHz, {core.memory} of {sockets} "
            f"{'socket' if sockets == 1 else 'sockets'}. xb.measure_peaks() says what can be reached"
        ),
    )
