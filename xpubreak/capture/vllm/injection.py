"""Give the worker extension to engines that are built from now on.

Every way to build one (``LLM``, ``LLMEngine``, ``AsyncLLM``, a server in the notebook) asks
``EngineArgs.create_engine_config`` for its configuration: that method is wrapped, when vLLM is imported. vLLM itself is
never imported here.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from xpubreak.capture.vllm.combined import join
from xpubreak.capture.vllm.extension import EXTENSION

_MODULE = "vllm.engine.arg_utils"
_METHOD = "create_engine_config"
_MARK = "_xpubreak_original"
_OWN = "xpubreak.capture.vllm."


def install_extension() -> None:
    """Give the extension to engines built afterwards; may be called twice."""
    loaded = sys.modules.get(_MODULE)
    if loaded is not None:
        _wrap(loaded)
    elif not any(isinstance(finder, _Watcher) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Watcher())


def remove_extension() -> None:
    """Undo it: engines built afterwards are as their user asks for them."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Watcher)]
    arguments = getattr(sys.modules.get(_MODULE), "EngineArgs", None)
    original = getattr(vars(arguments or object).get(_METHOD), _MARK, None)
    if arguments is not None and original is not None:
        setattr(arguments, _METHOD, original)


def extended(arguments: Any) -> str | None:
    """The extension that an engine with these arguments should have; None leaves it as it is.

    Not where the core runs in this process, which needs none (and where vLLM would refuse a second engine with another
    extension), nor where workers may live on machines without xpubreak.
    """
    current = getattr(arguments, "worker_extension_cls", None)
    if not isinstance(current, str) or current.startswith(_OWN):
        return None
    if os.environ.get("VLLM_ENABLE_V1_MULTIPROCESSING", "1") == "0":
        return None
    backends = (
        getattr(arguments, "distributed_executor_backend", None),
        getattr(arguments, "data_parallel_backend", None),
    )
    nodes = getattr(arguments, "nnodes", 1)
    if "ray" in backends or (isinstance(nodes, int) and nodes > 1):
        return None
    return join(current) if current else EXTENSION


def _wrap(module: ModuleType) -> None:
    arguments = getattr(module, "EngineArgs", None)
    original = vars(arguments or object).get(_METHOD)
    if arguments is None or original is None or hasattr(original, _MARK):
        return  # a version that builds its engines otherwise: they are recorded as if there were no extension
    setattr(arguments, _METHOD, _with_extension(original))


def _with_extension(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def create_engine_config(self: Any, *args: Any, **kwargs: Any) -> Any:
        name = extended(self)
        if name is None:
            return original(self, *args, **kwargs)
        before = self.worker_extension_cls
        self.worker_extension_cls = name
        try:
            return original(self, *args, **kwargs)
        finally:
            self.worker_extension_cls = before  # the arguments are the user's

    setattr(create_engine_config, _MARK, original)
    return create_engine_config


class _Watcher(MetaPathFinder):
    """Waits for vLLM to be imported, and wraps what it came for."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _MODULE or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)  # once; and the search below must not come back here
        spec = importlib.util.find_spec(fullname)
        loader: Any = spec.loader if spec else None
        if loader is not None:
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                _wrap(module)

            loader.exec_module = exec_module
        return spec
