"""ATen operators by what they do. Whole names only: ``t`` must not swallow ``topk``.

Source: ``native_functions.yaml`` of torch 2.13, and the operators seen in traces of torch 2.1–2.13. An in-place twin
(``mul_``) is found under its plain name; overloads (``add.Tensor``) never reach a trace's event names, but are cut.
"""

from __future__ import annotations

from functools import lru_cache


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


VIEWS = _names("""
    alias as_strided broadcast_to chunk detach diagonal expand expand_as flatten hsplit dsplit vsplit imag movedim
    moveaxis mT mH H T adjoint narrow permute positive ravel real reshape_as select slice split split_with_sizes
    squeeze swapaxes swapdims t tensor_split transpose unbind unflatten unfold unsafe_chunk unsafe_split
    unsafe_split_with_sizes unsqueeze values indices crow_indices col_indices view view_as view_as_complex
    view_as_real _conj _neg_view _reshape_alias _unsafe_view _values _indices rename
    unflatten_dense_tensors
""")
"""Change metadata only; nothing below them is work."""

MAYBE_VIEWS = _names("""
    contiguous reshape to type_as flatten unflatten ravel conj resolve_conj resolve_neg expand_copy squeeze_multiple
    _autocast_to_reduced_precision _autocast_to_full_precision _reshape_copy
""")
"""Views or no-ops, unless they turn out to copy: framework only where no work lies below."""

ALLOCATIONS = _names("""
    empty empty_like empty_permuted empty_quantized empty_strided new_empty new_empty_strided resize resize_as
    resize_as_sparse set pin_memory _pin_memory _resize_output record_stream _efficientzerotensor
    _empty_affine_quantized _cudnn_init_dropout_state
""")

METADATA = _names("""
    can_cast dense_dim dim has_names is_coalesced is_complex is_conj is_contiguous is_distributed is_floating_point
    is_inference is_leaf is_neg is_non_overlapping_and_dense is_pinned is_same_size is_set_to is_signed
    is_vulkan_available lift lift_fresh numel output_nr promote_types requires_grad result_type retain_grad
    retains_grad size sparse_dim storage_offset stride sym_numel sym_size sym_storage_offset sym_stride _backward
    _debug_has_internal_overlap _fused_sdp_choice _has_compatible_shallow_copy_type _has_same_storage_numel
    _is_zerotensor _nested_tensor_size _sym_size _version _use_cudnn_ctc_loss _use_cudnn_rnn_flatten_weight
    cudnn_is_acceptable requires_grad_
""")

SYNCHRONISATIONS = _names("item _local_scalar_dense is_nonzero")

COPIES = _names("""
    _copy_from _copy_from_and_resize _to_copy _to_cpu _to_dense cat clone column_stack concat concatenate
    constant_pad_nd copy copy_sparse_to_sparse dstack flip fliplr flipud hstack pad repeat repeat_interleave roll
    row_stack stack tile to_dense vstack _pad_enum reflection_pad1d replication_pad1d _foreach_copy
""")
TRANSFERS = _names("_copy_from _copy_from_and_resize _to_copy _to_cpu clone copy _foreach_copy")
"""Move bytes and compute nothing, unlike ``cat``."""

FILLS = _names("""
    arange eye fill full full_like linspace logspace masked_fill new_full new_ones new_zeros ones ones_like range
    scalar_tensor tril tril_indices triu triu_indices zero zeros zeros_like _foreach_zero fill_diagonal
""")
PLAIN_FILLS = _names(
    "fill full full_like new_full new_ones new_zeros ones ones_like zero zeros zeros_like _foreach_zero"
)
"""Write one constant everywhere: memory traffic, not compute."""

_COMPUTE: dict[str, frozenset[str]] = {
    "gemm": _names("""
        addbmm addmm addmv addr baddbmm bilinear bmm chain_matmul dot einsum inner linalg_matmul linear matmul
        mkldnn_linear mm mv outer scaled_mm tensordot vdot _addmm_activation _grouped_mm _int_mm
        _mixed_dtypes_linear _mkl_linear _scaled_grouped_mm _scaled_mm _scaled_mm_v2 _scaled_grouped_mm_v2
        _weight_int4pack_mm _weight_int4pack_mm_for_cpu _weight_int4pack_mm_with_scales_and_zeros
        _weight_int8pack_mm linear_backward
    """),
    "attention": _names("""
        scaled_dot_product_attention _scaled_dot_product_attention_math _scaled_dot_product_cudnn_attention
        _scaled_dot_product_efficient_attention _scaled_dot_product_flash_attention
        _scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_fused_attention_overrideable
        _flash_attention_forward _efficient_attention_forward _cudnn_attention_forward _native_multi_head_attention
        _triton_multi_head_attention _triton_scaled_dot_attention _transformer_encoder_layer_fwd
    """),
    "norm": _names("""
        batch_norm cosine_similarity cudnn_batch_norm group_norm instance_norm layer_norm miopen_batch_norm
        native_batch_norm native_group_norm native_layer_norm normalize renorm rms_norm weight_norm
        _batch_norm_impl_index _fused_rms_norm _native_batch_norm_legit _weight_norm_interface local_response_norm
        cudnn_batch_norm_backward native_layer_norm_backward
    """),
    "activation": _names("""
        celu elu gelu glu hardshrink hardsigmoid hardswish hardtanh leaky_relu log_sigmoid mish prelu relu relu6
        rrelu selu sigmoid silu softplus softshrink softsign swish tanh tanhshrink threshold threshold_backward
        silu_backward gelu_backward sigmoid_backward tanh_backward log_sigmoid_forward
    """),
    "softmax": _names("""
        log_softmax softmax softmin special_log_softmax special_softmax _log_softmax _log_softmax_backward_data
        _masked_softmax _safe_softmax _softmax _softmax_backward_data logsumexp
    """),
    "sort": _names(
        "argsort kthvalue median mode msort nanmedian searchsorted sort topk unique unique_consecutive "
        "unique_dim _unique _unique2 bucketize"
    ),
    "reduction": _names("""
        adaptive_avg_pool1d adaptive_avg_pool2d all amax amin aminmax any argmax argmin avg_pool2d bincount
        count_nonzero cummax cummin cumprod cumsum histc linalg_norm linalg_vector_norm logcumsumexp max max_pool2d
        max_pool2d_with_indices max_pool2d_with_indices_backward mean min nanmean nansum norm nll_loss
        nll_loss_forward cross_entropy_loss prod std std_mean sum trace var var_mean _aminmax _foreach_norm
        _cummax_helper
    """),
    "indexing": _names("""
        gather index index_add index_copy index_fill index_put index_reduce index_select masked_scatter
        masked_select nonzero nonzero_static put scatter scatter_add scatter_reduce select_scatter slice_scatter
        take take_along_dim _index_put_impl _unsafe_index _unsafe_index_put diagonal_scatter argwhere
        _unsafe_masked_index
    """),
    "embedding": _names("embedding embedding_bag embedding_renorm one_hot _embedding_bag _embedding_bag_forward_only"),
    "sampling": _names("multinomial"),
    "random": _names("""
        bernoulli cauchy dropout exponential geometric log_normal native_dropout normal poisson rand rand_like
        randint randint_like randn randn_like random randperm uniform _fused_dropout
    """),
    "convolution": _names("""
        conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d convolution convolution_backward
        convolution_overrideable cudnn_convolution cudnn_convolution_relu miopen_convolution mkldnn_convolution
        thnn_conv2d _convolution _convolution_mode _slow_conv2d_forward _conv_depthwise2d
    """),
    "quantisation": _names("""
        dequantize fake_quantize_per_tensor_affine quantize_per_channel quantize_per_tensor
        quantize_per_tensor_dynamic _make_per_tensor_quantized_tensor choose_qparams_optimized
        _choose_qparams_per_tensor _dyn_quant_matmul_4bit
    """),
    "elementwise": _names("""
        abs acos acosh add addcdiv addcmul and angle asin asinh atan atan2 atanh bitwise_and bitwise_left_shift
        bitwise_not bitwise_or bitwise_right_shift bitwise_xor ceil clamp clamp_max clamp_min clip complex copysign
        cos cosh cross cumulative_trapezoid deg2rad diff digamma div divide eq equal erf erfc erfinv exp exp2 expm1
        float_power floor floor_divide fmax fmin fmod frac gcd ge greater greater_equal gt heaviside hypot i0
        isclose isfinite isin isinf isnan isneginf isposinf lcm le ldexp lerp less less_equal lgamma log log10 log1p
        log2 logaddexp logical_and logical_not logical_or logical_xor logit lt maximum minimum mul multiply mvlgamma
        nan_to_num ne neg negative nextafter not_equal or polygamma pow rad2deg reciprocal remainder round rsqrt
        rsub sgn sign signbit sin sinc sinh sqrt square sub subtract tan true_divide trunc where xlogy __and__
        __or__ __xor__ __lshift__ __rshift__ _foreach_add _foreach_addcdiv _foreach_addcmul _foreach_div
        _foreach_lerp _foreach_mul _foreach_sqrt _foreach_sub _s_where isreal mse_loss polar
    """),
}

_CATEGORY_OF: dict[str, str] = {name: category for category, names in _COMPUTE.items() for name in names}
_CATEGORY_OF |= dict.fromkeys(COPIES, "copy") | dict.fromkeys(FILLS, "fill")
_CATEGORY_OF |= dict.fromkeys(VIEWS | MAYBE_VIEWS | METADATA, "view")
_CATEGORY_OF |= dict.fromkeys(ALLOCATIONS, "allocation") | dict.fromkeys(SYNCHRONISATIONS, "synchronisation")

HOUSEKEEPING = VIEWS | ALLOCATIONS | METADATA | SYNCHRONISATIONS
_KNOWN = frozenset(_CATEGORY_OF)


@lru_cache(maxsize=1 << 14)
def plain_name(operator: str) -> str:
    """Cut namespace, overload and the in-place underscore: ``aten::mul_`` → ``mul``; ``""`` outside ATen.

    Autograd writes ``detach`` and ``detach_`` without a namespace.
    """
    namespace, separator, name = operator.partition("::")
    if not separator:
        return "detach" if operator in ("detach", "detach_") else ""
    if namespace != "aten":
        return ""
    name = name.partition(".")[0]
    if name not in _KNOWN and name.endswith("_") and not name.endswith("__"):
        return name[:-1]
    return name


def aten_category(operator: str) -> str:
    """Return the category of an ATen operator, empty for one that is not listed."""
    return _CATEGORY_OF.get(plain_name(operator), "")
