"""Drawn pictures: what each says of how it was drawn, for whoever is about to send it.

Letters in a picture cannot be looked through. So it is written into each whether names of people, hosts and places were
left out when it was drawn: as a text of a PNG, before its pixels, and as an attribute of an SVG.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from xpubreak.version import __version__

WIDTH = 1120
"""Of all our pictures, in points."""
REDACTED, NAMING, UNSAID = "redacted", "naming", "unsaid"
"""What `state_of` says: names were left out; they were not; drawn by a version whose pictures do not say."""
_KEY = "xpubreak:redacted"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CAPTION = "Description"
_HEAD = 1 << 16
"""Letters of a picture, in base64, that are looked at: texts stand before the pixels."""
_INLINE = re.compile(r"data:image/(png|svg\+xml)(?:;[\w=-]{1,40}){0,4};base64,([A-Za-z0-9+/=\s]{16,})")
_PLAIN = re.compile(r"data:image/svg\+xml(?:;(?!base64,)[\w=-]{1,40}){0,4},")
_TAG = 4096
"""Letters of an SVG in an address that are looked at: its first tag."""
_SVG = re.compile(r"<svg\b[^<>]{0,999}>")
_OLD_SVG = re.compile(rf"""viewBox=["']0 0 {WIDTH} [^<>]*font-family=["']system-ui, -apple-system, """)
_ATTRIBUTE = re.compile(r"""data-xpubreak-drawn=["'][^"' ]{0,40} (redacted|naming)["']""")


def texts_of_png(*, redacted: bool) -> dict[str, str]:
    """What a PNG says, by keyword."""
    return {_KEY: str(int(redacted)), "Software": f"xpubreak {__version__}"}


def attributes_of_svg(*, redacted: bool) -> str:
    """What an SVG says."""
    # Not the attribute of copies: a picture in a page must not speak for what stands around it.
    return f'data-xpubreak-drawn="{__version__} {REDACTED if redacted else NAMING}"'


def states_in(kind: str, text: str) -> Iterator[tuple[str, str]]:
    """States and base64 of our pictures in an output of a MIME type; SVG has no base64."""
    if kind == "image/png":
        state = state_of(_bytes(text))
        if state:
            yield state, "".join(text.split())
        return
    yield from ((state, "") for tag in _SVG.findall(text) if (state := _state_of_svg(tag)))
    for address in _PLAIN.finditer(text) if "data:image/" in text else ():
        plain = html.unescape(unquote(text[address.end() : address.end() + _TAG]))
        tag = _SVG.search(plain)
        if tag and (state := _state_of_svg(tag[0])):
            yield state, ""
    for form, encoded in _INLINE.findall(text) if "data:image/" in text else ():
        content = _bytes(encoded)
        if form == "png":
            state = state_of(content)
        else:
            tag = _SVG.search(content.decode("utf-8", "replace"))
            state = _state_of_svg(tag[0]) if tag else ""
        if state:
            yield state, "".join(encoded.split())


def state_of(png: bytes) -> str:
    """One of `REDACTED`, `NAMING`, `UNSAID`; empty for a picture of others."""
    if not png.startswith(_SIGNATURE):
        return ""
    found = dict(_texts(png))
    if _KEY in found:
        return REDACTED if found[_KEY] == "1" else NAMING
    is_as_wide = int.from_bytes(png[16:20], "big") % WIDTH == 0
    return UNSAID if is_as_wide and _CAPTION in found else ""


def _texts(png: bytes) -> Iterator[tuple[str, str]]:
    """Texts before the pixels, as far as the picture is whole."""
    at = len(_SIGNATURE)
    while at + 8 <= len(png):
        size, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        if kind in (b"IDAT", b"IEND"):
            return
        if kind in (b"tEXt", b"iTXt"):
            key, _, text = png[at + 8 : at + 8 + size].partition(b"\0")
            yield key.decode("latin-1"), text.decode("latin-1")
        at += 12 + size


def _state_of_svg(tag: str) -> str:
    said = _ATTRIBUTE.search(tag)
    if said:
        return said[1]
    return UNSAID if _OLD_SVG.search(tag) else ""


def _bytes(encoded: str) -> bytes:
    head = "".join(encoded[:_HEAD].split())
    try:
        return base64.b64decode(head[: len(head) // 4 * 4])
    except (binascii.Error, ValueError):
        return b""
