"""Which variables some code uses: to tell what concerns a cell among all that a notebook holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import CodeType, FunctionType, MethodType
from typing import Any


def names_used(codes: Iterable[CodeType], namespace: Mapping[str, Any]) -> set[str]:
    """Collect the global names in some code, following the functions and classes that the namespace itself defines.

    What a library reaches through an object that it holds does not show in names.
    """
    used: set[str] = set()
    pending = list(codes)
    while pending:
        code = pending.pop()
        pending += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        for name in set(code.co_names) - used:
            used.add(name)
            pending += _codes_of(namespace.get(name), namespace)
    return used


def _codes_of(value: Any, namespace: Mapping[str, Any]) -> list[CodeType]:
    if isinstance(value, MethodType):
        value = value.__func__
    if isinstance(value, FunctionType) and value.__globals__ is namespace:
        return [value.__code__]
    if isinstance(value, type) and value.__module__ == namespace.get("__name__"):
        return [part.__code__ for part in vars(value).values() if isinstance(part, FunctionType)]
    return []
