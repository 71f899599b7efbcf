"""Dimensions: the ways in which rows can be told apart, grouped and selected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from xpubreak.attribute.label import PHASES, POSITIONS
from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.classify.backend import Confidence, Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.errors import SelectionError
from xpubreak.trace.columns import AnyArray, BoolArray
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
    known
        Values that may be named although no row has them; None where anything may.
    """

    name: str
    codes: Callable[[Rows], AnyArray]
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
        codes = self.codes(tables.rows)
        if self.words is not None:
            wanted = [self.words.index(str(value)) for value in values if value in self.words]
            missing = NO_VALUE in values
            return np.asarray(np.isin(codes, wanted) | (missing & (codes >= len(self.words))))
        if self.strings:
            ids = [tables.strings.find(str(value)) if value != NO_VALUE else -1 for value in values]
            known = [i for i, value in zip(ids, values, strict=True) if i >= 0 or value == NO_VALUE]
            return np.asarray(np.isin(codes, known))
        return np.asarray(np.isin(codes, list(values)))

    def values(self, tables: Tables, codes: AnyArray) -> list[str] | AnyArray:
        """What to show for the given codes: texts, or the numbers themselves."""
        if self.words is not None:
            words = [*self.words, NO_VALUE]
            return [words[min(code, len(self.words))] for code in codes.tolist()]
        if self.strings:
            return [tables.strings.text(code) for code in codes.tolist()]
        return codes.astype(np.int64)


def _kernel(rows: Rows) -> AnyArray:
    """Display names of activities; host spans are no kernels."""
    return np.where(rows.is_activity, rows.display, -1)


_LINKS = tuple(link.name.lower().replace("_", "-") for link in Link)
_CONFIDENCES = tuple(confidence.name.lower() for confidence in Confidence)

DIMENSIONS: dict[str, Dimension] = {
    item.name: item
    for item in (
        Dimension("backend", lambda rows: rows.role, words=tuple(role.key for role in Role)),
        Dimension("category", lambda rows: rows.category, words=CATEGORIES),
        Dimension("kernel", _kernel, strings=True),
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
    )
}


def dimension(name: str) -> Dimension:
    """Look a dimension up by name; raises `SelectionError`, naming the ones there are."""
    try:
        return DIMENSIONS[name]
    except KeyError:
        raise SelectionError(f"There is no dimension {name!r}. Choose from {', '.join(DIMENSIONS)}.") from None
