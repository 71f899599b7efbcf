"""Operands: what a trace says about the inputs of an operator."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from typing import Any

# Names as Kineto writes them: TypeMeta of c10 (c10/util/typeid.cpp), so C++ names of the plain types.
BYTES_OF_TYPE = {
    "double": 8,
    "float": 4,
    "c10::Half": 2,
    "c10::BFloat16": 2,
    "c10::Float8_e4m3fn": 1,
    "c10::Float8_e4m3fnuz": 1,
    "c10::Float8_e5m2": 1,
    "c10::Float8_e5m2fnuz": 1,
    "c10::Float8_e8m0fnu": 1,
    "c10::Float4_e2m1fn_x2": 1,
    "long int": 8,
    "long": 8,
    "int": 4,
    "short int": 2,
    "short": 2,
    "signed char": 1,
    "unsigned char": 1,
    "char": 1,
    "bool": 1,
    "uint16_t": 2,
    "uint32_t": 4,
    "uint64_t": 8,
    "unsigned short": 2,
    "unsigned int": 4,
    "unsigned long": 8,
    "c10::complex<float>": 8,
    "c10::complex<double>": 16,
}

_MAX_ELEMENTS = 1 << 48  # no tensor has more: such a number is damage, and would not add up in int64
_MAX_TEXT = 1 << 16


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor among the inputs.

    Parameters
    ----------
    dims
        Its shape; empty for a tensor of one element.
    type_name
        As in the trace.
    """

    dims: tuple[int, ...]
    type_name: str

    @property
    def elements(self) -> int:
        """Number of elements."""
        return prod(self.dims)

    @property
    def item_bytes(self) -> int:
        """Bytes of one element."""
        return BYTES_OF_TYPE[self.type_name]

    @property
    def bytes(self) -> int:
        """Bytes of all elements."""
        return self.elements * self.item_bytes


Operands = tuple[Operand | tuple[Operand, ...] | None, ...]
"""By place among the inputs; None for what is no tensor, a tuple for a list of tensors."""


def read_operands(shapes: str, types: str) -> Operands:
    """Read the JSON texts of ``Input Dims`` and ``Input type``.

    Returns
    -------
    tuple
        Empty where they are missing, damaged or do not belong together.
    """
    if not shapes or not types or max(len(shapes), len(types)) > _MAX_TEXT:
        return ()
    try:
        dims, names = json.loads(shapes), json.loads(types)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(dims, list) or not isinstance(names, list) or len(dims) != len(names):
        return ()
    return tuple(_operand(shape, str(name)) for shape, name in zip(dims, names, strict=True))


def _operand(shape: Any, name: str) -> Operand | tuple[Operand, ...] | None:
    if not isinstance(shape, list):
        return None
    if name == "TensorList":
        # The types of a list's tensors are not recorded.
        return tuple(item for part in shape if (item := _tensor(part, "")) is not None)
    return _tensor(shape, name) if name in BYTES_OF_TYPE else None


def _tensor(shape: Any, name: str) -> Operand | None:
    if not isinstance(shape, list) or not all(type(size) is int and 0 <= size < _MAX_ELEMENTS for size in shape):
        return None
    return Operand(tuple(shape), name) if prod(shape) < _MAX_ELEMENTS else None


def tensors(operands: Operands) -> list[Operand]:
    """Only the tensors that stand alone, in order."""
    return [operand for operand in operands if isinstance(operand, Operand)]


def tensor(operands: Operands, place: int, ndim: int | None = None) -> Operand | None:
    """The tensor at a place; None where there is none, or not of so many dimensions."""
    found = operands[place] if place < len(operands) else None
    return found if isinstance(found, Operand) and (ndim is None or len(found.dims) == ndim) else None
