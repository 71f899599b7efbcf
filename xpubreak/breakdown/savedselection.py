"""Selections in saved files, with what their patterns found: a stranger's pattern is never run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xpubreak.breakdown.rows import Tables
from xpubreak.breakdown.run import Run
from xpubreak.breakdown.searchtext import MAX_PATTERN, FoundText, is_steady
from xpubreak.breakdown.selection import TEXT, Selection, ids_found
from xpubreak.errors import Issue
from xpubreak.trace.columns import AnyArray
from xpubreak.trace.strings import Strings

LEFT_OUT = "search-left-out"
"""Code of the issue that says that more is selected than when the file was saved."""


def found_to_json(selection: Selection, tables: Tables) -> dict[str, list[int]]:
    """Ids of the names that each pattern of a selection finds, without those that take no time to find them again."""
    texts = [text for name, values in selection.clauses if name == TEXT for text in values if isinstance(text, str)]
    return {text: ids_found(tables, text) for text in texts if not is_steady(text)}


def selection_from_json(
    clauses: Mapping[str, Any],
    found: Mapping[str, Any],
    strings: Strings,
    runs: tuple[Run, ...],
    looked_in: Sequence[AnyArray],
) -> tuple[Selection, tuple[Run, ...]]:
    """Read a selection without running its patterns.

    Parameters
    ----------
    clauses
        As `Selection.to_json` wrote them.
    found
        As `found_to_json` wrote it; empty in files that were saved before there was such a thing.
    strings
        Names, by id.
    runs
        Of the file.
    looked_in
        Columns of ids of the names that searches look in.

    Returns
    -------
    Selection, tuple of Run
        What is selected; the runs, the first of which says which patterns are not applied, for want of what they found.

    Raises
    ------
    ValueError, TypeError
        It is none.
    """
    kept: list[Any] = []
    left: list[str] = []
    for text in clauses.get(TEXT, ()):
        if not isinstance(text, str) or is_steady(text):
            kept.append(text)
        elif text in found:
            kept.append(_found(text, found[text], strings, looked_in))
        else:
            left.append(text)
    if not left:
        return Selection.from_json({**clauses, TEXT: kept} if kept else clauses), runs
    if not runs:
        raise ValueError("a search without what it found")
    shown = " and ".join(left)
    message = (
        f"More is selected here than when this was saved: the file has the search {shown[: 2 * MAX_PATTERN]}, but not "
        "what it found, and a pattern of a file is not run. Search for it again: bd.select(text=…)."
    )
    said = Issue(LEFT_OUT, "error", message)
    others = {name: values for name, values in clauses.items() if name != TEXT}
    selection = Selection.from_json({**others, TEXT: kept} if kept else others)
    return selection, (replace(runs[0], issues=(*runs[0].issues, said)), *runs[1:])


def _found(text: str, ids: Any, strings: Strings, looked_in: Sequence[AnyArray]) -> FoundText:
    if len(text) > MAX_PATTERN or not isinstance(ids, list):
        raise ValueError("a search that is none")
    if not all(isinstance(one, int) and 0 <= one < len(strings) for one in ids):
        raise ValueError("what a search found leads nowhere")
    others = {one for column in looked_in for one in np.unique(column).tolist() if one >= 0}
    return FoundText(text, map(strings.text, ids), map(strings.text, others))
