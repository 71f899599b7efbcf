"""vllm-xpu-kernels: operators from their schemas, kernels from the list of device entry points.

Extension modules register operators by schema strings, which the compiler keeps in ``.rodata``; the SYCL compiler lists
device entry points in ``.tgtsym`` as ``<target>.<symbol>``, where the ``_ZTS…`` symbols are the names of kernels.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import tomllib

from registry.elf import read_sections
from registry.library import Library
from registry.wheel import Wheel
from xpubreak.classify.demangle import base_name

_SCHEMA = re.compile(
    rb"([A-Za-z_]\w*)\([\x20-\x7e\s]*\)\s*->\s+(?:\(|Tensor|int|bool|str|float|Scalar)[\x20-\x7e\s]*\Z"
)
_NAMESPACE = re.compile(r"(_\w*C)\.abi3\.so\Z")
# csrc/torch_bindings.cpp registers both namespaces from one module; only the names tell which is which.
_CACHE_OPERATOR = re.compile(r"\w*cache\w*|convert_fp8|swap_blocks\w*|getMemoryInfo")
_RULES = tomllib.loads((Path(__file__).parent / "xpu_kernels.toml").read_text())


def read_xpu_kernels(wheel: Wheel, version: str) -> Library:
    """Registry of one wheel."""
    operators: set[str] = set()
    symbols: set[str] = set()
    for name in wheel.names(".so"):
        with wheel.extracted(name) as file:
            sections = read_sections(file, frozenset({".rodata", ".tgtsym"}))
        symbols |= kernel_symbols(sections.get(".tgtsym", b""))
        module = _NAMESPACE.search(PurePosixPath(name).name)
        if module is not None:
            operators |= {namespaced(module[1], found) for found in schema_names(sections.get(".rodata", b""))}
    library = Library("vllm-xpu-kernels", version, "vllm", [wheel.source])
    library.operators = {name: (_kind(name), _category(name)) for name in operators}
    for kernel in {base_name(symbol).base for symbol in symbols}:
        shared = _RULES["shared"].get(kernel)
        (library.kernels if shared is None else library.shared_kernels)[kernel] = shared or _category(kernel)
    library.launched_by = _launched_by(set(library.kernels), operators)
    return library


def schema_names(rodata: bytes) -> set[str]:
    """Names of the operator schemas among string literals."""
    return {found[1].decode() for text in rodata.split(b"\0") if (found := _SCHEMA.match(text.strip()))}


def kernel_symbols(tgtsym: bytes) -> set[str]:
    """Mangled kernel names of a ``.tgtsym`` section."""
    symbols = (entry.partition(b".")[2].decode("ascii", "replace") for entry in tgtsym.split(b"\0"))
    return {symbol for symbol in symbols if symbol.startswith("_ZTS")}


def namespaced(module: str, operator: str) -> str:
    """``ns::name`` of an operator that `module` registers."""
    namespace = "_C_cache_ops" if module == "_C" and _CACHE_OPERATOR.fullmatch(operator) else module
    return f"{namespace}::{operator}"


def _kind(operator: str) -> str:
    return next((kind for kind, pattern in _RULES["kinds"].items() if re.fullmatch(pattern, operator)), "device")


def _category(name: str) -> str:
    for category, pattern in _RULES["categories"]:
        if re.search(pattern, name):
            return str(category)
    raise LookupError(f"no category for {name}: add a rule to xpu_kernels.toml")


def _launched_by(kernels: set[str], operators: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for operator, launched in _RULES["launches"].items():
        for pattern in launched if operator in operators else ():
            for kernel in kernels:
                if re.fullmatch(pattern, kernel):
                    found.setdefault(kernel, []).append(operator)
    return found
