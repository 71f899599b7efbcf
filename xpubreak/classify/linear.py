"""Regular expressions in time linear in the text: no pattern of a user can hang on a name of a stranger.

Python's `re` backtracks: ``(a|a)*$`` or ``.*a.*a.*a`` on a hostile name takes longer than anybody waits. Here the
pattern is compiled to a nondeterministic automaton that is run for all alternatives at once (Thompson 1968), with its
steps remembered. What such an automaton cannot do is refused: backreferences, look-around, atomic groups.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from typing import Any

MAX_PATTERN_CHARS = 1000
MAX_STATES = 500
_MAX_REMEMBERED = 1_000_000  # states in remembered steps, all together

_parser: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")

_Test = Callable[[str], bool]
_START, _WORD, _OTHER = 0, 1, 2  # what stands before a position
_END = ""  # stands behind the last one

_CATEGORIES: dict[str, _Test] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_NOT_DIGIT": lambda char: not char.isdecimal(),
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_SPACE": lambda char: not char.isspace(),
    "CATEGORY_WORD": lambda char: char.isalnum() or char == "_",
    "CATEGORY_NOT_WORD": lambda char: not (char.isalnum() or char == "_"),
}
_is_word = _CATEGORIES["CATEGORY_WORD"]
_FLAGS = re.IGNORECASE | re.DOTALL | re.UNICODE | re.VERBOSE


class LinearPattern:
    """A compiled pattern.

    Parameters
    ----------
    pattern
        In the syntax of `re`, without backreferences, look-around, atomic groups and possessive repeats.

    Raises
    ------
    ValueError
        The pattern is malformed, too large, or needs one of these.
    """

    def __init__(self, pattern: str) -> None:
        if len(pattern) > MAX_PATTERN_CHARS:
            raise ValueError(f"it is longer than {MAX_PATTERN_CHARS} characters")
        # A state consumes a character that passes its test, or is passed where its condition holds, or forks.
        self._tests: list[_Test | None] = []
        self._conditions: list[str] = []
        self._next: list[tuple[int, ...]] = []
        self._final = self._add(None, "", ())
        try:
            tree = _parser.parse(pattern)
            if tree.state.flags & ~_FLAGS:
                raise ValueError("only the flags i, s and x are supported")
            self._first = self._build(tree, self._final, tree.state.flags)
        except (re.error, OverflowError) as error:
            raise ValueError(f"it is no regular expression: {error}") from None
        except RecursionError:
            raise ValueError("it is nested too deeply") from None
        self._steps: dict[tuple[frozenset[int], int, str], frozenset[int] | None] = {}
        self._remembered = 0

    def search(self, text: str) -> bool:
        """Whether the pattern occurs in the text; at most ``len(text) + 1`` steps."""
        active: frozenset[int] = frozenset()
        before = _START
        for char in text:
            known = self._step(active, before, char)
            if known is None:
                return True
            active, before = known, _WORD if _is_word(char) else _OTHER
        return self._step(active, before, _END) is None

    def _step(self, active: frozenset[int], before: int, char: str) -> frozenset[int] | None:
        """Return the states behind ``char``; None where the pattern is complete before it."""
        key = (active, before, char)
        if key in self._steps:
            return self._steps[key]
        reached: set[int] = set()
        following: set[int] = set()
        pending = [self._first, *active]
        while pending:
            state = pending.pop()
            if state in reached:
                continue
            reached.add(state)
            test, condition = self._tests[state], self._conditions[state]
            if test is not None:
                if char != _END and test(char):
                    following.update(self._next[state])
            elif not condition or _holds(condition, before, char):
                pending.extend(self._next[state])
        result = None if self._final in reached else frozenset(following)
        self._remembered += len(following) + 1
        if self._remembered > _MAX_REMEMBERED:
            self._steps.clear()
            self._remembered = 0
        self._steps[key] = result
        return result

    def _add(self, test: _Test | None, condition: str, following: tuple[int, ...]) -> int:
        if len(self._tests) >= MAX_STATES:
            raise ValueError("it is too large: counted repeats like {1,1000} are written out")
        self._tests.append(test)
        self._conditions.append(condition)
        self._next.append(following)
        return len(self._tests) - 1

    def _build(self, tree: Any, following: int, flags: int) -> int:
        for operation, argument in reversed(list(tree)):
            following = self._build_one(str(operation), argument, following, flags)
        return following

    def _build_one(self, operation: str, argument: Any, following: int, flags: int) -> int:
        if operation == "AT":
            return self._add(None, str(argument), (following,))
        if operation == "BRANCH":
            return self._add(None, "", tuple(self._build(branch, following, flags) for branch in argument[1]))
        if operation == "SUBPATTERN":
            _, added, removed, inner = argument
            return self._build(inner, following, (flags | added) & ~removed)
        if operation in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, inner = argument
            return self._build_repeat(least, most, inner, following, flags)
        test = _character_test(operation, argument, flags)
        if test is None:
            raise ValueError("backreferences, look-around, atomic groups and possessive repeats are not supported")
        return self._add(test, "", (following,))

    def _build_repeat(self, least: int, most: int, inner: Any, following: int, flags: int) -> int:
        if most == _parser.MAXREPEAT:
            loop = self._add(None, "", ())
            self._next[loop] = (self._build(inner, loop, flags), following)
            entry = loop
        else:
            entry = following
            for _ in range(most - least):
                entry = self._add(None, "", (self._build(inner, entry, flags), following))
        for _ in range(least):
            entry = self._build(inner, entry, flags)
        return entry


def _holds(condition: str, before: int, char: str) -> bool:
    if condition in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
        return before == _START
    if condition == "AT_END_STRING":
        return char == _END
    if condition == "AT_END":  # names hold no line breaks worth speaking of: unlike re, "$" is the very end
        return char == _END
    is_boundary = (before == _WORD) is not (char != _END and _is_word(char))
    return is_boundary if condition == "AT_BOUNDARY" else not is_boundary


def _character_test(operation: str, argument: Any, flags: int) -> _Test | None:
    if operation == "ANY":
        return (lambda char: True) if flags & re.DOTALL else (lambda char: char != "\n")
    if operation == "LITERAL":
        return _folded(lambda char: ord(char) == argument, flags)
    if operation == "NOT_LITERAL":
        is_literal = _folded(lambda char: ord(char) == argument, flags)
        return lambda char: not is_literal(char)
    if operation == "IN":
        return _set_test(argument, flags)
    return None


def _set_test(items: Any, flags: int) -> _Test:
    tests = [_item_test(str(operation), argument) for operation, argument in items if str(operation) != "NEGATE"]
    is_in = _folded(lambda char: any(test(char) for test in tests), flags)
    if str(items[0][0]) == "NEGATE":
        return lambda char: not is_in(char)
    return is_in


def _item_test(operation: str, argument: Any) -> _Test:
    if operation == "LITERAL":
        return lambda char: ord(char) == argument
    if operation == "RANGE":
        return lambda char: argument[0] <= ord(char) <= argument[1]
    return _CATEGORIES[str(argument)]


def _folded(test: _Test, flags: int) -> _Test:
    """Try both cases where the pattern ignores case; a case that takes several characters (ß) stays as it is."""
    if not flags & re.IGNORECASE:
        return test
    return lambda char: test(char) or any(len(other) == 1 and test(other) for other in (char.lower(), char.upper()))
