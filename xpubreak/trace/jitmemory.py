"""Memory as compiled loops see it: an address and an offset. Needs numba (the ``fast`` extra).

numba's arrays are seven words each, count references, and look at the sign of every index: in loops over bytes that
takes more time than the work. Callers keep the arrays alive, and 64 bytes of slack behind every text.
"""

from __future__ import annotations

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

_WIDTH = 32
_BYTE, _WORD, _CODE = ir.IntType(8), ir.IntType(64), ir.IntType(32)


def _pointer(builder, address, offset, kind):
    return builder.inttoptr(builder.add(address, offset), kind.as_pointer())


@intrinsic
def load8(typing_context, address, offset):
    """Load one byte, as int64."""

    def generate(context, builder, signature, arguments):
        return builder.zext(builder.load(_pointer(builder, *arguments, _BYTE)), _WORD)

    return types.int64(types.int64, types.int64), generate


@intrinsic
def load32(typing_context, address, offset):
    """Load an int32 from any address."""

    def generate(context, builder, signature, arguments):
        value = builder.load(_pointer(builder, *arguments, _CODE))
        value.align = 1
        return builder.sext(value, _WORD)

    return types.int64(types.int64, types.int64), generate


@intrinsic
def load64(typing_context, address, offset):
    """Load eight bytes from any address, little-endian."""

    def generate(context, builder, signature, arguments):
        value = builder.load(_pointer(builder, *arguments, _WORD))
        value.align = 1
        return value

    return types.uint64(types.int64, types.int64), generate


@intrinsic
def store32(typing_context, address, offset, value):
    """Store an int32."""

    def generate(context, builder, signature, arguments):
        place = _pointer(builder, arguments[0], arguments[1], _CODE)
        builder.store(builder.trunc(arguments[2], _CODE), place).align = 1
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def store64(typing_context, address, offset, value):
    """Store an int64."""

    def generate(context, builder, signature, arguments):
        builder.store(arguments[2], _pointer(builder, arguments[0], arguments[1], _WORD)).align = 1
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def notable(typing_context, address, offset):
    """Which of 32 bytes are a quote, a backslash, a control character or beyond ASCII: a bit each, the first lowest.

    As LLVM's generic vectors: they become AVX-512, AVX2, SSE2 or NEON, whatever the machine has.
    """

    def generate(context, builder, signature, arguments):
        vector = ir.VectorType(_BYTE, _WIDTH)
        chars = builder.load(_pointer(builder, *arguments, vector))
        chars.align = 1

        def splat(value):
            return ir.Constant(vector, [value] * _WIDTH)

        odd = builder.icmp_unsigned(">", builder.sub(chars, splat(32)), splat(95))
        odd = builder.or_(odd, builder.icmp_unsigned("==", chars, splat(34)))
        odd = builder.or_(odd, builder.icmp_unsigned("==", chars, splat(92)))
        return builder.zext(builder.bitcast(odd, ir.IntType(_WIDTH)), _WORD)

    return types.uint64(types.int64, types.int64), generate


@intrinsic
def equal32(typing_context, address, offset, other, other_offset):
    """Which of 32 bytes are the same in two places: a bit each, the first lowest."""

    def generate(context, builder, signature, arguments):
        vector = ir.VectorType(_BYTE, _WIDTH)
        sides = []
        for place in (arguments[:2], arguments[2:]):
            chars = builder.load(_pointer(builder, *place, vector))
            chars.align = 1
            sides.append(chars)
        same = builder.icmp_unsigned("==", *sides)
        return builder.zext(builder.bitcast(same, ir.IntType(_WIDTH)), _WORD)

    return types.uint64(types.int64, types.int64, types.int64, types.int64), generate


@intrinsic
def trailing_zeros(typing_context, value):
    """Count the zero bits below the lowest one bit."""

    def generate(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate
