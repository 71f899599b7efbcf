"""What the names of kernels tell about being the same kernel under another name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_INDUCTOR = re.compile(
    r"triton_(?:for|per|poi|red|spl|tem|mm|bmm|unk)_(?:fused_?)?(.*?)_?(\d*)$|cpp_fused_(.*?)_?(\d*)$"
)
_NUMBER = re.compile(r"(?<=_)\d+$")
_LONGEST = 4096

# Names of ATen operators that Inductor decomposes others into: alone they do not tell whose part they are.
_COMMON = frozenset(
    (
        "add", "sub", "mul", "div", "to", "copy", "clone", "view", "slice", "mean", "pow", "sum", "max", "min", "cat",
        "empty", "unsqueeze", "squeeze", "expand", "permute", "transpose", "select", "split", "fill", "zeros", "full",
        "index", "and", "or", "t", "new", "strided", "as", "convert", "element", "type",
    )
)  # fmt: skip


@lru_cache(maxsize=1 << 14)
def stem(name: str) -> str:
    """A name without template arguments, parameter lists and anonymous namespaces."""
    found, depth = [], 0
    text = name[:_LONGEST].replace("(anonymous namespace)::", "")
    for letter in text:
        if letter in "<(":
            depth += 1
        elif letter in ">)" and depth:
            depth -= 1
        elif not depth:
            found.append(letter)
    return "".join(found).strip() or name


@lru_cache(maxsize=1 << 14)
def unnumbered(name: str) -> str:
    """The name of a generated kernel without its number, which counts kernels and changes with the graph."""
    return _NUMBER.sub("", name[:_LONGEST]) if _INDUCTOR.match(name[:_LONGEST]) else name


@lru_cache(maxsize=1 << 14)
def fused_text(name: str) -> str | None:
    """The operators that a generated kernel's name lists, joined by ``_``; None for other kernels."""
    found = _INDUCTOR.match(name[:_LONGEST])
    if found is None:
        return None
    return found[1] if found[1] is not None else found[3]


@lru_cache(maxsize=1 << 14)
def operator_words(operator: str) -> tuple[str, ...]:
    """Words of an operator's name: ``_C::fused_add_rms_norm`` is fused, add, rms, norm."""
    return tuple(word for word in operator.rpartition("::")[2].lower().split("_") if word)


def lists_operator(fused: str, operator: str) -> bool:
    """Whether the operators that a generated kernel lists make up, or contain, an operator.

    ``fused_add_rms_norm`` lists ``_C::rms_norm``; ``mul_silu_slice`` makes up ``_C::silu_and_mul``, which has no words
    but those, joining ones aside. Words that occur in every other kernel (``add``, ``copy``) match nothing alone.
    """
    words = operator_words(operator)
    telling = [word for word in words if word not in _COMMON]
    if not telling:
        return False
    listed = [word for word in fused.lower().split("_") if word]
    return all(word in listed for word in telling)


def most_specific(operators: Iterable[str]) -> set[str]:
    """Operators without those whose words another one has, and more: ``fused_add_rms_norm`` is no ``rms_norm``."""
    words = {operator: frozenset(operator_words(operator)) for operator in operators}
    return {operator for operator, mine in words.items() if not any(mine < others for others in words.values())}
