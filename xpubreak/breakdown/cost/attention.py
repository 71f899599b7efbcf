"""Attention: over whole tensors, and over a paged cache, which is charged by the rows that are touched."""

from __future__ import annotations

from xpubreak.breakdown.cost.lengths import Lengths
from xpubreak.breakdown.cost.operand import Operand, Operands, tensor, tensors
from xpubreak.breakdown.cost.work import MATRIX, Work

_NO_MASK = "all pairs of query and key counted, masked ones included"
_NO_TRIANGLE = f"{_NO_MASK}; the least time is that of a causal mask, since nothing tells whether there is one"
_NO_CONTEXT = "the context in the cache is not recorded: only the new tokens are counted"


def whole(operands: Operands) -> Work | None:
    """``scaled_dot_product_attention(q[B, H, L, E], k[B, G, S, E], v[B, G, S, F])``, as torch's FLOP counter has it."""
    q, k, v = (tensor(operands, place, 4) for place in range(3))
    if q is None or k is None or v is None or q.dims[-1] != k.dims[-1]:
        return None
    batch, heads, queries, width = q.dims
    keys, value_width = k.dims[2], v.dims[-1]
    per_pair = 2 * batch * heads * (width + value_width)
    written = batch * heads * queries * value_width * q.item_bytes
    hidden = queries * (queries - 1) // 2 if queries == keys else 0
    return Work(
        per_pair * queries * keys,
        q.bytes + k.bytes + v.bytes,
        written,
        MATRIX,
        q.type_name,
        note=_NO_TRIANGLE if hidden else _NO_MASK,
        avoidable_flops=per_pair * hidden,
    )


def tokens(operands: Operands, lengths: Lengths | None) -> Work | None:
    """``unified_attention_with_output(q[T, H, D], k[T, G, D], v[T, G, D], out, …)``: new tokens beside the cache."""
    q, k, v = (tensor(operands, place, 3) for place in range(3))
    if q is None or k is None or v is None:
        return None
    return _over_cache(q, k.dims[1], v.dims[2], k.item_bytes, lengths)


def paged(operands: Operands, lengths: Lengths | None) -> Work | None:
    """``varlen_fwd(q[T, H, D], k_cache[blocks, block size, G, D], v_cache[…], …)``."""
    return _paged(operands, lengths, 2)


def paged_on_cpu(operands: Operands, lengths: Lengths | None) -> Work | None:
    """``cpu_attention_with_kv_cache(q[T, H, D], k_cache[blocks, G, block size, D], v_cache[…], …)``."""
    return _paged(operands, lengths, 1)


def _paged(operands: Operands, lengths: Lengths | None, place: int) -> Work | None:
    """Caches of four dimensions; their heads divide those of the query, else they are in the other place."""
    found = tensors(operands)
    q = next((item for item in found if len(item.dims) == 3), None)
    cache = next((item for item in found if len(item.dims) == 4), None)
    if q is None or cache is None or not q.dims[1]:
        # Not paged: the new keys and values themselves, [T, G, D].
        return tokens(tuple(item for item in found if len(item.dims) == 3), lengths)
    fitting = [heads for heads in (cache.dims[place], cache.dims[3 - place]) if heads and q.dims[1] % heads == 0]
    return _over_cache(q, fitting[0], cache.dims[3], cache.item_bytes, lengths) if fitting else None


def _over_cache(q: Operand, key_heads: int, value_width: int, item_bytes: int, lengths: Lengths | None) -> Work:
    count, heads, width = q.dims
    is_bound = lengths is None or lengths.queries != count
    keys, pairs = (count, count) if is_bound or lengths is None else (lengths.keys, lengths.pairs)
    row_bytes = key_heads * (width + value_width) * item_bytes  # caches may be of FP8
    return Work(
        2 * pairs * heads * (width + value_width),
        q.bytes + keys * row_bytes,
        count * heads * value_width * q.item_bytes,
        MATRIX,
        q.type_name,
        is_lower_bound=is_bound,
        note=_NO_CONTEXT if is_bound else "rows of the cache as the step's name tells them, causal",
    )
