"""For cells of tests: engines built small, asked for a known amount of work, recordings checked against it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import xpubreak as xb
from xpubreak.magic.progress import Progress

ENGINE = {
    "load_format": "dummy",
    "dtype": "bfloat16",
    "max_model_len": 512,
    "max_num_seqs": 8,
    "enable_prefix_caching": False,
    "disable_log_stats": True,
}
REQUESTS, PROMPT_TOKENS, OUTPUT_TOKENS = 4, 32, 6


def prompts(count: int = REQUESTS, length: int = PROMPT_TOKENS) -> list[dict[str, Any]]:
    """Token ids, since nobody reads what a model with random weights answers."""
    return [{"prompt_token_ids": [3 + (7 * i + j) % 500 for j in range(length)]} for i in range(count)]


def steps(count: int = OUTPUT_TOKENS) -> Any:
    """So many tokens for each request: the first by the prefill, each other by a decode step."""
    from vllm import SamplingParams

    return SamplingParams(temperature=0.0, max_tokens=count, min_tokens=count, ignore_eos=True, detokenize=False)


def interrupt_when(is_so: Callable[[], Any]) -> None:
    """Press Jupyter's stop button as soon as something is so."""

    def watch() -> None:
        while not is_so():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()


def interrupt_in_step(llm: Any, number: int = 2) -> None:
    """Press it before the engine's step of this number from now on, with requests under way.

    Not just anywhere: a request that is being handed over then is known to vLLM's front end alone, which waits for it
    forever in the next call (0.32), and tokens that are being taken over then are lost.
    """
    engine = llm.llm_engine
    step, left = engine.step, [number]

    def counted() -> Any:
        left[0] -= 1
        if not left[0]:
            del engine.step
            stop_button()
        return step()

    engine.step = counted


def at_stage(stage: str, act: Callable[[], Any]) -> Callable[[], None]:
    """Do something once, when the magic tells this stage; returns what puts the progress back."""
    call, acts = Progress.__call__, [act]

    def told(self: Progress, name: str, *sizes: Any) -> None:
        call(self, name, *sizes)
        if name == stage and acts:
            acts.pop()()

    Progress.__call__ = told
    return lambda: setattr(Progress, "__call__", call)


def stop_button() -> None:
    """Press it now."""
    signal.raise_signal(signal.SIGINT)


def layer_count(model: str | Path) -> int:
    """What the model's own configuration says."""
    return json.loads(Path(model, "config.json").read_text())["num_hidden_layers"]


def work(breakdown: xb.Breakdown, rank: int | None = None) -> tuple[int, int]:
    """Tokens prefilled and decoded, by the names of the steps of a rank, by default the first."""
    table = breakdown.steps
    table = table[table["rank"] == (breakdown.ranks[0] if rank is None else rank)]
    return int(table["context_tokens"].sum()), int(table["generation_tokens"].sum())


ALL_WORK = (REQUESTS * PROMPT_TOKENS, REQUESTS * (OUTPUT_TOKENS - 1))


def assert_whole(breakdown: xb.Breakdown, model: str | Path) -> None:
    """Layers as configured, all of the requested work, phases as asked for, and no time lost or made up."""
    assert breakdown.layer_count == layer_count(model), breakdown.layer_count
    assert work(breakdown) == ALL_WORK, work(breakdown)
    assert set(breakdown.steps["phase"]) <= {"prefill", "decode", "mixed"}
    assert_conserved(breakdown)


def assert_conserved(breakdown: xb.Breakdown) -> None:
    """Σ of every dimension is the whole; the ops of vLLM and torch are there."""
    whole = int(breakdown.weights_ns.sum())
    assert whole > 0
    for dimension in ("backend", "phase", "layer", "category"):
        assert int(breakdown.by(dimension)["host_ns"].sum()) == whole, dimension
    names = set(breakdown.ops["name"])
    assert any(name.startswith("_C::") for name in names)
    assert any(name.startswith("aten::") for name in names)


def modules(breakdown: xb.Breakdown) -> str:
    """All module names, in one text to search."""
    return " ".join(breakdown.by("module")["module"])


def codes(breakdown: xb.Breakdown) -> list[str]:
    """Of the issues."""
    return [issue.code for issue in breakdown.issues]


def touched(model: torch.nn.Module) -> list[str]:
    """What a recording has left behind in this process: hooks of the model, an active profiler."""
    hooks = sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in model.modules())
    is_profiling = torch.autograd._profiler_enabled() or torch.autograd.profiler._is_profiler_enabled
    return [f"{hooks} hooks"] * bool(hooks) + ["profiler"] * bool(is_profiling)
