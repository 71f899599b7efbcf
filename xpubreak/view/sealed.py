"""Sealed selections: how a selection is synced, for notebooks save what is synced.

Texts that redaction would rewrite are synced as redaction writes them; what they mean goes by custom message, which is
never saved. Page and kernel both put the meaning back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xpubreak.breakdown.selection import TEXT

if TYPE_CHECKING:
    from xpubreak.view.view import View

Clauses = Mapping[str, list[Any]]


class Seal:
    """Seals and opens selections of one view.

    Parameters
    ----------
    view
        Whose selection.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._meant: dict[str, str] = {}
        self._searches: dict[str, str] = {}
        self._is_complete = False

    def closed(self, clauses: Clauses) -> dict[str, list[Any]]:
        """Write a selection as it may be saved; tells the page what new texts in it mean."""
        if not self._view.redact or not _has_text(clauses):
            return dict(clauses)
        written = {name: [self._closed(name, item) for item in items] for name, items in clauses.items()}
        meant = {
            short: text
            for name, items in clauses.items()
            for text, short in zip(items, written[name], strict=True)
            if short != text and self._meant.get(short) != text
        }
        if meant:
            self.learn(meant)
            self._view.send({"sealed": meant})
        return written

    def _closed(self, name: str, item: Any) -> Any:
        if not isinstance(item, str):
            return item
        redaction = self._view.breakdown.redaction
        if name == TEXT and redaction.finds_hidden(item):
            return self._searches.setdefault(item, f"(search {len(self._searches) + 1})")
        return redaction.selection({name: [item]})[name][0]

    def opened(self, clauses: Clauses) -> dict[str, list[Any]]:
        """Read a selection as the page wrote it."""
        meant = self.texts() or {} if _has_text(clauses) else {}
        return {
            name: [meant.get(item, item) if isinstance(item, str) else item for item in items]
            for name, items in clauses.items()
        }

    def texts(self) -> dict[str, str] | None:
        """What each sealed text means; None where nothing is sealed."""
        if not self._view.redact:
            return None
        if not self._is_complete:
            self._meant.update(self._view.breakdown.redaction.hidden)
            self._is_complete = True
        return self._meant

    def learn(self, texts: Mapping[Any, Any]) -> None:
        """Take what the page, or Python, wrote for a text."""
        self._meant.update((str(short), str(text)) for short, text in texts.items())


def _has_text(clauses: Clauses) -> bool:
    return any(isinstance(item, str) for items in clauses.values() for item in items)


def to_json(value: Any, view: View) -> Any:
    """Serialise the trait of a selection."""
    return view.seal.closed(value)


def from_json(value: Any, view: View) -> Any:
    """Read the trait of a selection."""
    return view.seal.opened(value) if isinstance(value, Mapping) else value
