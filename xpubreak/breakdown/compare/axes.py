"""Dimensions of two runs, with values written alike so that rows of both can be put side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.breakdown.compare.kernelmatch import KernelMatch, kernels_of, match_kernels
from xpubreak.breakdown.compare.modulepaths import match_modules
from xpubreak.breakdown.dimension import NO_VALUE, dimension
from xpubreak.breakdown.tables import encodable
from xpubreak.errors import SelectionError
from xpubreak.trace.columns import IntArray

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

DIMENSIONS = ("backend", "category", "kernel", "op", "module", "layer", "position", "phase", "rank", "stream")
"""What rows of two runs can be matched by; steps and nodes of one run are not those of another."""

Column = tuple[IntArray, IntArray, list[Any]]


class Axes:
    """Columns of two breakdowns by dimension.

    Parameters
    ----------
    a, b
        Baseline and candidate.
    """

    def __init__(self, a: Breakdown, b: Breakdown) -> None:
        self._sides = (a, b)
        self.rows: tuple[IntArray, ...] = tuple(
            np.flatnonzero(bd.rows.is_activity if bd.weight == "device" else ~bd.rows.is_activity) for bd in (a, b)
        )
        self._columns: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        """Value of a dimension in every row that carries weight.

        Returns
        -------
        int64[rows of a], int64[rows of b], list
            Positions in the list; and the values.
        """
        if name not in self._columns:
            self._columns[name] = self._make(name)
        return self._columns[name]

    @cached_property
    def kernels(self) -> list[KernelMatch]:
        """Kernels (operators, where nothing ran on a device) that do the same work."""
        found = [kernels_of(bd, with_places=True) for bd in self._sides]
        alike = found[0][1] == found[1][1] > 0
        if not alike:
            found = [kernels_of(bd, with_places=False) for bd in self._sides]
        return match_kernels(found[0][0], found[1][0])

    @cached_property
    def kernel_of_name(self) -> tuple[dict[str, int], dict[str, int]]:
        """Position in `kernels` by name, of each side."""
        return (
            {name: at for at, match in enumerate(self.kernels) for name in match.a},
            {name: at for at, match in enumerate(self.kernels) for name in match.b},
        )

    def _make(self, name: str) -> Column:
        if name not in DIMENSIONS:
            dimension(name)  # names the dimensions that there are
            raise SelectionError(f"Runs cannot be compared by {name!r}. Choose from {', '.join(DIMENSIONS)}.")
        if name == "kernel":
            return self._kernels()
        if name == "op":
            return self._ops()
        item = dimension(name)
        sides: list[tuple[IntArray, list[Any]]] = []
        for bd, rows in zip(self._sides, self.rows, strict=True):
            codes, which = np.unique(np.asarray(item.codes(bd.rows))[rows], return_inverse=True)
            values = list(item.values(bd.tables, codes))
            sides.append((which.reshape(-1).astype(np.int64), encodable(values) if item.strings else values))
        if name == "module":
            alike = match_modules(*(filter(None, values) for _, values in sides))
            sides = [(which, [alike.get(one, one) for one in values]) for which, values in sides]
        return _merge(sides)

    def _kernels(self) -> Column:
        sides = []
        for side, (bd, rows) in enumerate(zip(self._sides, self.rows, strict=True)):
            place = self.kernel_of_name[side]
            codes, which = np.unique(bd.rows.display[rows], return_inverse=True)
            names = encodable([bd.strings.text(code) for code in codes.tolist()])
            sides.append(np.array([place[name] for name in names] or [0], dtype=np.int64)[which.reshape(-1)])
        labels: list[Any] = [match.label for match in self.kernels]
        seen: dict[str, int] = {}
        for at, text in enumerate(labels):  # one label for each, or rows would be added up by mistake
            seen[text] = seen.get(text, 0) + 1
            if seen[text] > 1:
                labels[at] = f"{text} [{seen[text]}]"
        return sides[0], sides[1], labels

    def _ops(self) -> Column:
        """Operators; work without one goes to those whose kernels it matches."""
        kernels = self.column("kernel")
        named: list[list[str | int]] = []
        of_kernel: tuple[dict[int, set[str]], dict[int, set[str]]] = (defaultdict(set), defaultdict(set))
        which: list[IntArray] = []
        for side, (bd, rows) in enumerate(zip(self._sides, self.rows, strict=True)):
            ops = bd.rows.op[rows].astype(np.int64)
            place, pairs = _distinct((ops + 1) * (len(self.kernels) + 1) + kernels[side], lambda codes: codes.tolist())
            which.append(place)
            texts: list[str | int] = []
            for code in pairs:
                op, kernel = divmod(code, len(self.kernels) + 1)
                text = encodable([bd.strings.text(op - 1)])[0] if op else NO_VALUE
                if text:
                    of_kernel[side][kernel].add(text)
                texts.append(text or kernel)
            named.append(texts)
        joined = _join_ops(named, of_kernel, self.kernels)
        return _merge([(which[side], [joined[text] for text in named[side]]) for side in (0, 1)])


def _join_ops(
    named: list[list[str | int]], of_kernel: tuple[dict[int, set[str]], dict[int, set[str]]], kernels: list[KernelMatch]
) -> dict[str | int, str]:
    """What to call each operator, and each kernel without one: operators whose work is done together go together."""
    parent: dict[str | int, str | int] = {one: one for side in named for one in side}

    def root(one: str | int) -> str | int:
        while parent[one] != one:
            one = parent[one]
        return one

    for kernel in [one for one in parent if isinstance(one, int)]:
        for op in sorted(of_kernel[0][kernel] | of_kernel[1][kernel]):
            parent[root(op)] = root(kernel)
    members: dict[str | int, list[str | int]] = defaultdict(list)
    for one in parent:
        members[root(one)].append(one)
    label: dict[str | int, str] = {}
    for group in members.values():
        ops = sorted(one for one in group if isinstance(one, str))
        alone = sorted(kernels[one].label for one in group if isinstance(one, int))
        label |= dict.fromkeys(group, " + ".join(ops or alone))
    return label


def _distinct(codes: Any, words: Callable[[Any], list[Any]]) -> tuple[IntArray, list[Any]]:
    distinct, which = np.unique(codes, return_inverse=True)
    return which.reshape(-1).astype(np.int64), list(words(distinct))


def _merge(sides: list[tuple[IntArray, list[Any]]]) -> Column:
    plain = [[one.item() if isinstance(one, np.generic) else one for one in values] for _, values in sides]
    values = sorted({*plain[0], *plain[1]})
    place = {value: at for at, value in enumerate(values)}
    ids = [
        np.array([place[one] for one in names] or [0], dtype=np.int64)[which]
        for (which, _), names in zip(sides, plain, strict=True)
    ]
    return ids[0], ids[1], values
