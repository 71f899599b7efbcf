"""A stand-in for vLLM's engines: their anatomy, with workers of a tiny decoder, all in this process.

What is played is the surface that xpubreak touches, as of vLLM 0.32; the real thing runs in ``tests/vllm``.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from tests.capture.decoder import Decoder, prompt
from xpubreak.capture.vllm.extension import EXTENSION, WorkerExtension


class Worker(WorkerExtension):
    """As vLLM's: asks its profiler for a context around each iteration."""

    def __init__(self, rank: int = 0, layer_count: int = 2) -> None:
        self.rank = rank
        self.device = torch.device("cpu")
        self.parallel_config = SimpleNamespace(data_parallel_index=0)
        self.profiler: Any = None
        self.model = Decoder(layer_count)

    def get_model(self) -> Any:
        return self.model

    def annotate_profile(self, name: str) -> Any:
        if not self.profiler:
            return contextlib.nullcontext()
        self.profiler.step()
        if not self.profiler.should_annotate:
            return contextlib.nullcontext()
        return self.profiler.annotate_context_manager(name)

    def execute_model(self, step: SimpleNamespace) -> Any:
        with self.annotate_profile(step.name):
            return self.model(prompt())


class WorkerElsewhere:
    """One in a process of its own, so that it records beside one of this: answers, and writes a trace as it should."""

    def __init__(self, rank: int) -> None:
        self.rank = rank

    def xpb_start(self, *, folder: str, prefix: str, **_options: Any) -> dict[str, Any]:
        self.path = Path(folder, f"{prefix}_dp0_rank{self.rank}.json")
        return self._reply(file=str(self.path))

    def xpb_stop(self, *, keep: bool = True) -> dict[str, Any]:
        if not keep:
            return self._reply()
        event = {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "ts": 1, "dur": 1}
        self.path.write_text(json.dumps({"distributedInfo": {"rank": self.rank}, "traceEvents": [event]}))
        return self._reply(path=str(self.path), bytes=self.path.stat().st_size, shared=True)

    def execute_model(self, step: SimpleNamespace) -> None:
        """Of no interest."""

    def _reply(self, **more: Any) -> dict[str, Any]:
        return {"position": f"dp0_rank{self.rank}", "host": "gpu1", "error": "", **more}


class OldWorker(Worker):
    """Of a version whose workers do not name their iterations."""

    annotate_profile = property()  # type: ignore[assignment]  # hasattr() says no

    def execute_model(self, step: SimpleNamespace) -> Any:
        return self.model(prompt())


def vllm_class(name: str, *bases: type, **members: Any) -> type:
    return type(name, bases, {"__module__": "vllm.v1.engine", **members})


def config(**parts: Any) -> SimpleNamespace:
    parallel = {"world_size": 1, "data_parallel_size": 1, "worker_extension_cls": "", "nnodes": 1}
    return SimpleNamespace(
        parallel_config=SimpleNamespace(**{**parallel, **parts.pop("parallel", {})}),
        profiler_config=parts.pop("profiler", SimpleNamespace(profiler=None, torch_profiler_dir="")),
        model_config=SimpleNamespace(
            model="tiny", enforce_eager=True, hf_text_config=SimpleNamespace(num_hidden_layers=2)
        ),
        compilation_config=SimpleNamespace(mode=0),
    )


def make_engine(
    *workers: Any, class_name: str = "LLM", core: str = "SyncMPClient", extension: str = EXTENSION, **parts: Any
) -> Any:
    """An engine whose calls go to these workers, one after the other.

    `generate(steps)` runs as many iterations, the first a prefill of four tokens.
    """
    parts.setdefault("parallel", {}).update(world_size=len(workers), worker_extension_cls=extension)

    def collective_rpc(
        _self: Any, method: Any, timeout: float | None = None, args: tuple = (), kwargs: dict | None = None
    ) -> list[Any]:
        if calls is not None:
            calls.append(method if isinstance(method, str) else method.__name__)
        return [
            getattr(worker, method)(*args, **(kwargs or {}))
            if isinstance(method, str)
            else method(worker, *args, **(kwargs or {}))
            for worker in workers
        ]

    async def collective_rpc_async(self: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return collective_rpc(self, *args, **kwargs)

    def generate(_self: Any, steps: int = 3) -> None:
        for step in range(steps):
            name = "execute_context_1(4)_generation_0(0)" if step == 0 else "execute_context_0(0)_generation_1(1)"
            tokens = {"a": 4 if step == 0 else 1}
            new = [SimpleNamespace(req_id="a")] if step == 0 else []
            for worker in workers:
                worker.execute_model(SimpleNamespace(name=name, num_scheduled_tokens=tokens, scheduled_new_reqs=new))

    calls: list[str] = []
    is_async = class_name.startswith("Async")
    made = vllm_class(
        class_name, collective_rpc=collective_rpc_async if is_async else collective_rpc, generate=generate
    )()
    inner = made if is_async else vllm_class("LLMEngine")()
    inner.vllm_config = config(**parts)
    inner.engine_core = vllm_class(core)()
    if core == "InprocClient":
        inner.model_executor = vllm_class("UniProcExecutor")()
    if not is_async:
        made.llm_engine = inner
    made.calls, made.workers = calls, workers
    return made


def hook_count(worker: Worker) -> int:
    return sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in worker.model.modules())
