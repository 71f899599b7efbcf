"""Which engines a cell is about: those that its line names, else those that its code names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import CodeType
from typing import Any

from IPython.core.error import UsageError

from xpubreak.capture.engines import find_engines
from xpubreak.capture.names import names_used


def choose_engines(names: Iterable[str], codes: Iterable[CodeType], namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Find the engines to record, by the name that the user knows them by.

    Parameters
    ----------
    names
        Of ``--llm``: variables, or attributes of them.
    codes
        Of the cell; looked at where there are no names.
    namespace
        The user's variables.

    Raises
    ------
    UsageError
        A name stands for no vLLM engine.
    """
    asked = list(names)
    if asked:
        return {name: _engine(name, namespace) for name in asked}
    found = find_engines(namespace)
    used = names_used(codes, namespace) if found else ()
    return {engine.variable: namespace[engine.variable] for engine in found if engine.variable in used}


def _engine(name: str, namespace: Mapping[str, Any]) -> Any:
    variable, *attributes = name.split(".")
    if variable not in namespace:
        raise UsageError(f"--llm {name}: there is no variable {variable}.")
    value = namespace[variable]
    for attribute in attributes:
        if not hasattr(value, attribute):
            raise UsageError(f"--llm {name}: a {type(value).__name__} has no attribute {attribute}.")
        value = getattr(value, attribute)
    if not find_engines({"it": value}):
        raise UsageError(f"--llm {name}: a {type(value).__name__} is no vLLM engine (LLM, LLMEngine or AsyncLLM).")
    return value
