"""Text of a terminal: how wide it is, cut and broken to a width."""

from __future__ import annotations

import unicodedata


def cells(text: str) -> int:
    """Columns that a text takes in a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def clip(text: str, width: int) -> str:
    """Shorten a text of a stranger to a width, without control and direction-changing characters."""
    shown = "".join(
        character if unicodedata.category(character)[0] != "C" else "\N{REPLACEMENT CHARACTER}"
        for character in text[: width * 4]
    )
    if cells(shown) <= width:
        return shown
    kept: list[str] = []
    room = width - 1
    for character in shown:
        room -= cells(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"


def wrap(text: str, width: int) -> list[str]:
    """Break a text at blanks; lines after the first are indented."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) + 1 > width:
            lines.append(line)
            line = "  " + word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines
