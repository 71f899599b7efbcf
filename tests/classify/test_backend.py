"""Labels, categories, evidence in words."""

from __future__ import annotations

import pytest

from xpubreak.classify.backend import ROLES_BY_KEY, Confidence, Role, find_role, role_label
from xpubreak.classify.category import CATEGORIES, name_category, operator_category

LABELS = """
vllm         vllm-xpu-kernels vllm-cuda-kernels vllm-rocm-kernels vllm-cpu-kernels
torch        torch-xpu-ops    torch-cuda-ops    torch-rocm-ops    torch-cpu-ops
triton       triton           triton            triton            inductor-cpp
cpu          cpu              cpu               cpu               cpu
framework    framework        framework         framework         framework
collectives  collectives      collectives       collectives       collectives
unattributed unattributed     unattributed      unattributed      unattributed
"""


@pytest.mark.parametrize("line", LABELS.strip().splitlines())
def test_labels_and_back(line: str) -> None:
    key, *labels = line.split()
    role = ROLES_BY_KEY[key]
    assert [role_label(role, device) for device in ("xpu", "cuda", "rocm", "cpu")] == labels
    assert {find_role(label) for label in (key, *labels)} == {role}


def test_the_codes_are_stable() -> None:
    assert [role.key for role in Role] == [line.split()[0] for line in LABELS.strip().splitlines()]
    assert [confidence.key for confidence in Confidence] == ["none", "weak", "context", "strong", "certain"]
    assert find_role("gpu") is None


@pytest.mark.parametrize(
    ("operator", "category"),
    [
        ("aten::mm", "gemm"),
        ("aten::t", "view"),
        ("aten::topk", "sort"),
        ("aten::mul_", "elementwise"),
        ("aten::requires_grad_", "view"),
        ("aten::add.Tensor", "elementwise"),
        ("aten::_softmax", "softmax"),
        ("_C::fused_add_rms_norm", "norm"),
        ("_C::rms_norm_static_fp8_quant", "norm"),
        ("_C::silu_and_mul_quant", "activation"),
        ("_moe_C::topk_softmax", "moe"),
        ("_vllm_fa2_C::varlen_fwd", "attention"),
        ("_xpu_C::fp8_gemm_w8a16", "gemm"),
        ("_xpu_C::gdn_attention", "state-space"),
        ("vllm::unified_attention_with_output", "attention"),
        ("vllm::unified_kv_cache_update", "cache"),
        ("vllm::moe_forward", "moe"),
        ("mine::nothing_known", "other"),
    ],
)
def test_categories_of_operators(operator: str, category: str) -> None:
    assert operator_category(operator) == category


@pytest.mark.parametrize(
    ("kernel", "category"),
    [
        ("triton_poi_fused_2", "elementwise"),
        ("triton_per_fused_1", "reduction"),
        ("triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_0", "norm"),
        ("triton_tem_fused_mm_0", "gemm"),
        ("triton_poi_fused_constant_pad_nd_moe_forward_0", "copy"),
        ("cudnn_infer_volta_scudnn_128x64_relu_small_nn_v1", "convolution"),
        ("Cijk_Alik_Bljk_BBS_BH_Bias_HA_S_SAV", "gemm"),
        ("_causal_conv1d_update_kernel", "state-space"),
        ("_lora_shrink_kernel", "lora"),
        ("_gumbel_sample_kernel", "sampling"),
        ("", ""),
    ],
)
def test_categories_by_name(kernel: str, category: str) -> None:
    assert name_category(kernel) == category


def test_categories_fit_a_byte_and_are_distinct() -> None:
    assert len(set(CATEGORIES)) == len(CATEGORIES) < 256
