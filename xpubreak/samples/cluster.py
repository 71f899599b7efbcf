"""Synthetic traces of many ranks on one clock of truth: skewed compute, a straggler, collectives that wait for it.

Unlike `synthesize`, which writes one rank in every detail, this generator runs all ranks together, so that a collective
begins for each rank when it arrives and ends for all when the last one has come. It knows who waited, and for how long.
"""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from xpubreak.errors import XpubreakError

FLAVOURS = {
    "xpu": {
        "runtime": ("xpu_runtime", "urEnqueueKernelLaunch"),
        "compute": "vllm::rms_norm_kernel<sycl::_V1::ext::oneapi::bfloat16, 2, 8, false>",
        "collective": "oneccl_allreduce_pcie<sycl::_V1::ext::oneapi::bfloat16, Rt64_128_PCIE, RingTransmit, 16>",
        "backend": "xccl",
        "card": "Intel(R) Arc(TM) Pro B60 Graphics (synthetic)",
    },
    "cuda": {
        "runtime": ("cuda_runtime", "cudaLaunchKernel"),
        "compute": "void vllm::rms_norm_kernel<c10::BFloat16, 8, 2>(c10::BFloat16*, c10::BFloat16 const*, float, int)",
        "collective": "ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
        "backend": "nccl",
        "card": "NVIDIA H100 80GB HBM3 (synthetic)",
    },
}
_BASE_NS = 1_790_857_026_000_000_000
_COMPUTE, _COLLECTIVE = 7, 20
_LAUNCH_NS, _OP_NS = 4_000, 9_000


@dataclass(frozen=True)
class ClusterTruth:
    """What the generator knows, by rank.

    Parameters
    ----------
    compute_ns, wait_ns, transfer_ns
        Sums of device time.
    last_calls
        Collectives that the others waited for this rank.
    clock_ns
        By how much the clock of the rank is ahead.
    calls
        Collectives of one rank.
    """

    compute_ns: tuple[int, ...]
    wait_ns: tuple[int, ...]
    transfer_ns: tuple[int, ...]
    last_calls: tuple[int, ...]
    clock_ns: tuple[int, ...]
    calls: int


@dataclass(frozen=True)
class ClusterTraces:
    """Documents by rank, and the truth about them."""

    documents: tuple[dict[str, Any], ...]
    truth: ClusterTruth

    def save(self, folder: str | PathLike[str]) -> list[Path]:
        """Write one compressed file per rank; returns their paths."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        paths = []
        for rank, document in enumerate(self.documents):
            path = place / f"rank{rank:04}.pt.trace.json.gz"
            path.write_bytes(gzip.compress(json.dumps(document).encode(), 6, mtime=0))
            paths.append(path)
        return paths


def synthesize_cluster(
    *,
    ranks: int = 8,
    steps: int = 4,
    layers: int = 4,
    flavour: str = "xpu",
    straggler: int = -1,
    slow_frac: float = 0.5,
    jitter_frac: float = 0.02,
    clock_ns: int = 0,
    groups: int = 1,
    seed: int = 0,
) -> ClusterTraces:
    """Generate the traces of all ranks of a tensor-parallel run.

    Parameters
    ----------
    ranks, steps, layers
        How many; each layer computes once and adds up over its ranks once.
    flavour
        ``"xpu"`` with names of oneCCL, ``"cuda"`` with those of NCCL.
    straggler
        Rank that computes ``slow_frac`` longer than the others; −1 for none.
    slow_frac, jitter_frac
        How much longer, and how much every kernel varies.
    clock_ns
        How far clocks may be ahead, at most.
    groups
        Into how many tensor-parallel groups of equal size the ranks fall; each listed in the traces of its ranks.
    seed
        The same arguments give the same traces.

    Raises
    ------
    XpubreakError
        There is no such flavour, or ranks do not fall into groups.
    """
    if flavour not in FLAVOURS or ranks < 1 or groups < 1 or ranks % groups or straggler >= ranks:
        raise XpubreakError(f"Flavours are {', '.join(FLAVOURS)}; ranks fall into groups of one size.")
    chance = random.Random(f"cluster {seed}")  # noqa: S311 - jitter, no secret
    words = FLAVOURS[flavour]
    clocks = [chance.randint(0, clock_ns) if clock_ns else 0 for _ in range(ranks)]
    writers = [_Rank(rank, words, clocks[rank]) for rank in range(ranks)]
    width = ranks // groups
    sums = {name: [0] * ranks for name in ("compute", "wait", "transfer", "last")}
    for step in range(steps):
        for writer in writers:
            writer.begin(step)
        for _ in range(layers):
            for writer in writers:
                slow = 1 + (slow_frac if writer.rank == straggler else 0)
                dur_ns = round(80_000 * slow * (1 + jitter_frac * chance.uniform(-1, 1)))
                writer.compute(dur_ns)
                sums["compute"][writer.rank] += dur_ns
            for first in range(0, ranks, width):
                peers = writers[first : first + width]
                transfer_ns = round(27_000 * (1 + jitter_frac * chance.uniform(-1, 1)))
                came_ns = [peer.free_ns for peer in peers]
                end_ns = max(came_ns) + transfer_ns
                late = came_ns.index(max(came_ns))
                for place, peer in enumerate(peers):
                    peer.collective(end_ns)
                    sums["wait"][peer.rank] += end_ns - came_ns[place] - transfer_ns
                    sums["transfer"][peer.rank] += transfer_ns
                sums["last"][peers[late].rank] += 1
        for writer in writers:
            writer.end()
    listed = [list(range(first, first + width)) for first in range(0, ranks, width)]
    documents = tuple(writer.document(ranks, listed[writer.rank // width]) for writer in writers)
    compute, wait, transfer, last = (tuple(sums[name]) for name in ("compute", "wait", "transfer", "last"))
    return ClusterTraces(documents, ClusterTruth(compute, wait, transfer, last, tuple(clocks), steps * layers))


class _Rank:
    """Writes the events of one rank; times are true, and shifted by its clock when they are written."""

    def __init__(self, rank: int, words: dict[str, Any], clock_ns: int) -> None:
        self.rank, self._words, self._clock_ns = rank, words, clock_ns
        self.free_ns = self._host_ns = 1_000_000
        self._events: list[dict[str, Any]] = []
        self._correlation = 0
        self._step: dict[str, Any] = {}

    def begin(self, step: int) -> None:
        self._host_ns = max(self._host_ns, self.free_ns - 200_000)
        name = "execute_context_4(512)_generation_0(0)" if step == 0 else "execute_context_0(0)_generation_4(4)"
        self._step = self._span("user_annotation", name, self._host_ns, 0)

    def end(self) -> None:
        self._host_ns += 1_000
        self._step["dur"] = round((self._host_ns + self._clock_ns) / 1000 - self._step["ts"], 3)

    def compute(self, dur_ns: int) -> None:
        self._launch("_C::rms_norm", self._words["compute"], _COMPUTE, dur_ns)

    def collective(self, end_ns: int) -> None:
        self._launch("c10d::allreduce_", self._words["collective"], _COLLECTIVE, end_ns - self.free_ns)

    def _launch(self, op: str, kernel: str, queue: int, dur_ns: int) -> None:
        self._correlation += 1
        category, call = self._words["runtime"]
        self._span("cpu_op", op, self._host_ns, _OP_NS)
        self._span(category, call, self._host_ns + 2_000, _LAUNCH_NS, correlation=self._correlation)
        self._host_ns += _OP_NS + 500
        event = self._span("kernel", kernel, self.free_ns, dur_ns, correlation=self._correlation, device=self.rank)
        event["pid"], event["tid"] = self.rank, queue
        self.free_ns += dur_ns

    def _span(self, category: str, name: str, start_ns: int, dur_ns: int, **args: Any) -> dict[str, Any]:
        pid = 1000 + self.rank
        event = {"ph": "X", "cat": category, "name": name, "pid": pid, "tid": pid, "args": args}
        event |= {"ts": (start_ns + self._clock_ns) / 1000, "dur": dur_ns / 1000}
        self._events.append(event)
        return event

    def document(self, ranks: int, group: list[int]) -> dict[str, Any]:
        info = {"backend": self._words["backend"], "rank": self.rank, "world_size": ranks}
        info["pg_config"] = [{"pg_name": "0", "pg_desc": "tp", "pg_size": len(group), "ranks": group}]
        return {
            "schemaVersion": 1,
            "xpubreak_synthetic": True,
            "deviceProperties": [{"id": self.rank, "name": self._words["card"]}],
            "distributedInfo": info,
            "baseTimeNanoseconds": _BASE_NS,
            "traceEvents": self._events,
        }
