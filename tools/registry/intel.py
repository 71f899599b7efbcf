"""Intel's libraries below ATen and c10d: oneMKL and oneCCL from their wheels, oneDNN from a list."""

from __future__ import annotations

import re
from pathlib import Path

import tomllib

from registry.elf import NotElfError, read_sections
from registry.library import Library
from registry.wheel import Wheel
from registry.xpu_kernels import kernel_symbols
from xpubreak.classify.demangle import base_name

_RULES = tomllib.loads((Path(__file__).parent / "intel.toml").read_text())


def read_sycl_libraries(name: str, version: str, role: str, wheels: list[Wheel]) -> Library:
    """Registry of all device kernels in the shared libraries of some wheels."""
    symbols: set[str] = set()
    for wheel in wheels:
        for member in wheel.names(""):
            if re.search(r"\.so(\.\d+)*\Z", member):
                symbols |= _symbols(wheel, member)
    library = Library(name, version, role, [wheel.source for wheel in wheels])
    _add(library, {base_name(symbol).base for symbol in symbols})
    return library


def read_onednn() -> Library:
    """Registry of the kernels that oneDNN compiles at run time."""
    content = _RULES["onednn"]
    library = Library("onednn", content["version"], "torch", [content["source"]])
    _add(library, set(content["kernels"].split()))
    return library


def _symbols(wheel: Wheel, member: str) -> set[str]:
    with wheel.extracted(member) as file:
        try:
            return kernel_symbols(read_sections(file, frozenset({".tgtsym"})).get(".tgtsym", b""))
        except NotElfError:  # linker scripts are named like libraries
            return set()


def _add(library: Library, kernels: set[str]) -> None:
    for kernel in kernels:
        if kernel.startswith("sycl::"):  # helpers that every SYCL library contains; see xpu_kernels.toml
            continue
        is_shared = re.fullmatch(_RULES["shared"][library.name], kernel)
        group = library.shared_kernels if is_shared else library.kernels
        group = library.shared_kernels if is_shared else library.kernels
        group[kernel] = next(
            found for found, pattern in _RULES["categories"][library.name] if re.search(pattern, kernel)
        )
