"""Twins: operators of a library that do what something in the trace does, found by comparing names.

``RMSNorm``, ``Qwen3RMSNorm``, ``aten::rms_norm``, ``vllm_ir::rms_norm`` and ``_rms_norm_kernel`` all ask for the
operator ``_C::rms_norm``. Names come from the trace and from the registry; there is no list of pairs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from xpubreak.classify import registry
from xpubreak.classify.registry.library import Library
from xpubreak.trace.trace import Metadata

VLLM_XPU = "vllm-xpu-kernels"

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOISE = frozenset({"", "kernel", "native", "impl", "forward", "fwd", "fused"})


def kernel_library(metadata: Metadata) -> Library | None:
    """The version of vllm-xpu-kernels that the trace is stamped with, or the nearest known.

    vLLM needs the library on XPU, so a stamp of vLLM alone will do: then it is the newest version known. None where
    nothing says that the library was there.
    """
    if metadata.device != "xpu":
        return None
    stamps = {name.lower().replace("_", "-") for name in metadata.versions}
    if not stamps & {VLLM_XPU, "vllm"}:
        return None
    known = registry.load(metadata.versions, metadata.operators, metadata.device)
    version = known.chosen[VLLM_XPU].version
    return next((one for one in known.libraries if one.name == VLLM_XPU and one.version == version), None)


@lru_cache(maxsize=1 << 14)
def words_of(name: str) -> tuple[str, ...]:
    """Words of a name, without namespace, numbers of instances and what says nothing: ``("rms", "norm")``."""
    plain = name[:400].rpartition("::")[2].partition(".")[0].partition("<")[0]
    text = plain.replace("MoE", "Moe").replace("QKV", "Qkv")
    words = tuple(word.lower() for part in text.split("_") for word in _CAMEL.split(part))
    return tuple(word for word in words if word not in _NOISE)


class Twins:
    """Operators of a library by the words of their names.

    Parameters
    ----------
    library
        Whose operators to look for; those that never run on the device are left out.
    """

    def __init__(self, library: Library) -> None:
        self._by_words: Mapping[tuple[str, ...], str] = {
            words_of(operator): operator
            for operator, (kind, _) in library.operators.items()
            if kind.startswith("device") and words_of(operator)
        }
        self.operators = frozenset(library.operators)
        self._categories = {operator: category for operator, (_, category) in library.operators.items()}

    def exact(self, name: str) -> str:
        """The operator whose words are these; empty for none."""
        return self._by_words.get(words_of(name), "")

    def ending(self, name: str) -> str:
        """The operator with the most words that the name ends with, two or more: ``Qwen3RMSNorm``."""
        words = words_of(name)
        for start in range(len(words) - 1):
            found = self._by_words.get(words[start:])
            if found:
                return found
        return ""

    def beginning(self, name: str, category: str) -> str:
        """The operator of a category whose words begin with those of the name: ``silu`` finds ``silu_and_mul``."""
        words = words_of(name)
        fitting = [
            operator
            for has, operator in self._by_words.items()
            if words and has[: len(words)] == words and self._categories[operator] == category
        ]
        return min(fitting, key=len, default="")

    def whole_of(self, category: str) -> str:
        """An operator of a namespace that holds nothing but this category; empty for none.

        ``_vllm_fa2_C`` is all about attention; ``_C::merge_attn_states`` is only a part of it.
        """
        kinds: dict[str, set[str]] = {}
        for operator in self._by_words.values():
            kinds.setdefault(operator.partition("::")[0], set()).add(self._categories[operator])
        fitting = [operator for operator in self._by_words.values() if kinds[operator.partition("::")[0]] == {category}]
        return min(fitting, default="")
