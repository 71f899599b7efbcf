"""Names of steps: what an annotation says about the iteration that it encloses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

UNKNOWN = -1

# vLLM 0.14 and later: execute_context_4(128)_generation_1(1); the parentheses hold the number of tokens, or aggregates:
# 888_788544, or sq97sk96sqsq3072sqsk3072 (query and key lengths, their squares), and the batch may go before.
_EXECUTE = re.compile(
    r"execute_(?:\d+_)?context_(?P<context>\d+)\((?P<context_tokens>[^)]*)\)"
    r"_generation_(?P<generation>\d+)\((?P<generation_tokens>[^)]*)\)"
)
_EXECUTE_OLD = re.compile(r"execute_new_(?P<context>\d+)_cached_(?P<generation>\d+)")  # vLLM up to 0.13
_WRAPPER = re.compile(r"vllm\.(?P<phase>prefill|decode|mixed) bs=(?P<requests>\d+) tok=(?P<tokens>\d+)")
_PROFILER = re.compile(r"ProfilerStep#\d+")
_FIRST_NUMBER = re.compile(r"(?:sq)?(\d+)")
_MAX_DIGITS = 18  # more is no count, and would not fit int64


class Family(IntEnum):
    """Who wrote the annotation, best first."""

    EXECUTE = 0  #: vLLM's worker
    WRAPPER = 1  #: a wrapper around vLLM's ``execute_model``
    PROFILER = 2  #: torch.profiler's ``step()``


@dataclass(frozen=True, slots=True)
class Iteration:
    """What the name of a step says.

    Parameters
    ----------
    family
        Who wrote it.
    context_requests, context_tokens, generation_requests, generation_tokens
        −1 where the name does not say.
    phase
        ``"prefill"``, ``"decode"``, ``"mixed"``; empty where the name does not say.
    """

    family: Family
    context_requests: int = UNKNOWN
    context_tokens: int = UNKNOWN
    generation_requests: int = UNKNOWN
    generation_tokens: int = UNKNOWN
    phase: str = ""

    @property
    def is_empty(self) -> bool:
        """The name says that nothing was scheduled."""
        return self.context_requests == 0 and self.generation_requests == 0


def read_iteration(name: str) -> Iteration | None:
    """Read the name of an annotation; None where it is no step's."""
    name = name[:400]
    found = _EXECUTE.match(name)
    if found:
        context, generation = _count(found["context"]), _count(found["generation"])
        return Iteration(
            Family.EXECUTE,
            context,
            _count(found["context_tokens"]),
            generation,
            _count(found["generation_tokens"]),
            _phase(context, generation),
        )
    found = _EXECUTE_OLD.match(name)
    if found:
        context, generation = _count(found["context"]), _count(found["generation"])
        return Iteration(Family.EXECUTE, context, UNKNOWN, generation, UNKNOWN, _phase(context, generation))
    found = _WRAPPER.match(name)
    if found:
        return _wrapped(found["phase"], _count(found["requests"]), _count(found["tokens"]))
    return Iteration(Family.PROFILER) if _PROFILER.match(name) else None


def _wrapped(phase: str, requests: int, tokens: int) -> Iteration:
    if phase == "prefill":
        return Iteration(Family.WRAPPER, requests, tokens, 0, 0, phase)
    if phase == "decode":
        return Iteration(Family.WRAPPER, 0, 0, requests, tokens, phase)
    return Iteration(Family.WRAPPER, phase=phase)


def _count(text: str) -> int:
    found = _FIRST_NUMBER.match(text)
    return int(found[1]) if found and len(found[1]) <= _MAX_DIGITS else UNKNOWN


def _phase(context: int, generation: int) -> str:
    if context > 0 and generation > 0:
        return "mixed"
    if context > 0:
        return "prefill"
    return "decode" if generation > 0 else ""
