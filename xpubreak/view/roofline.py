"""The roofline: operators by arithmetic intensity and achieved rate, under what the device could do.

Only roles and numbers go into Bokeh's figure, never a name from a trace: Bokeh would read ``$$`` in a text as LaTeX.
Names travel beside it, and the browser shows them as text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.core.properties import value
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, FixedTicker, Grid, LinearAxis, LogScale, MultiLine, Plot, Range1d, Scatter

from xpubreak.breakdown.cost.device import Device
from xpubreak.classify.backend import Role
from xpubreak.view.layers import idle_looks
from xpubreak.view.palette import FILLS

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.breakdown import Breakdown

MARKERS = {
    "vllm": "circle",
    "torch": "square",
    "triton": "triangle",
    "cpu": "x",
    "framework": "diamond",
    "collectives": "star",
    "unattributed": "inverted_triangle",
}
"""Of each role: colour is never the only sign."""
MOST_POINTS = 150
"""By time; what is left out is told."""
_HALF = "c10::BFloat16"
_PREFIXES = {0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}


def roofline_packet(bd: Breakdown) -> dict[str, Any]:
    """Describe the roofline of a breakdown for the browser.

    Returns
    -------
    dict
        ``points`` (one per operator and shapes, most time first), ``device`` and its ``peaks``, ``covered_frac`` (share
        of the time whose work is known), ``moving`` (operators that only move data), ``left_out`` (points beyond
        `MOST_POINTS`), ``ranges`` of both axes and Bokeh's ``figure``; the last two are None without points.
    """
    table, found = bd.costs, bd.work
    drawn = table[(table.flops > 0) & (table.bytes > 0) & (table.time_ns > 0)]
    shown = drawn.head(MOST_POINTS)
    ranges = _ranges(shown, found.device) if len(shown) else None
    return {
        "device": found.device.name if found.device else "",
        "source": found.device.source if found.device else "",
        "covered_frac": found.covered_frac,
        "moving": int(((table.flops == 0) & (table.bytes > 0)).sum()),
        "left_out": len(drawn) - len(shown),
        "points": _points(bd, shown),
        "ranges": ranges,
        "figure": roofline_item(ranges, _roofs(ranges, found.device)) if ranges else None,
        "roofs": [{"label": label, "at": at} for label, at in _levels(found.device)],
        "bandwidth": found.device.memory_bytes_per_s if found.device else None,
    }


def roofline_item(ranges: dict[str, list[float]], roofs: Sequence[tuple[list[float], list[float]]]) -> dict[str, Any]:
    """Describe the figure as Bokeh's JSON item.

    Parameters
    ----------
    ranges
        First and last value of ``x`` and ``y``.
    roofs
        Lines, each as its x and y.

    Returns
    -------
    dict
        For ``Bokeh.embed.embed_item``. The models that the browser changes have names: ``points-`` with each role (the
        sources), ``x-axis``, ``y-axis``, ``x-grid``, ``y-grid``, ``roofs``.
    """
    plot = Plot(
        x_range=Range1d(*ranges["x"]),
        y_range=Range1d(*ranges["y"]),
        x_scale=LogScale(),
        y_scale=LogScale(),
        height=320,
        sizing_mode="stretch_width",
        toolbar_location=None,
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        min_border=0,
        min_border_left=64,
        min_border_right=8,
        min_border_top=8,
    )
    for name, side, unit in (("x", "below", ""), ("y", "left", "FLOP/s")):
        at = _decades(*ranges[name])
        axis = LinearAxis(
            name=f"{name}-axis",
            ticker=FixedTicker(ticks=at),
            major_label_overrides={tick: _labelled(tick, unit) for tick in at},
            minor_tick_line_color=None,
            major_tick_in=0,
            major_tick_out=3,
            major_label_text_font_size="11px",
        )
        plot.add_layout(axis, side)
        plot.add_layout(Grid(axis=axis, dimension=0 if name == "x" else 1, name=f"{name}-grid"))
    lines = ColumnDataSource({"xs": [x for x, _ in roofs], "ys": [y for _, y in roofs]})
    plot.add_glyph(lines, MultiLine(xs="xs", ys="ys", line_width=1.5, name="roofs"))
    looks = idle_looks(Scatter(x=value(1), y=value(1), fill_color=None, line_color=None))
    for key, fill in FILLS.items():
        source = ColumnDataSource({name: [] for name in ("x", "y", "size", "alpha")}, name=f"points-{key}")
        glyph = Scatter(
            x="x", y="y", size="size", fill_color=fill, line_color=fill, line_width=1.5, marker=MARKERS[key]
        )
        glyph.fill_alpha = glyph.line_alpha = "alpha"
        plot.add_glyph(source, glyph, **looks)
    item: dict[str, Any] = json.loads(json.dumps(json_item(plot)))  # plain JSON: Bokeh leaves tuples in it
    return item


def _points(bd: Breakdown, table: pd.DataFrame) -> list[dict[str, Any]]:
    role_of_label = {bd.backend_label(role): role.key for role in Role}
    rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    return [
        {
            "op": _sendable(row["op"]),
            "role": role_of_label[row["backend"]],
            "shapes": _sendable(row["shapes"])[:300],
            "calls": int(row["calls"]),
            "time_ns": int(row["time_ns"]),
            "x": float(row["flops_per_byte"]),
            "y": float(row["flops_per_s"]),
            "bytes_per_s": float(row["bytes_per_s"]),
            "bound": row["bound"],
            "least_ns": None if np.isnan(row["least_ns"]) else float(row["least_ns"]),
            "is_lower_bound": bool(row["is_lower_bound"]),
            "note": row["note"],
        }
        for row in rows
    ]


def _ranges(table: pd.DataFrame, device: Device | None) -> dict[str, list[float]]:
    """Half a decade beyond the points and the roofs over them."""
    x, y = table.flops_per_byte.to_numpy(), table.flops_per_s.to_numpy()
    wide, high = [float(x.min()), float(x.max())], [float(y.min()), float(y.max())]
    if device is not None:
        tops = [at for _, at in _levels(device)]
        wide.append(max(tops) / device.memory_bytes_per_s)  # where the roof bends
        high += tops
    return {"x": [min(wide) / 2, max(wide) * 4], "y": [min(high) / 3, max(high) * 3]}


def _levels(device: Device | None) -> list[tuple[str, float]]:
    """Flat roofs: what they are called, and how high they are."""
    if device is None:
        return []
    return [("matrix engines, 16 bits", device.matrix_flops[_HALF]), ("vector units", device.vector_flops)]


def _roofs(ranges: dict[str, list[float]], device: Device | None) -> list[tuple[list[float], list[float]]]:
    """The slope of the memory, and a flat line from there on for each kind of unit."""
    if device is None:
        return []
    rate, end = device.memory_bytes_per_s, ranges["x"][1]
    highest = max(at for _, at in _levels(device))
    slope = ([ranges["x"][0], highest / rate], [ranges["x"][0] * rate, highest])
    return [slope, *(([at / rate, end], [at, at]) for _, at in _levels(device))]


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten in a range; every third one where there are many."""
    powers = range(ceil(log10(low)), floor(log10(high)) + 1)
    step = 1 if len(powers) <= 6 else 3
    return [10.0**power for power in powers if power % step == 0]


def _labelled(tick: float, unit: str) -> str:
    power = round(log10(tick))
    if power < 0 or not unit:
        return f"{tick:g}"
    whole = power - power % 3
    return f"{10 ** (power % 3)} {_PREFIXES.get(whole, '')}{unit}".strip() if whole in _PREFIXES else f"1e{power}"


def _sendable(text: str) -> str:
    """A lone surrogate, legal in JSON, cannot be sent as UTF-8."""
    return text.encode("utf-8", "replace").decode()
