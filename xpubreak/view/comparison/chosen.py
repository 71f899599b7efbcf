"""What is selected on the page of a comparison: by name for Python, by position for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xpubreak.breakdown.compare.parts import listed
from xpubreak.errors import SelectionError
from xpubreak.view.comparison.payload import DIMENSIONS, ordered

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison


def selection_of(cmp: Comparison, keys: Mapping[str, int]) -> dict[str, list[Any]]:
    """Name what the page has selected, as `Comparison.parts` takes it.

    Parameters
    ----------
    cmp
        The pair of runs that the page shows.
    keys
        Position of the row by dimension of the page.
    """
    found = {}
    for name, key in keys.items():
        value = _values(cmp, name)[key]
        if name == "layer":
            layer, position = value
            found.update({"layer": [layer]} if layer >= 0 else {"position": [position]})
        else:
            found[name] = [value[0]]
    return found


def keys_of(cmp: Comparison, selection: Mapping[str, Any]) -> dict[str, int]:
    """Find what a selection names on the page.

    Parameters
    ----------
    cmp
        The pair of runs that the page shows.
    selection
        One value by dimension: ``{"category": "attention", "layer": 3}``, as such or in a list.

    Raises
    ------
    SelectionError
        For dimensions that the page does not have, several values of one, or a value that neither run has.
    """
    keys = {}
    for name, wanted in selection.items():
        page_name = "layer" if name == "position" else name
        if page_name not in DIMENSIONS:
            known = ", ".join((*DIMENSIONS, "position"))
            raise SelectionError(f"{name!r}: the page of a comparison has no such dimension. Choose from {known}.")
        items = listed(wanted)
        if len(items) != 1 or page_name in keys:
            raise SelectionError(f"{name}={wanted!r}: the page of a comparison selects one {page_name} at a time.")
        place = {_named(name, value): at for at, value in enumerate(_values(cmp, page_name))}
        if items[0] not in place:
            raise SelectionError(f"{name}={items[0]!r}: neither run has it.")
        keys[page_name] = place[items[0]]
    return keys


def _values(cmp: Comparison, name: str) -> list[tuple[Any, ...]]:
    found = cmp.differences(*DIMENSIONS[name])
    return [found.values[at] for at in ordered(cmp, name)]


def _named(name: str, value: tuple[Any, ...]) -> Any:
    """Positions of rows within a layer are no bars of their own."""
    return (value[1] if value[0] < 0 else None) if name == "position" else value[0]
