"""Reader of Itanium-mangled C++ names: as much of the grammar as names of kernels need.

Source of the grammar: https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling. Written because demanglers of common
toolchains give up on the kernels that matter most: libstdc++ of GCC 12 leaves three quarters of the attention kernels
of vllm-xpu-kernels mangled, and the profiler then writes them into the trace as they are.
"""

from __future__ import annotations

from xpubreak.classify.names.cursor import (
    BUILTINS,
    BUILTINS_AFTER_D,
    DIGITS,
    DISCRIMINATOR,
    MAX_DEPTH,
    NUMBER,
    QUALIFIERS,
    SEQUENCE_ID,
    STD,
    Cursor,
    UnreadableNameError,
)
from xpubreak.classify.names.expressions import read_arguments, read_expression
from xpubreak.classify.names.symbol import Symbol


class Reader(Cursor):
    """Recursive descent over one mangled name, with the table of substitutions that later parts refer to."""

    def __init__(self, text: str, position: int = 0) -> None:
        super().__init__(text, position)
        self.substitutions: list[Symbol] = []

    # Names
    # ----

    def name(self, scope: Symbol | None = None) -> Symbol:
        """``<name>``: nested, local or unscoped; `scope` is the function it is declared in."""
        if self.accept("N"):
            return self._nested(scope)
        if self.accept("Z"):
            return self._local()
        if self.peek() == "S" and self.peek(2) != "St":
            found = self._substitution()
        else:
            prefix = Symbol("std", scope) if self.accept("St") else scope
            found = self.unqualified(prefix, is_local=scope is not None)
            if self.peek() == "I":
                self.substitutions.append(found)
        return self.templated(found) if self.peek() == "I" else found

    def function(self) -> Symbol:
        """``<encoding>`` up to the ``E`` that ends it: a name, and the types of a signature, which are left out."""
        found = self.name()
        try:
            while not self.accept("E"):
                self.type()
        except UnreadableNameError:
            raise UnreadableNameError(partial=found) from None
        return found

    def templated(self, symbol: Symbol) -> Symbol:
        """`symbol` with the arguments that come next."""
        try:
            return symbol.with_arguments(read_arguments(self))
        except UnreadableNameError as stop:
            raise UnreadableNameError(partial=symbol.with_arguments(stop.arguments)) from None

    def _nested(self, scope: Symbol | None) -> Symbol:
        self.take(QUALIFIERS)
        if self.peek() in ("R", "O"):
            self.position += 1
        found: Symbol | None = None
        is_new = False  # a prefix can be referred to later, the whole name only where it is used as a type
        text = self.text
        while True:
            head = text[self.position : self.position + 1]
            if head == "E":
                self.position += 1
                break
            if found is not None and is_new:
                self.substitutions.append(found)
            is_new = True
            if head.isdigit():
                parent = found if found is not None else scope
                found = self.unqualified(parent, is_local=found is None and scope is not None)
            elif head == "I" and found is not None:
                found = self.templated(found)
            elif head == "S" and self.accept("St"):
                found, is_new = Symbol("std", scope), False
            elif head == "S":
                found, is_new = self._substitution(), False
            elif head == "T":
                found = self.template_parameter()
            elif head == "M":
                self.position += 1
                is_new = False
            elif self.position >= len(self.text) and found is not None and found.arguments is not None:
                raise UnreadableNameError(partial=found)
            else:
                parent = found if found is not None else scope
                found = self.unqualified(parent, is_local=found is None and scope is not None)
        if found is None:
            raise UnreadableNameError
        return found

    def _local(self) -> Symbol:
        self.enter()
        function = self.function()
        self.leave()
        if self.accept("s"):
            self.take(DISCRIMINATOR)
            return function
        if self.accept("d"):
            self.take(NUMBER)
        try:
            entity = self.name(function)
        except UnreadableNameError:
            raise UnreadableNameError(partial=function) from None
        self.take(DISCRIMINATOR)
        return entity

    def unqualified(self, parent: Symbol | None, is_local: bool = False) -> Symbol:
        """An identifier, an operator, a constructor, a lambda or an unnamed type."""
        head = self.text[self.position : self.position + 2]
        if head[:1] == "L":
            self.position += 1
            head = self.peek(2)
        if head[:1].isdigit():
            text = self.identifier()
            if self.text[self.position : self.position + 1] != "B":
                return Symbol(text, parent, None, is_local)
        elif self.accept("Ul"):
            while not self.accept("E"):
                self.type()
            self.take(NUMBER)
            text = "{lambda}"
        elif self.accept("Ut"):
            self.take(NUMBER)
            text = "{unnamed}"
        elif head[:1] in ("C", "D") and head[1:].isdigit():
            self.position += 2
            text = "{constructor}"
        elif self.accept("cl"):
            text = "operator()"
        elif self.accept("cv"):
            text = f"operator {self.type().text}"
        elif len(head) == 2 and head.isalpha() and head[0].islower():
            self.position += 2
            text = f"operator {head}"
        else:
            raise UnreadableNameError
        while self.accept("B"):
            self.identifier()
        return Symbol(text, parent, is_local=is_local)

    def _substitution(self) -> Symbol:
        self.expect("S")
        abbreviated = STD.get(self.peek())
        if abbreviated is not None:
            self.position += 1
            return Symbol(abbreviated, Symbol("std"))
        sequence = self.take(SEQUENCE_ID)
        if not sequence or len(sequence) > 6:
            raise UnreadableNameError
        index = int(sequence[:-1], 36) + 1 if len(sequence) > 1 else 0
        if index >= len(self.substitutions):
            raise UnreadableNameError
        return self.substitutions[index]

    def template_parameter(self) -> Symbol:
        """``T_``, ``T0_`` …: only signatures mention them, so a placeholder does."""
        self.expect("T")
        number = self.take(NUMBER)
        if not number.endswith("_"):
            raise UnreadableNameError
        return Symbol("T" + number)

    # Types
    # ----

    def type(self) -> Symbol:
        """``<type>``; pointers, references and qualifiers are read and left out."""
        builtin = BUILTINS.get(self.text[self.position : self.position + 1])
        if builtin is not None and self.depth < MAX_DEPTH:
            self.position += 1
            return Symbol(builtin)
        self.enter()
        found, is_substitutable = self._type()
        if is_substitutable:
            self.substitutions.append(found)
        self.leave()
        return found

    def _type(self) -> tuple[Symbol, bool]:
        head = self.peek(2)
        first = head[:1]
        if first in BUILTINS:
            self.position += 1
            return Symbol(BUILTINS[first]), False
        if first and first in "rVKPROCG":
            self.position += 1
            self.take(QUALIFIERS) if first in "rVK" else None
            return self.type(), True
        if first in ("u", "U") and head not in ("Ul", "Ut"):
            self.position += 1
            vendor = Symbol(self.identifier())
            if self.peek() == "I":
                vendor = self.templated(vendor)
            return (vendor, True) if first == "u" else (self.type(), True)
        if first == "F":
            return self._function_type(), True
        if first in ("A", "M"):
            self.position += 1
            self._extent() if first == "A" else self.type()
            return self.type(), True
        if head in ("Ts", "Tu", "Te"):
            self.position += 2
            return self.name(), True
        if first == "T":
            found = self.template_parameter()
            if self.peek() == "I":
                self.substitutions.append(found)
                found = self.templated(found)
            return found, True
        if first == "D":
            return self._type_after_d()
        if first == "S" and head != "St":
            found = self._substitution()
            return (self.templated(found), True) if self.peek() == "I" else (found, False)
        return self.name(), True

    def _function_type(self) -> Symbol:
        self.expect("F")
        self.accept("Y")
        result = self.type()
        while not self.accept("E"):
            if self.peek(2) in ("RE", "OE"):
                self.position += 1
            else:
                self.type()
        return Symbol("function", arguments=(result,))

    def _extent(self) -> None:
        if not self.take(NUMBER).endswith("_"):
            read_expression(self)
            self.expect("_")

    def _type_after_d(self) -> tuple[Symbol, bool]:
        kind = self.peek(2)[1:]
        self.position += 2
        if kind in BUILTINS_AFTER_D:
            return Symbol(BUILTINS_AFTER_D[kind]), False
        if kind == "F":
            bits = self.take(DIGITS)
            if self.accept("b"):
                return Symbol("__bf16"), False
            self.expect("_")
            return Symbol(f"_Float{bits}"), False
        if kind in ("t", "T"):
            found = read_expression(self)
            self.expect("E")
            return found, True
        if kind in ("p", "o"):
            return self.type(), True
        if kind == "v":
            self._extent()
            return self.type(), True
        raise UnreadableNameError


def read_mangled(text: str) -> tuple[Symbol | None, bool]:
    """Read ``_Z…``, or the ``_ZTS…`` and ``_ZTI…`` names of types.

    Parameters
    ----------
    text
        Mangled name; it may go on after the name, as ``_Z`` names do with their signature.

    Returns
    -------
    Symbol or None
        What was read; None where not even one complete name was.
    bool
        Whether the name was read to its end; where not, arguments may be missing.
    """
    is_type = text.startswith(("_ZTS", "_ZTI"))
    reader = Reader(text, position=4 if is_type else 2)
    try:
        return (reader.type() if is_type else reader.name()), True
    except UnreadableNameError as stop:
        return stop.partial, False
