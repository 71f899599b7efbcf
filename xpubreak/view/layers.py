"""The figure of the layer bars: Bokeh draws it in the browser, with the BokehJS of the installed wheel.

Only roles and layer numbers go into the figure, never a name from a trace: Bokeh would read ``$$`` in a text as LaTeX.
The browser fills in the numbers, the colours of the theme and the labels of the axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bokeh
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, FixedTicker, Grid, LinearAxis, Plot, Range1d, VBar


def bars_item(fills: Mapping[str, str], hatched: tuple[str, ...], layer_count: int) -> dict[str, Any]:
    """Describe stacked bars as Bokeh's JSON item.

    Parameters
    ----------
    fills
        Colour of each role key, bottom of the stack first.
    hatched
        Roles that are hatched as well: colour is never the only sign.
    layer_count
        Number of layers; "before", "after" and "outside" get bars of their own.

    Returns
    -------
    dict
        For ``Bokeh.embed.embed_item``. The models that the browser changes have names: ``bars`` (the source),
        ``value-range``, ``layer-range``, ``layer-axis``, ``value-axis``, ``value-grid``, ``column``, and ``bar-`` with
        each role; ``drawn-`` with a role, or with ``column``, is what paints it.
        Heights are in rows of bars, one for each phase that is shown apart: the browser writes the labels.
    """
    columns: dict[str, list[float]] = {name: [] for name in ("x", "width", "room", "reach", "chosen", "alpha")}
    for key in fills:
        columns |= {f"bottom_{key}": [], f"top_{key}": []}
    source = ColumnDataSource(columns, name="bars")
    plot = Plot(
        x_range=Range1d(-2.5, layer_count + 3.5, name="layer-range"),
        y_range=Range1d(0, 1, name="value-range"),
        height=300,
        sizing_mode="stretch_width",
        toolbar_location=None,
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        min_border=0,
        min_border_left=56,
        min_border_right=4,
        min_border_top=6,
    )
    value_axis = LinearAxis(
        name="value-axis",
        axis_line_color=None,
        major_tick_line_color=None,
        minor_tick_line_color=None,
        ticker=FixedTicker(ticks=[]),
    )
    layer_axis = LinearAxis(
        name="layer-axis", ticker=FixedTicker(ticks=[]), minor_tick_line_color=None, major_tick_in=0, major_tick_out=3
    )
    for axis in (value_axis, layer_axis):
        axis.major_label_text_font_size = "11px"
    plot.add_layout(value_axis, "left")
    plot.add_layout(layer_axis, "below")
    plot.add_layout(Grid(axis=value_axis, dimension=1, name="value-grid"))
    plot.add_glyph(
        source,
        VBar(x="x", top="reach", bottom=0, width="room", line_color=None, fill_alpha="chosen", name="column"),
        name="drawn-column",
    )
    # Nothing is ever selected or muted in the source. Bokeh would still paint patterns anew for either, at each click.
    idle = VBar(fill_color=None, line_color=None)
    for key, fill in fills.items():
        glyph = VBar(
            x="x",
            bottom=f"bottom_{key}",
            top=f"top_{key}",
            width="width",
            fill_color=fill,
            fill_alpha="alpha",
            line_color=None,
            name=f"bar-{key}",
        )
        if key in hatched:
            glyph.hatch_pattern, glyph.hatch_alpha = "/", 0.45
            glyph.hatch_scale, glyph.hatch_weight = 8, 1
        looks = dict.fromkeys(("selection_glyph", "nonselection_glyph", "muted_glyph"), idle)
        plot.add_glyph(source, glyph, name=f"drawn-{key}", **looks)
    item: dict[str, Any] = json_item(plot)
    return item


def bokehjs() -> bytes:
    """BokehJS of the installed wheel: its version is always the one that wrote the figure."""
    return (Path(bokeh.__file__).parent / "server" / "static" / "js" / "bokeh.min.js").read_bytes()
