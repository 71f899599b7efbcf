"""What of two runs has the same values, as breakdowns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.errors import SelectionError

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.compare.axes import Axes


def parts_of(axes: Axes, sides: tuple[Breakdown, Breakdown], clauses: Mapping[str, Any]) -> tuple[Breakdown, Breakdown]:
    """Select by values that are written alike in both runs.

    Parameters
    ----------
    axes
        Of ``sides``.
    sides
        Baseline and candidate.
    clauses
        One or more values by dimension, named as tables of a comparison name them: kernels that do the same work have
        one name, whatever each run calls them.

    Returns
    -------
    Breakdown, Breakdown
        The rows that carry weight (activities of a device; host spans where there is none) and fit all clauses.

    Raises
    ------
    SelectionError
        For a dimension that runs are not compared by, or a value that neither run has.
    """
    if not clauses:
        return sides
    masks = [np.ones(len(rows), dtype=bool) for rows in axes.rows]
    for name, wanted in clauses.items():
        *ids, values = axes.column(name)
        place = {value: at for at, value in enumerate(values)}
        items = listed(wanted)
        for item in items:
            if item not in place:
                raise SelectionError(f"{name}={item!r}: neither run has it.")
        chosen = [place[item] for item in items]
        masks = [mask & np.isin(one, chosen) for mask, one in zip(masks, ids, strict=True)]
    a, b = (
        bd.select(row=bd.row_numbers[rows[mask]].tolist())
        for bd, rows, mask in zip(sides, axes.rows, masks, strict=True)
    )
    return a, b


def listed(values: Any) -> list[Any]:
    """One value, or several, as a list."""
    return list(values) if isinstance(values, Iterable) and not isinstance(values, (str, bytes)) else [values]
