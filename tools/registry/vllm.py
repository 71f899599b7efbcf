"""vLLM: its Triton kernels, and its custom operators, which mostly dispatch to somebody else's kernels."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import tomllib

from registry.library import Library
from registry.triton_kernels import launched_kernels
from registry.wheel import Wheel

_RULES = tomllib.loads((Path(__file__).parent / "vllm.toml").read_text())
_EXTENSION = re.compile(r"torch\.ops\._\w*C(_\w+)?\.|\bops\.\w+|\bxpu_ops\.")
_KIND_ROLES = {"dispatch": "framework", "dispatch-triton": "triton", "dispatch-extension": "vllm"}


def read_vllm(wheel: Wheel, version: str) -> Library:
    """Registry of one wheel."""
    files = [(path.removeprefix("vllm/"), text) for path, text in wheel.texts(".py") if path.startswith("vllm/")]
    library = Library("vllm", version, "triton", [wheel.source], kind_roles=_KIND_ROLES)
    kernels = launched_kernels((path, text) for path, text in files if "triton" in text or "gluon" in text)
    for name, (paths, is_suffixed) in kernels.items():
        if name in _RULES["common"]:
            library.shared_kernels[name] = "other"
            continue
        library.kernels[name] = category(name, paths[0])
        if is_suffixed:
            library.suffixed_kernels.append(name)
    for path, text in files:
        if "custom_op" in text or "@register_op" in text:
            for name, kind in custom_operators(ast.parse(text), set(kernels)):
                library.operators[name] = (kind, category(name, path))
    return library


def category(name: str, path: str) -> str:
    """Kind of work, from the name, else from where it is defined."""
    for group, text in (("names", name.partition("::")[2] or name), ("paths", path)):
        for found, pattern in _RULES[group]:
            if re.search(pattern, text):
                return str(found)
    return "other"


def custom_operators(tree: ast.Module, kernels: set[str]) -> Iterator[tuple[str, str]]:
    """Operators that a file registers, and what they do themselves.

    Parameters
    ----------
    tree
        Parsed file.
    kernels
        Names of Triton kernels.

    Yields
    ------
    tuple
        ``"vllm::name"``, and ``"dispatch-triton"`` where its function launches one of `kernels`,
        ``"dispatch-extension"`` where it calls an operator of an extension module, else ``"dispatch"``.
    """
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("direct_register_custom_op"):
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            given |= dict(zip(("op_name", "op_func"), node.args, strict=False))
            name, function = given.get("op_name"), given.get("op_func")
            if isinstance(name, ast.Constant):
                target = function.id if isinstance(function, ast.Name) else ""
                yield f"vllm::{name.value}", _kind(target, functions, kernels)
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                yield from _decorated(node, decorator, functions, kernels)


def _decorated(
    node: ast.FunctionDef, decorator: ast.expr, functions: dict[str, ast.FunctionDef], kernels: set[str]
) -> Iterator[tuple[str, str]]:
    call = decorator if isinstance(decorator, ast.Call) else None
    name = ast.unparse(call.func if call else decorator)
    if name == "register_op":
        yield f"vllm_ir::{node.name}", "dispatch"
    if name.endswith("library.custom_op") and call and call.args and isinstance(call.args[0], ast.Constant):
        yield str(call.args[0].value), _kind(node.name, functions, kernels)


def _kind(target: str, functions: dict[str, ast.FunctionDef], kernels: set[str]) -> str:
    """Follow calls within the file from `target`."""
    seen: set[str] = set()
    waiting = [target]
    kind = "dispatch"
    while waiting:
        name = waiting.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        for node in ast.walk(functions[name]):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Subscript):
                if ast.unparse(node.func.value).rpartition(".")[2] in kernels:
                    return "dispatch-triton"
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                waiting.append(node.func.id)
            elif isinstance(node, ast.Call) and _EXTENSION.match(ast.unparse(node.func)):
                kind = "dispatch-extension"
    return kind
