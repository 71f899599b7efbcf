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
_LOCAL_EXECUTORS = ("UniProcExecutor", "ExecutorWithExternalLauncher", "UniProcExecutorV0")


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
        class_name = "" if name.startswith("_") else _engine_class(value)
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
    """Say what cannot be profiled, why, and what to do."""
    listed = list(engines)
    what = ", ".join(f"{engine.variable} ({engine.class_name}, {engine.whereabouts})" for engine in listed)
    return (
        f"The work of {what} happens in another process, and a profiler records only its own: "
        "there would be nothing to break down.\n"
        "What to do now, either\n"
        "  - let the engine run in this process. In a fresh kernel, before vLLM is imported:\n"
        '        import os; os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"\n'
        "    and build it without tensor parallelism; or\n"
        "  - let vLLM record itself, and open what it wrote:\n"
        '        llm = LLM(..., profiler_config={"profiler": "torch", "torch_profiler_dir": "/tmp/traces",\n'
        '                                        "torch_profiler_with_stack": False})\n'
        "        llm.start_profile(); llm.generate(...); llm.stop_profile()\n"
        "        %xpu_trace /tmp/traces"
    )


def _engine_class(value: Any) -> str:
    for base in type(value).__mro__:
        if base.__name__ in _ENGINE_CLASSES and (base.__module__ or "").partition(".")[0] == "vllm":
            return base.__name__
    return ""


def _whereabouts(value: Any) -> str:
    engine = _attribute(value, "llm_engine") or value
    core = _attribute(engine, "engine_core")
    if core is not None and "InprocClient" not in _class_names(core):
        return "its engine core is a process of its own"
    executor = _attribute(engine, "model_executor") or _attribute(_attribute(core, "engine_core"), "model_executor")
    # The V0 engine had no core, and the driver's worker in this process.
    if core is not None and executor is not None and not _class_names(executor) & set(_LOCAL_EXECUTORS):
        return f"its workers are processes of their own ({type(executor).__name__})"
    return ""


def _attribute(value: Any, name: str) -> Any:
    # Only what the objects hold: neither properties nor __getattr__, which may call into a dying engine.
    return getattr(value, "__dict__", {}).get(name)


def _class_names(value: Any) -> set[str]:
    return {base.__name__ for base in type(value).__mro__}
