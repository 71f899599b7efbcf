"""Call sites: where in the program something was called, from its call path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.trace.columns import IntArray
from xpubreak.trace.events import Kind

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

MOST_NODES = 2_000
"""More nodes are not put into a selection."""

_PLUMBING = re.compile(r"(^|/)(torch|contextlib|threading|functools|runpy)[/.]|^nn\.Module|^<built-in|^<string>")
_NUMBER = re.compile(r"\.\d+(?=\.|$)")


@dataclass(frozen=True)
class Site:
    """Where something was called.

    Parameters
    ----------
    operator
        Outermost operator of the innermost run of operators: ``aten::item``, not what it calls inside.
    place
        File and line of the innermost Python frame outside of torch where stacks were recorded, else the module with
        layer numbers left out; empty for neither.
    """

    operator: str
    place: str

    def __str__(self) -> str:
        return f"{self.operator} at {self.place}" if self.place else self.operator


def site_of(breakdown: Breakdown, node: int, module: str = "") -> tuple[Site, int]:
    """Return the call site of a node, and the node of its operator (the node itself where there is none)."""
    tree, strings = breakdown.nodes, breakdown.strings
    path = tree.path(node)
    top = len(path) - 1
    while top >= 0 and tree.kind[path[top]] in (Kind.RUNTIME, Kind.DRIVER):
        top -= 1
    if top < 0 or tree.kind[path[top]] != Kind.OPERATOR:
        top = min(top + 1, len(path) - 1)
    while top > 0 and tree.kind[path[top]] == tree.kind[path[top - 1]] == Kind.OPERATOR:
        top -= 1
    frames = (strings.text(tree.name[at]) for at in reversed(path[: max(top, 0)]) if tree.kind[at] == Kind.PYTHON)
    frame = next((text for text in frames if not _PLUMBING.search(text)), "")
    operator = strings.text(tree.name[path[top]]) if path else ""
    return Site(operator, frame or _NUMBER.sub(".*", module)), path[top] if path else node


def subtrees(breakdown: Breakdown, tops: IntArray) -> list[int]:
    """All nodes at or below the given ones, ascending."""
    tree = breakdown.nodes
    inside = np.zeros(len(tree) + 1, dtype=np.int64)
    distinct = np.unique(tops)
    np.add.at(inside, distinct, 1)
    np.add.at(inside, tree.subtree_end[distinct] + 1, -1)
    found: list[int] = np.flatnonzero(np.cumsum(inside[:-1]) > 0).tolist()
    return found
