"""A place in a mangled name, and the vocabulary of the mangling."""

from __future__ import annotations

import re

from xpubreak.classify.names.symbol import Symbol

# Cutlass nests layouts in tuples in layouts; more than this is no kernel that anybody wrote.
MAX_DEPTH = 120
MAX_LENGTH_DIGITS = 7

DIGITS = re.compile(r"\d+")
SEQUENCE_ID = re.compile(r"[0-9A-Z]*_")
NUMBER = re.compile(r"n?\d*_?")
LITERAL_VALUE = re.compile(r"[^EL_]*")
QUALIFIERS = re.compile(r"[rVK]+")
DISCRIMINATOR = re.compile(r"__\d+_|_\d")

BUILTINS = {
    "v": "void", "w": "wchar_t", "b": "bool", "c": "char", "a": "signed char", "h": "unsigned char", "s": "short",
    "t": "unsigned short", "i": "int", "j": "unsigned int", "l": "long", "m": "unsigned long", "x": "long long",
    "y": "unsigned long long", "n": "__int128", "o": "unsigned __int128", "f": "float", "d": "double",
    "e": "long double", "g": "__float128", "z": "...",
}  # fmt: skip
BUILTINS_AFTER_D = {
    "n": "std::nullptr_t", "i": "char32_t", "s": "char16_t", "u": "char8_t", "a": "auto", "c": "decltype(auto)",
    "h": "_Float16", "d": "decimal64", "e": "decimal128", "f": "decimal32",
}  # fmt: skip
STD = {
    "a": "allocator", "b": "basic_string", "s": "string", "i": "istream", "o": "ostream", "d": "iostream",
}  # fmt: skip
UNARY_OPERATORS = frozenset(["ad", "ng", "nt", "co", "ps", "de", "pp", "mm", "nx", "sz", "az"])
BINARY_OPERATORS = frozenset([
    "aa", "an", "aN", "cm", "ds", "dv", "dV", "eo", "eO", "eq", "ge", "gt", "ix", "le", "ls", "lS", "lt", "mi", "mI",
    "ml", "mL", "ne", "oo", "or", "oR", "pl", "pL", "pm", "rm", "rM", "rs", "rS", "ss",
])  # fmt: skip


class UnreadableNameError(Exception):
    """The text ends within a name, is none, or uses a part of the grammar that kernels do not need.

    Parameters
    ----------
    partial
        The name that was read up to there, with the template arguments that were read; None where not even its
        last component is known.
    arguments
        Template arguments that were read when reading the next one failed.
    """

    def __init__(self, partial: Symbol | None = None, arguments: tuple[Symbol, ...] = ()) -> None:
        super().__init__()
        self.partial = partial
        self.arguments = arguments


class Cursor:
    """Position in a mangled name."""

    def __init__(self, text: str, position: int = 0) -> None:
        self.text = text
        self.position = position
        self.depth = 0

    def peek(self, length: int = 1) -> str:
        """The next characters, without reading them."""
        return self.text[self.position : self.position + length]

    def take(self, pattern: re.Pattern[str]) -> str:
        """Read what the pattern matches here; it may match nothing."""
        match = pattern.match(self.text, self.position)
        if match is None:
            return ""
        self.position = match.end()
        return match[0]

    def accept(self, expected: str) -> bool:
        """Read `expected` where it comes next."""
        found = self.text.startswith(expected, self.position)
        if found:
            self.position += len(expected)
        return found

    def expect(self, expected: str) -> None:
        """Read `expected`, or give up."""
        if not self.accept(expected):
            raise UnreadableNameError

    def enter(self) -> None:
        """One level deeper; names nested beyond `MAX_DEPTH` are given up."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnreadableNameError

    def leave(self) -> None:
        """One level up."""
        self.depth -= 1

    def identifier(self) -> str:
        """Read ``<length> <characters>``."""
        match = DIGITS.match(self.text, self.position)
        if match is None or match.end() - self.position > MAX_LENGTH_DIGITS:
            raise UnreadableNameError
        self.position = match.end()
        length = int(match[0])
        text = self.text[self.position : self.position + length]
        if length == 0 or len(text) < length:
            raise UnreadableNameError
        self.position += length
        return "(anonymous namespace)" if text.startswith("_GLOBAL__N") else text
