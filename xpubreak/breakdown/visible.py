"""Texts of strangers, made safe for where they are shown: terminals and spreadsheets take orders from some of them."""

from __future__ import annotations

import re
import unicodedata

REPLACED = "\N{REPLACEMENT CHARACTER}"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORMULA_BEHIND = re.compile(r"(;[\s\"]*)(?=[=+@＝＋－＠-])")


def visible(text: str) -> str:
    """Replace what is not shown but acts: control characters, such as those that begin a terminal's escape sequences,
    characters that change the direction of a line, and halves of characters.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter if unicodedata.category(letter)[0] != "C" else REPLACED for letter in text)


def cell(text: str) -> str:
    """Make a text that spreadsheets take for a text.

    Excel, LibreOffice and Google Sheets compute cells that begin with one of ``= + - @``, a tab or a line break; an
    apostrophe in front says that it is a text (https://owasp.org/www-community/attacks/CSV_Injection). Where commas
    are written in decimals, a semicolon begins another cell of a CSV file, whatever is quoted.
    """
    begins = text[:1] in _FORMULA or text.lstrip()[:1] in _FORMULA
    shown = _FORMULA_BEHIND.sub(r"\1'", visible(text))
    return f"'{shown}" if text and begins else shown
