"""One registry file: the names of one version of one library.

Files are written by ``tools/build_registry.py`` from published artefacts, which each file names with their checksums.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

FORMAT = 1
SHARED, SUFFIXED = "shared", "suffixed"


@dataclass(frozen=True, slots=True)
class Library:
    """Names of one version of one library.

    Parameters
    ----------
    name, version, role_key
        Of the library.
    operators
        Name to (kind, category).
    kernels
        Base name to (``""``, `SHARED` or `SUFFIXED`, category).
    launched_by
        Kernel to operators.
    kind_roles
        Role of operators of a kind, where it is another one than the library's.
    """

    name: str
    version: str
    role_key: str
    operators: dict[str, tuple[str, str]]
    kernels: dict[str, tuple[str, str]]
    launched_by: dict[str, tuple[str, ...]]
    kind_roles: dict[str, str]


def ordered(version: str) -> tuple[int, ...]:
    """Sort key of a version: its release numbers; local and pre-release parts are left out."""
    release: list[int] = []
    for part in version.partition("+")[0].split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        release.append(int(digits[:9]))
    while release and release[-1] == 0:
        release.pop()
    return tuple(release)


@cache
def available() -> dict[str, tuple[str, ...]]:
    """Versions by library, newest first, from the names of the files."""
    found: dict[str, list[str]] = {}
    for path in resources.files(__package__).iterdir():
        name, _, version = path.name.removesuffix(".json").rpartition("-")
        if path.name.endswith(".json") and name:
            found.setdefault(name, []).append(version)
    return {name: tuple(sorted(found[name], key=ordered, reverse=True)) for name in sorted(found)}


@cache
def read_library(name: str, version: str) -> Library:
    """Read one file; once per process.

    Raises
    ------
    ValueError
        Where the file was written for another version of this package.
    """
    path = resources.files(__package__) / f"{name}-{version}.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if content["format"] != FORMAT:
        raise ValueError(f"{path.name}: format {content['format']}, expected {FORMAT}")
    suffixed = frozenset(content.get("suffixed_kernels", ()))
    kernels = {
        kernel: (SUFFIXED if kernel in suffixed else "", category)
        for category, names in content.get("kernels", {}).items()
        for kernel in names
    }
    kernels |= {
        kernel: (SHARED, category) for category, names in content.get("shared_kernels", {}).items() for kernel in names
    }
    return Library(
        name=content["library"],
        version=content["version"],
        role_key=content["role"],
        operators={
            operator: (kind, category)
            for kind, groups in content.get("operators", {}).items()
            for category, names in groups.items()
            for operator in names
        },
        kernels=kernels,
        launched_by={kernel: tuple(names) for kernel, names in content.get("launched_by", {}).items()},
        kind_roles=content.get("kind_roles", {}),
    )
