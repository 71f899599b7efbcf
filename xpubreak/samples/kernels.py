"""The device kernels of the synthetic traces: real names, who made them, how long they take.

Names of vllm-xpu-kernels are verbatim from section ``.tgtsym`` of the wheel 0.1.15.4 (the one vLLM 0.33 pins), as
PTI shows them: demangled where libstdc++ can, mangled where it cannot. Names of torch-xpu-ops, oneDNN and oneCCL
follow their sources; Triton kernels bear their Python names (vLLM 0.33, Inductor of torch 2.14).
Durations are of the size posted for Battlemage cards (B60, B70): a decode step of a few requests, a prefill of 512
tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_ATTENTION = dict(
    line.split("\t", 1)
    for line in (Path(__file__).parent / "data" / "attention-kernels.txt").read_text(encoding="ascii").splitlines()
)
_BF16 = "sycl::_V1::ext::oneapi::bfloat16"
_SILU = f"&({_BF16} vllm::silu_kernel<{_BF16}>({_BF16} const&))"
_ATEN = "at::native::xpu"


@dataclass(frozen=True, slots=True)
class Kernel:
    """One device kernel.

    Parameters
    ----------
    name
        As in a trace.
    role, category
        The truth about it.
    decode_us, prefill_us
        Typical durations.
    told_by
        ``name``, or ``op`` where several libraries use the name and only the operator tells.
    """

    name: str
    role: str
    category: str
    decode_us: float
    prefill_us: float
    told_by: str = "name"


def _aten(functor: str, category: str, decode_us: float, prefill_us: float) -> Kernel:
    return Kernel(f"{_ATEN}::{functor}", "torch", category, decode_us, prefill_us)


def _triton(name: str, category: str, decode_us: float, prefill_us: float) -> Kernel:
    return Kernel(name, "triton", category, decode_us, prefill_us)


def _vllm(name: str, category: str, decode_us: float, prefill_us: float) -> Kernel:
    return Kernel(name, "vllm", category, decode_us, prefill_us)


def _gemm(role: str, decode_us: float, prefill_us: float) -> Kernel:
    # oneDNN is linked into torch-xpu-ops and into vllm-xpu-kernels; both launch `gemm_kernel`.
    return Kernel("gemm_kernel", role, "gemm", decode_us, prefill_us, told_by="op")


KERNELS: dict[str, Kernel] = {
    # vllm-xpu-kernels
    "rms_norm": _vllm(f"vllm::rms_norm_kernel<{_BF16}, 2, 8, false>", "norm", 5.7, 38),
    "qk_norm": _vllm(f"vllm::rms_norm_kernel<{_BF16}, 3, 8, false>", "norm", 4.1, 27),
    "fused_add_rms_norm": _vllm(f"vllm::fused_add_rms_norm_kernel<{_BF16}, 8, false>", "norm", 9.6, 62),
    "rotary": _vllm(f"vllm::rotary_embedding_kernel<{_BF16}, true>", "rotary", 3.3, 24),
    "cache": _vllm(
        "vllm::reshape_and_cache_flash_kernel<c10::BFloat16, c10::BFloat16, (vllm::Fp8KVCacheDataType)0>",
        "cache",
        2.39,
        11,
    ),
    "fmha_prefill": _vllm(_ATTENTION["prefill-demangled"], "attention", 911, 911),
    "fmha_split_kv": _vllm(_ATTENTION["split-kv"], "attention", 22, 1.04),
    "fmha_reduce": _vllm(_ATTENTION["reduce"], "attention", 5.5, 1.6),
    "silu_and_mul": _vllm(f"vllm::act_and_mul_vec_kernel<{_BF16}, {_SILU}, false, 16>", "activation", 8.3, 95),
    "gate_up_fp8": _gemm("vllm", 106, 1380),
    "down_fp8": _gemm("vllm", 76, 720),
    "topk_topp": _vllm(
        "TopkToppSamplerImpl::top_k_top_p_kernel<(TopkToppSamplerImpl::LogprobsMode)0>", "sampling", 86, 86
    ),
    "moe_gating": _vllm(
        f"vllm::moe::TopKGating<8, 128, 4, 16, 32, {_BF16}, int, (vllm::moe::ScoringFunc)0>", "moe", 4.6, 21
    ),
    "moe_count": _vllm("vllm::moe::RowsPerExpertCount", "moe", 2.2, 7.5),
    "moe_remap": _vllm(f"vllm::moe::RemapHiddenStates<{_BF16}, float, 8>", "moe", 3.9, 58),
    "moe_gemm": _vllm(
        "MoE::GemmCuteName<cutlass::bfloat16_t, cutlass::float_e4m3_t, float, cutlass::bfloat16_t, (char)82, (char)82, "
        "MoE::w8a16_policy_m_16, (MoE::A_DTYPE)0, (MoE::B_DTYPE)3>",
        "moe",
        131,
        960,
    ),
    "moe_gather": _vllm(f"vllm::moe::MoeGather<{_BF16}, 8, 4>", "moe", 4.2, 44),
    # torch-xpu-ops and oneDNN
    "qkv": _gemm("torch", 88, 610),
    "o_proj": _gemm("torch", 61, 420),
    "router": _gemm("torch", 12, 44),
    "lm_head": _gemm("torch", 960, 985),
    "embedding": _aten(
        "IndexSelectKernel<at::native::xpu::IndexSelectScalarFunctor<c10::BFloat16>, long>", "embedding", 2.9, 14
    ),
    # One of the names that reach traces mangled; torch 2.13 and later on Battlemage.
    "index": Kernel(
        "_ZTSN2at6native3xpu11IndexKernelINS1_18IndexKernelFunctorINS1_12IndexFunctorINS0_10OpaqueTypeILi2EEEEEEEEE",
        "torch",
        "indexing",
        3.1,
        3.4,
    ),
    "fill": _aten(
        "VectorizedElementwiseKernel<4, at::native::xpu::FillFunctor<float>, at::detail::Array<char*, 1>, "
        "TrivialOffsetCalculator<0, unsigned int> >",
        "fill",
        0.9,
        1.3,
    ),
    "cast": Kernel(
        "_ZTSN2at6native3xpu28ElementwiseGlobalRangeKernelINS1_25LegacyKernelScalarFunctorINS1_17CopyScalarFunctorIfEEEEEE",
        "torch",
        "copy",
        6.4,
        6.6,
    ),
    "sub": _aten(
        "UnrolledElementwiseKernel<at::native::xpu::BUnaryFunctor<int, int, int, at::native::xpu::AddFunctor<int> >, "
        "at::detail::Array<char*, 2>, TrivialOffsetCalculator<1, unsigned int> >",
        "elementwise",
        1.1,
        1.2,
    ),
    "gt": _aten(
        "UnrolledElementwiseKernel<at::native::xpu::BUnaryFunctor<int, int, bool, "
        "at::native::xpu::CompareFunctor<int> >, at::detail::Array<char*, 2>, "
        "TrivialOffsetCalculator<1, unsigned int> >",
        "elementwise",
        1.1,
        1.2,
    ),
    "softmax": _aten(
        "impl::SoftmaxForwardKernelFunctor<8, float, float, float, unsigned int, false>", "softmax", 31, 31
    ),
    "argmax": _aten(
        "ReduceKernel<1, at::native::xpu::ReduceOp<float, at::native::xpu::ArgMaxOps<float>, unsigned int, long, 4> >",
        "reduction",
        7.4,
        7.4,
    ),
    # Triton, written by hand in vLLM: model runner, quantisation, sampler
    "prepare": _triton("_prepare_pos_seq_lens_kernel", "indexing", 3.0, 3.3),
    "block_tables": _triton("_gather_block_tables_kernel", "cache", 3.4, 3.6),
    "slot_mapping": _triton("_compute_slot_mappings_kernel", "cache", 4.05, 4.4),
    "quantise": _triton("_per_token_group_quant_fp8", "quantisation", 5.2, 64),
    "temperature": _triton("_temperature_kernel", "sampling", 11, 11),
    "penalties": _triton("_penalties_kernel", "sampling", 19, 19),
    "log_softmax": _triton("_topk_log_softmax_kernel", "sampling", 48, 48),
    "post_update": _triton("_post_update_kernel", "indexing", 3.2, 3.2),
    # Triton, generated by Inductor
    "red_embedding": _triton("triton_red_fused__to_copy_embedding_mean_mul_pow_rsqrt_0", "norm", 6.8, 50),
    "red_add_norm": _triton("triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_0", "norm", 6.2, 48),
    "red_post_norm": _triton("triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_1", "norm", 6.1, 47),
    "red_qk_norm_rope": _triton("triton_red_fused__to_copy_add_cat_mean_mul_pow_rsqrt_sub_2", "norm", 5.1, 30),
    "poi_silu": _triton("triton_poi_fused_mul_silu_3", "activation", 7.4, 88),
    # oneCCL
    "allreduce": Kernel(
        f"oneccl_allreduce_pcie<{_BF16}, Rt64_128_PCIE, RingTransmit, 16>", "collectives", "collective", 27, 380
    ),
}
