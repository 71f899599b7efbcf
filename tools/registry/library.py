"""What the registry says of one version of one library, and how it is written."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

FORMAT = 1


@dataclass
class Library:
    """One registry file.

    Parameters
    ----------
    name, version
        Of the package.
    role
        Key of the backend that its kernels and operators belong to.
    sources
        Files or repositories that the names were read from.
    operators
        ``"ns::name"`` to (kind, category).
    kernels
        Base name to category.
    shared_kernels
        The same, for kernels that other libraries contain, too.
    suffixed_kernels
        Kernels whose names in traces go on with a specialisation.
    launched_by
        Kernel to the operators that launch it.
    kind_roles
        Role of operators of a kind, where it is not `role`.
    """

    name: str
    version: str
    role: str
    sources: list[dict[str, str]]
    operators: dict[str, tuple[str, str]] = field(default_factory=dict)
    kernels: dict[str, str] = field(default_factory=dict)
    shared_kernels: dict[str, str] = field(default_factory=dict)
    suffixed_kernels: list[str] = field(default_factory=list)
    launched_by: dict[str, list[str]] = field(default_factory=dict)
    kind_roles: dict[str, str] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """File of the registry folder."""
        return f"{self.name}-{self.version}.json"

    def text(self) -> str:
        """Sorted JSON, one name a line: the same text for the same content."""
        operators: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for name, (kind, category) in self.operators.items():
            operators[kind][category].append(name)
        content = {
            "format": FORMAT,
            "library": self.name,
            "version": self.version,
            "role": self.role,
            "sources": self.sources,
            "kind_roles": self.kind_roles,
            "operators": {kind: _sorted(groups) for kind, groups in sorted(operators.items())},
            "kernels": _by_category(self.kernels),
            "shared_kernels": _by_category(self.shared_kernels),
            "suffixed_kernels": sorted(self.suffixed_kernels),
            "launched_by": _sorted(self.launched_by),
        }
        kept = {key: value for key, value in content.items() if value not in ({}, [])}
        return json.dumps(kept, indent=0, ensure_ascii=True) + "\n"


def _by_category(names: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name, category in names.items():
        groups[category].append(name)
    return _sorted(groups)


def _sorted(groups: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {key: sorted(groups[key]) for key in sorted(groups)}
