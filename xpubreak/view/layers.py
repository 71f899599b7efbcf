"""The figure of the layer bars: Bokeh draws it in the browser, with the BokehJS of the installed wheel.

Only numbers and colours go into the figure, never a name from a trace: Bokeh would read ``$$`` in a text as LaTeX.
The browser fills in the numbers, the colours of the theme and the labels of the axis.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bokeh
from bokeh.core.properties import value
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, FixedTicker, Glyph, Grid, LinearAxis, Patches, Plot, Range1d, VBar


def bars_item(layer_count: int) -> dict[str, Any]:
    """Describe stacked bars as Bokeh's JSON item.

    Parameters
    ----------
    layer_count
        Number of layers; "before", "after" and "outside" get bars of their own.

    Returns
    -------
    dict
        For ``Bokeh.embed.embed_item``. The models that the browser changes have names: the sources ``columns``,
        ``pieces`` (of bars, each with its colour) and ``hatches`` (one row for each backend, of all its pieces), glyphs
        ``column`` and ``hatch``, ``value-range``, ``layer-range``, ``layer-axis``, ``value-axis`` and ``value-grid``.
        Heights are in rows of bars, one for each phase that is shown apart: the browser writes the labels.
    """
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
    # Few renderers with many pieces: Bokeh's time for a change goes by renderers.
    looks = idle_looks(VBar(x=value(0), top=value(0), fill_color=None, line_color=None))
    piece = {"x": "x", "width": "width", "bottom": "bottom", "top": "top", "line_color": None}
    glyphs = {
        "columns": VBar(**piece, fill_alpha=0.09, name="column"),
        "pieces": VBar(**piece, fill_color="fill", fill_alpha="alpha"),
        "hatches": Patches(xs="xs", ys="ys", fill_color=None, line_color=None, hatch_pattern="pattern", name="hatch"),
    }
    glyphs["hatches"].update(hatch_scale="scale", hatch_weight=1)
    boxes = ("x", "width", "bottom", "top")
    fields_of = {"columns": boxes, "pieces": (*boxes, "fill", "alpha"), "hatches": ("xs", "ys", "pattern", "scale")}
    for name, glyph in glyphs.items():
        plot.add_glyph(ColumnDataSource({field: [] for field in fields_of[name]}, name=name), glyph, **looks)
    item: dict[str, Any] = json_item(plot)
    return item


def idle_looks(glyph: Glyph) -> dict[str, Glyph]:
    """Looks of what is selected or muted, where nothing ever is.

    Bokeh works them out all the same at each change, patterns included: the glyph should be of plain values, no fields.
    """
    return dict.fromkeys(("selection_glyph", "nonselection_glyph", "muted_glyph"), glyph)


def bokehjs() -> bytes:
    """BokehJS of the installed wheel: its version is always the one that wrote the figure."""
    return (Path(bokeh.__file__).parent / "server" / "static" / "js" / "bokeh.min.js").read_bytes()
