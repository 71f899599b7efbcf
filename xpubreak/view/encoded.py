"""Encoded texts of a notebook: pictures and numbers as base64, addresses of data. A slash in them parts no folders."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from urllib.parse import unquote

from xpubreak.breakdown.privatepaths import PERSONAL

_DATA = re.compile(r"data:[\w.+-]{1,99}/[\w.+-]{1,99}(?:;[\w.=+-]{1,99})*,")
_DATA_BASE64 = re.compile(_DATA.pattern.removesuffix(",") + r";base64,[A-Za-z0-9+/=]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\r\n]*")
LEAST = 120
"""Shorter ones may be a word."""
_JPEG = "/9j/"
"""What one begins with; else a text that begins with a slash is a path."""


def is_base64(text: str) -> bool:
    """Whether a text has no other letters than base64 has; lines may be broken, but there are no blanks."""
    return bool(_BASE64.fullmatch(text))


def without_base64(text: str) -> str:
    """Leave out what addresses of data hold as base64, where a slash and ``home`` come to stand together by chance."""
    return _DATA_BASE64.sub("", text) if ";base64," in text else text


def is_encoded(text: str) -> bool:
    """Whether a text is base64, or an address of data; not an address that spells a folder of a person out."""
    address = _DATA.match(text)
    if address:
        return bool(_BASE64.fullmatch(text, address.end())) or not holds_folder(text)
    is_long = len(text) >= LEAST and (text.startswith(_JPEG) or not text.startswith("/"))
    return is_long and is_base64(text)


def decoded(text: str) -> str:
    """Read a text that is base64; what is none is empty."""
    bare = "".join(text.split()).rstrip("=")
    try:
        return b64decode(bare + "=" * (-len(bare) % 4)).decode("utf-8", "replace")
    except Error:
        return ""


def holds_folder(text: str) -> bool:
    """Whether a text names the folder of a person, in letters or as URLs write them."""
    return bool(PERSONAL.search(text)) or ("%" in text and bool(PERSONAL.search(unquote(text))))
