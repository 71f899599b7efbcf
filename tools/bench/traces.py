"""Large traces for benchmarks: a small one, written again and again behind itself.

``cuda`` is a bundled capture of an eager model with Python stacks, ``xpu`` a synthetic trace of vLLM on an Intel GPU.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import xpubreak as xb

FLAVOURS = ("cuda", "xpu")
CAPTURE = "h200-transformers"
"""33,549 real events."""
_NUMBERED = ("correlation", "External id", "Python id", "Python parent id", "Ev Idx")
_GZIP_LEVEL = 6


def make(folder: Path, events: int, flavour: str = "cuda", *, stacks: bool = True, rank: int = 0) -> Path:
    """Write a trace of at least as many events, unless it is there already; return its path.

    Copies follow each other in time; ids of launches, operators and frames are shifted, so that nothing links across.
    """
    target = folder / f"{flavour}-{'stacks' if stacks else 'plain'}-{events}-rank{rank}.json.gz"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    whole = _template(flavour)
    template = [event for event in whole.pop("traceEvents") if stacks or event.get("cat") != "python_function"]
    timed = [event for event in template if event.get("ph") == "X"]
    first = min(event["ts"] for event in timed)
    length = max(event["ts"] + event.get("dur", 0) for event in timed) - first + 100
    stride = 1 + max(_largest_number(event) for event in template)
    if isinstance(whole.get("distributedInfo"), dict):
        whole["distributedInfo"]["rank"] = rank
    partial = target.with_suffix(".part")
    with gzip.open(partial, "wt", compresslevel=_GZIP_LEVEL, encoding="utf-8") as file:
        file.write(json.dumps(whole)[:-1] + ', "traceEvents": [')
        for copy in range(-(-events // len(timed))):
            chosen = template if copy == 0 else [event for event in template if event.get("ph") != "M"]
            text = ",\n  ".join(json.dumps(_shifted(event, copy * length, copy * stride)) for event in chosen)
            file.write((",\n  " if copy else "\n  ") + text)
        file.write("\n  ]}\n")
    partial.rename(target)
    return target


def activity_share(flavour: str, *, stacks: bool = True) -> float:
    """Activities of a device among the complete events of a flavour."""
    template = [event for event in _template(flavour)["traceEvents"] if event.get("ph") == "X"]
    categories = [event.get("cat") for event in template if stacks or event.get("cat") != "python_function"]
    return sum(category in ("kernel", "gpu_memcpy", "gpu_memset") for category in categories) / len(categories)


def _template(flavour: str) -> dict[str, Any]:
    if flavour == "xpu":
        return dict(xb.samples.synthesize(layers=16, prefill_steps=1, decode_steps=6, stacks=True).document)
    content: dict[str, Any] = json.loads(gzip.decompress(Path(xb.samples.path(CAPTURE)).read_bytes()))
    return content


def _largest_number(event: dict[str, Any]) -> int:
    arguments = event.get("args") or {}
    return max((int(arguments.get(name) or 0) for name in _NUMBERED), default=0)


def _shifted(event: dict[str, Any], by_us: float, by_number: int) -> dict[str, Any]:
    moved = dict(event)
    if "ts" in moved:
        moved["ts"] = round(moved["ts"] + by_us, 3)
    if moved.get("ph") in ("s", "f", "t") and isinstance(moved.get("id"), int):
        moved["id"] += by_number
    arguments = moved.get("args")
    if arguments and by_number:
        moved["args"] = {
            name: value + by_number if name in _NUMBERED and isinstance(value, int) and value else value
            for name, value in arguments.items()
        }
    return moved
