"""What kind of work something is: attention, norm, gemm … independent of who did it."""

from __future__ import annotations

import re
from functools import lru_cache

from xpubreak.classify.anycase import AnyCase
from xpubreak.classify.aten import aten_category
from xpubreak.classify.namespaces import split_operator

CATEGORIES: tuple[str, ...] = (
    "attention",
    "norm",
    "activation",
    "gemm",
    "moe",
    "quantisation",
    "cache",
    "sampling",
    "rotary",
    "embedding",
    "elementwise",
    "reduction",
    "softmax",
    "sort",
    "indexing",
    "copy",
    "fill",
    "memcpy",
    "memset",
    "collective",
    "state-space",
    "lora",
    "convolution",
    "random",
    "synchronisation",
    "allocation",
    "view",
    "annotation",
    "launch",
    "graph",
    "profiler",
    "other",
)
CATEGORY_CODES: dict[str, int] = {name: code for code, name in enumerate(CATEGORIES)}

MAX_NAME_CHARS = 4096
"""Longer names are cut before they are matched: template arguments beyond this say nothing new."""

# First match wins; searched in the whole name, functors and all, because ATen's elementwise kernels differ in nothing
# else. Fused kernels count as their dominant part: a norm that also quantises is a norm.
_NAME_PATTERNS: tuple[tuple[str, AnyCase], ...] = tuple(
    (category, AnyCase(pattern))
    for category, pattern in (
        # Vendor libraries first: their tile descriptions hold all sorts of words ("relu", "Bias").
        (
            "attention",
            r"cudnn_generated\w*sdpa|micro_sdpa|fmhaSm\d|\bfmha|_fmha|XeFMHA|ReduceSplitK|Mha(Name|DotDoOName)",
        ),
        (
            "convolution",
            r"cudnn_(infer|train)_|cask_cudnn|cudnn::(cnn|winograd|detail)|winograd|[wd]grad_\w*engine"
            r"|implicit_(con|gem)|\bgen9_conv|\b(simple|ref|xe)_\w*conv|convolve",
        ),
        (
            "gemm",
            r"^(void )?(nvjet_|sm\d+_xmma_gemm|Cijk_|bmm_|(volta|turing|ampere|hopper|maxwell)_\w*gemm"
            r"|gem[mv]\w*_kernel|cutlass_\d+_|splitKreduce|gemv|gemmSN|gemmk1|dot_kernel|cublasLt::|cublas)",
        ),
        ("copy", r"n(chw|hwc)ToN(chw|hwc)|\b(simple|ref|xe|jit)_\w*reorder"),
        ("lora", r"(?i)lora|bgmv"),
        (
            "state-space",
            r"(?i)gdn|gated_delta|delta_rule|mamba|selective_scan|causal_conv1d|linear_attn|\bkda_|_kda_|ssd_|"
            r"_ssm_|recurrent|chunk_(fwd|gla|kda|scan|state|cumsum|gated|scaled|local|compute|update|reorder)|"
            r"recompute_w_u|state_passing|merge_16x16|short_conv|l2norm_fwd|replayssm",
        ),
        (
            "cache",
            r"(?i)reshape_and_cache|concat_and_cache|_and_cache|gather\w*_cache|cache_gather|kv_?cache_(?!update)"
            r"|kv_cache_(gather|scatter|update)|slot_mapping|block_table|swap_blocks|copy_blocks|zero_kv_blocks"
            r"|_cache_kernel|page_indices|insert_k_",
        ),
        (
            "attention",
            r"(?i)flash_?(fwd|attn|attention|mla|bwd)|flash::|attn|attention|sdpa|\bmla_|_mla_|mqa_logits|merge_state"
            r"|reduce_segments|get_scheduler_metadata|prepare_varlen_num_blocks",
        ),
        ("rotary", r"(?i)rotary|rope"),
        (
            "norm",
            r"(?i)(rms|layer|group|batch|instance)_?norm(?!al)|bn_(fw|bw)_|GammaBeta|RowwiseMoments|l2norm|qk_norm",
        ),
        (
            "moe",
            r"(?i)moe(?![a-z])|expert|topk_(softmax|sigmoid|softplus)|grouped_topk|topkgating|remap_hidden|routing|"
            r"bitmatrix|matmul_ogs|matmul_scatter|_topk_(forward|backward)\b",
        ),
        (
            "activation",
            r"(?i)silu|swiglu|gelu|relu|act_and_mul|act_kernel|situ_and_mul|hardswish|sigmoid_kernel|tanh_kernel|"
            r"softplus|mish_kernel|\bthreshold",
        ),
        (
            "sampling",
            r"(?i)sampl(?!e_)|_sample_|gumbel|top_?k_?top_?p|temperature_kernel|penalt|rejection|logprob|min_p_|"
            r"bad_words|bias_kernel|grammar_bitmask|exponential_2d|greedy_argmax|topp_",
        ),
        ("softmax", r"(?i)soft_?max"),
        ("sort", r"(?i)sort|radix|bitonic|[ms]btopk|gathertopk|topk|top_k|kthvalue|segment_kernel"),
        ("random", r"(?i)distribution|philox|random|bernoulli|dropout|\bRAND::|exponential_kernel"),
        ("embedding", r"(?i)embed"),
        (
            "gemm",
            r"(?i)gemm|gemv|matmul|xmma|scaled_mm|_mm_kernel|splitkreduce|wvsplitk|marlin|machete|onednn_mm|hgemm|igemm",
        ),
        ("quantisation", r"(?i)quant|fp8|mxfp|nvfp4|int4_"),
        ("convolution", r"(?i)conv(?!ert|er)|im2col|col2im"),
        ("fill", r"FillFunctor|fillBuffer|handler::fill|masked_fill|memset|arange|kernel_with_index|(?i:zero_kernel)"),
        ("copy", r"(?i)copy|CatArray|memcpy|roll_|flip_|pad(1|2|3)d|repeat"),
        ("indexing", r"(?i)index|gather|scatter|masked_select|nonzero|take_"),
        ("reduction", r"(?i)reduce|scan|cumsum|cumprod|segment_sum|argmax"),
        ("elementwise", r"(?i)elementwise|pointwise|functor|multi_tensor_apply|scalePackedTensor"),
    )
)

# What Inductor writes into the names of its kernels: the ATen operators it fused.
_INDUCTOR = re.compile(r"(?:triton_(for|per|poi|red|spl|tem|unk|mm|bmm)|(?:graph_\d+_)?cpp)_?(?:fused)?_?(.*)")
_FUSED_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (category, re.compile(pattern))
    for category, pattern in (
        ("attention", r"(flex|scaled_dot_product)_attention"),
        ("norm", r"rsqrt|(rms|layer|group|batch)_norm"),
        ("softmax", r"softmax|logsumexp"),
        ("activation", r"silu|gelu|relu|sigmoid|tanh"),
        ("rotary", r"cos.*sin|sin.*cos|rotary"),
        ("sort", r"sort|topk"),
        ("embedding", r"embedding"),
        ("indexing", r"index|gather|scatter"),
        ("copy", r"^(_?to_copy|clone|cat|constant_pad_nd)(_|\d|$)"),
        ("fill", r"^(zeros|full|ones|fill|arange)(_|\d|$)"),
    )
)
_BY_INDUCTOR_KIND = {
    "red": "reduction",
    "per": "reduction",
    "spl": "reduction",
    "tem": "gemm",
    "mm": "gemm",
    "bmm": "gemm",
}

_BY_NAMESPACE = {
    "_vllm_fa2_C": "attention",
    "_vllm_fa3_C": "attention",
    "_vllm_fa4_C": "attention",
    "_flashmla_C": "attention",
    "_flashmla_extension_C": "attention",
    "_moe_C": "moe",
    "_C_cache_ops": "cache",
}


@lru_cache(maxsize=1 << 14)
def name_category(name: str) -> str:
    """Return the category that a kernel's or operator's name suggests, empty for none.

    Parameters
    ----------
    name
        Raw or demangled; only the first `MAX_NAME_CHARS` characters count.
    """
    name = name[:MAX_NAME_CHARS]
    fused = _INDUCTOR.match(name)
    if fused:
        found = next((category for category, pattern in _FUSED_PATTERNS if pattern.search(fused[2])), "")
        return found or _BY_INDUCTOR_KIND.get(fused[1] or "", "elementwise")
    lowered = name.lower()
    return next((category for category, pattern in _NAME_PATTERNS if pattern.is_in(name, lowered)), "")


@lru_cache(maxsize=1 << 14)
def operator_category(name: str) -> str:
    """Return the category of an operator, ``"other"`` where nothing is known of it."""
    found = aten_category(name)
    if found:
        return found
    namespace, plain = split_operator(name)
    return name_category(plain if namespace else name) or _BY_NAMESPACE.get(namespace, "other")
