"""What pictures are drawn on: pixels (Pillow) or SVG, with the same few strokes."""

from __future__ import annotations

import html
import io
from functools import cache
from typing import Any, Protocol

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from xpubreak.view.drawn import attributes_of_svg, texts_of_png

_SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
_TILE = 8
_RISING = ((-1, 1, 1, -1), (0, 8, 8, 0), (7, 9, 9, 7))
_FALLING = ((-1, 7, 1, 9), (0, 0, 8, 8), (7, -1, 9, 1))
_STROKES: dict[str, tuple[tuple[float, ...], ...]] = {
    "/": _RISING,
    "\\": _FALLING,
    "x": (*_RISING, *_FALLING),
    "-": ((0, 4, 8, 4),),
    "|": ((4, 0, 4, 8),),
    ".": ((1.5, 2, 2.5, 2), (5.5, 6, 6.5, 6)),
}
"""From where to where in a tile, by what the pattern is called in ``palette.py``."""
_NOT_IN_FONT = str.maketrans({"×": "x", "µ": "u", "“": '"', "”": '"', "–": "-", "’": "'"})
_IN_FONT = "·…"
"""Besides ASCII; Pillow's font has few letters, and a box says less than a question mark."""
_MOST_MEASURED = 200
"""Letters of a text that are looked at: longer ones never fit."""


class Surface(Protocol):
    """Draws in points from the upper left corner."""

    def rect(self, x: float, y: float, width: float, height: float, fill: str, *, hatch: str = "") -> None:
        """Fill a rectangle; hatched where colour must not be the only sign."""

    def text(self, x: float, y: float, text: str, *, size: int = 12, fill: str = "#1b1f24", bold: bool = False) -> None:
        """Write one line with its upper left corner at a point."""


@cache
def font(size: float) -> Any:
    """The font that comes with Pillow: pictures look the same on every machine."""
    return ImageFont.load_default(size)


def width_of(text: str, size: int) -> float:
    """Width of a text in points."""
    return float(font(size).getlength(text))


def fitted(text: str, size: int, room: float) -> str:
    """Cut a text so that it fits; empty where not even a few letters do."""
    text = legible(text)
    if width_of(text, size) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width_of(f"{text[:middle]}…", size) <= room else (low, middle - 1)
    return f"{text[:low]}…" if low >= 2 else ""


def wrapped(text: str, size: int, room: float, most: int) -> list[str]:
    """Break a text into lines that fit, between words; the last one is cut where there would be more than ``most``."""
    words = legible(text, most * _MOST_MEASURED).split()
    lines: list[str] = []
    for at, word in enumerate(words):
        if lines and width_of(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        elif len(lines) < most:
            lines.append(fitted(word, size, room))
        else:
            return [*lines[:-1], fitted(f"{lines[-1]} {' '.join(words[at:])}", size, room)]
    return lines


def legible(text: str, most: int = _MOST_MEASURED) -> str:
    """A stranger's text as letters of one line: control and direction characters become dots."""
    return "".join(letter if letter.isprintable() else "·" for letter in text[:most])


class Pixels:
    """Draws with Pillow.

    Parameters
    ----------
    width, height
        In points.
    scale
        Pixels of a point: 2 is sharp on the screens of today.
    """

    def __init__(self, width: int, height: int, scale: int = 2, background: str = "#ffffff") -> None:
        self._scale = scale
        self._image = Image.new("RGB", (width * scale, height * scale), background)
        self._draw = ImageDraw.Draw(self._image)
        self._hatchings: dict[str, Image.Image] = {}

    def rect(self, x: float, y: float, width: float, height: float, fill: str, *, hatch: str = "") -> None:
        """See `Surface`."""
        left, top = round(x * self._scale), round(y * self._scale)
        right, bottom = max(round((x + width) * self._scale) - 1, left), round((y + height) * self._scale) - 1
        if bottom < top:
            return
        self._draw.rectangle((left, top, right, bottom), fill)
        if hatch:
            box = (left, top, right + 1, bottom + 1)
            self._image.paste(_darker(fill), box, self._hatching(hatch).crop(box))

    def _hatching(self, hatch: str) -> Image.Image:
        """Mask of the whole picture: strokes go on from one rectangle to the next."""
        if hatch not in self._hatchings:
            size = _TILE * self._scale
            tile = Image.new("L", (size, size))
            for x0, y0, x1, y1 in _STROKES[hatch]:
                line = tuple(round(at * self._scale) for at in (x0, y0, x1, y1))
                ImageDraw.Draw(tile).line(line, fill=255, width=round(_weight(hatch) * self._scale))
            mask = Image.new("L", self._image.size)
            for x in range(0, mask.width, size):
                for y in range(0, mask.height, size):
                    mask.paste(tile, (x, y))
            self._hatchings[hatch] = mask
        return self._hatchings[hatch]

    def text(self, x: float, y: float, text: str, *, size: int = 12, fill: str = "#1b1f24", bold: bool = False) -> None:
        """See `Surface`."""
        place = (x * self._scale, y * self._scale)
        letters = legible(text).translate(_NOT_IN_FONT)
        known = "".join(letter if letter.isascii() or letter in _IN_FONT else "?" for letter in letters)
        self._draw.text(place, known, fill, font(size * self._scale))
        if bold:  # Pillow brings one weight only: written twice, the letters are heavier
            self._draw.text((place[0] + 0.4 * self._scale, place[1]), known, fill, font(size * self._scale))

    def png(self, note: str = "", *, redacted: bool = False) -> bytes:
        """Encode the picture; ``note`` goes into it as a comment, and whether names were left out of it."""
        buffer = io.BytesIO()
        about = PngImagePlugin.PngInfo()
        for keyword, text in texts_of_png(redacted=redacted).items():
            about.add_text(keyword, text)
        if note:
            about.add_itxt("Description", note)
        # Flat colours: a palette is a third of the size, and nobody sees a difference.
        few = self._image.quantize(192, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(buffer, "PNG", optimize=True, pnginfo=about, dpi=(72 * self._scale, 72 * self._scale))
        return buffer.getvalue()


class Svg:
    """Draws as SVG: text stays text."""

    def __init__(self, width: int, height: int, background: str = "#ffffff") -> None:
        self._size = (width, height)
        self._parts: list[str] = []
        self._hatches: dict[tuple[str, str], str] = {}
        self.rect(0, 0, width, height, background)

    def rect(self, x: float, y: float, width: float, height: float, fill: str, *, hatch: str = "") -> None:
        """See `Surface`."""
        if height <= 0:
            return
        box = f'x="{x:.2f}" y="{y:.2f}" width="{max(width, 0.25):.2f}" height="{height:.2f}"'
        self._parts.append(f'<rect {box} fill="{fill}"/>')
        if hatch:
            name = self._hatches.setdefault((hatch, fill), f"hatch{len(self._hatches)}")
            self._parts.append(f'<rect {box} fill="url(#{name})"/>')

    def text(self, x: float, y: float, text: str, *, size: int = 12, fill: str = "#1b1f24", bold: bool = False) -> None:
        """See `Surface`."""
        weight = ' font-weight="600"' if bold else ""
        # Its own length: another font must not run over what stands beside it.
        length = f' textLength="{width_of(legible(text), size):.1f}" lengthAdjust="spacingAndGlyphs"'
        written = html.escape(legible(text))
        self._parts.append(
            f'<text x="{x:.2f}" y="{y + size:.2f}" font-size="{size}" fill="{fill}"{weight}{length}>{written}</text>'
        )

    def svg(self, *, redacted: bool = False) -> str:
        """Write the picture down, and whether names were left out of it."""
        width, height = self._size
        hatches = "".join(
            f'<pattern id="{name}" width="{_TILE}" height="{_TILE}" patternUnits="userSpaceOnUse">'
            f'<path d="{_path(hatch)}" stroke="{_darker(fill)}" stroke-width="{_weight(hatch)}"/></pattern>'
            for (hatch, fill), name in self._hatches.items()
        )
        said = attributes_of_svg(redacted=redacted)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="{_SANS}" {said}><defs>{hatches}</defs>{"".join(self._parts)}</svg>\n'
        )


def readable_on(fill: str) -> str:
    """Ink with enough contrast on a fill (WCAG 2)."""
    r, g, b = (_linear(channel) for channel in _channels(fill))
    luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return "#ffffff" if 1.05 / (luminance + 0.05) >= 4.5 else "#14161a"


def blended(fill: str, onto: str, alpha: float) -> str:
    """Mix two colours."""
    mixed = (round(a * alpha + b * (1 - alpha)) for a, b in zip(_channels(fill), _channels(onto), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _path(hatch: str) -> str:
    return "".join(f"M{x0} {y0}L{x1} {y1}" for x0, y0, x1, y1 in _STROKES[hatch])


def _weight(hatch: str) -> float:
    return 1.5 if hatch == "." else 1


def _darker(fill: str) -> str:
    return blended(fill, "#000000", 0.72)


def _channels(fill: str) -> tuple[int, int, int]:
    return int(fill[1:3], 16), int(fill[3:5], 16), int(fill[5:7], 16)


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
