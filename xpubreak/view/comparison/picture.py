"""A picture of a comparison: totals, what has to be known, the waterfall, the largest differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xpubreak.breakdown.compare.comparereport import kernel_names, signed_ns, signed_share
from xpubreak.units import format_ns
from xpubreak.view.drawn import WIDTH
from xpubreak.view.surface import Pixels, Surface, Svg, fitted, width_of

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison

SLOW, FAST, EVEN, BASE = "#d6541f", "#3b83c4", "#b9bec6", "#5c6570"
"""Orange-red and blue stay apart for the common kinds of colour blindness; faster is hatched besides."""
_EDGE, _ROOM = 20, 1080
_INK, _FAINT, _LINE = "#1b1f24", "#5c6570", "#d9dde2"
_TALL, _ROWS, _BARS = 170, 8, 10
CHANGED = ("slower", "faster", "only in A", "only in B")


def png(cmp: Comparison, *, scale: int = 2, redacted: bool = False) -> bytes:
    """Draw a comparison as PNG, ``scale`` pixels to a point; ``redacted`` where it names nobody."""
    surface = Pixels(WIDTH, _height(cmp), scale)
    _draw(surface, cmp)
    return surface.png(cmp.title.encode("ascii", "replace").decode(), redacted=redacted)


def svg(cmp: Comparison, *, redacted: bool = False) -> str:
    """Draw a comparison as SVG; ``redacted`` as of `png`."""
    surface = Svg(WIDTH, _height(cmp))
    _draw(surface, cmp)
    return surface.svg(redacted=redacted)


def _loud(cmp: Comparison) -> list[str]:
    return [note.message for note in cmp.notes if note.severity != "info"]


def _height(cmp: Comparison) -> int:
    rows = min(len(cmp.kernels), _ROWS)
    return 44 + 22 * min(len(_loud(cmp)), 3) + 22 * len(cmp.totals) + 52 + _TALL + 62 + 24 + 20 * rows + 20


def _draw(surface: Surface, cmp: Comparison) -> None:
    surface.text(_EDGE, 14, fitted(f"A {cmp.a_title}   B {cmp.b_title}", 17, _ROOM), size=17, bold=True)
    y = 44.0
    loud = _loud(cmp)
    for at, text in enumerate(loud[:3]):
        more = f" (and {len(loud) - 3} more)" if at == 2 and len(loud) > 3 else ""
        surface.text(_EDGE, y, fitted(f"! {text}", 12, _ROOM - 90) + more, size=12, fill="#a33a00")
        y += 22
    for row in cmp.totals.to_dict("records"):
        text = (
            f"{row['measure']} per {cmp.matched.pairing.per}: {format_ns(row['a_ns'])} to {format_ns(row['b_ns'])}, "
            f"{_plain(signed_ns(row['delta_ns']))} ({_plain(signed_share(row['delta_frac']))}), {row['verdict']}"
        )
        if row["low_ns"] == row["low_ns"]:
            ends = (_plain(signed_ns(row[end])) for end in ("low_ns", "high_ns"))
            text += f", {cmp.confidence_text} interval {' to '.join(ends)}"
        surface.text(_EDGE, y, fitted(text, 13, _ROOM), size=13)
        y += 22
    surface.text(_EDGE, y, fitted(cmp.compared, 12, _ROOM), size=12, fill=_FAINT)
    y = _waterfall(surface, cmp, y + 26)
    _table(surface, cmp, y)


def _waterfall(surface: Surface, cmp: Comparison, top: float) -> float:
    surface.rect(_EDGE, top, _ROOM, 1, _LINE)
    surface.text(_EDGE, top + 8, "What changed, by category", size=13, bold=True)
    rows = cmp.by("category").to_dict("records")
    sure = [row for row in rows if row["verdict"] in CHANGED and row["delta_ns"]][:_BARS]
    whole = cmp.differences().estimates
    a, b = float(whole.a_ns[0]), float(whole.b_ns[0])
    bars: list[tuple[str, float, float, str]] = [("A", 0.0, a, BASE)]
    at = a
    for row in sure:
        bars.append((str(row["category"]), at, at + row["delta_ns"], SLOW if row["delta_ns"] > 0 else FAST))
        at += row["delta_ns"]
    rest = "within noise" if cmp.matched.pairing.is_testable else "everything else"
    bars += [(rest, at, b, EVEN), ("B", 0.0, b, BASE)]
    ends = [end for _, start, stop, _ in bars[1:-1] for end in (start, stop)]
    high = max([a, b, *ends, 1.0])
    low = min([a, b, *ends])
    # Nearly equal sides would show no steps on an axis from nothing; equal ones have none to show.
    floor = low - 0.25 * (high - low) if 0.5 * high < low < high else min(low, 0.0)
    if floor > 0:
        surface.text(_EDGE + 210, top + 9, f"the axis begins at {format_ns(floor)}", size=11, fill=_FAINT)
    pitch, tall, base = _ROOM / len(bars), _TALL - 10, top + 34
    for place, (name, start, stop, fill) in enumerate(bars):
        upper, lower = max(start, stop), max(min(start, stop), floor)
        y = base + tall * (high - upper) / (high - floor)
        height = max(tall * (upper - lower) / (high - floor), 1.0)
        x = _EDGE + pitch * (place + 0.12)
        surface.rect(x, y, pitch * 0.76, height, fill, hatch="/" if fill == FAST else "")
        middle = _EDGE + pitch * (place + 0.5)
        value = format_ns(stop) if fill == BASE else _plain(signed_ns(stop - start))
        for line, text in enumerate((name, value)):
            shown = fitted(text, 11, pitch)
            ink = _INK if line else _FAINT
            surface.text(middle - width_of(shown, 11) / 2, base + tall + 6 + 15 * line, shown, size=11, fill=ink)
    return base + tall + 46


def _table(surface: Surface, cmp: Comparison, top: float) -> None:
    noun = "Kernels" if cmp.a.weight == "device" else "Operators"
    surface.rect(_EDGE, top, _ROOM, 1, _LINE)
    surface.text(_EDGE, top + 8, f"{noun} that changed most", size=13, bold=True)
    y = top + 30
    for row in cmp.kernels.head(_ROWS).to_dict("records"):
        _row(surface, y, row)
        y += 20


def _row(surface: Surface, y: float, row: dict[Any, Any]) -> None:
    surface.text(_EDGE, y, fitted(kernel_names(row, " to "), 12, 620), size=12)
    cells = (
        (720, format_ns(row["a_ns"]) if row["a_ns"] else "-"),
        (810, format_ns(row["b_ns"]) if row["b_ns"] else "-"),
        (905, _plain(signed_ns(row["delta_ns"]))),
        (985, _plain(signed_share(row["delta_frac"]))),
    )
    for right, text in cells:
        surface.text(right - width_of(text, 12), y, text, size=12)
    fill = {"slower": SLOW, "faster": FAST}.get(row["verdict"], _FAINT)
    surface.text(1000, y, row["verdict"], size=12, fill=fill, bold=row["verdict"] in ("slower", "faster"))


def _plain(text: str) -> str:
    """With a hyphen for the minus, which the font of pictures lacks."""
    return text.replace("−", "-").replace("×", "x")
