"""Names of two runs, matched through renames."""

from __future__ import annotations

import pytest

from xpubreak.breakdown.compare.kernelmatch import Kernel, match_kernels
from xpubreak.breakdown.compare.kernelnames import fused_text, lists_operator, most_specific, stem, unnumbered
from xpubreak.breakdown.compare.modulepaths import match_modules


def kernel(name: str, category: str = "other", ops: str = "", places: str = "") -> Kernel:
    return Kernel(name, category, frozenset(ops.split()), frozenset(map(int, places.split())))


def matched(a: list[Kernel], b: list[Kernel]) -> dict[str, str]:
    return {" + ".join(one.a) + " | " + " + ".join(one.b): one.how for one in match_kernels(a, b)}


def test_template_arguments_and_numbers_of_generated_kernels_do_not_count() -> None:
    assert matched(
        [kernel("vllm::rms_norm_kernel<bf16, 8>"), kernel("triton_poi_fused_add_3"), kernel("same")],
        [kernel("vllm::rms_norm_kernel<fp16, 4>"), kernel("triton_poi_fused_add_7"), kernel("same")],
    ) == {
        "vllm::rms_norm_kernel<bf16, 8> | vllm::rms_norm_kernel<fp16, 4>": "template",
        "triton_poi_fused_add_3 | triton_poi_fused_add_7": "number",
        "same | same": "name",
    }


def test_a_fused_kernel_does_the_work_of_the_operators_that_its_name_lists() -> None:
    assert matched(
        [
            kernel("vllm::act_and_mul_kernel", "activation", "_C::silu_and_mul"),
            kernel("vllm::fused_add_rms_norm_kernel", "norm", "_C::fused_add_rms_norm"),
            kernel("vllm::rms_norm_kernel", "norm", "_C::rms_norm"),
            kernel("indexSelect", "indexing", "aten::embedding aten::index_select"),
        ],
        [
            kernel("triton_poi_fused_mul_silu_slice_1", "activation"),
            kernel("triton_per_fused_fused_add_rms_norm_2", "norm"),
            kernel("triton_per_fused__to_copy_embedding_rms_norm_0", "norm"),
        ],
    ) == {
        "vllm::act_and_mul_kernel | triton_poi_fused_mul_silu_slice_1": "fused",
        "vllm::fused_add_rms_norm_kernel | triton_per_fused_fused_add_rms_norm_2": "fused",
        "vllm::rms_norm_kernel + indexSelect | triton_per_fused__to_copy_embedding_rms_norm_0": "fused",
    }


def test_common_words_alone_match_nothing() -> None:
    assert not lists_operator("add_mul", "aten::add")
    found = matched([kernel("elementwise", "copy", "aten::copy_")], [kernel("triton_poi_fused_copy_0", "elementwise")])
    assert set(found.values()) == {"one side"}


def test_a_generated_kernel_that_lists_nothing_is_matched_by_its_place() -> None:
    assert matched(
        [kernel("rotary_embedding", "rotary", "_C::rotary_embedding", "1"), kernel("elsewhere", "norm", "", "3")],
        [kernel("triton_poi_fused_4", "elementwise", "", "1")],
    ) == {"rotary_embedding | triton_poi_fused_4": "place", "elsewhere | ": "one side"}


def test_attention_is_matched_with_attention() -> None:
    assert matched(
        [kernel("flash_fwd", "attention")], [kernel("kernel_unified_attention", "attention"), kernel("k", "other")]
    ) == {"flash_fwd | kernel_unified_attention": "role", " | k": "one side"}


def test_what_nobody_else_does_was_added_or_removed() -> None:
    assert matched([kernel("gone")], [kernel("new")]) == {"gone | ": "one side", " | new": "one side"}


@pytest.mark.parametrize(
    ("name", "fused"),
    [
        ("triton_poi_fused_add_mul_0", "add_mul"),
        ("triton_red_fused__to_copy_rms_norm_12", "_to_copy_rms_norm"),
        ("triton_poi_fused_4", ""),
        ("kernel_unified_attention", None),
        ("triton_mm_7", ""),
    ],
)
def test_what_a_generated_name_lists(name: str, fused: str | None) -> None:
    assert fused_text(name) == fused


def test_names_are_cut_down_to_what_they_call() -> None:
    assert stem("at::native::(anonymous namespace)::k<int, f<(a)1>>(int, x)") == "at::native::k"
    assert stem("") == ""
    assert unnumbered("nvjet_sm90_tst_64") == "nvjet_sm90_tst_64"
    assert most_specific(["_C::rms_norm", "_C::fused_add_rms_norm", "aten::mm"]) == {
        "_C::fused_add_rms_norm",
        "aten::mm",
    }


def test_modules_go_up_to_what_both_know() -> None:
    found = match_modules(
        ["model.layers.0.mlp.down", "model.layers.0.self_attn", "lm_head"], ["_orig_mod.layers.0", "lm_head", "other"]
    )
    assert found == {
        "model.layers.0.mlp.down": "layers.0",
        "model.layers.0.self_attn": "layers.0",
        "_orig_mod.layers.0": "layers.0",
        "lm_head": "lm_head",
        "other": "other",
    }
