"""vLLM engines in a namespace, and whether their work happens in this process.

A profiler records its own process. vLLM's V1 engine usually computes in others: profiling the notebook's process then
records nothing. Nothing here imports vLLM or calls into an engine: a failed remote call can poison its channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

from xpubreak.capture.names import names_used

_ENGINE_CLASSES = ("LLM", "LLMEngine", "AsyncLLM", "AsyncLLMEngine")
# Executors that run the model in the process of the engine core; the others have workers of their own.
LOCAL_EXECUTORS = ("UniProcExecutor", "ExecutorWithExternalLauncher", "UniProcExecutorV0")


@dataclass(frozen=True)
class Engine:
    """A vLLM engine that a variable holds.

    Parameters
    ----------
    variable
        Its name in the namespace.
    class_name
        ``"LLM"``, ``"LLMEngine"`` or ``"AsyncLLM"``.
    is_in_process
        Whether a profiler of this process sees its kernels.
    whereabouts
        Where it computes instead, for people; empty where it is in this process.
    """

    variable: str
    class_name: str
    is_in_process: bool
    whereabouts: str = ""


def find_engines(namespace: Mapping[str, Any]) -> tuple[Engine, ...]:
    """Find the vLLM engines among a namespace's variables, each once; names with a leading underscore do not count."""
    found: dict[int, Engine] = {}
    for name, value in list(namespace.items()):
        class_name = "" if name.startswith("_") else engine_class(value)
        if class_name and id(value) not in found:
            whereabouts = _whereabouts(value)
            found[id(value)] = Engine(name, class_name, not whereabouts, whereabouts)
    return tuple(found.values())


def engines_elsewhere(codes: Iterable[CodeType], namespace: Mapping[str, Any]) -> tuple[Engine, ...]:
    """Those engines in other processes that some code uses: by name, or through functions of the namespace."""
    elsewhere = [engine for engine in find_engines(namespace) if not engine.is_in_process]
    if not elsewhere:
        return ()
    used = names_used(codes, namespace)
    return tuple(engine for engine in elsewhere if engine.variable in used)


def explain_elsewhere(engines: Iterable[Engine]) -> str:
    """Say why this process had nothing to record, and how to record those engines instead."""
    listed = list(engines)
    what = ", ".join(f"{engine.variable} ({engine.class_name}, {engine.whereabouts})" for engine in listed)
    first = listed[0].variable if listed else "llm"
    return (
        f"The work of {what} happens in another process, and this recording is of the notebook's own. Name the engine: "
        f"%%xpu_breakdown --llm {first}, or xb.profile(llm={first})."
    )


def engine_class(value: Any) -> str:
    """Which of vLLM's engine classes an object is of; empty where of none."""
    for base in type(value).__mro__:
        if base.__name__ in _ENGINE_CLASSES and (base.__module__ or "").partition(".")[0] == "vllm":
            return base.__name__
    return ""


def _whereabouts(value: Any) -> str:
    engine = held(value, "llm_engine") or value
    core = held(engine, "engine_core")
    if core is not None and "InprocClient" not in class_names(core):
        return "its engine core is a process of its own"
    executor = held(engine, "model_executor") or held(held(core, "engine_core"), "model_executor")
    # The V0 engine had no core, and the driver's worker in this process.
    if core is not None and executor is not None and not class_names(executor) & set(LOCAL_EXECUTORS):
        return f"its workers are processes of their own ({type(executor).__name__})"
    return ""


def held(value: Any, name: str) -> Any:
    """An attribute that the object itself holds: neither properties nor __getattr__, which may call into an engine."""
    return getattr(value, "__dict__", {}).get(name)


def class_names(value: Any) -> set[str]:
    """Names of an object's class and its bases."""
    return {base.__name__ for base in type(value).__mro__}
