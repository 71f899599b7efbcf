"""The baseline of ``%%xpu_breakdown --compare``: found before the cell runs, since a run must not be lost to a typo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from xpubreak.errors import XpubreakError

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.compare.comparison import Comparison

_SUFFIX = ".xpb"
_OF_CELLS = re.compile(r"In \[\d+\]")


def find_baseline(text: str, namespace: Mapping[str, Any]) -> Breakdown:
    """Find what a name or a path stands for; a breakdown without a title is called by it.

    Raises
    ------
    UsageError
        It is neither a variable with a breakdown nor a file of one.
    """
    from xpubreak.breakdown.breakdown import Breakdown  # noqa: PLC0415 - loaded when something is compared
    from xpubreak.breakdown.store import open_saved  # noqa: PLC0415

    if text in namespace:
        found = namespace[text]
        if isinstance(found, Breakdown):
            return found
        raise UsageError(
            f"The cell was not run. --compare {text}: the variable holds {type(found).__name__}, not a Breakdown. "
            "%%xpu_breakdown --into NAME makes one."
        )
    if text.endswith(_SUFFIX):
        try:
            return open_saved(Path(text).expanduser())
        except XpubreakError as error:
            raise UsageError(f"The cell was not run. --compare: {error}") from None
    known = ", ".join(sorted(name for name, one in namespace.items() if isinstance(one, Breakdown) and name[0] != "_"))
    raise UsageError(
        f"The cell was not run. --compare {text}: there is no such variable, and a saved breakdown ends in {_SUFFIX}. "
        + (f"Breakdowns here: {known}." if known else "No variable holds a breakdown; xb.last is the last one made.")
    )


def compared(baseline: Breakdown, name: str, breakdown: Breakdown, into: str | None) -> Comparison:
    """Compare a new breakdown with its baseline, each called by the title that it was given, else by its variable."""
    from xpubreak.breakdown.compare.compare import compare  # noqa: PLC0415

    titles = [
        _given(baseline.title) or Path(name).stem,
        _given(breakdown.title) or into or breakdown.title or "this cell",
    ]
    if titles[0] == titles[1]:
        titles = [f"{titles[0]} (baseline)", titles[1]]
    return compare(baseline, breakdown, titles=titles)


def _given(title: str) -> str:
    """Return a title that somebody chose; those of cells are numbers of prompts."""
    return "" if _OF_CELLS.fullmatch(title) else title
