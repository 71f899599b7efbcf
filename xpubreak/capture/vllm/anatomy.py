"""What an engine is made of, read from attributes alone.

No method of the engine is called: with several workers a remote call that fails leaves replies unread, and every later
call gets those of the one before (vLLM 0.32: ``start_profile()`` on an engine without ``profiler_config``).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from xpubreak.capture.engines import LOCAL_EXECUTORS, class_names, engine_class, held

_EXTENSION_HOME = "xpubreak.capture.vllm."
_INSECURE = "VLLM_ALLOW_INSECURE_SERIALIZATION"
_PIECEWISE_MODES = 1  # CompilationMode.NONE is 0


class Anatomy:
    """Facts about a vLLM engine: an ``LLM``, ``LLMEngine`` or ``AsyncLLM``.

    Parameters
    ----------
    engine
        The object; it is not kept.
    """

    def __init__(self, engine: Any) -> None:
        inner = held(engine, "llm_engine") or engine
        self.class_name = engine_class(engine)
        self.config: Any = held(inner, "vllm_config")
        self.core: Any = held(inner, "engine_core")
        self._executor = held(inner, "model_executor") or held(held(self.core, "engine_core"), "model_executor")
        self._inner_session = bool(held(inner, "_profile_session_active"))

    @property
    def is_async(self) -> bool:
        """Whether its methods are coroutines."""
        return self.class_name.startswith("Async")

    @property
    def is_core_local(self) -> bool:
        """Whether the engine core lives in this process; its workers need not."""
        return self.core is None or "InprocClient" in class_names(self.core)

    @property
    def is_in_process(self) -> bool:
        """Whether the model runs in this process."""
        if not self.is_core_local:
            return False
        return self._executor is None or bool(class_names(self._executor) & set(LOCAL_EXECUTORS))

    @property
    def is_dead(self) -> bool:
        """Whether its processes are known to have ended."""
        return bool(held(held(self.core, "resources"), "engine_dead"))

    @property
    def is_session_active(self) -> bool:
        """Whether vLLM's own profiler was started and not stopped."""
        return self._inner_session

    @property
    def model_name(self) -> str:
        """Path or name of the model."""
        return str(self._of("model_config", "model", default=""))

    @property
    def layer_count(self) -> int | None:
        """Number of decoder blocks by the model's own configuration; None where it does not say."""
        texts = self._of("model_config", "hf_text_config"), self._of("model_config", "hf_config")
        for text in texts:
            count = getattr(text, "num_hidden_layers", None)
            if isinstance(count, int):
                return count
        return None

    @property
    def is_compiled(self) -> bool:
        """Whether the model runs through torch.compile."""
        if self._of("model_config", "enforce_eager"):
            return False
        mode = self._of("compilation_config", "mode")
        mode = self._of("compilation_config", "level") if mode is None else mode
        return bool(isinstance(mode, int) and int(mode) >= _PIECEWISE_MODES)

    @property
    def has_device(self) -> bool:
        """Whether the model runs on an accelerator."""
        return str(self._of("device_config", "device_type", default="cpu")) != "cpu"

    @property
    def rank_count(self) -> int:
        """How many workers this engine drives: tensor, pipeline and expert parallel, times its data-parallel cores."""
        world_size = self._of("parallel_config", "world_size", default=1)
        cores = held(self.core, "core_engines")
        return int(world_size) * (len(cores) if isinstance(cores, list) and cores else 1)

    @property
    def core_count(self) -> int:
        """How many engine cores, one per data-parallel replica."""
        cores = held(self.core, "core_engines")
        return len(cores) if isinstance(cores, list) and cores else 1

    @property
    def is_distributed_over_hosts(self) -> bool:
        """Whether workers may live on other machines."""
        backend = self._of("parallel_config", "distributed_executor_backend")
        nodes = self._of("parallel_config", "nnodes", default=1)
        return backend == "ray" or (isinstance(nodes, int) and nodes > 1)

    @property
    def profiler_config(self) -> Any:
        """The profiler_config, where the engine was built with torch's profiler; None otherwise."""
        config = self._of("profiler_config")
        return config if getattr(config, "profiler", None) == "torch" else None

    @property
    def trace_folder(self) -> str:
        """Where vLLM's own profiler writes to; empty where the engine was built without it."""
        config = self.profiler_config
        if config is not None:
            return str(getattr(config, "torch_profiler_dir", "") or "")
        if self.config is None or hasattr(self.config, "profiler_config"):
            return ""
        # Until 0.12 or so the profiler was asked for by an environment variable, which later versions ignore.
        return self.environment("VLLM_TORCH_PROFILER_DIR")

    @property
    def extension(self) -> str:
        """Qualified name of the worker extension class, which may be the user's own; empty where there is none."""
        name = self._of("parallel_config", "worker_extension_cls", default="")
        return name if isinstance(name, str) else ""

    @property
    def has_extension(self) -> bool:
        """Whether the workers understand xpubreak's calls by name."""
        return self.extension.startswith(_EXTENSION_HOME)

    @property
    def accepts_callables(self) -> bool:
        """Whether a function can be sent to the workers: never through vLLM's serialisation unless it is allowed to."""
        if self.is_core_local:
            return True
        here, there = os.environ.get(_INSECURE, ""), self.environment(_INSECURE)  # one end packs, the other unpacks
        return not {here, there} & {"", "0"}

    def environment(self, name: str) -> str:
        """Value of an environment variable as the engine core has it; empty where it is not set, or not known."""
        if self.is_core_local:
            return os.environ.get(name, "")
        values = {_variable_of(process, name) for process in self._processes()}
        return values.pop() if len(values) == 1 else ""

    def _processes(self) -> list[Any]:
        manager = held(held(self.core, "resources"), "engine_manager")
        found = held(manager, "processes")
        return list(found) if isinstance(found, list | tuple) else []

    def _of(self, part: str, name: str | None = None, default: Any = None) -> Any:
        found = getattr(self.config, part, None)
        if name is None:
            return found
        value = getattr(found, name, None)
        return default if value is None else value


def _variable_of(process: Any, name: str) -> str:
    """A variable that a child process began with; nothing for a forked one whose variables may have changed since."""
    pid = getattr(process, "pid", None)
    if not isinstance(pid, int):
        return ""
    if "ForkProcess" in class_names(process):
        # What is set in os.environ before a fork shows nowhere; what this process itself began with is certain.
        pid = os.getpid()
    try:
        entries = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    found = [entry.partition(b"=")[2] for entry in entries if entry.startswith(f"{name}=".encode())]
    return found[0].decode("utf-8", "replace") if found else ""
