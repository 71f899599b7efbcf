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
_ENDS = frozenset([",", ">", ")"])
_SPECIAL = _QUALIFIERS | {"->", "-", ":", "<", *_OPENING}
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
        self.is_cut_off = False

    def symbol(self, depth: int = 0) -> Symbol | None:
        """Read up to the ``,``, ``>`` or ``)`` that ends this name; None where it is empty or cut off."""
        current: Symbol | None = None
        prefix: Symbol | None = None  # set by "::"
        is_function = False
        is_closed = True  # something follows the last identifier, so it is whole
        pieces = self.pieces
        count = len(pieces)
        while self.position < count:
            piece = pieces[self.position]
            if piece in _ENDS:
                return current
            self.position += 1
            if piece == "::":
                prefix, is_closed = current, True
            elif is_function:
                if piece in _OPENING:
                    self._skip(piece)
                else:
                    is_closed = True
            elif piece not in _SPECIAL and not piece.isspace():
                current, prefix = _identified(piece, current, prefix), None
                is_closed = False
            elif piece == "<":
                if current is None:
                    current, prefix = Symbol(piece, prefix), None
                    is_closed = False
                else:
                    is_closed = True
                    current = current.with_arguments(self._arguments(depth + 1))
            elif piece == "(" and current is None:
                current = self.symbol(depth + 1) if depth < MAX_DEPTH else None
                self._skip("(")
            elif piece == "(":
                if not depth:  # parameters, and what follows them, change nothing any more
                    return current
                self._skip("(")
                is_function = True
            elif piece in _OPENING:
                self._skip(piece)
                if piece == "{":
                    current, prefix = Symbol("{lambda}", prefix), None
            else:
                is_closed = True
        self.is_cut_off = self.is_cut_off or depth > 0
        return current if is_closed or depth == 0 else None

    def _arguments(self, depth: int) -> tuple[Symbol, ...]:
        """Read arguments up to the closing ``>``."""
        found: list[Symbol] = []
        pieces = self.pieces
        count = len(pieces)
        while self.position < count:
            if depth > MAX_DEPTH:
                self.position = count
                break
            argument = self.symbol(depth)
            if argument is not None:
                found.append(argument)
            if self.position >= count:
                break
            self.position += 1
            if pieces[self.position - 1] == ">":
                return tuple(found)
        self.is_cut_off = True
        return tuple(found)

    def _skip(self, opening: str) -> None:
        """Pass over everything up to and with the bracket that closes this one."""
        closing, level = _OPENING[opening], 1
        pieces, position = self.pieces, self.position
        while level:
            try:
                end = pieces.index(closing, position)
            except ValueError:
                self.position, self.is_cut_off = len(pieces), True
                return
            level += pieces[position:end].count(opening) - 1
            position = end + 1
        self.position = position


def _identified(piece: str, current: Symbol | None, prefix: Symbol | None) -> Symbol:
    if piece in _ANONYMOUS:
        return Symbol("(anonymous namespace)", prefix)
    first = piece[0]
    if first == "-" or first.isdecimal():
        number = _NUMBER.match(piece)
        if number is not None:
            return Symbol(number[1])
    if first == "'" and piece.startswith("'lambda"):
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
    head = _without_parameters(text)
    if len(head) < len(text):
        reader = Reader(head)
        found = reader.symbol()
        if found is not None and not reader.is_cut_off:
            return found
    return Reader(text).symbol()


def _without_parameters(text: str) -> str:
    """Take off the list of parameters at the end, often most of the text; the same text where there may be none.

    Reading stops there anyhow, unless the bracket is one of something else: then reading what is left says so.
    """
    if not text.endswith(")") or text.endswith(_ANONYMOUS[0]):
        return text
    start = end = len(text) - 1
    level = 1
    while level:
        start, closing = text.rfind("(", 0, end), text.rfind(")", 0, end)
        if start < 0:
            return text
        end = max(start, closing)
        level += 1 if closing > start else -1
    head = text[:end]
    is_name = head[-1:] == ">" or head[-1:].isalnum() or head[-1:] == "_"
    return head if is_name and "operator" not in head[-12:] else text
