"""Work of single operators, against what they are known to do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpubreak.breakdown.cost.device import find_device
from xpubreak.breakdown.cost.lengths import read_lengths
from xpubreak.breakdown.cost.model import model_of
from xpubreak.breakdown.cost.operand import BYTES_OF_TYPE, read_operands
from xpubreak.breakdown.cost.work import MATRIX, Work

BF16, INT, LONG, BYTE = "c10::BFloat16", "int", "long int", "unsigned char"
FP8, FP4 = "c10::Float8_e4m3fn", "c10::Float4_e2m1fn_x2"


def work(operator: str, *inputs: tuple[str, list[int]] | None, step: str = "") -> Work | None:
    model = model_of(operator)
    assert model is not None
    shapes = json.dumps([item[1] if item else [] for item in inputs])
    types = json.dumps([item[0] if item else "" for item in inputs])
    return model(read_operands(shapes, types), read_lengths(step))


@pytest.mark.parametrize(
    ("operator", "inputs", "flops", "read", "written"),
    [
        ("aten::mm", [(BF16, [4, 8]), (BF16, [8, 16])], 2 * 4 * 8 * 16, 2 * (32 + 128), 2 * 64),
        # The weight of linear is [N, K]: taking its second dimension for N is off by N / K.
        ("aten::linear", [(BF16, [2, 3, 8]), (BF16, [16, 8]), None], 2 * 6 * 8 * 16, 2 * (48 + 128), 2 * 96),
        ("aten::linear", [("float", [8]), ("float", [16, 8]), ("float", [16])], 256, 4 * (8 + 128 + 16), 4 * 16),
        ("aten::addmm", [("float", [5]), ("float", [2, 3]), ("float", [3, 5])], 60, 4 * (5 + 6 + 15), 4 * 10),
        ("aten::bmm", [("float", [7, 2, 3]), ("float", [7, 3, 5])], 420, 4 * 7 * (6 + 15), 4 * 70),
        ("aten::mv", [("float", [4, 8]), ("float", [8])], 64, 4 * (32 + 8), 4 * 4),
        # FP8 with a scale each; the result is of 16 bits.
        (
            "aten::_scaled_mm",
            [(FP8, [4, 8]), (FP8, [8, 16]), ("float", []), ("float", []), None],
            2 * 4 * 8 * 16,
            32 + 128 + 4 + 4,
            2 * 64,
        ),
        ("_xpu_C::fp8_bmm", [(FP8, [3, 4, 8]), (FP8, [3, 8, 16])], 3 * 2 * 4 * 8 * 16, 3 * (32 + 128), 2 * 3 * 64),
        ("_C::onednn_mm", [(BF16, [4, 16]), (BF16, [4, 8]), None, None], 2 * 4 * 8 * 16, 2 * (32 + 128), 2 * 64),
        # int4, eight in an int32, packed along K or along N: 64 × 32 weights are 1024 bytes either way.
        ("_xpu_C::int4_gemm_w4a16", [(BF16, [3, 64]), (INT, [8, 32])], 2 * 3 * 64 * 32, 384 + 1024, 192),
        ("_xpu_C::int4_gemm_w4a16", [(BF16, [3, 64]), (INT, [32, 8])], 2 * 3 * 64 * 32, 384 + 1024, 192),
        ("_xpu_C::int4_gemm_w4a16", [(BF16, [3, 64]), (BYTE, [32, 32])], 2 * 3 * 64 * 32, 384 + 1024, 192),
        ("_xpu_C::fp8_gemm_w8a16", [(BF16, [3, 64]), ("c10::Float8_e4m3fn", [64, 32])], 12288, 384 + 2048, 192),
        # gptq packs 2, 3, 4 or 8 bits along K: the shapes say how many.
        ("_C::gptq_gemm", [(BF16, [3, 64]), (INT, [8, 32])], 2 * 3 * 64 * 32, 384 + 1024, 192),
        ("_C::gptq_gemm", [(BF16, [3, 64]), (INT, [16, 32])], 2 * 3 * 64 * 32, 384 + 2048, 192),
        ("_C::gptq_gemm", [(BF16, [3, 64]), (INT, [6, 32])], 2 * 3 * 64 * 32, 384 + 768, 192),
        # The scales of the inputs stand before the weight.
        (
            "_xpu_C::int4_gemm_w4a8",
            [("signed char", [3, 64]), ("c10::Half", [3, 1]), (INT, [3, 1]), (INT, [8, 32]), ("c10::Half", [1, 32])],
            2 * 3 * 64 * 32,
            192 + 6 + 12 + 1024 + 64,
            192,
        ),
        # Two in a byte; and results that come first.
        ("_xpu_C::fp4_gemm", [(FP4, [3, 32]), (FP4, [32, 16])], 2 * 3 * 64 * 16, 96 + 512, 96),
        ("_C::cutlass_scaled_fp4_mm", [(BF16, [3, 16]), (BYTE, [3, 32]), (BYTE, [16, 32])], 6144, 96 + 512, 96),
        (
            "_C::cutlass_scaled_mm",
            [(BF16, [3, 32]), (FP8, [3, 64]), (FP8, [64, 32]), ("float", [3, 1]), ("float", [32, 1])],
            2 * 3 * 64 * 32,
            192 + 2048 + 12 + 128,
            192,
        ),
        # Four query heads a key head; all pairs counted, as torch's own counter does.
        (
            "aten::_scaled_dot_product_flash_attention",
            [(BF16, [1, 8, 5, 16]), (BF16, [1, 2, 7, 16]), (BF16, [1, 2, 7, 16])],
            4 * 8 * 5 * 7 * 16,
            2 * (640 + 2 * 224),
            2 * 640,
        ),
        ("aten::embedding", [(BF16, [32000, 8]), (LONG, [3])], 0, 3 * 16 + 24, 3 * 16),
        ("aten::add", [("float", [4, 1]), ("float", [1, 5]), None], 20, 36, 80),
        ("aten::mul", [(BF16, [4]), ("double", [])], 4, 8 + 8, 8),
        ("aten::lt", [("float", [4]), ("float", [4])], 4, 32, 4),
        ("aten::copy_", [("float", [4]), (BF16, [4]), None], 0, 8, 16),
        ("_C::fused_add_rms_norm", [(BF16, [4, 8]), (BF16, [4, 8]), (BF16, [8]), None], 160, 144, 128),
        ("_C::silu_and_mul", [(BF16, [4, 8]), (BF16, [4, 16])], 160, 128, 64),
        (
            "_C_cache_ops::reshape_and_cache_flash",
            [(BF16, [4, 2, 8]), (BF16, [4, 2, 8]), (BF16, [9999, 16, 2, 8]), (BF16, [9999, 16, 2, 8]), (LONG, [4])],
            0,
            256,
            256,
        ),
        # Two tokens with two experts each: four of the eight experts are read at most.
        (
            "_C::cpu_fused_moe",
            [(BF16, [2, 4]), (BF16, [2, 4]), (BF16, [8, 12, 4]), (BF16, [8, 4, 6]), ("float", [2, 2]), (INT, [2, 2])],
            2 * 4 * (48 + 24),
            16 + 2 * 4 * (48 + 24),
            16,
        ),
        ("_xpu_C::cutlass_grouped_gemm_interface", [(BF16, [3, 4]), (BF16, [8, 4, 6])], 144, 24 + 3 * 48, 36),
    ],
)
def test_known_work(operator: str, inputs: list, flops: int, read: int, written: int) -> None:
    found = work(operator, *inputs)
    assert found is not None
    assert (found.flops, found.read_bytes, found.written_bytes) == (flops, read, written)


def test_a_causal_mask_may_leave_out_half_of_a_prefill() -> None:
    """Nothing tells whether there is one: work is counted without it, the least time with it."""
    name, same = "aten::_scaled_dot_product_flash_attention", (BF16, [1, 16, 4096, 128])
    prefill, decode = work(name, same, same, same), work(name, (BF16, [1, 16, 1, 128]), same, same)
    assert prefill is not None
    assert decode is not None
    assert prefill.flops == 4 * 16 * 128 * 4096**2
    assert prefill.flops - prefill.avoidable_flops == 4 * 16 * 128 * 4096 * 4097 // 2
    assert "causal" in prefill.note
    assert decode.avoidable_flops == 0
    h100 = find_device("NVIDIA H100 80GB HBM3")
    assert h100 is not None
    assert h100.least_ns(prefill) == pytest.approx(1e9 * 4 * 16 * 128 * 4096 * 4097 / 2 / 989.4e12)


QUERY, CACHE = (BF16, [6, 8, 16]), (BF16, [9999, 16, 2, 16])


def test_a_paged_cache_is_charged_by_the_rows_that_are_touched() -> None:
    # Two requests decode after 100 and 60 tokens, one prefills four tokens of its own.
    step = "execute_6_context_1(sq4sk4sqsq16sqsk16)_generation_2(sq2sk160sqsq2sqsk160)"
    found = work("_vllm_fa2_C::varlen_fwd", QUERY, CACHE, CACHE, step=step)
    assert found is not None
    pairs = (1 + 2 + 3 + 4) + 160
    assert found.flops == 2 * pairs * 8 * (16 + 16)
    assert found.read_bytes == 2 * (6 * 8 * 16 + 164 * 2 * (16 + 16))
    assert not found.is_lower_bound


def test_a_cache_of_8_bits_moves_half_as_much() -> None:
    step = "execute_2_context_0()_generation_2(sq2sk160sqsq2sqsk160)"
    query, cache = (BF16, [2, 8, 16]), (FP8, [9999, 16, 2, 16])
    found = work("_vllm_fa2_C::varlen_fwd", query, cache, cache, step=step)
    assert found is not None
    assert found.read_bytes == 2 * (2 * 8 * 16) + 160 * 2 * (16 + 16)


@pytest.mark.parametrize(
    ("operator", "cache"),
    [("_vllm_fa2_C::varlen_fwd", [99, 16, 32, 8]), ("_C::cpu_attention_with_kv_cache", [99, 32, 16, 8])],
)
def test_as_many_heads_as_the_cache_has_even_where_a_block_could_be_heads(operator: str, cache: list[int]) -> None:
    step = "execute_2_context_0()_generation_2(sq2sk160sqsq2sqsk160)"
    found = work(operator, (BF16, [2, 32, 8]), (BF16, cache), (BF16, cache), step=step)
    assert found is not None
    assert found.read_bytes == 2 * (2 * 32 * 8 + 160 * 32 * (8 + 8))


def test_an_unknown_context_makes_a_lower_bound_that_says_so() -> None:
    found = work("_vllm_fa2_C::varlen_fwd", QUERY, CACHE, CACHE, step="execute_context_1(4)_generation_2(2)")
    assert found is not None
    assert found.is_lower_bound
    assert "context" in found.note
    assert found.read_bytes == 2 * (6 * 8 * 16 + 6 * 2 * 32)


@pytest.mark.parametrize(
    ("operator", "inputs"),
    [
        ("aten::mm", [(BF16, [4, 8]), (BF16, [9, 16])]),
        ("aten::mm", [(BF16, [4, 8])]),
        ("aten::linear", [(BF16, [4, 8]), (BF16, [8, 16])]),
        ("aten::add", [("float", [3]), ("float", [4])]),
        ("aten::mm", [("a type", [4, 8]), ("a type", [8, 16])]),
        ("aten::mm", [(BF16, [1 << 40, 1 << 40]), (BF16, [1 << 40, 2])]),
        ("_xpu_C::int4_gemm_w4a16", [(BF16, [3, 64]), (INT, [3, 7])]),
        ("_C::rms_norm", []),
    ],
)
def test_what_does_not_fit_together_has_no_work(operator: str, inputs: list) -> None:
    assert work(operator, *inputs) is None


@pytest.mark.parametrize("name", ["aten::view", "foo::mm", "mm", "", "at::mm", "triton_mm", "aten::"])
def test_operators_that_no_model_knows(name: str) -> None:
    assert model_of(name) is None


@given(st.text(), st.text())
def test_any_text_is_read(shapes: str, types: str) -> None:
    read_operands(shapes, types)
    read_lengths(shapes)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 70), 1 << 70) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)
operators = st.sampled_from(
    [
        "aten::mm",
        "aten::linear",
        "aten::add",
        "aten::bmm",
        "aten::copy_",
        "aten::_softmax",
        "aten::embedding",
        "_C::cpu_fused_moe",
        "_vllm_fa2_C::varlen_fwd",
        "_C::rotary_embedding",
        "_xpu_C::int4_gemm_w4a16",
        "vllm::unified_attention_with_output",
        "_xpu_C::cutlass_grouped_gemm",
        "_C::silu_and_mul",
        "_C::reshape_and_cache",
    ]
)


@given(operators, st.lists(json_values, max_size=7), st.lists(st.sampled_from([*BYTES_OF_TYPE, "TensorList", ""])))
def test_no_input_breaks_a_model(operator: str, shapes: list, types: list[str]) -> None:
    size = min(len(shapes), len(types))
    model = model_of(operator)
    assert model is not None
    found = model(read_operands(json.dumps(shapes[:size]), json.dumps(types[:size])), None)
    assert found is None or min(found.flops, found.read_bytes, found.written_bytes) >= 0


sizes = st.integers(1, 50)


@given(sizes, sizes, sizes)
def test_linear_costs_what_mm_of_the_turned_weight_costs(m: int, n: int, k: int) -> None:
    turned = work("aten::linear", (BF16, [m, k]), (BF16, [n, k]))
    assert turned == work("aten::mm", (BF16, [m, k]), (BF16, [k, n]))
    assert turned is not None
    assert turned.unit == MATRIX


def test_bits_that_gptq_does_not_know_are_no_gptq() -> None:
    assert work("_C::gptq_gemm", (BF16, [3, 64]), (INT, [10, 32])) is None


def test_a_selection_along_an_unrecorded_dimension_says_what_it_is_taken_for() -> None:
    of_rows = work("aten::index_select", ("float", [100, 8]), None, ("long int", [5]))
    flat = work("aten::index_select", ("float", [100]), None, ("long int", [5]))
    looked_up = work("aten::embedding", ("float", [100, 8]), ("long int", [5]))
    assert of_rows and flat and looked_up
    assert "dimension 0" in of_rows.note
    assert (flat.note, looked_up.note) == ("", "")
