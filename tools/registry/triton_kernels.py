"""Triton and Gluon kernels of vLLM: functions decorated with ``jit`` that host code refers to.

A jit function that only other jit functions call is inlined and never seen in a trace. What host code refers to may be
launched: ``kernel[grid](…)``, or handed over to an autotuner or launcher first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Module:
    """What one Python file defines and refers to.

    Parameters
    ----------
    jitted
        Names of its jit functions.
    suffixed
        Those among them that make up their names at run time (``jit(repr=…)``).
    referred
        Names that host code reads.
    subscripted
        Names that host code launches as ``name[…](…)``, attributes among them.
    """

    jitted: set[str] = field(default_factory=set)
    suffixed: set[str] = field(default_factory=set)
    referred: set[str] = field(default_factory=set)
    subscripted: set[str] = field(default_factory=set)


def read_module(tree: ast.Module) -> Module:
    """Look through one parsed file."""
    module = Module()
    for node in _host_nodes(tree, module):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            module.referred.add(node.id)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Subscript):
            module.subscripted.add(_last_name(node.func.value))
    return module


def _host_nodes(node: ast.AST, module: Module) -> Iterator[ast.AST]:
    """Nodes outside of jit functions; those are noted in `module`."""
    if isinstance(node, _FUNCTIONS):
        decorators = [_decorator(decorator) for decorator in node.decorator_list]
        if any(name == "jit" for name, _ in decorators):
            module.jitted.add(node.name)
            if any(name == "jit" and "repr" in keywords for name, keywords in decorators):
                module.suffixed.add(node.name)
            return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _host_nodes(child, module)


def _decorator(node: ast.expr) -> tuple[str, set[str]]:
    """Name of a decorator of Triton or Gluon, ``""`` for any other, and the keywords that it is called with."""
    call = node if isinstance(node, ast.Call) else None
    name = ast.unparse(call.func if call else node)
    is_triton = name in ("triton.jit", "gluon.jit", "tl.jit", "jit", "triton.jit.jit")
    return ("jit" if is_triton else "", {keyword.arg or "" for keyword in call.keywords} if call else set())


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def launched_kernels(files: Iterable[tuple[str, str]]) -> Mapping[str, tuple[list[str], bool]]:
    """Find the kernels that host code may launch.

    Parameters
    ----------
    files
        Path and text of Python files.

    Returns
    -------
    Mapping
        Kernel to the sorted paths that define it, and whether its name in traces has a suffix.
    """
    modules = {path: read_module(ast.parse(text)) for path, text in files}
    subscripted = {name for module in modules.values() for name in module.subscripted}
    imported = {name for module in modules.values() for name in module.referred - module.jitted}
    found: dict[str, tuple[list[str], bool]] = {}
    for path in sorted(modules):
        module = modules[path]
        for name in sorted(module.jitted):
            if name in subscripted or name in module.referred or (name in imported and _is_telling(name)):
                paths, is_suffixed = found.get(name, ([], False))
                found[name] = ([*paths, path], is_suffixed or name in module.suffixed)
    return found


def _is_telling(name: str) -> bool:
    """A reference from another file counts only where the name is not a common word."""
    return "kernel" in name or name.count("_") >= 2
