"""ATen: operators from ``native_functions.yaml``, told apart by their schemas and tags.

The file is read line by line: only ``func`` and ``tags`` matter, which stand on one line each.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import tomllib

from registry.library import Library
from registry.wheel import fetch

YAML = "torchgen/packaged/ATen/native/native_functions.yaml"
_FUNCTION = re.compile(r"- func: (\w+)(?:\.\w+)?\((.*)\) -> (.*)")
_TAGS = re.compile(r" +tags: \[?([\w, ]+)\]?")
_TENSOR = re.compile(r"\bTensor\b")
_ALIAS = re.compile(r"\([a-z](\|[a-z])?( -> \*)?\)")
_RULES = tomllib.loads((Path(__file__).parent / "aten.toml").read_text())


@dataclass
class Overloads:
    """What the overloads of one operator have in common.

    Parameters
    ----------
    results
        Return types, one for each overload.
    tags
        Of all overloads.
    """

    results: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)


def read_aten(text: str, version: str) -> Library:
    """Registry of one torch release.

    Parameters
    ----------
    text
        Its ``native_functions.yaml``. Builds for other devices have the same one: the file is stamped, not the wheel.
    version
        Release.
    """
    source = {"file": f"torch {version}: {YAML}", "sha256": hashlib.sha256(text.encode()).hexdigest()}
    library = Library("torch", version, "torch", [source], kind_roles=_RULES["roles_of_kinds"])
    functions = dict(schemas(text))
    for name, overloads in functions.items():
        # The loader finds in-place twins under the plain name.
        if not (name.endswith("_") and name[:-1] in functions):
            library.operators[f"aten::{name}"] = classified(name, overloads)
    return library


def native_functions(version: str, cache: Path) -> str:
    """``native_functions.yaml`` of the installed torch, where it is of that release, else of the wheel on PyPI."""
    with suppress(metadata.PackageNotFoundError):
        torch = metadata.distribution("torch")
        if torch.version.partition("+")[0] == version:
            return Path(str(torch.locate_file(YAML))).read_text()
    with zipfile.ZipFile(fetch("torch", version, cache).path) as archive:
        return archive.read(YAML).decode()


def schemas(text: str) -> Iterator[tuple[str, Overloads]]:
    """Operators of a ``native_functions.yaml``."""
    found: dict[str, Overloads] = defaultdict(Overloads)
    current: Overloads | None = None
    for line in text.splitlines():
        if function := _FUNCTION.match(line):
            current = found[function[1]]
            current.results.append(function[3])
        elif (tags := _TAGS.match(line)) and current is not None:
            current.tags.update(tag.strip() for tag in tags[1].split(","))
    yield from found.items()


def classified(name: str, overloads: Overloads) -> tuple[str, str]:
    """Kind and category of one operator.

    Returns
    -------
    tuple
        Kind: ``"view"``, ``"maybe-view"`` (copies at times), ``"allocation"``, ``"metadata"``, ``"synchronisation"`` or
        ``"compute"``.
    """
    for kind, pattern in _RULES["kinds"].items():
        if re.fullmatch(pattern, name):
            return kind, _RULES["categories_of_kinds"][kind]
    if any(_ALIAS.search(result) for result in overloads.results):
        return "view", "view"
    if not any(_TENSOR.search(result) for result in overloads.results) and not name.startswith("_foreach"):
        return ("compute", "other") if any(result == "()" for result in overloads.results) else ("metadata", "view")
    return "compute", _category(name, overloads.tags)


def _category(name: str, tags: set[str]) -> str:
    for category, pattern in _RULES["categories"]:
        if re.search(pattern, name):
            return str(category)
    if "pointwise" in tags:
        return "elementwise"
    if "reduction" in tags:
        return "reduction"
    return "copy" if "view_copy" in tags else "other"
