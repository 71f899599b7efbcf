"""What is selected on the page of a comparison: by name for Python, by position for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xpubreak.breakdown.compare.parts import listed, place_of
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
        keys[page_name] = _key(cmp, name, items[0])
    return keys


def _key(cmp: Comparison, name: str, item: Any) -> int:
    if name == "layer" and item == -1:
        raise SelectionError("layer=-1 is before, after and outside of the layers together: say which, as position=….")
    axes = cmp.matched.axes
    value = axes.column(name)[2][place_of(axes, (cmp.a, cmp.b), name, item)]
    page_name = "layer" if name == "position" else name
    found = next((at for at, row in enumerate(_values(cmp, page_name)) if _named(name, row) == value), None)
    if found is None:
        raise SelectionError(f"{name}={item!r} is no row of the page.")
    return found


def _values(cmp: Comparison, name: str) -> list[tuple[Any, ...]]:
    found = cmp.differences(*DIMENSIONS[name])
    return [found.values[at] for at in ordered(cmp, name)]


def _named(name: str, value: tuple[Any, ...]) -> Any:
    """Positions of rows within a layer are no bars of their own."""
    return (value[1] if value[0] < 0 else None) if name == "position" else value[0]
