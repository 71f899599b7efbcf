"""What of xpubreak the readers of a cell find there."""

from __future__ import annotations

from typing import Any

from xpubreak.view.drawn import states_in
from xpubreak.view.notebookfile import text_of
from xpubreak.view.remains import MARK

EXPLORES = "data-xpubreak-place"
"""In a copy, where the explorer comes to stand."""
_PICTURES = ("image/png", "image/svg+xml")
_OTHERS = "image"


def holdings(outputs: list[Any]) -> tuple[str, ...]:
    """``picture``, ``copy``, ``table``, in their order."""
    found: list[str] = []
    for output in outputs:
        data = output.get("data") if isinstance(output, dict) else None
        html = text_of(data.get("text/html")) if isinstance(data, dict) else ""
        if MARK in html:
            is_copy = EXPLORES in html
            pictured = is_copy and bool(found and found[-1] == _OTHERS)  # drawn by us, but not by this version
            found[-1 if pictured else len(found) :] = [
                *(["picture"] if pictured else []),
                "copy" if is_copy else "table",
            ]
        elif isinstance(data, dict):
            kind = next((kind for kind in _PICTURES if kind in data), "")
            if kind:
                found.append("picture" if any(states_in(kind, text_of(data[kind]))) else _OTHERS)
    return tuple(held for held in found if held != _OTHERS)
