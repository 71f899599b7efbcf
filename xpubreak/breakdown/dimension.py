"""Dimensions: the ways in which rows can be told apart, grouped and selected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from xpubreak.attribute.label import PHASES, POSITIONS
from xpubreak.breakdown.clock import shared_start_ns
from xpubreak.breakdown.range import Range, both
from xpubreak.breakdown.rows import Part, Rows, Tables
from xpubreak.classify.backend import Confidence, Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.errors import SelectionError
from xpubreak.trace.columns import AnyArray, BoolArray, IntArray
from xpubreak.tree.launches import Link

NO_VALUE = ""
"""How a missing text value (no operator, no module, no phase) is written in tables and selections."""


@dataclass(frozen=True)
class Dimension:
    """One way to tell rows apart.

    Parameters
    ----------
    name
        As in ``by`` and ``select``.
    codes
        Takes rows, returns an integer column.
    words
        Takes the tables, returns the text of every code; None for numeric dimensions.
    strings
        Codes are string ids.
    """

    name: str
    codes: Callable[[Rows | Part], AnyArray]
    words: tuple[str, ...] | None = None
    strings: bool = False

    def check(self, value: str | int) -> None:
        """Raise `SelectionError` for a value that this dimension cannot have."""
        if self.words is not None and value not in self.words and value != NO_VALUE:
            raise SelectionError(f"{self.name}: there is no {value!r}. Choose from {', '.join(self.words)}.")
        if self.words is None and not self.strings and not isinstance(value, int):
            raise SelectionError(f"{self.name}: {value!r} is not a number.")

    def mask(self, tables: Tables, values: Iterable[str | int]) -> BoolArray:
        """Which rows have one of the values, bool[n]."""
        values = list(values)  # looked through more than once
        codes = self.codes(tables.rows)
        if self.words is not None:
            wanted = [self.words.index(str(value)) for value in values if value in self.words]
            found = _is_in(codes, wanted)
            return found | (codes >= len(self.words)) if NO_VALUE in values else found
        if self.strings:
            ids = [tables.strings.find(str(value)) if value != NO_VALUE else -1 for value in values]
            known = [i for i, value in zip(ids, values, strict=True) if i >= 0 or value == NO_VALUE]
            return _is_in(codes, known)
        return _is_in(codes, values)

    def values(self, tables: Tables, codes: AnyArray) -> list[str] | AnyArray:
        """What to show for the given codes: texts, or the numbers themselves."""
        if self.words is not None:
            words = [*self.words, NO_VALUE]
            return [words[min(code, len(self.words))] for code in codes.tolist()]
        if self.strings:
            return [tables.strings.text(code) for code in codes.tolist()]
        return codes.astype(np.int64)


def _is_in(codes: AnyArray, wanted: list[Any]) -> BoolArray:
    if len(wanted) == 1:  # which is most often asked for, and takes a fifth
        return np.asarray(codes == wanted[0])
    return np.asarray(np.isin(codes, wanted))


def _kernel(rows: Rows | Part) -> AnyArray:
    """Display names of activities; host spans are no kernels."""
    return np.where(rows.is_activity, rows.display, -1)


def _span(rows: Rows | Part) -> AnyArray:
    """Names of host spans, as the call tree has them."""
    return np.where(rows.is_activity, -1, rows.display)


_LINKS = tuple(link.name.lower().replace("_", "-") for link in Link)
_CONFIDENCES = tuple(confidence.name.lower() for confidence in Confidence)

DIMENSIONS: dict[str, Dimension] = {
    item.name: item
    for item in (
        Dimension("backend", lambda rows: rows.role, words=tuple(role.key for role in Role)),
        Dimension("category", lambda rows: rows.category, words=CATEGORIES),
        Dimension("kernel", _kernel, strings=True),
        Dimension("span", _span, strings=True),
        Dimension("name", lambda rows: rows.name, strings=True),
        Dimension("op", lambda rows: rows.op, strings=True),
        Dimension("module", lambda rows: rows.module, strings=True),
        Dimension("layer", lambda rows: rows.layer),
        Dimension("position", lambda rows: rows.position, words=POSITIONS),
        Dimension("phase", lambda rows: rows.phase, words=PHASES),
        Dimension("step", lambda rows: rows.step),
        Dimension("stream", lambda rows: rows.stream),
        Dimension("rank", lambda rows: rows.rank),
        Dimension("confidence", lambda rows: rows.confidence, words=_CONFIDENCES),
        Dimension("link", lambda rows: rows.link, words=_LINKS),
        Dimension("evidence", lambda rows: rows.evidence),
        Dimension("node", lambda rows: rows.node),
        Dimension("row", lambda rows: np.arange(len(rows))),
    )
}


@dataclass(frozen=True)
class RangeDimension:
    """A number or a stretch of time that every row has, selected by ranges; rows cannot be grouped by it.

    Parameters
    ----------
    name
        As in ``select``.
    ends
        Takes the tables, returns the first and the last number that a row has, int64[n] each.
    all_of
        A row has to touch every range, not any one. Where rows are longer than a point only this keeps
        ``select(a).select(b) == select(a and b)``.
    """

    name: str
    ends: Callable[[Tables], tuple[IntArray, IntArray]]
    all_of: bool = False

    def mask(self, tables: Tables, ranges: Iterable[Range]) -> BoolArray:
        """Which rows have a number in the ranges, bool[n]."""
        if tables.folded:
            raise SelectionError(f"{self.name}: single events were added up here; bd.detail(rank) has those of a rank.")
        first, last = self.ends(tables)
        touches = [(first < item.stop) & (last >= item.start) for item in ranges]
        together = np.logical_and if self.all_of else np.logical_or
        return np.asarray(together.reduce(touches)) if touches else np.full(len(first), self.all_of)

    def joined(self, mine: Iterable[Range], others: Iterable[Range]) -> frozenset[Range]:
        """Ranges of a selection that has to fit both."""
        return frozenset([*mine, *others]) if self.all_of else both(mine, others)


def _duration(tables: Tables) -> tuple[IntArray, IntArray]:
    return tables.rows.total_ns, tables.rows.total_ns


def _time(tables: Tables) -> tuple[IntArray, IntArray]:
    start = shared_start_ns(tables.rows, tables.origins_ns)
    return start, start + np.maximum(tables.rows.total_ns - 1, 0)


@dataclass(frozen=True)
class SubtreeDimension:
    """Where in the call tree a row is, selected by nodes above it; rows cannot be grouped by it.

    A row has to lie at or below every one of the nodes: only this keeps ``select(a).select(b) == select(a and b)``,
    because a node of ``b`` may lie below one of ``a``.

    Parameters
    ----------
    name
        As in ``select``.
    """

    name: str

    def check(self, value: str | int) -> None:
        """Raise `SelectionError` for what is no node of a call tree."""
        if not isinstance(value, int) or value < 0:
            raise SelectionError(f"{self.name}: {value!r} is no node of the call tree. Nodes are numbered from 0.")

    def mask(self, tables: Tables, nodes: Iterable[str | int]) -> BoolArray:
        """Which rows lie at or below all nodes, bool[n]; none do below one that is not there."""
        at, tree = tables.rows.node, tables.tree
        below = np.ones(len(at), dtype=bool)
        for node in nodes:
            last = int(tree.subtree_end[int(node)]) if int(node) < len(tree) else -1
            below &= (at >= int(node)) & (at <= last)
        return below


UNDER = SubtreeDimension("under")
"""A call with everything inside it."""

RANGES: dict[str, RangeDimension] = {
    item.name: item
    for item in (RangeDimension("duration_ns", _duration), RangeDimension("time_ns", _time, all_of=True))
}
"""``duration_ns``: how long an activity or span took. ``time_ns``: what ran, wholly or in part, within a range of the
clock that all ranks share, from the start of the earliest trace."""


def dimension(name: str) -> Dimension:
    """Look a dimension up by name; raises `SelectionError`, naming the ones there are."""
    try:
        return DIMENSIONS[name]
    except KeyError:
        raise SelectionError(f"There is no dimension {name!r}. Choose from {', '.join(DIMENSIONS)}.") from None
