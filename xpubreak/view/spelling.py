"""Spellings of a text: with entities, escapes, signs that nobody sees; what stands there may be a path all the same."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from xpubreak.view.encoded import decoded
from xpubreak.view.markup import shown

CONTROLS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\^_]"
    r"|[\x00-\x08\x0e-\x1b\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
"""Colours and other orders to a terminal, and letters without a width."""
_RETURN = re.compile(r"\r(?!\n)")
_ESCAPE = re.compile(r"\\+(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,5})\}|x([0-9A-Fa-f]{2})|U000([0-9A-Fa-f]{5}))")
_TEXT_AS_BASE64 = re.compile(
    r"data:(?:text/|application/(?:json|xml|yaml|javascript)|image/svg)[^,\s]{0,99};base64,([A-Za-z0-9+/]+)"
)
_MOST_ESCAPES = 3


def spellings(text: str) -> Iterator[str]:
    """Each other way in which a text may be read, none of them the text itself."""
    seen = text
    for read in (_unescaped, _without_entities, _without_percents, _without_controls):
        seen = read(seen)
    if seen != text:
        yield seen
    for spelled in dict.fromkeys((text, seen)):
        if "<" in spelled:
            yield shown(spelled)
    for encoded in _TEXT_AS_BASE64.findall(seen):
        yield decoded(encoded)


def _without_entities(text: str) -> str:
    return html.unescape(text) if "&" in text else text


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1] or match[2] or match[3] or match[4], 16)), text)


def _without_percents(text: str) -> str:
    for _ in range(_MOST_ESCAPES):
        if "%" not in text:
            break
        text = unquote(text)
    return text


def _without_controls(text: str) -> str:
    return _RETURN.sub("", CONTROLS.sub("", text))
