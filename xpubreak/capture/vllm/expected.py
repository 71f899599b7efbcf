"""How large a recording of engines or of a server will be, by what is known of them; refused where there is no room."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from xpubreak.capture.estimate import Room, Workload, estimate, why_too_large
from xpubreak.capture.room import find_room
from xpubreak.capture.vllm.anatomy import Anatomy
from xpubreak.capture.vllm.plan import Plan
from xpubreak.capture.vllm.routes import PROFILER_CONFIG, Route
from xpubreak.capture.vllm.server_facts import ServerFacts
from xpubreak.capture.vllm.window import Window
from xpubreak.errors import CaptureError

ASSUMED_LAYERS = 80
"""Of a model whose depth is not known: that of one with 70 billion parameters, on the safe side."""
ASSUMED_RANKS = 8
"""Of a server elsewhere that does not tell: the accelerators of one machine."""


def refuse_without_room(recordings: Iterable[tuple[str, Workload]], room: Room) -> None:
    """Make sure that recordings fit, one after the other.

    Parameters
    ----------
    recordings
        What each is called, and what it is.
    room
        That they share.

    Raises
    ------
    CaptureError
        One does not fit; with the arithmetic.
    """
    for name, workload in recordings:
        expected = estimate(workload)
        reason = why_too_large(expected, room)
        if reason:
            raise CaptureError(f"{name}: {reason}")
        room = replace(
            room,
            disk_bytes=_less(room.disk_bytes, expected.disk_bytes),
            memory_bytes=_less(room.memory_bytes, expected.memory_bytes),
        )


def engine_workload(anatomy: Anatomy, route: Route, plan: Plan) -> Workload:
    """What will be recorded of an engine."""
    # The profiler that an engine was built with keeps the options it was built with.
    config = anatomy.profiler_config if route.name == PROFILER_CONFIG else None
    layer_count = anatomy.layer_count
    return Workload(
        layer_count=ASSUMED_LAYERS if layer_count is None else layer_count,
        steps=plan.window.max_steps,
        rank_count=anatomy.rank_count,
        is_compiled=anatomy.is_compiled,
        has_device=anatomy.has_device,
        stacks=bool(getattr(config, "torch_profiler_with_stack", plan.stacks)),
        shapes=bool(getattr(config, "torch_profiler_record_shapes", plan.shapes)),
        modules=plan.modules and bool(route.by),
        is_packed=bool(getattr(config, "torch_profiler_use_gzip", False)),
        is_configured=config is not None,
        assumed=() if layer_count is not None else (f"{ASSUMED_LAYERS} layers",),
    )


def engine_room(anatomies: Iterable[Anatomy]) -> Room:
    """What is free for engines that are recorded together."""
    listed = list(anatomies)
    room = find_room([*(anatomy.trace_folder for anatomy in listed), tempfile.gettempdir()])
    is_elsewhere = any(anatomy.is_distributed_over_hosts for anatomy in listed)
    return replace(room, memory_bytes=None) if is_elsewhere else room


def server_workload(facts: ServerFacts, window: Window) -> Workload:
    """What a server will record, by its own options; what it does not tell is assumed, on the safe side."""
    assumed = []
    if facts.layer_count is None:
        assumed.append(f"{ASSUMED_LAYERS} layers")
    rank_count = facts.rank_count
    if rank_count is None:
        rank_count = facts.accelerator_count or ASSUMED_RANKS
        assumed.append(f"{rank_count} rank{'s' * (rank_count > 1)}")
    if facts.is_eager is None:
        assumed.append("an eager model")
    if facts.stacks is None:
        assumed.append("Python stacks as by vLLM's default")
    return Workload(
        layer_count=ASSUMED_LAYERS if facts.layer_count is None else facts.layer_count,
        steps=window.max_steps,
        rank_count=rank_count,
        is_compiled=facts.is_eager is False,
        has_device=True,
        stacks=facts.stacks is not False,
        shapes=bool(facts.shapes),
        modules=False,
        is_packed=facts.is_packed is not False,
        is_configured=True,
        assumed=tuple(assumed),
    )


def server_room(folder: Path, *, is_here: bool) -> Room:
    """What is free for a server: its memory where it is this machine's, the disk where it can be seen."""
    if is_here:
        return find_room([str(folder)])
    return replace(find_room([str(folder)]), memory_bytes=None) if folder.is_dir() else Room(folder=str(folder))


def _less(free_bytes: int | None, taken_bytes: int) -> int | None:
    return None if free_bytes is None else max(0, free_bytes - taken_bytes)
