"""``xb.profile``: the magic without the magic."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xpubreak.profiled import Profile

if TYPE_CHECKING:
    from xpubreak.capture.vllm.window import Window


def profile(
    *,
    device: str = "auto",
    stacks: bool = False,
    shapes: bool = True,
    modules: str | Mapping[str, Any] | Iterable[Any] | None = "auto",
    title: str = "",
    save: str | Path | None = None,
    llm: Any = None,
    window: Window | None = None,
    trace_dir: str | Path | None = None,
    force: bool = False,
) -> Profile:
    """Profile a block of code: ``with xb.profile() as p: …``, then ``p.breakdown``; ``async with`` works too.

    Parameters
    ----------
    device
        ``"auto"`` (XPU before CUDA before CPU), ``"xpu"``, ``"cuda"`` or ``"cpu"``.
    stacks
        Record Python frames: several times the events, and a slower run.
    shapes
        Record the shapes of operator inputs.
    modules
        Modules whose forwards are told apart, for layers: ``"auto"`` takes the ``torch.nn.Module`` variables of the
        caller; modules by name, some modules, one module, or None.
    title
        For the header of the breakdown.
    save
        Keep the trace in this file; compressed where its name ends in ``.gz``. Several ranks go to names with
        ``.rank0`` and so on.
    llm
        vLLM engines to record instead of this process: one (``llm=llm``), some, some by name, or the URL of an
        OpenAI-compatible server. ``AsyncLLM`` needs ``async with``.
    window
        Which iterations of the engines to record, ``xpubreak.capture.vllm.window.Window(first_step, max_steps)``; 16
        from the start on by default.
    trace_dir
        Where the server writes its traces; found out where it runs on this machine.
    force
        Record engines although memory or disk will probably not suffice. How large their traces will be is reckoned
        before the block runs, from layers, steps and ranks. Of this process nothing is reckoned: how long the block
        runs is not known.

    Returns
    -------
    Profile
        To be entered; its `breakdown` is there afterwards, also where the block raised.

    Raises
    ------
    CaptureError
        On entering: torch or the device is missing, another profiler is active, or there is no room. On leaving: the
        trace could not be written. Never in place of the block's own exception.
    """
    frame = inspect.currentframe()
    caller = frame.f_back if frame else None
    namespace = {**caller.f_globals, **caller.f_locals} if caller else {}
    return Profile(
        device=device,
        stacks=stacks,
        shapes=shapes,
        modules=modules,
        title=title,
        save=save,
        namespace=namespace,
        llm=llm,
        window=window,
        trace_dir=trace_dir,
        force=force,
    )
