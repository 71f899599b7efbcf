"""How large a recording will be, and whether there is room for it: before anything runs, by arithmetic alone.

The rates were measured with vLLM 0.32 on the CPU (models of 4, 8 and 16 layers, decoding); events of an eager step are
linear in the layers to the event. On an accelerator, operators are fewer and each kernel adds its own events. The
memory is that of torch 2.13's profiler while it writes the trace (800,000 and 2.4 million events).
"""

from __future__ import annotations

from dataclasses import dataclass

_EAGER = (236, 220)  # events per step: fixed, and per layer
_COMPILED = (199, 40)
_EAGER_FRAMES = (5500, 414)  # of Python, where stacks are recorded: a worker that waits for the next step makes most
_COMPILED_FRAMES = (5500, 66)
_MODULE_SPANS = (5, 15)
_KERNEL_EVENTS = (80, 60)  # kernel, launch and two flow events for each of some 15 kernels

_TRACE_BYTES = 250
_TRACE_BYTES_WITH_SHAPES = 430
_FRAME_BYTES = 280
_MEMORY_BYTES = 1_700
_MEMORY_BYTES_WITH_SHAPES = 3_300

_PACKING = 10  # gzip makes 17 to 25 bytes of an event

_USABLE_FRAC = 0.8
MAX_TRACE_BYTES = 4_000_000_000
UNLIMITED_STEPS = 1_024
"""Steps that a recording without a limit is expected to take."""


@dataclass(frozen=True)
class Workload:
    """What is going to be recorded.

    Parameters
    ----------
    layer_count
        Of the model.
    steps
        At most; None for no limit.
    rank_count
        Processes that each write a trace.
    is_compiled, has_device
        Whether the model is compiled, and whether there is an accelerator.
    stacks, shapes, modules
        What is recorded.
    is_packed
        Whether the traces are compressed by who writes them.
    is_configured
        Whether stacks and shapes were settled when the engine was built, so that asking for less does not help.
    assumed
        What of this is not known but assumed, for people: ``"80 layers"``.
    """

    layer_count: int
    steps: int | None = 16
    rank_count: int = 1
    is_compiled: bool = False
    has_device: bool = False
    stacks: bool = False
    shapes: bool = True
    modules: bool = True
    is_packed: bool = False
    is_configured: bool = False
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Room:
    """What is free; None where it is not known.

    Parameters
    ----------
    disk_bytes, memory_bytes
        Free disk of the traces' folder, available memory.
    folder
        Where the traces go.
    """

    disk_bytes: int | None = None
    memory_bytes: int | None = None
    folder: str = ""


@dataclass(frozen=True)
class Estimate:
    """How large a recording will be, all ranks together.

    Parameters
    ----------
    workload
        That it is of.
    events_per_step
        Of one rank.
    trace_bytes, memory_bytes
        Of the whole recording: of the traces as they are read, and in the memory of the recorded processes when they
        are written.
    """

    workload: Workload
    events_per_step: int
    trace_bytes: int
    memory_bytes: int

    @property
    def disk_bytes(self) -> int:
        """What the traces take on disk."""
        return self.trace_bytes // _PACKING if self.workload.is_packed else self.trace_bytes

    @property
    def steps(self) -> int:
        """Steps that were reckoned with."""
        return UNLIMITED_STEPS if self.workload.steps is None else self.workload.steps

    def __str__(self) -> str:
        ranks = self.workload.rank_count
        steps = f"{self.steps:,} steps" + (" (no limit was set)" if self.workload.steps is None else "")
        packed = f" ({format_bytes(self.disk_bytes)} compressed)" if self.workload.is_packed else ""
        assumed = f" ({' and '.join(self.workload.assumed)}: assumed, not known)" if self.workload.assumed else ""
        return (
            f"{self.workload.layer_count} layers make about {self.events_per_step:,} events a step; × {steps}"
            f"{f' × {ranks} ranks' if ranks > 1 else ''} = {self.events_per_step * self.steps * ranks:,} events: "
            f"{format_bytes(self.trace_bytes)} of traces{packed} and {format_bytes(self.memory_bytes)} of memory"
            f"{assumed}"
        )


def estimate(workload: Workload) -> Estimate:
    """Reckon how large a recording will be; on the safe side, by up to a factor of two."""
    rates = [_COMPILED if workload.is_compiled else _EAGER]
    if workload.modules and not workload.is_compiled:
        rates.append(_MODULE_SPANS)
    if workload.has_device:
        rates.append(_KERNEL_EVENTS)
    spans = sum(fixed + per_layer * workload.layer_count for fixed, per_layer in rates)
    fixed, per_layer = _COMPILED_FRAMES if workload.is_compiled else _EAGER_FRAMES
    frames = fixed + per_layer * workload.layer_count if workload.stacks else 0
    steps = UNLIMITED_STEPS if workload.steps is None else workload.steps
    times = steps * workload.rank_count
    span_bytes = _TRACE_BYTES_WITH_SHAPES if workload.shapes else _TRACE_BYTES
    memory_bytes = _MEMORY_BYTES_WITH_SHAPES if workload.shapes else _MEMORY_BYTES
    return Estimate(
        workload,
        events_per_step=spans + frames,
        trace_bytes=times * (spans * span_bytes + frames * _FRAME_BYTES),
        memory_bytes=times * (spans * memory_bytes + frames * _MEMORY_BYTES),
    )


def why_too_large(expected: Estimate, room: Room) -> str:
    """Say with the arithmetic why a recording is not to be begun; empty where there is room for it."""
    needs = [
        (expected.trace_bytes, MAX_TRACE_BYTES, "traces larger than {limit} take minutes to write and to read"),
        (expected.disk_bytes, _usable(room.disk_bytes), f"{room.folder or 'the disk'} has room for {{limit}}"),
        (expected.memory_bytes, _usable(room.memory_bytes), "there is memory for {limit}"),
    ]
    reasons = [
        reason.format(limit=format_bytes(limit))
        for needed, limit, reason in needs
        if limit is not None and needed > limit
    ]
    if not reasons:
        return ""
    fitting = min(limit * expected.steps // needed for needed, limit, _ in needs if limit is not None and needed)
    return f"{expected}. But {', and '.join(reasons)}. {_advice(expected.workload, fitting)}"


def _advice(workload: Workload, fitting_steps: int) -> str:
    """How to record less, in the words of the magic and in those of ``xb.profile``."""
    ways = [(f"--max-steps {fitting_steps}", f"window=Window(max_steps={fitting_steps})")] if fitting_steps else []
    if not workload.is_configured:
        ways += [("leave out --stack", "stacks=False")] if workload.stacks else []
        ways += [("--no-shapes", "shapes=False")] if workload.shapes else []
    options, arguments = (", ".join(words) for words in zip(*ways, ("--force", "force=True"), strict=True))
    less, _, force = options.rpartition(", ")
    first = f"Record less ({less}), or all the same" if less else "Record all the same"
    return f"{first} with {force}; of xb.profile: {arguments}."


def format_bytes(size_bytes: float) -> str:
    """Scale a size for reading: ``850 B``, ``12.3 MB``, ``4.5 GB``."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= 0.9995 * scale:
            return (
                f"{size_bytes / scale:.3g} {unit}"
                if size_bytes < 999.5 * scale
                else f"{size_bytes / scale:,.0f} {unit}"
            )
    return f"{size_bytes:.0f} B"


def _usable(free_bytes: int | None) -> int | None:
    return None if free_bytes is None else int(_USABLE_FRAC * free_bytes)
