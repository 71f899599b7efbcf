"""Mixtures of experts: products with the weights of those experts that are chosen."""

from __future__ import annotations

from xpubreak.breakdown.cost.operand import Operand, Operands, tensors
from xpubreak.breakdown.cost.work import MATRIX, Work


def fused(operands: Operands) -> Work | None:
    """``fused_moe(out, x[T, D], w13[E, 2F, D], w2[E, D, F], …, weights[T, k], ids[T, k])``; out and x in any order."""
    found = tensors(operands)
    x = next((item for item in found if len(item.dims) == 2), None)
    stacks = [item for item in found if len(item.dims) == 3]
    if x is None or len(stacks) < 2:
        return None
    up, down = stacks[:2]
    chosen = _per_token(found, x.dims[0])
    # Only for weights as they are; those of packed ones do not fit the width of the tokens.
    if not chosen or up.dims[2] != x.dims[1] or down.dims[1] != x.dims[1] or up.dims[1] != 2 * down.dims[2]:
        return None
    routed = x.dims[0] * chosen
    flops = 2 * routed * (up.dims[1] * up.dims[2] + down.dims[1] * down.dims[2])
    return Work(
        flops,
        x.bytes + _touched_bytes(up, routed) + _touched_bytes(down, routed),
        x.bytes,
        MATRIX,
        x.type_name,
        note="as many experts read as could be chosen",
    )


def grouped(operands: Operands) -> Work | None:
    """``grouped_gemm(a[M, K], b[E, K, N] or b[E, N, K], …, out[M, N])``: each row meets the weights of one expert."""
    found = tensors(operands)
    a = next((item for item in found if len(item.dims) == 2), None)
    stack = next((item for item in found if len(item.dims) == 3), None)
    if a is None or stack is None or a.dims[1] not in stack.dims[1:]:
        return None
    rows, inner = a.dims
    columns = stack.dims[2] if stack.dims[1] == inner else stack.dims[1]
    return Work(
        2 * rows * inner * columns,
        a.bytes + _touched_bytes(stack, rows),
        rows * columns * max(a.item_bytes, 2),
        MATRIX,
        a.type_name,
        note="as many experts read as could be chosen",
    )


def _per_token(found: list[Operand], token_count: int) -> int:
    """Experts of a token: the second dimension of its ids."""
    ids = [item.dims[1] for item in found[1:] if len(item.dims) == 2 and item.type_name in {"int", "long int"}]
    return ids[-1] if ids and token_count else 0


def _touched_bytes(stack: Operand, rows: int) -> int:
    experts = max(stack.dims[0], 1)
    return stack.bytes // experts * min(experts, rows)
