"""Names of modules: as spans written at capture, and as the frames of a profile with stacks."""

from __future__ import annotations

import re

# xpb:model.layers.3.mlp:Qwen3MLP (capture/spans.py), xpb|model.layers.3.mlp|Qwen3MLP (its prototype),
# module::model.layers.3.mlp::Qwen3MLP (vllm-xpu-breakdown's hooks).
_SPAN = re.compile(
    r"xpb:(?P<path>[^:]*):(?P<cls>[^:]*)|xpb\|(?P<path1>[^|]*)\|(?P<cls1>[^|]*)|module::(?P<path2>.*?)::(?P<cls2>[^:]*)"
)
_FRAME = re.compile(r"nn\.Module: (?P<cls>.+)_(?P<number>\d+)")
_ROOTS = ("", "<root>")


def read_span(name: str) -> tuple[str, str] | None:
    """Qualified path and class of a module span; None for other spans.

    The root has no path of its own and goes by its class.
    """
    if not name.startswith(("xpb", "module::")):
        return None
    found = _SPAN.fullmatch(name)
    if found is None:
        return None
    path, cls = next(
        (found[f"path{form}"], found[f"cls{form}"]) for form in ("", "1", "2") if found[f"path{form}"] is not None
    )
    return (cls if path in _ROOTS else path), cls


def read_frame(name: str) -> tuple[str, int] | None:
    """Class and number of an ``nn.Module`` frame; None for other frames.

    torch numbers the modules of each class in the order of their first call.
    """
    if not name.startswith("nn.Module: "):
        return None
    found = _FRAME.fullmatch(name)
    return (found["cls"], int(found["number"])) if found and len(found["number"]) < 10 else None
