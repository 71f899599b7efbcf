"""What can be known of a server before it is recorded: by its own word, by how it was started, by its model's files.

It tells most in development mode (``/server_info``). Where it runs on this machine, its command line says the rest;
``/v1/models`` has the name of the model, whose configuration may be at hand.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xpubreak.capture.vllm.http import Server

_LAYERS = re.compile(r"num_hidden_layers[\"'\s:=]+(\d{1,6})\b")
_SIZES = (
    ("--tensor-parallel-size", "-tp"),
    ("--pipeline-parallel-size", "-pp"),
    ("--data-parallel-size", "-dp"),
)
_PROFILER = "--profiler-config"
# How the options of vLLM's profiler are called, and what they are where nobody says.
_PROFILER_DEFAULTS = {
    "torch_profiler_with_stack": True,
    "torch_profiler_record_shapes": False,
    "torch_profiler_use_gzip": True,
}
_ACCELERATORS = ("nvidia[0-9]*", "dri/renderD*")


@dataclass(frozen=True)
class ServerFacts:
    """Facts about a server; None where it does not tell.

    Parameters
    ----------
    layer_count
        Of its model.
    rank_count
        Its workers.
    is_eager
        Whether its model runs without torch.compile.
    stacks, shapes, is_packed
        What its profiler records, and whether it compresses.
    accelerator_count
        Of the machine, where that is this one: at least one.
    """

    layer_count: int | None = None
    rank_count: int | None = None
    is_eager: bool | None = None
    stacks: bool | None = None
    shapes: bool | None = None
    is_packed: bool | None = None
    accelerator_count: int | None = None


def facts_of(server: Server) -> ServerFacts:
    """Ask a server, and look at how it was started; nothing is started by it."""
    told = _mapping(_mapping(_json(server.get("/server_info?config_format=json"))).get("vllm_config"))
    arguments = [] if told else server.arguments()
    found = _by_its_word(told) if told else _by_its_arguments(arguments)
    if found.get("layer_count") is None:
        found["layer_count"] = _layers_of(_model_of(server))
    return ServerFacts(**found, accelerator_count=_accelerators() if server.is_here else None)


def _by_its_word(told: Mapping[str, Any]) -> dict[str, Any]:
    model, parallel = _mapping(told.get("model_config")), _mapping(told.get("parallel_config"))
    profiler = _mapping(told.get("profiler_config"))
    sizes = [parallel.get("world_size"), parallel.get("data_parallel_size", 1)]
    return {
        "layer_count": _most_layers(json.dumps(model)),
        "rank_count": sizes[0] * sizes[1] if all(isinstance(size, int) for size in sizes) else None,
        "is_eager": model.get("enforce_eager"),
        **_profiler_options(profiler if profiler.get("profiler") else None),
    }


def _by_its_arguments(arguments: Sequence[str]) -> dict[str, Any]:
    # A file of options may say what the command line does not.
    is_whole = bool(arguments) and _option(arguments, "--config") is None
    ranks = 1
    for names in _SIZES:
        size = _option(arguments, *names) or "1"
        ranks *= int(size) if size.isdigit() else 1
    is_eager = _option(arguments, "--enforce-eager") is not None
    return {
        "rank_count": ranks if is_whole or ranks > 1 else None,
        "is_eager": True if is_eager else False if is_whole else None,
        **_profiler_options(_profiler_of(arguments)),
    }


def _profiler_options(config: Mapping[str, Any] | None) -> dict[str, Any]:
    if config is None:
        return {}
    stacks, shapes, is_packed = (_truth(config.get(name, default)) for name, default in _PROFILER_DEFAULTS.items())
    return {"stacks": stacks, "shapes": shapes, "is_packed": is_packed}


def _profiler_of(arguments: Sequence[str]) -> dict[str, Any] | None:
    """Its options as given as JSON, or one by one (``--profiler-config.torch_profiler_with_stack=false``)."""
    text = _option(arguments, _PROFILER)
    config = dict(_mapping(_json(text or "")))
    for name in _PROFILER_DEFAULTS:
        value = _option(arguments, f"{_PROFILER}.{name}")
        if value is not None:
            config[name] = value
    has_any = text is not None or any(argument.startswith(f"{_PROFILER}.") for argument in arguments)
    return config if has_any else None


def _option(arguments: Sequence[str], *names: str) -> str | None:
    """Value of the first of some options that is there; empty for a flag."""
    for place, argument in enumerate(arguments):
        name, has_value, value = argument.partition("=")
        if (name.replace("_", "-") if "." not in name else name) not in names:
            continue
        if has_value:
            return value
        following = arguments[place + 1] if place + 1 < len(arguments) else ""
        return "" if following.startswith("-") else following
    return None


def _model_of(server: Server) -> str:
    models = _mapping(_json(server.get("/v1/models"))).get("data")
    first = _mapping(models[0]) if isinstance(models, list) and models else {}
    return str(first.get("root") or first.get("id") or "")


def _layers_of(model: str) -> int | None:
    """By the model's own configuration, where this machine has it: in a folder, or in the hub's cache."""
    if not model:
        return None
    home = os.environ.get("HF_HOME") or "~/.cache/huggingface"
    hub = Path(os.environ.get("HF_HUB_CACHE") or f"{home}/hub").expanduser()
    kept = hub / f"models--{model.replace('/', '--')}" / "snapshots"
    for path in (Path(model) / "config.json", *sorted(kept.glob("*/config.json"))):
        try:
            return _most_layers(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return None


def _most_layers(text: str) -> int | None:
    return max((int(count) for count in _LAYERS.findall(text)), default=None)


def _accelerators() -> int:
    return max(1, *(_count(Path("/dev").glob(pattern)) for pattern in _ACCELERATORS))


def _count(found: Iterable[Path]) -> int:
    return sum(1 for _ in found)


def _truth(value: Any) -> bool:
    return value.strip().lower() not in {"false", "0", "no"} if isinstance(value, str) else bool(value)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
