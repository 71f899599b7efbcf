"""Matrix products: shapes of their operands, quantised and packed weights included."""

from __future__ import annotations

from xpubreak.breakdown.cost.operand import Operand, Operands, tensor, tensors
from xpubreak.breakdown.cost.work import MATRIX, Work

# Bits of one weight, by what the name of the operator says. The first match counts: fp8 before w8.
_BITS = (("int4", 4), ("fp4", 4), ("w4a", 4), ("awq", 4), ("fp8", 8), ("int8", 8), ("w8a", 8))

# Places of a result that is written into, of the inputs and of the weight, where they are not −, 0 and 1: schemas of
# vLLM (csrc/torch_bindings.cpp) and of vllm-xpu-kernels (csrc/xpu/torch_bindings.cpp).
_PLACES = {
    "cutlass_scaled_mm": (0, 1, 2),
    "cutlass_scaled_fp4_mm": (0, 1, 2),
    "int4_gemm_w4a8": (None, 0, 3),
}
_GPTQ_BITS = frozenset((2, 3, 4, 8))
_TWO_IN_ONE = "c10::Float4_e2m1fn_x2"


def mm(operands: Operands) -> Work | None:
    """``mm(a[M, K], b[K, N])``."""
    return _product(tensor(operands, 0, 2), tensor(operands, 1, 2))


def addmm(operands: Operands) -> Work | None:
    """``addmm(bias, a[M, K], b[K, N])``; the bias is read, too."""
    found = _product(tensor(operands, 1, 2), tensor(operands, 2, 2))
    return _with_more(found, tensor(operands, 0))


def bmm(operands: Operands) -> Work | None:
    """``bmm(a[B, M, K], b[B, K, N])``."""
    return _product(tensor(operands, 0, 3), tensor(operands, 1, 3))


def mv(operands: Operands) -> Work | None:
    """``mv(a[M, K], x[K])``."""
    a, x = tensor(operands, 0, 2), tensor(operands, 1, 1)
    if a is None or x is None or a.dims[1] != x.dims[0]:
        return None
    return Work(2 * a.elements, a.bytes + x.bytes, a.dims[0] * a.item_bytes, MATRIX, a.type_name)


def scaled_mm(operands: Operands) -> Work | None:
    """``_scaled_mm(a[M, K], b[K, N], scale_a, scale_b, bias, …)``, in 8 bits; ``fp8_bmm`` is the same with batches.

    Scales and bias are read, too; results are 16 bits wide.
    """
    found = next((work for rank in (2, 3) if (work := _product(*(tensor(operands, at, rank) for at in (0, 1))))), None)
    if found is None:
        return None
    read = sum(operand.bytes for operand in tensors(operands))
    a = tensor(operands, 0)
    wide = 2 // max(1, a.item_bytes) if a else 1
    return Work(found.flops, read, found.written_bytes * max(1, wide), MATRIX, found.type_name)


def baddbmm(operands: Operands) -> Work | None:
    """``baddbmm(bias, a[B, M, K], b[B, K, N])``."""
    return _with_more(_product(tensor(operands, 1, 3), tensor(operands, 2, 3)), tensor(operands, 0))


def linear(operands: Operands) -> Work | None:
    """``linear(x[…, K], weight[N, K], bias[N])``: the weight lies the other way round than in ``mm``."""
    x, weight = tensor(operands, 0), tensor(operands, 1, 2)
    if x is None or weight is None or not x.dims or x.dims[-1] != weight.dims[1]:
        return None
    columns, inner = weight.dims
    rows = x.elements // max(inner, 1)
    found = Work(2 * rows * columns * inner, x.bytes + weight.bytes, rows * columns * x.item_bytes, MATRIX, x.type_name)
    return _with_more(found, tensor(operands, 2, 1))


def onednn_mm(operands: Operands) -> Work | None:
    """``onednn_mm(out[M, N], a[M, K], bias, handle)`` of vLLM's CPU build: the packed weight stands behind a handle."""
    out, a = tensor(operands, 0, 2), tensor(operands, 1, 2)
    if out is None or a is None:
        return None
    (rows, columns), inner = out.dims, a.dims[1]
    weight_bytes = columns * inner * a.item_bytes
    found = Work(2 * rows * columns * inner, a.bytes + weight_bytes, out.bytes, MATRIX, a.type_name)
    return _with_more(found, tensor(operands, 2, 1))


def quantised(name: str, operands: Operands) -> Work | None:
    """Product with a quantised weight, packed in any way and lying either way round.

    The bytes of the weight say how many weights there are: the number of columns follows from them and from
    ``a[…, K]``. Scales and zero points are read, too.
    """
    out_place, a_place, weight_place = _PLACES.get(name, (None, 0, 1))
    bits = next((bits for word, bits in _BITS if word in name), 8)
    a, weight = tensor(operands, a_place), tensor(operands, weight_place)
    out = None if out_place is None else tensor(operands, out_place)
    if a is None or weight is None or not a.dims or len(weight.dims) < 2:
        return None
    is_packed = a.type_name == _TWO_IN_ONE or name == "cutlass_scaled_fp4_mm"
    inner = a.dims[-1] * (2 if is_packed else 1)
    if name == "gptq_gemm":
        # Weights of 2, 3, 4 or 8 bits in words of 32 along K: [K · bits / 32, N] (vllm, csrc/quantization/gptq).
        bits, rest = divmod(weight.bytes * 8, max(1, inner * weight.dims[-1]))
        if rest or bits not in _GPTQ_BITS:
            return None
    if not inner or weight.bytes * 8 % (bits * inner):
        return None
    rows, columns = a.elements // a.dims[-1], weight.bytes * 8 // (bits * inner)
    # Results of 8-bit inputs are 16 bits wide.
    written = out.bytes if out else rows * columns * max(a.item_bytes, 2)
    read = sum(operand.bytes for operand in tensors(operands)) - (out.bytes if out else 0)
    return Work(
        2 * rows * columns * inner, read, written, MATRIX, a.type_name, note=f"{bits}-bit weights as they are packed"
    )


def _product(a: Operand | None, b: Operand | None) -> Work | None:
    if a is None or b is None or a.dims[-1] != b.dims[-2] or a.dims[:-2] != b.dims[:-2]:
        return None
    columns = b.dims[-1]
    written = a.elements // max(a.dims[-1], 1) * columns * a.item_bytes
    return Work(2 * a.elements * columns, a.bytes + b.bytes, written, MATRIX, a.type_name)


def _with_more(work: Work | None, read: Operand | None) -> Work | None:
    if work is None or read is None:
        return work
    return Work(work.flops, work.read_bytes + read.bytes, work.written_bytes, work.unit, work.type_name)
