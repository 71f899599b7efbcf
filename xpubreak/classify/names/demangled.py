"""Reader of demangled C++ names: as written by LLVM, libstdc++, nvcc and Level Zero tools, whole or cut off."""

from __future__ import annotations

import re

from xpubreak.classify.names.symbol import Symbol

MAX_DEPTH = 60
_ANONYMOUS = ("(anonymous namespace)", "<unnamed>", "{anonymous}", "`anonymous namespace'")
_PIECE = re.compile(
    r"\(anonymous namespace\)|<unnamed>|\{anonymous\}|`anonymous namespace'|'lambda\d*'|"
    r"operator *(?:\(\)|\[\]|<<=?|->\*?|<=>|>>=|<=|>=|<(?!<)|>>?|\*|&&?)|"
    r"::|->|-?\d\w*|[<>(){}\[\],]|\s+|[^\s<>(){}\[\],:*&-]+|."
)
_NUMBER = re.compile(r"(-?\d+)[uUlL]*\Z")
_OPENING = {"(": ")", "{": "}", "[": "]"}
_QUALIFIERS = frozenset(["const", "volatile", "&", "*", "typename", "class", "struct", "enum"])
_WORDS_OF_BUILTINS = frozenset(["unsigned", "signed", "long", "short", "unsigned long", "long long"])


class Reader:
    """Recursive descent over the pieces of one name; total: what makes no sense is passed over.

    Parameters
    ----------
    text
        Demangled name.
    """

    def __init__(self, text: str) -> None:
        self.pieces: list[str] = _PIECE.findall(text)
        self.position = 0

    def at_end(self) -> bool:
        """Nothing is left to read."""
        return self.position >= len(self.pieces)

    def symbol(self, depth: int = 0) -> Symbol | None:
        """Read up to the ``,``, ``>`` or ``)`` that ends this name; None where it is empty or cut off."""
        current: Symbol | None = None
        prefix: Symbol | None = None  # set by "::"
        is_function = False
        is_closed = True  # something follows the last identifier, so it is whole
        while not self.at_end():
            piece = self.pieces[self.position]
            if piece in (",", ">", ")"):
                return current
            self.position += 1
            if piece == "::":
                prefix, is_closed = current, True
            elif is_function and piece in _OPENING:
                self._skip(_OPENING[piece])
            elif is_function or piece.isspace() or piece in _QUALIFIERS or piece in ("->", "-", ":"):
                is_closed = True
            elif piece == "<" and current is not None:
                is_closed = True
                current = current.with_arguments(self._arguments(depth + 1))
            elif piece == "(" and current is None:
                current = self.symbol(depth + 1) if depth < MAX_DEPTH else None
                self._skip(")")
            elif piece == "(":
                self._skip(")")
                is_function = True
            elif piece in ("{", "["):
                self._skip(_OPENING[piece])
                if piece == "{":
                    current, prefix = Symbol("{lambda}", prefix), None
            else:
                current, prefix = _identified(piece, current, prefix), None
                is_closed = False
        return current if is_closed or depth == 0 else None

    def _arguments(self, depth: int) -> tuple[Symbol, ...]:
        """Read arguments up to the closing ``>``."""
        found: list[Symbol] = []
        while not self.at_end():
            if depth > MAX_DEPTH:
                self.position = len(self.pieces)
                break
            argument = self.symbol(depth)
            if argument is not None:
                found.append(argument)
            if self.at_end():
                break
            self.position += 1
            if self.pieces[self.position - 1] == ">":
                break
        return tuple(found)

    def _skip(self, closing: str) -> None:
        """Pass over everything up to and with the bracket that closes this one."""
        level = 1
        while not self.at_end() and level:
            piece = self.pieces[self.position]
            if piece == closing:
                level -= 1
            elif piece in _OPENING and _OPENING[piece] == closing:
                level += 1
            self.position += 1


def _identified(piece: str, current: Symbol | None, prefix: Symbol | None) -> Symbol:
    if piece in _ANONYMOUS:
        return Symbol("(anonymous namespace)", prefix)
    number = _NUMBER.match(piece)
    if number is not None:
        return Symbol(number[1])
    if piece.startswith("'lambda"):
        return Symbol("{lambda}", prefix)
    if prefix is None and current is not None and current.text in _WORDS_OF_BUILTINS:
        return Symbol(f"{current.text} {piece}")
    return Symbol(piece, prefix)


def read_demangled(text: str) -> Symbol | None:
    """Read a demangled type or function; of a function, its return type and parameters are left out.

    Parameters
    ----------
    text
        For example ``void vllm::act_kernel<float>(float*, float const*, int)``.

    Returns
    -------
    Symbol or None
        The function's or type's name. Of something declared in a function, the function.
    """
    return Reader(text).symbol()
