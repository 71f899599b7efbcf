"""What of two runs has the same values, as breakdowns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.breakdown.tables import encodable
from xpubreak.errors import SelectionError

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.compare.axes import Axes

_OWN_NAMES = ("op", "module")
"""Matched through renames, so that a value of the comparison may be several of a run, or parts of one."""


def parts_of(axes: Axes, sides: tuple[Breakdown, Breakdown], clauses: Mapping[str, Any]) -> tuple[Breakdown, Breakdown]:
    """Select by values that are written alike in both runs.

    Parameters
    ----------
    axes
        Of ``sides``.
    sides
        Baseline and candidate.
    clauses
        One or more values by dimension, as `Comparison.by` names them: kernels that do the same work have one name,
        whatever each run calls them. The name of a kernel in one of the runs, and of a backend on its device, will do.

    Returns
    -------
    Breakdown, Breakdown
        What fits all clauses, in each run; of operators and modules only rows that carry weight (activities of a
        device; host spans where there is none).

    Raises
    ------
    SelectionError
        For a dimension that runs are not compared by, or a value that neither run has.
    """
    a, b = sides
    for name, wanted in clauses.items():
        chosen = [place_of(axes, sides, name, item) for item in listed(wanted)]
        a, b = (bd.select(clause) for bd, clause in zip((a, b), _clauses(axes, sides, name, chosen), strict=True))
    return a, b


def place_of(axes: Axes, sides: tuple[Breakdown, Breakdown], name: str, item: Any) -> int:
    """Find a value among those of a dimension of both runs.

    Raises
    ------
    SelectionError
        For a dimension that runs are not compared by, or a value that neither run has.
    """
    values = axes.column(name)[2]
    places: dict[Any, int] = {}
    if name == "kernel":
        for names in axes.kernel_of_name:
            places |= names
    elif name == "backend":
        places |= {bd.backend_label(role): at for at, role in enumerate(values) for bd in sides}
    places |= {value: at for at, value in enumerate(values)}
    try:
        return places[item]
    except (KeyError, TypeError):
        raise SelectionError(f"{name}={item!r}: neither run has it; by({name!r}) lists what there is.") from None


def listed(values: Any) -> list[Any]:
    """One value, or several, as a list."""
    return list(values) if isinstance(values, Iterable) and not isinstance(values, (str, bytes)) else [values]


def _clauses(
    axes: Axes, sides: tuple[Breakdown, Breakdown], name: str, chosen: list[int]
) -> list[dict[str, list[Any]]]:
    """What selects the chosen values in each run; rows only where no name would, for they are many."""
    values = axes.column(name)[2]
    if name == "kernel":
        return [{name: _names(axes, bd, side, chosen)} for side, bd in enumerate(sides)]
    if name not in _OWN_NAMES:
        return [{name: [values[at] for at in chosen]}] * 2
    ids = axes.column(name)[:2]
    return [
        {"row": bd.row_numbers[rows[np.isin(one, chosen)]].tolist()}
        for bd, rows, one in zip(sides, axes.rows, ids, strict=True)
    ]


def _names(axes: Axes, bd: Breakdown, side: int, chosen: list[int]) -> list[str]:
    """As the run itself writes them."""
    place = axes.kernel_of_name[side]
    names = [bd.strings.text(code) for code in np.unique(bd.rows.display[axes.rows[side]]).tolist()]
    return [name for name, shown in zip(names, encodable(names), strict=True) if place.get(shown) in chosen]
