"""Template arguments of mangled names: types, literals, and expressions as far as their end has to be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xpubreak.classify.names.cursor import (
    BINARY_OPERATORS,
    LITERAL_VALUE,
    NUMBER,
    QUALIFIERS,
    UNARY_OPERATORS,
    UnreadableNameError,
)
from xpubreak.classify.names.symbol import Symbol

if TYPE_CHECKING:
    from xpubreak.classify.names.mangled import Reader

UNEVALUATED = "…"


def read_arguments(reader: Reader) -> tuple[Symbol, ...]:
    """Read ``I <argument>* E``, packs flattened.

    Raises
    ------
    UnreadableNameError
        With the arguments that were read, and what is known of the one that was not.
    """
    reader.enter()
    reader.position += 1
    found: list[Symbol] = []
    text = reader.text
    while True:
        head = text[reader.position : reader.position + 1]
        if head == "E":
            reader.position += 1
            break
        try:
            if head == "J":
                found.extend(read_arguments(reader))
            else:
                found.append(_argument(reader, head))
        except UnreadableNameError as stop:
            known = stop.arguments if stop.partial is None else (stop.partial,)
            raise UnreadableNameError(arguments=(*found, *known)) from None
    reader.leave()
    return tuple(found)


def _argument(reader: Reader, head: str) -> Symbol:
    if head == "L":
        return _literal(reader)
    if head == "X":
        reader.position += 1
        found = read_expression(reader)
        if not reader.accept("E"):
            raise UnreadableNameError(partial=found)
        return found
    return reader.type()


def _literal(reader: Reader) -> Symbol:
    reader.expect("L")
    if reader.accept("_Z") or reader.accept("Z"):
        return reader.function()
    kind = reader.type()
    value = reader.take(LITERAL_VALUE)
    reader.expect("E")
    if kind.text == "bool":
        return Symbol("true" if value == "1" else "false")
    return Symbol(("-" + value[1:] if value.startswith("n") else value) or kind.text)


def read_expression(reader: Reader) -> Symbol:
    """Read an expression: for its end, and for the function whose address it takes."""
    reader.enter()
    found = _expression(reader)
    reader.leave()
    return found


def _expression(reader: Reader) -> Symbol:
    head = reader.peek(2)
    if head[:1] == "L":
        return _literal(reader)
    if head[:1] == "T":
        return reader.template_parameter()
    if head[:1].isdigit():
        return _name(reader)
    reader.position += 2
    if head == "ad":
        return read_expression(reader)
    if head == "sr":
        reader.type()
        return _name(reader)
    if head in UNARY_OPERATORS:
        read_expression(reader)
    elif head in BINARY_OPERATORS or head == "qu":
        for _ in range(3 if head == "qu" else 2):
            read_expression(reader)
    elif head in ("st", "at", "ti"):
        reader.type()
    elif head == "sZ":
        reader.template_parameter()
    elif head == "fp":
        reader.take(QUALIFIERS)
        reader.take(NUMBER)
    elif head == "cv":
        reader.type()
        read_expression(reader)
    elif head in ("cl", "il", "tl"):
        if head == "tl":
            reader.type()
        while not reader.accept("E"):
            read_expression(reader)
    else:
        raise UnreadableNameError
    return Symbol(UNEVALUATED)


def _name(reader: Reader) -> Symbol:
    found = reader.unqualified(None)
    return reader.templated(found) if reader.peek() == "I" else found
