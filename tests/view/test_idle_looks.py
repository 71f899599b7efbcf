"""What Bokeh works out for selected and muted pieces, where nothing ever is selected, reads no column."""

from __future__ import annotations

from typing import Any

import pytest

from xpubreak.view.layers import bars_item
from xpubreak.view.roofline import roofline_item

ITEMS = {"layers": bars_item(4), "roofline": roofline_item({"x": [0.1, 100.0], "y": [1e9, 1e12]}, [])}


def models(node: Any, found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """All models of an item by their id."""
    if isinstance(node, dict):
        if node.get("type") == "object" and "id" in node:
            found[node["id"]] = node
        for value in node.values():
            models(value, found)
    elif isinstance(node, list | tuple):
        for value in node:
            models(value, found)
    return found


@pytest.mark.parametrize(("name", "places"), [("layers", ("x", "top")), ("roofline", ("x", "y"))])
def test_looks_of_what_is_never_selected_have_values_for_places(name: str, places: tuple[str, str]) -> None:
    """A place that is not given is a field of its own name."""
    known = models(ITEMS[name], {})
    renderers = [one["attributes"] for one in known.values() if one["name"] == "GlyphRenderer"]
    changed = [one for one in renderers if known[one["glyph"]["id"]]["name"] != "MultiLine"]
    assert changed
    for renderer in changed:
        for look in ("selection_glyph", "nonselection_glyph", "muted_glyph"):
            glyph = known[renderer[look]["id"]]["attributes"]
            assert [glyph[place]["type"] for place in places] == ["value", "value"]
