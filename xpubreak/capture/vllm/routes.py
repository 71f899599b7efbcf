"""Which way into an engine: chosen by what it is made of, never by trying."""

from __future__ import annotations

from dataclasses import dataclass

from xpubreak.capture.vllm.anatomy import Anatomy
from xpubreak.capture.vllm.extension import EXTENSION

PROFILER_CONFIG = "profiler-config"
IN_PROCESS = "in-process"
WORKER_EXTENSION = "worker-extension"
CALLABLES = "callables"
SERVER = "server"

SENTENCES = {
    PROFILER_CONFIG: "through the profiler_config that it was built with",
    IN_PROCESS: "in this process",
    WORKER_EXTENSION: "in its workers, through xpubreak's worker extension",
    CALLABLES: "in its workers, by functions sent to them (VLLM_ALLOW_INSECURE_SERIALIZATION)",
    SERVER: "by the server's own profiler",
}


@dataclass(frozen=True)
class Route:
    """A way into an engine.

    Parameters
    ----------
    name
        One of the constants above; empty where there is no way.
    by
        How workers are called, ``WORKER_EXTENSION`` or ``CALLABLES``; empty where they cannot be.
    obstacle
        Why there is no way and what to do, for people; empty where there is one.
    """

    name: str
    by: str = ""
    obstacle: str = ""


def choose_route(anatomy: Anatomy, variable: str = "the engine") -> Route:
    """Pick the way into an engine.

    Parameters
    ----------
    anatomy
        Of the engine.
    variable
        What the user calls it.
    """
    if anatomy.is_dead:
        return Route("", obstacle=f"{variable} is no longer running: its processes have ended. Build it again.")
    by = WORKER_EXTENSION if anatomy.has_extension else CALLABLES if anatomy.accepts_callables else ""
    folder = anatomy.trace_folder
    is_local = "://" not in folder
    if folder and is_local:
        return Route(PROFILER_CONFIG, by)
    if by:
        return Route(IN_PROCESS if anatomy.is_in_process and by == CALLABLES else by, by)
    if folder:
        return Route(
            "", obstacle=f"{variable} writes its traces to {folder}: copy them here and open them with %xpu_trace."
        )
    return Route("", obstacle=_explain(anatomy, variable))


def _explain(anatomy: Anatomy, variable: str) -> str:
    if anatomy.is_distributed_over_hosts:
        first = (
            "Its workers may live on other machines. Install xpubreak on them too and build it with\n"
            f'    {anatomy.class_name}(..., worker_extension_cls="{EXTENSION}")'
        )
    elif anatomy.is_async:
        first = "Run `%load_ext xpubreak` first and build it again, as it is."
    else:
        first = f"Run `%load_ext xpubreak` first, then `{variable} = {anatomy.class_name}(...)` again, as it is."
    return (
        f"{variable} ({anatomy.class_name}) computes in processes of its own, which cannot be reached: it was built "
        f"before xpubreak was loaded, or with xpubreak's worker extension turned off.\n{first}"
    )
