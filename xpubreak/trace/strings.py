"""Interned strings: every name of a trace is kept once and referred to by its id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from xpubreak.trace.columns import NONE


class Strings(Sequence[str]):
    """An append-only table of distinct strings; ids never change.

    Names in traces are a stranger's text: nothing in here may be shown as markup.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts: list[str] = list(dict.fromkeys(texts))
        self._id_of: dict[str, int] = dict(zip(self._texts, range(len(self._texts)), strict=True))

    def intern(self, text: str) -> int:
        """Return the id of ``text``, adding it where it is new."""
        known = self._id_of.get(text)
        if known is None:
            known = self._id_of[text] = len(self._texts)
            self._texts.append(text)
        return known

    @property
    def ids(self) -> Callable[[str], int | None]:
        """Look up the id of a text, or None, again and again."""
        return self._id_of.get

    def find(self, text: str) -> int:
        """Return the id of ``text``, or −1."""
        return self._id_of.get(text, NONE)

    def text(self, string_id: int) -> str:
        """Return the text of an id; the empty string for −1."""
        return self._texts[string_id] if string_id >= 0 else ""

    def __getitem__(self, index: int) -> str:  # type: ignore[override]  # slices are of no use here
        return self._texts[index]

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)
