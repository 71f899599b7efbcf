"""Search texts: what a person looks for in names, and what a file says that somebody else has found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from xpubreak.errors import SelectionError

MAX_PATTERN = 200
_MAX_MATCHED = 4096  # characters of a name that a search sees: bounds what a hostile name can cost
_STEADY = re.compile(r"[\w :,;<>&~@#%='\"!|.^$/-]*")
"""Alternatives of letters, each tried once at each place of a name: no repeat, group or class."""


class FoundText(str):
    """A pattern that comes from a file, with the names that it was found in when the file was written.

    It is looked up, and never run: a pattern is a program, whose author decides how long it takes, and a pattern such
    as ``(a+)+$`` over names of its author's choice takes for ever. RE2 would end, but knows no lookaround, and reads
    words, digits and ends of non-ASCII names differently: another part would be selected without a word.
    What was found is exact, and data like everything else in the file. Of names that were not in the file it says
    nothing: see `check`.

    It is the text in all other respects, so that it stays what it is wherever selections go.

    Parameters
    ----------
    text
        The pattern with its slashes.
    names
        That it is found in.
    others
        That it was looked for in, and is not found in.
    """

    __slots__ = ("names", "others")
    names: frozenset[str]
    others: frozenset[str]

    def __new__(cls, text: str, names: Iterable[str] = (), others: Iterable[str] = ()) -> FoundText:
        made = super().__new__(cls, text)
        made.names = frozenset(names)
        made.others = frozenset(others) - made.names
        return made

    def __getnewargs__(self) -> tuple[str, frozenset[str], frozenset[str]]:  # type: ignore[override]  # for pickles
        return str(self), self.names, self.others

    def check(self, names: Iterable[str]) -> None:
        """Refuse names that nobody has looked at.

        Raises
        ------
        SelectionError
            There are some.
        """
        for name in names:
            if name not in self.names and name not in self.others:
                raise SelectionError(
                    f"The search {self[:MAX_PATTERN]} is of a saved file, whose patterns are not run: whether it "
                    f"finds {name[:MAX_PATTERN]!r}, which is not in there, is not known. Search here: select(text=…)."
                )


def pattern_of(text: str) -> re.Pattern[str]:
    """Compile a search text.

    Raises
    ------
    SelectionError
        For an invalid or oversized regular expression.
    """
    if len(text) > MAX_PATTERN:
        raise SelectionError(f"A search text may have {MAX_PATTERN} characters, this one has {len(text)}.")
    if is_pattern(text):
        try:
            return re.compile(text[1:-1], re.IGNORECASE)
        except re.error as error:
            raise SelectionError(f"{text} is no regular expression: {error}.") from error
    return re.compile(re.escape(text), re.IGNORECASE)


def is_pattern(text: str) -> bool:
    """Whether a search text is a regular expression, ``/…/``."""
    return len(text) > 2 and text.startswith("/") and text.endswith("/")


def is_steady(text: str) -> bool:
    """Whether a search takes time in proportion to the names, whoever chose it and them."""
    return not is_pattern(text) or _STEADY.fullmatch(text) is not None


def finder(text: str) -> Callable[[str], bool]:
    """Return what tells whether a search finds a name."""
    if isinstance(text, FoundText):
        return text.names.__contains__
    search = pattern_of(text).search
    return lambda name: search(name[:_MAX_MATCHED]) is not None
