"""Values that nothing in a profile has: mostly typos, for which a gate must not pass."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.dimension import DIMENSIONS, NO_VALUE, RANGES
from xpubreak.breakdown.selection import Clause, Selection, Value
from xpubreak.command.arguments import selected
from xpubreak.command.streams import note
from xpubreak.errors import SelectionError
from xpubreak.trace.columns import NONE

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_SHOWN = 3


def check_there(
    bd: Breakdown, options: argparse.Namespace, asked: Sequence[tuple[str, Selection]], *, is_judged: bool
) -> None:
    """Say which values match nothing: a warning, but where something is judged by them."""
    asked = [("--select", selected(options.select)), *asked]
    if is_judged and not options.allow_missing:
        refuse_missing(bd, asked)
    for _, selection in asked:
        for what in missing(bd, selection) if not options.quiet else ():
            note("warning", f"{what} matches nothing in this profile")


def missing(bd: Breakdown, selection: Selection) -> list[str]:
    """Clauses with values that no row of the whole profile has, as they are written on the line.

    Words of a fixed set (``backend=cpu``) are checked when they are read: a profile without them has 0 of them. So it
    is with durations and times, and with what stands for no value (``layer=-1``, ``op=''``).
    """
    found = []
    for name, values in selection.clauses:
        absent = [str(value) for value in _absent(bd, (name, values))]
        if not values:
            found.append(f"{name}=, of which nothing is left")
        elif absent:
            more = f" and {len(absent) - _SHOWN:,} more" if len(absent) > _SHOWN else ""
            found.append(f"{name}={'|'.join(absent[:_SHOWN])}{more}")
    return found


def refuse_missing(bd: Breakdown, asked: Sequence[tuple[str, Selection]]) -> None:
    """Raise `SelectionError` for conditions over what is not there; with each comes how it was written."""
    for text, selection in asked:
        found = missing(bd, selection)
        if found:
            raise SelectionError(
                f"{text} cannot be decided: {', '.join(found)} matches nothing in this profile. "
                "If that is no typo: --allow-missing."
            )


def _absent(bd: Breakdown, clause: Clause) -> list[Value]:
    name, values = clause
    if name in RANGES or (name in DIMENSIONS and DIMENSIONS[name].words is not None):
        return []
    if name in DIMENSIONS and not DIMENSIONS[name].strings:
        there = np.unique(DIMENSIONS[name].codes(bd.tables.rows))
        asked = np.array(sorted(value for value in values if isinstance(value, int) and value != NONE), dtype=np.int64)
        return list(asked[~np.isin(asked, there)].tolist())
    real = sorted((value for value in values if value != NO_VALUE), key=str)
    return [value for value in real if not Selection(((name, frozenset([value])),)).mask(bd.tables).any()]
