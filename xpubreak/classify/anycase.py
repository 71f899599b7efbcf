"""Patterns in which case may not matter, found in a third of the time."""

from __future__ import annotations

import re

_FLAG = "(?i)"
_NEGATED_CLASS = re.compile(r"\\[A-Z]")


class AnyCase:
    """A pattern; beginning with ``(?i)`` it is looked for in small letters, where `re` skips what cannot begin it.

    Where case does not matter, `re` tries every alternative at every character.

    Parameters
    ----------
    pattern
        With ``(?i)`` at the beginning or not at all; without escapes of capital letters, which mean something else in
        small ones.
    """

    def __init__(self, pattern: str) -> None:
        self._as_written = re.compile(pattern)
        self._lowered: re.Pattern[str] | None = None
        if pattern.startswith(_FLAG):
            if _NEGATED_CLASS.search(pattern):
                raise ValueError(f"{pattern} holds an escaped capital letter")
            self._lowered = re.compile(pattern.removeprefix(_FLAG).lower())

    def is_in(self, name: str, lowered: str) -> bool:
        """Whether it occurs in a name; ``lowered`` is the name in small letters."""
        # Beyond ASCII, small letters may be others than those that `re` takes for the same, or more of them.
        if self._lowered is None or not name.isascii():
            return self._as_written.search(name) is not None
        return self._lowered.search(lowered) is not None
