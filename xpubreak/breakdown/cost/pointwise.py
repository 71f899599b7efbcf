"""Element by element: norms, activations, arithmetic, copies, look-ups. Traffic counts here, arithmetic hardly."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from xpubreak.breakdown.cost.operand import Operands, tensor, tensors
from xpubreak.breakdown.cost.work import Work

_COMPARISONS = frozenset(
    ("eq", "ne", "lt", "le", "gt", "ge", "isnan", "isinf", "logical_not", "logical_and", "logical_or", "logical_xor")
)


def elementwise(name: str, operands: Operands) -> Work | None:
    """Operators of broadcast inputs and one result; ``…_`` and a trailing ``out`` write into an input."""
    found = tensors(operands)
    if not found:
        return None
    dims = _broadcast([item.dims for item in found])
    if dims is None:
        return None
    count = prod(dims)
    first = found[0]
    # A number in Python arrives as a tensor without dimensions, double or long: it does not widen the result.
    wide = [item for item in found if item.dims] or found
    item_bytes = 1 if name.rstrip("_") in _COMPARISONS else max(item.item_bytes for item in wide)
    written = first.bytes if name.endswith("_") else count * item_bytes
    return Work(count, sum(item.bytes for item in found), written, type_name=first.type_name)


def reduction(operands: Operands) -> Work | None:
    """Sum, mean, maximum: everything is read, next to nothing written."""
    first = tensor(operands, 0)
    return None if first is None else Work(first.elements, first.bytes, 0, type_name=first.type_name)


def softmax(operands: Operands) -> Work | None:
    """Softmax and its like: five operations an element."""
    first = tensor(operands, 0)
    return None if first is None else Work(5 * first.elements, first.bytes, first.bytes, type_name=first.type_name)


def copy(operands: Operands) -> Work | None:
    """``copy_(target, source)``: one is read, the other written."""
    target, source = tensor(operands, 0), tensor(operands, 1)
    if target is None or source is None:
        return None
    return Work(0, source.bytes, target.bytes, type_name=target.type_name)


def fill(operands: Operands) -> Work | None:
    """``fill_(target, value)``: written only."""
    target = tensor(operands, 0)
    return None if target is None else Work(0, 0, target.bytes, type_name=target.type_name)


def look_up(operands: Operands) -> Work | None:
    """``embedding(table[V, D], ids)``: rows that are asked for, not the table."""
    table = tensor(operands, 0)
    ids = next((item for item in tensors(operands)[1:] if item.type_name in {"int", "long int"}), None)
    if table is None or ids is None or not table.dims:
        return None
    row_bytes = prod(table.dims[1:]) * table.item_bytes
    return Work(0, ids.elements * row_bytes + ids.bytes, ids.elements * row_bytes, type_name=table.type_name)


def index_select(operands: Operands) -> Work | None:
    """``index_select(table, dim, ids)``: which dimension is a number, and those are not recorded with the shapes."""
    found, table = look_up(operands), tensor(operands, 0)
    if found is None or table is None or len(table.dims) < 2:
        return found
    return replace(found, note="taken for a selection of rows (dimension 0)")


def norm(operands: Operands) -> Work | None:
    """``rms_norm(out, x, weight, eps)``: the largest two are result and input; four operations an element."""
    out, x = tensor(operands, 0), tensor(operands, 1)
    if out is None or x is None or out.dims != x.dims:
        return None
    weight = tensor(operands, 2)
    read = x.bytes + (weight.bytes if weight else 0)
    return Work(4 * x.elements, read, out.bytes, type_name=x.type_name)


def add_norm(operands: Operands) -> Work | None:
    """``fused_add_rms_norm(x, residual, weight, eps)``: both are read and written."""
    x, residual = tensor(operands, 0), tensor(operands, 1)
    if x is None or residual is None or x.dims != residual.dims:
        return None
    weight = tensor(operands, 2)
    both = x.bytes + residual.bytes
    return Work(5 * x.elements, both + (weight.bytes if weight else 0), both, type_name=x.type_name)


def layer_norm(operands: Operands) -> Work | None:
    """``layer_norm(x, shape, weight, bias, …)`` and ``aten::rms_norm``: a result like the input."""
    found = tensors(operands)
    if not found:
        return None
    x = found[0]
    return Work(5 * x.elements, sum(item.bytes for item in found), x.bytes, type_name=x.type_name)


def gated(operands: Operands) -> Work | None:
    """``silu_and_mul(out[…, D], x[…, 2 D])``: about five operations an element of the result."""
    out, x = tensor(operands, 0), tensor(operands, 1)
    if out is None or x is None or not out.dims or x.elements != 2 * out.elements:
        return None
    return Work(5 * out.elements, x.bytes, out.bytes, type_name=x.type_name)


def rotary(operands: Operands) -> Work | None:
    """``rotary_embedding(positions, q, k, head size, table, …)``: q and k in place, a row of the table a token."""
    found = tensors(operands)
    if len(found) < 4:
        return None
    positions, q, k, table = found[:4]
    rows = positions.elements * (table.dims[-1] if table.dims else 0) * table.item_bytes
    both = q.bytes + k.bytes
    return Work(3 * (q.elements + k.elements), positions.bytes + both + rows, both, type_name=q.type_name)


def into_cache(operands: Operands) -> Work | None:
    """``reshape_and_cache(k[T, G, D], v[T, G, D], caches, slots, …)``: the new rows, not the cache."""
    k, v = tensor(operands, 0, 3), tensor(operands, 1, 3)
    if k is None or v is None:
        return None
    both = k.bytes + v.bytes
    return Work(0, both, both, type_name=k.type_name)


def _broadcast(shapes: list[tuple[int, ...]]) -> tuple[int, ...] | None:
    width = max(map(len, shapes))
    columns = zip(*[(1,) * (width - len(shape)) + shape for shape in shapes], strict=True)
    found = []
    for sizes in columns:
        more = {size for size in sizes if size != 1}
        if len(more) > 1:
            return None
        found.append(more.pop() if more else 1)
    return tuple(found)
