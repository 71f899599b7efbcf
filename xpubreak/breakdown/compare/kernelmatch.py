"""Which kernels of one run do the work of which kernels of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.compare.kernelnames import fused_text, lists_operator, most_specific, stem, unnumbered
from xpubreak.breakdown.compare.places import places_in_layers
from xpubreak.breakdown.tables import encodable
from xpubreak.classify.category import CATEGORIES
from xpubreak.trace.events import Kind

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

HOW = {
    "name": "the same name",
    "template": "the same kernel with other template arguments",
    "number": "the same generated kernel with another number",
    "role": "what is left of a kind of work that an implementation does by itself: attention, cache, GEMM …",
    "fused": "the name of the generated kernel lists the other's operators",
    "place": "it runs at the same place of the layer, between the same GEMMs and attention",
    "category": "what is left of the same category on both sides",
    "one side": "nothing on the other side does this work",
}
"""How kernels were matched, surest first."""

_ORDER = tuple(HOW)
_OWN_WORK = frozenset(("attention", "cache", "gemm", "moe", "collective", "convolution", "state-space", "sort"))
"""Categories that compilers leave to libraries: what is left of them on both sides is the same work."""


@dataclass(frozen=True)
class Kernel:
    """What is known about a kernel of one run.

    Parameters
    ----------
    name
        As shown; untrusted.
    category
        Kind of work.
    ops
        Operators around its launch; none where it is replayed, or launched by compiled code.
    places
        Where in layers it runs; none where the runs' layers are not alike.
    """

    name: str
    category: str
    ops: frozenset[str] = frozenset()
    places: frozenset[int] = frozenset()


@dataclass(frozen=True)
class KernelMatch:
    """Kernels of both runs that do the same work.

    Parameters
    ----------
    a, b
        Names, longest running first.
    how
        Key of `HOW`: the least sure of the ways that led here.
    """

    a: tuple[str, ...]
    b: tuple[str, ...]
    how: str

    @property
    def label(self) -> str:
        """One line for both sides."""
        if not (self.a and self.b):
            return " + ".join(self.a or self.b)
        if set(self.a) == set(self.b):
            return " + ".join(self.a)
        return f"{' + '.join(self.a)} → {' + '.join(self.b)}"


def match_kernels(a: Iterable[Kernel], b: Iterable[Kernel]) -> list[KernelMatch]:
    """Match the kernels of two runs, by the surest way that works; what is matched takes part in nothing less sure.

    Parameters
    ----------
    a, b
        Distinct kernels of each run, longest running first.

    Returns
    -------
    list of KernelMatch
        Every kernel of either side is in exactly one.
    """
    groups = _Groups(list(a), list(b))
    groups.join_equal("name", lambda kernel: kernel.name)
    groups.join_equal("template", lambda kernel: (stem(kernel.name), kernel.category))
    groups.join_equal("number", lambda kernel: unnumbered(kernel.name))
    groups.join_equal("role", lambda kernel: kernel.category if kernel.category in _OWN_WORK else None)
    groups.join_fused()
    groups.join_places()
    groups.join_equal("category", lambda kernel: kernel.category if kernel.category != "other" else None)
    return groups.found()


class _Groups:
    """Kernels of both sides, put together step by step."""

    def __init__(self, a: list[Kernel], b: list[Kernel]) -> None:
        self._kernels = (a, b)
        self._parent: dict[tuple[int, int], tuple[int, int]] = {}
        self._how: dict[tuple[int, int], str] = {}

    def join_equal(self, how: str, key: Callable[[Kernel], Hashable | None]) -> None:
        """Join what is left on either side and has the same key."""
        left: tuple[dict[Hashable, list[int]], ...] = (defaultdict(list), defaultdict(list))
        for side, number in self._left():
            found = key(self._kernels[side][number])
            if found is not None:
                left[side][found].append(number)
        for value in left[0].keys() & left[1].keys():
            self._join(how, [(side, number) for side in (0, 1) for number in left[side][value]])

    def join_fused(self) -> None:
        """Join generated kernels with those whose operators their names list."""
        left = list(self._left())
        for side, number in left:
            fused = fused_text(self._kernels[side][number].name)
            if fused is None:
                continue
            ops = {op for at, one in left if at != side for op in self._kernels[at][one].ops}
            listed = most_specific(op for op in ops if lists_operator(fused, op))
            for other, candidate in left:
                if other == side:
                    continue
                kernel = self._kernels[other][candidate]
                if fused_text(kernel.name) is None and any(op in listed for op in kernel.ops):
                    self._join("fused", [(side, number), (other, candidate)])

    def join_places(self) -> None:
        """Join generated kernels that are left with what runs at their place on the other side."""
        for side, number in list(self._left()):
            kernel = self._kernels[side][number]
            if fused_text(kernel.name) is None or not kernel.places:
                continue
            others = [
                (1 - side, candidate)
                for candidate, other in enumerate(self._kernels[1 - side])
                if other.places & kernel.places and self._may_join_place(1 - side, candidate)
            ]
            if others:
                self._join("place", [(side, number), *others])

    def _may_join_place(self, side: int, number: int) -> bool:
        """A kernel that has a namesake or a twin on the other side does its own work."""
        how = self._how.get(self._root((side, number)))
        return how in (None, "fused", "place")

    def found(self) -> list[KernelMatch]:
        """Everything, joined or not."""
        members: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for side in (0, 1):
            for number in range(len(self._kernels[side])):
                members[self._root((side, number))].append((side, number))
        return [
            KernelMatch(self._names(group, 0), self._names(group, 1), self._how.get(root, "one side"))
            for root, group in members.items()
        ]

    def _names(self, group: list[tuple[int, int]], side: int) -> tuple[str, ...]:
        return tuple(self._kernels[side][number].name for at, number in group if at == side)

    def _left(self) -> Iterable[tuple[int, int]]:
        for side in (0, 1):
            for number in range(len(self._kernels[side])):
                if self._root((side, number)) not in self._how:
                    yield side, number

    def _join(self, how: str, members: list[tuple[int, int]]) -> None:
        roots = {self._root(member) for member in members}
        ways = [how, *(self._how[root] for root in roots if root in self._how)]
        first = min(roots)
        for root in roots:
            self._parent[root] = first
        self._how[first] = max(ways, key=_ORDER.index)

    def _root(self, member: tuple[int, int]) -> tuple[int, int]:
        while (above := self._parent.get(member, member)) != member:
            member = above
        return member


def kernels_of(bd: Breakdown, *, with_places: bool) -> tuple[list[Kernel], int]:
    """Distinct kernels (operators, where nothing ran on a device) of a breakdown, longest running first.

    Returns
    -------
    list of Kernel, int
        And the anchors of a layer, see `places_in_layers`.
    """
    rows, weights = bd.rows, bd.weights_ns
    place, anchors = places_in_layers(rows)
    used = np.flatnonzero(rows.is_activity if bd.weight == "device" else ~rows.is_activity)
    names, which = np.unique(rows.display[used], return_inverse=True)
    which = which.reshape(-1)
    totals = np.bincount(which, weights=weights[used], minlength=len(names))
    category = np.zeros(len(names), dtype=np.int64)
    category[which] = rows.category[used]
    ops: dict[int, set[str]] = defaultdict(set)
    places: dict[int, set[int]] = defaultdict(set)
    around = _Around(bd)
    for number, node in np.unique(np.stack([which, rows.node[used]]), axis=1).T.tolist():
        ops[number] |= around.operators(node)
    for number, at in np.unique(np.stack([which, place[used]]), axis=1).T.tolist():
        if at >= 0 and with_places:
            places[number].add(at)
    order = np.argsort(-totals, kind="stable").tolist()
    kernels = [
        Kernel(text, CATEGORIES[int(category[n])], frozenset(ops[n]), frozenset(places[n]))
        for n, text in zip(order, encodable([bd.strings.text(int(names[n])) for n in order]), strict=True)
    ]
    return kernels, anchors


class _Around:
    """Operators at and above the nodes of a call tree."""

    def __init__(self, bd: Breakdown) -> None:
        self._bd = bd
        self._known: dict[int, frozenset[str]] = {-1: frozenset()}

    def operators(self, node: int) -> frozenset[str]:
        """Names of the operators at a node and around it; none for node −1."""
        chain = []
        tree = self._bd.nodes
        while node not in self._known:
            chain.append(node)
            node = int(tree.parent[node])
        found = self._known[node]
        for one in reversed(chain):
            if tree.kind[one] == Kind.OPERATOR:
                found |= {self._bd.strings.text(int(tree.name[one]))}
            self._known[one] = found
        return found
