"""A picture of a breakdown, for where nothing else shows: totals, backends, flame graph, layer bars."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.attribute.label import POSITIONS
from xpubreak.breakdown.visible import visible
from xpubreak.units import format_ns, format_share
from xpubreak.view.drawn import WIDTH
from xpubreak.view.icicle import Frame, icicle
from xpubreak.view.palette import FILLS, HATCHES
from xpubreak.view.surface import Pixels, Surface, Svg, blended, fitted, readable_on, width_of, wrapped

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

PARTS = ("flame", "layers")
"""What is drawn below the totals."""
_EDGE = 20
_ROOM = WIDTH - 2 * _EDGE
_INK, _FAINT, _LINE, _CONTAINER, _PAPER = "#1b1f24", "#5c6570", "#d9dde2", "#e4e7ea", "#ffffff"
_WARNING = "#a33a00"
_NOTE_LINE = 18
_ROW = 20
_DEEPEST = 9
_LEAST_WIDTH = 0.7
_BAR_ROOM = 150
_BAR_TOP = 8
_ROLES = tuple(FILLS)


def png(
    bd: Breakdown, *, title: str = "", parts: Collection[str] = PARTS, scale: int = 2, redacted: bool = False
) -> bytes:
    """Draw parts of ``bd`` as PNG, ``scale`` pixels to a point; ``redacted`` where it and its title name nobody."""
    root = icicle(bd)
    surface = Pixels(WIDTH, _height(bd, root, parts), scale)
    _draw(surface, bd, root, title, parts)
    return surface.png(_caption(bd, title), redacted=redacted)


def svg(bd: Breakdown, *, title: str = "", parts: Collection[str] = PARTS, redacted: bool = False) -> str:
    """Draw parts of ``bd`` as SVG; ``redacted`` as of `png`."""
    root = icicle(bd)
    surface = Svg(WIDTH, _height(bd, root, parts))
    _draw(surface, bd, root, title, parts)
    return surface.svg(redacted=redacted)


def _caption(bd: Breakdown, title: str) -> str:
    shares = ", ".join(f"{name} {share}" for name, share, _ in _backends(bd))
    return visible(f"{title or bd.title or 'Breakdown'}: {shares}").encode("ascii", "replace").decode()


def _height(bd: Breakdown, root: Frame, parts: Collection[str]) -> int:
    header = 72 + _NOTE_LINE * len(_notes(bd, is_empty=not root.total_ns))
    if not root.total_ns:
        return header
    flame = 34 + min(_depth(root), _DEEPEST) * _ROW if "flame" in parts else 0
    bars = 34 + _BAR_TOP + _BAR_ROOM + 30 if bd.layer_count and "layers" in parts else 0
    return header + 46 + flame + bars + 12


def _depth(frame: Frame) -> int:
    below = [_depth(child) for child in frame.children.values()]
    return 1 + max(below, default=0)


def _draw(surface: Surface, bd: Breakdown, root: Frame, title: str, parts: Collection[str]) -> None:
    y = _header(surface, bd, title, is_empty=not root.total_ns)
    if not root.total_ns:
        return
    y = _totals_bar(surface, bd, y)
    what = "device time" if bd.weight == "device" else "host time"
    if "flame" in parts:
        y = _heading(surface, y, "Flame graph", f"{what} by layer, module, operator, kernel")
        _flame(surface, root, y)
        y += min(_depth(root), _DEEPEST) * _ROW + 4
    if bd.layer_count and "layers" in parts:
        y = _heading(surface, y, "Layers", what)
        _bars(surface, bd, y + _BAR_TOP)


def _header(surface: Surface, bd: Breakdown, title: str, *, is_empty: bool) -> float:
    metadata, totals = bd.metadata, bd.totals
    times = [("device", totals.device_ns), ("busy", totals.busy_ns)] if bd.weight == "device" else []
    times += [("host", totals.host_ns)] if bd.weight == "host" else []
    numbers = " · ".join(f"{name} {format_ns(ns)}" for name, ns in [*times, ("wall", totals.wall_ns)] if ns >= 0)
    marks = [metadata.device_name or metadata.device.upper()]
    if metadata.synthetic and "synthetic" not in marks[0]:
        marks.append("synthetic")
    surface.text(_EDGE, 14, fitted(title or bd.title or "Breakdown", 17, _ROOM), size=17, bold=True)
    surface.text(_EDGE, 40, fitted(f"{' · '.join(marks)} · {numbers}", 13, _ROOM), size=13, fill=_FAINT)
    y = 62
    for line in _notes(bd, is_empty=is_empty):
        surface.text(_EDGE, y, line, size=12, fill=_WARNING)
        y += _NOTE_LINE
    return y + 4


def _notes(bd: Breakdown, *, is_empty: bool) -> list[str]:
    """What a reader has to know of an incomplete profile; as a whole where it is all that there is to say."""
    loud = [issue.message for issue in bd.issues if issue.severity != "info"]
    if not loud:
        return ["There is nothing to show."] if is_empty else []
    more = f" (and {len(loud) - 1} more)" if len(loud) > 1 else ""
    lines = wrapped(f"! {loud[0]}", 12, _ROOM - 80, most=8 if is_empty else 2)
    return [*lines[:-1], lines[-1] + more]


def _backends(bd: Breakdown) -> Iterator[tuple[str, str, int]]:
    facts = bd.facts
    weights_ns = np.asarray(facts.device_ns if bd.weight == "device" else facts.host_ns)
    sums = np.bincount(np.asarray(facts.role), weights=weights_ns, minlength=len(_ROLES))
    for role in range(len(_ROLES)):
        if sums[role] > 0:
            yield bd.backend_label(role), format_share(sums[role], sums.sum()), role


def _totals_bar(surface: Surface, bd: Breakdown, y: float) -> float:
    facts = bd.facts
    weights_ns = np.asarray(facts.device_ns if bd.weight == "device" else facts.host_ns)
    sums = np.bincount(np.asarray(facts.role), weights=weights_ns, minlength=len(_ROLES))
    x, legend_x = float(_EDGE), float(_EDGE)
    for name, share, role in _backends(bd):
        width = _ROOM * float(sums[role] / sums.sum())
        surface.rect(x, y, width - 1, 16, FILLS[_ROLES[role]], hatch=_hatch_of(role))
        x += width
        label = fitted(f"{name} {share}", 12, 260)
        surface.rect(legend_x, y + 25, 9, 9, FILLS[_ROLES[role]], hatch=_hatch_of(role))
        surface.text(legend_x + 14, y + 22, label, size=12)
        legend_x += 14 + width_of(label, 12) + 18
    return y + 46


def _heading(surface: Surface, y: float, title: str, what: str) -> float:
    surface.rect(_EDGE, y, _ROOM, 1, _LINE)
    surface.text(_EDGE, y + 10, title, size=13, bold=True)
    surface.text(_EDGE + width_of(title, 13) + 14, y + 11, what, size=12, fill=_FAINT)
    return y + 34


def _flame(surface: Surface, root: Frame, top: float) -> None:
    ns_per_point = root.total_ns / _ROOM

    def place(frame: Frame, x: float, depth: int) -> None:
        width = frame.total_ns / ns_per_point
        if width < _LEAST_WIDTH or depth >= _DEEPEST:
            return
        fill, hatch = _fill(frame)
        y = top + depth * _ROW
        surface.rect(x, y, width - (1 if width > 3 else 0), _ROW - 1, fill, hatch=hatch)
        label = fitted(frame.name, 11, width - 8) if width > 24 else ""
        if label:
            if hatch:  # strokes through letters cannot be read
                surface.rect(x + 2, y + 2, width_of(label, 11) + 4, _ROW - 5, fill)
            surface.text(x + 4, y + 3, label, size=11, fill=readable_on(fill))
        for child in frame.ordered():
            place(child, x, depth + 1)
            x += child.total_ns / ns_per_point

    place(root, float(_EDGE), 0)


def _fill(frame: Frame) -> tuple[str, str]:
    if not frame.is_work or frame.role is None or frame.role < 0:
        return _CONTAINER, ""
    key = _ROLES[frame.role]
    return (blended(FILLS[key], _PAPER, 0.8) if frame.children else FILLS[key]), _hatch_of(frame.role)


def _bars(surface: Surface, bd: Breakdown, top: float) -> None:
    stacks = _stacks(bd)
    names = ["before", *(str(layer) for layer in range(bd.layer_count)), "after", "outside"]
    shown = [bar for bar in range(len(names)) if 0 < bar <= bd.layer_count or stacks[bar].any()]
    tallest = float(stacks.sum(axis=1).max())
    left = _EDGE + 62
    pitch = (_ROOM - 62) / len(shown)
    width = max(min(pitch * 0.86, 46), min(pitch, 1))
    for share in (0.0, 0.5, 1.0):
        y = top + _BAR_ROOM * (1 - share)
        surface.rect(left, y, _ROOM - 62, 1, _LINE)
        surface.text(_EDGE, y - 7, format_ns(tallest * share) if share else "0", size=11, fill=_FAINT)
    every = max(1, round(26 / pitch))
    for place, bar in enumerate(shown):
        middle, y = left + (place + 0.5) * pitch, top + _BAR_ROOM
        for role, ns in enumerate(stacks[bar].tolist()):
            tall = _BAR_ROOM * ns / tallest if tallest else 0
            if tall > 0:
                surface.rect(middle - width / 2, y - tall, width, tall, FILLS[_ROLES[role]], hatch=_hatch_of(role))
                y -= tall
        is_layer = 0 < bar <= bd.layer_count
        if not is_layer or (bar - 1) % every == 0:
            label = names[bar] if is_layer or pitch > 44 else names[bar][0].upper()
            surface.text(middle - width_of(label, 11) / 2, top + _BAR_ROOM + 7, label, size=11, fill=_FAINT)


def _hatch_of(role: int) -> str:
    return HATCHES.get(_ROLES[role], "")


def _stacks(bd: Breakdown) -> np.ndarray:
    """float64[bars, roles]: before, the layers, after, outside."""
    facts = bd.facts
    position, layer = np.asarray(facts.position), np.asarray(facts.layer)
    weights_ns = np.asarray(facts.device_ns if bd.weight == "device" else facts.host_ns)
    after = bd.layer_count + 1
    bar = np.full(len(position), after + 1)
    bar[position == POSITIONS.index("before")] = 0
    bar[position == POSITIONS.index("after")] = after
    in_layer = (position == POSITIONS.index("layer")) & (layer >= 0)
    bar[in_layer] = layer[in_layer] + 1
    flat = np.bincount(
        bar * len(_ROLES) + np.asarray(facts.role), weights=weights_ns, minlength=(after + 2) * len(_ROLES)
    )
    return flat.reshape(after + 2, len(_ROLES))
