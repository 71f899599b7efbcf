"""Synthetic XPU traces: what Kineto would write of vLLM on an Intel GPU, with the truth about every activity.

No trace of an Intel GPU comes with xpubreak; this generator follows what is known of them from public sources: the
XPU plugin of pytorch/kineto (fields, categories), vllm-xpu-kernels and vLLM (operators, kernels), posted profiles
(durations). A synthetic trace says so: top-level key ``xpubreak_synthetic``, ``traceName`` and the device's name.
"""

from __future__ import annotations

import difflib
import gzip
import itertools
import json
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from xpubreak.errors import XpubreakError
from xpubreak.samples.compiled import CompiledDecoder
from xpubreak.samples.decoder import Batch, EagerDecoder, Parts
from xpubreak.samples.defects import DEFECTS, FORCED_US, Draft, apply_defects, is_activity
from xpubreak.samples.device import Device
from xpubreak.samples.document import frame_events, last_end_ns, top_level
from xpubreak.samples.engine import Engine
from xpubreak.samples.host import Event, Host
from xpubreak.samples.truth import Fallback, Truth

MODES = ("eager", "compiled", "graph")
REQUESTS, PROMPT_TOKENS = 4, 128


class SynthesisError(XpubreakError, ValueError):
    """There is no such synthetic trace."""


@dataclass(frozen=True)
class SyntheticTrace:
    """A generated trace.

    Parameters
    ----------
    document
        As `json` would read it; without the torn last event of a truncated one.
    truth
        About every device activity in it.
    """

    document: Event
    truth: Truth
    _torn: bytes = b""

    @property
    def events(self) -> list[Event]:
        """The events, in the order of the file."""
        events: list[Event] = self.document["traceEvents"]
        return events

    def to_bytes(self) -> bytes:
        """Return the file, uncompressed."""
        text = json.dumps(self.document, separators=(",", ":")).encode()
        if not self._torn:
            return text
        # traceEvents is not the last key: cut where its array closes.
        head = {key: value for key, value in self.document.items() if key not in ("traceEvents", "traceName")}
        opening = json.dumps({**head, "traceEvents": []}, separators=(",", ":")).encode()[:-2]
        return opening + json.dumps(self.events, separators=(",", ":")).encode()[1:-1] + b"," + self._torn

    def save(self, path: str | PathLike[str], *, compress: bool | None = None) -> Path:
        """Write the file.

        Parameters
        ----------
        path
            Where to; an existing file is replaced.
        compress
            With gzip; by default where the name ends in ``.gz``.

        Returns
        -------
        Path
            The file.
        """
        target = Path(path)
        data = self.to_bytes()
        # mtime 0: the same trace gives the same file.
        is_gzip = target.suffix == ".gz" if compress is None else compress
        target.write_bytes(gzip.compress(data, 6, mtime=0) if is_gzip else data)
        return target


def synthesize(
    *,
    layers: int = 4,
    prefill_steps: int = 1,
    decode_steps: int = 4,
    mixed_steps: int = 0,
    mode: str = "eager",
    stacks: bool = False,
    module_spans: bool = False,
    moe: bool = False,
    tp: int = 1,
    rank: int = 0,
    seed: int = 0,
    defects: Collection[str] = (),
) -> SyntheticTrace:
    """Generate a trace of vLLM 0.33 serving a Qwen3-like decoder on an XPU.

    Parameters
    ----------
    layers
        Decoder layers, at least 1.
    prefill_steps, mixed_steps, decode_steps
        Engine steps, in this order: 4 prompts of 128 tokens; one prompt while 4 requests generate; 4 requests that
        generate. They make up one trace; nothing is said about whose tokens they are.
    mode
        ``eager``; ``compiled``, in pieces around attention; or ``graph``: decode steps are replays of one graph.
    stacks
        Record python functions and ``nn.Module`` frames.
    module_spans
        Record the module spans that `xpubreak` writes at capture.
    moe
        Mixture of experts instead of a dense feed-forward network.
    tp, rank
        Tensor parallel size, and which rank this is. The ranks of one `seed` belong together: each collective takes
        the same time in all but for waiting.
    seed
        The same arguments give the same trace.
    defects
        Keys of `xpubreak.samples.defects.DEFECTS`.

    Returns
    -------
    SyntheticTrace

    Raises
    ------
    SynthesisError
        An argument is out of range, or names no mode or defect.
    """
    _check(layers, (prefill_steps, mixed_steps, decode_steps), mode, tp, rank, defects)
    host = Host(seed * 8191 + rank, 1000 + rank, stacks=stacks, module_spans=module_spans)
    forced_us = FORCED_US if "identical-durations" in defects else {}
    device = Device(host, rank, seed * 131 + rank, forced_us, "graph-hides-kernels" in defects)
    parts = Parts(host, device, tp, _waits_us(seed, tp, rank))
    decoder = (EagerDecoder if mode == "eager" else CompiledDecoder)(parts, layers, moe=moe)
    engine = Engine(parts, decoder, mode == "graph", "hostile-names" in defects)
    for _ in range(prefill_steps):
        engine.step(Batch(REQUESTS, REQUESTS * PROMPT_TOKENS, 0))
    for _ in range(mixed_steps):
        engine.step(Batch(1, PROMPT_TOKENS, REQUESTS))
    for _ in range(decode_steps):
        engine.step(Batch(0, 0, REQUESTS))

    draft = Draft([*host.events, *device.events], device.activities)
    apply_defects(draft, tuple(defects))
    draft.events.extend(frame_events(host.pid, rank, tp, last_end_ns(draft.events)))
    torn = _tear(draft) if "truncated" in defects else b""
    place = {id(event): index for index, event in enumerate(draft.events)}
    fallbacks = tuple(Fallback(event["name"], place[id(event)], step) for event, step in engine.fallbacks)
    truth = Truth(tuple(draft.activities), fallbacks, tuple(engine.steps), layers)
    label = "-".join(["moe" if moe else "dense", f"{layers}l", mode, *(f"tp{tp}-rank{rank}" for _ in range(tp > 1))])
    document = top_level(seed=seed, rank=rank, tp=tp, stacks=stacks)
    document |= {"traceEvents": draft.events, "traceName": f"synthetic-xpu-{label}.pt.trace.json"}
    return SyntheticTrace(document, truth, torn)


def synthetic_xpu(path: str | PathLike[str]) -> Path:
    """Write the synthetic XPU trace that demos show: 12 layers, eager, one prefill and 15 decode steps, module spans.

    Parameters
    ----------
    path
        Where to; compressed where it ends in ``.gz``.

    Returns
    -------
    Path
        The file.
    """
    return synthesize(layers=12, decode_steps=15, module_spans=True).save(path)


def _waits_us(seed: int, tp: int, rank: int) -> Iterator[float]:
    """How long this rank waits for the slowest, collective by collective; mostly little, sometimes much."""
    arrivals = random.Random(f"collectives {seed}")  # noqa: S311 jitter, no secret
    for _ in itertools.count():
        late_us = [arrivals.expovariate(1 / 40) + (700 if arrivals.random() < 0.02 else 0) for _ in range(tp)]
        yield max(late_us) - late_us[rank]


def _tear(draft: Draft) -> bytes:
    """Cut the draft in the middle of the event after the middle activity; returns what is left of that event."""
    rows = [row for row, event in enumerate(draft.events) if is_activity(event)]
    if not rows:
        raise SynthesisError("A trace without device activities is not truncated; leave out one of the defects.")
    keep = len(rows) // 2
    torn = json.dumps(draft.events[rows[keep]], separators=(",", ":")).encode()
    del draft.events[rows[keep] :]
    del draft.activities[keep:]
    return torn[: len(torn) // 2]


def _check(layers: int, steps: tuple[int, int, int], mode: str, tp: int, rank: int, defects: Collection[str]) -> None:
    if layers < 1 or min(steps) < 0 or tp not in (1, 2, 4, 8) or not 0 <= rank < tp:
        raise SynthesisError("There is at least 1 layer and no negative step; tp is 1, 2, 4 or 8 and rank below it.")
    if mode not in MODES:
        raise SynthesisError(f"There is no mode {mode!r}; there are {', '.join(MODES)}.")
    if isinstance(defects, str):
        raise SynthesisError("Defects are several: give a tuple of names.")
    for defect in defects:
        if defect not in DEFECTS:
            near = difflib.get_close_matches(defect, DEFECTS, n=1, cutoff=0) or list(DEFECTS)
            raise SynthesisError(f"There is no defect {defect!r}; did you mean {near[0]}?")
    if "graph-hides-kernels" in defects and mode != "graph":
        raise SynthesisError("graph-hides-kernels needs mode='graph'.")
