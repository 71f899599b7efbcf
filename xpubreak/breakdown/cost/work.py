"""Work: what one call of an operator has to do at least."""

from __future__ import annotations

from dataclasses import dataclass

MATRIX, VECTOR = "matrix", "vector"
"""Which unit does the arithmetic: matrix engines (XMX, tensor cores), or the others."""


@dataclass(frozen=True, slots=True)
class Work:
    """Arithmetic and traffic of one call.

    Parameters
    ----------
    flops
        Floating-point operations; a multiplication and an addition are two.
    read_bytes, written_bytes
        Each operand once: what has to come from memory where nothing is in a cache, and nothing is read twice.
    unit
        `MATRIX` or `VECTOR`.
    type_name
        Type of the operands of the arithmetic, as in the trace.
    is_lower_bound
        Whether something could not be counted, such as the cached context of an attention.
    note
        What that is, and other assumptions.
    avoidable_flops
        Of ``flops``, what a kernel may leave out: pairs beyond a causal mask, where none tells whether there is one.
    """

    flops: int
    read_bytes: int
    written_bytes: int
    unit: str = VECTOR
    type_name: str = "float"
    is_lower_bound: bool = False
    note: str = ""
    avoidable_flops: int = 0

    @property
    def bytes(self) -> int:
        """All traffic."""
        return self.read_bytes + self.written_bytes
