"""The first of many rules that matches a name, by one regular expression for all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xpubreak.classify.rule import Rule


class FirstRule:
    """Rules of xpubreak itself, asked together.

    Alternatives of a regular expression are tried in their order: where all of them start at the beginning of the name,
    the first one that matches is the first rule that does.

    Parameters
    ----------
    rules
        In the order in which they are asked.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = list(rules)
        self._place = {id(rule): place for place, rule in enumerate(self._rules)}
        self._subjects = {
            subject: _Together([rule for rule in self._rules if (rule.subject == "raw") is (subject == "raw")])
            for subject in ("base", "raw")
        }

    def find(self, base: str, raw: str) -> Rule | None:
        """Return the first rule that matches its subject; None where none does."""
        by_base, by_raw = self._subjects["base"].find(base), self._subjects["raw"].find(raw)
        if by_base is None or by_raw is None:
            return by_raw if by_base is None else by_base
        return min(by_base, by_raw, key=lambda rule: self._place[id(rule)])


class _Together:
    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = list(rules)
        # A pattern may be found further on, but for what it anchors with ^.
        self._match = re.compile("|".join(f"({_from_the_beginning(rule.pattern)})" for rule in self._rules)).match
        counts = [re.compile(rule.pattern).groups for rule in self._rules]
        self._rule_of = {1 + sum(counts[:place]) + place: rule for place, rule in enumerate(self._rules)}

    def find(self, name: str) -> Rule | None:
        if not self._rules:
            return None
        found = self._match(name)
        # The outermost group is closed last.
        return None if found is None else self._rule_of[found.lastindex or 0]


def _from_the_beginning(pattern: str) -> str:
    is_anchored = all(part.startswith("^") for part in _alternatives(pattern))
    return f"(?:{pattern})" if is_anchored else f"(?s:.*?)(?:{pattern})"


def _alternatives(pattern: str) -> list[str]:
    """Split at the ``|`` outside any bracket."""
    parts, level, in_class, position = [""], 0, False, 0
    while position < len(pattern):
        piece = pattern[position]
        if piece == "\\":
            piece = pattern[position : position + 2]
        elif in_class:
            in_class = piece != "]"
        elif piece == "[":
            in_class = True
        elif piece in "()":
            level += 1 if piece == "(" else -1
        if piece == "|" and not level and not in_class:
            parts.append("")
        else:
            parts[-1] += piece
        position += len(piece)
    return parts
