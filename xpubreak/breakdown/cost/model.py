"""Models: which operator costs what."""

from __future__ import annotations

from collections.abc import Callable

from xpubreak.breakdown.cost import attention, experts, gemm, pointwise
from xpubreak.breakdown.cost.lengths import Lengths
from xpubreak.breakdown.cost.operand import Operands
from xpubreak.breakdown.cost.work import Work

Model = Callable[[Operands, Lengths | None], Work | None]


def _plain(model: Callable[[Operands], Work | None]) -> Model:
    return lambda operands, _: model(operands)


def _named(model: Callable[[str, Operands], Work | None], name: str) -> Model:
    return lambda operands, _: model(name, operands)


# Names of torch: aten/src/ATen/native/native_functions.yaml.
_ATEN: dict[str, Model] = {
    **{name: _plain(gemm.mm) for name in ("mm", "_int_mm")},
    **{name: _plain(gemm.addmm) for name in ("addmm", "_addmm_activation")},
    "bmm": _plain(gemm.bmm),
    "mv": _plain(gemm.mv),
    "_scaled_mm": _plain(gemm.scaled_mm),
    "baddbmm": _plain(gemm.baddbmm),
    **{name: _plain(gemm.linear) for name in ("linear", "mkldnn_linear", "_mkl_linear")},
    **{
        name: _plain(attention.whole)
        for name in (
            "scaled_dot_product_attention",
            "_scaled_dot_product_flash_attention",
            "_scaled_dot_product_flash_attention_for_cpu",
            "_scaled_dot_product_efficient_attention",
            "_scaled_dot_product_fused_attention_overrideable",
            "_scaled_dot_product_cudnn_attention",
            "_cudnn_attention_forward",
        )
    },
    **{name: _plain(pointwise.softmax) for name in ("_softmax", "_log_softmax", "softmax", "log_softmax")},
    "embedding": _plain(pointwise.look_up),
    "index_select": _plain(pointwise.index_select),
    **{name: _plain(pointwise.fill) for name in ("fill_", "zero_")},
    "copy_": _plain(pointwise.copy),
    **{name: _plain(pointwise.layer_norm) for name in ("native_layer_norm", "rms_norm", "_fused_rms_norm")},
    **{
        name: _plain(pointwise.reduction)
        for name in ("sum", "mean", "amax", "amin", "argmax", "argmin", "max", "min", "any", "all", "prod", "var")
    },
    **{
        name: _named(pointwise.elementwise, name)
        for name in (
            *("add", "add_", "sub", "sub_", "mul", "mul_", "div", "div_", "pow", "neg", "abs", "rsqrt", "sqrt", "exp"),
            *("log", "sin", "cos", "silu", "silu_", "gelu", "relu", "sigmoid", "tanh", "where", "clamp", "maximum"),
            *(
                "minimum",
                "eq",
                "ne",
                "lt",
                "le",
                "gt",
                "ge",
                "logical_not",
                "bitwise_and",
                "masked_fill_",
                "reciprocal",
            ),
        )
    },
}

# Names of vllm-xpu-kernels and of vLLM's CUDA and CPU builds: the registry lists them all.
_VLLM: dict[str, Model] = {
    **{name: _plain(pointwise.norm) for name in ("rms_norm", "gemma_rms_norm", "layer_norm")},
    **{name: _plain(pointwise.add_norm) for name in ("fused_add_rms_norm", "fused_add_gemma_rms_norm")},
    **{
        name: _plain(pointwise.gated)
        for name in ("silu_and_mul", "mul_and_silu", "gelu_and_mul", "gelu_tanh_and_mul", "swigluoai_and_mul")
    },
    "rotary_embedding": _plain(pointwise.rotary),
    **{
        name: _plain(pointwise.into_cache)
        for name in (
            "reshape_and_cache",
            "reshape_and_cache_flash",
            "unified_kv_cache_update",
            "cpu_attn_reshape_and_cache",
        )
    },
    "unified_attention_with_output": attention.tokens,
    **dict.fromkeys(("varlen_fwd", "fwd", "flash_attn_varlen"), attention.paged),
    "cpu_attention_with_kv_cache": attention.paged_on_cpu,
    "onednn_mm": _plain(gemm.onednn_mm),
    "fp8_bmm": _plain(gemm.scaled_mm),
    **{
        name: _named(gemm.quantised, name)
        for name in (
            *("fp8_gemm", "fp8_gemm_w8a16", "fp4_gemm", "int4_gemm_w4a16", "int4_gemm_w4a8"),
            *("cutlass_scaled_mm", "cutlass_scaled_fp4_mm", "gptq_gemm", "awq_gemm"),
        )
    },
    **{name: _plain(experts.grouped) for name in ("cutlass_grouped_gemm_interface", "cutlass_grouped_gemm")},
    **{name: _plain(experts.fused) for name in ("cpu_fused_moe", "fused_experts", "moe_forward")},
}
_VLLM_NAMESPACES = frozenset(
    ("_C", "_C_cache_ops", "_moe_C", "_xpu_C", "_vllm_fa2_C", "_vllm_fa3_C", "vllm", "vllm_ir")
)


def model_of(operator: str) -> Model | None:
    """Return the model of an operator, such as ``aten::mm``; None where there is none."""
    namespace, separator, rest = operator.partition("::")
    name = rest.partition(".")[0]
    if not separator:
        return None
    if namespace == "aten":
        return _ATEN.get(name)
    return _VLLM.get(name) if namespace in _VLLM_NAMESPACES else None
