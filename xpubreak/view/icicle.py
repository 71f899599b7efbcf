"""The flame graph as a picture shows it: layers as one, then module, operator, kernel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.attribute.label import POSITIONS
from xpubreak.breakdown.facts import group_by, sum_by
from xpubreak.trace.columns import NONE, AnyArray, CodeArray
from xpubreak.trace.events import Kind
from xpubreak.view.reduce import settled

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_MIXED = -1


@dataclass
class Frame:
    """Time with one name at one place.

    Parameters
    ----------
    name
        Untrusted text.
    order
        Frames beside each other go by it, then by time.
    is_work
        An operator or kernel, which has a backend; others contain.
    role
        Of all its time; −1 where backends differ.
    """

    name: str
    order: int = 0
    is_work: bool = False
    role: int | None = None
    total_ns: int = 0
    children: dict[str, Frame] = field(default_factory=dict)

    def add(self, ns: int, role: int) -> None:
        """Take in time."""
        self.total_ns += ns
        self.role = role if self.role in (None, role) else _MIXED

    def child(self, name: str, order: int, *, is_work: bool) -> Frame:
        """The frame of that name below this one."""
        return self.children.setdefault(name, Frame(name, order, is_work))

    def ordered(self) -> list[Frame]:
        """Children from left to right."""
        return sorted(self.children.values(), key=lambda frame: (frame.order, -frame.total_ns))


def icicle(bd: Breakdown) -> Frame:
    """Add up the breakdown's weight by place, module, operator and name."""
    facts = bd.facts
    weight_ns = np.asarray(facts.device_ns if bd.weight == "device" else facts.host_ns)
    used = np.flatnonzero(weight_ns > 0)
    op = _operators(bd)[facts.node[used]]
    columns: list[AnyArray] = [facts.position[used], facts.module[used], op, facts.name[used], facts.role[used]]
    first, group = group_by(columns)
    sums = sum_by(group, weight_ns[used], len(first)).tolist()
    root = Frame("all")
    for ns, *keys in zip(sums, *(column[first].tolist() for column in columns), strict=True):
        place, module, operator, name, role = keys
        frame = root
        frame.add(ns, role)
        for part, order, is_work in _path(bd, place, module, operator, name):
            frame = frame.child(part, order, is_work=is_work)
            frame.add(ns, role)
    return root


def _path(bd: Breakdown, place: int, module: int, operator: int, name: int) -> Iterator[tuple[str, int, bool]]:
    strings, layers = bd.strings, bd.layer_count
    where = POSITIONS[place] if place < len(POSITIONS) else "outside"
    if layers:
        yield (f"layers ×{layers}" if where == "layer" else f"{where} layers", place, False)
    if module != NONE:
        yield from ((part, 0, False) for part in _module(strings[module], in_layer=where == "layer"))
    if operator != NONE:
        yield strings[operator], 0, True
    if name != operator:
        yield strings[name], 0, True


def _module(path: str, *, in_layer: bool) -> list[str]:
    """Parts of a module's path; in a layer what follows its number."""
    parts = path.split(".")
    numbers = [at for at, part in enumerate(parts) if part.isdigit()] if in_layer else []
    return (parts[numbers[0] + 1 :] if numbers else parts)[:4]


def _operators(bd: Breakdown) -> CodeArray:
    """Name of the innermost operator at or above each node; the last entry is for node −1."""
    tree = bd.nodes
    parent, kind = np.asarray(tree.parent), np.asarray(tree.kind)
    at = settled(np.where(kind == Kind.OPERATOR, np.arange(len(parent)), parent))
    names: CodeArray = np.append(np.asarray(tree.name), NONE)[np.append(at, NONE)].astype(np.int32)
    return names
