"""Operator namespaces: which library an operator belongs to.

The innermost *provider* operator around a launch decides what ambiguous kernel names belong to. Dispatch operators
(``vllm::unified_attention_with_output``) run Python or other operators inside: they provide nothing themselves, and
what encloses them says nothing about what they launch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from xpubreak.classify.backend import Role

_OPERATOR = re.compile(r"([A-Za-z_]\w*)::([A-Za-z_][\w.]*)\Z")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The extension modules of vLLM; the same names exist in its XPU, CUDA, ROCm and CPU builds.
VLLM_NAMESPACES = _names("""
    _C _C_cache_ops _C_cuda_utils _C_utils _C_stable_libtorch _moe_C _rocm_C _xpu_C _vllm_fa2_C _vllm_fa3_C
    _vllm_fa4_C _flashmla_C _flashmla_extension_C _qutlass_C _spinloop
""")
TORCH_NAMESPACES = _names("""
    aten prims quantized quantized_decomposed mkl mkldnn mkldnn_prepacked onednn prepacked sparse _quantized _nnapi
    rngprims
""")
IPEX_NAMESPACES = frozenset({"torch_ipex", "ipex_prepack"})
COLLECTIVE_NAMESPACES = _names("""
    c10d _c10d_functional _c10d_functional_autograd symm_mem _C_custom_ar torch_ccl oneccl_bindings_for_pytorch
    _dtensor xccl nccl gloo c10d_functional
""")
# Shared-memory collectives of vLLM's CPU build live among its other operators [csrc/cpu/torch_bindings.cpp].
_COLLECTIVE_OPERATORS = re.compile(
    r"_C::(shm_\w+|init_shm_manager|join_shm_manager)\Z"
    r"|vllm::(all_reduce|all_gather|reduce_scatter|all_to_all|patched_fused_scaled_matmul_reduce_scatter|"
    r"outplace_all_reduce|outplace_all_reduce_\w+|inplace_all_reduce|flashinfer_trtllm_fused_allreduce_norm)\Z"
    r"|record_param_comms\Z|(nccl|xccl|gloo|mpi|ucc|ccl):\w+\Z|(ncclDevKernel|oneccl)_\w+\Z"
)
DISPATCH_NAMESPACES = frozenset({"vllm", "vllm_ir", "vllm_aiter", "higher_order"})
# Bookkeeping of torch itself: neither providers nor strangers.
_NEUTRAL_NAMESPACES = _names("""
    profiler prim torch inductor autograd static_runtime torchdynamo debugprims bw fsdp cuda cudart
""")


@dataclass(frozen=True, slots=True)
class Provider:
    """What an operator says about the kernels launched inside it.

    Parameters
    ----------
    role
        Whose operator it is; `Role.UNATTRIBUTED` for a library that is not known here, None for a dispatch operator
        that hides what encloses it.
    note
        What else to say about it.
    """

    role: Role | None
    note: str = ""


_VLLM, _TORCH, _COLLECTIVES = Provider(Role.VLLM), Provider(Role.TORCH), Provider(Role.COLLECTIVES)
_IPEX = Provider(
    Role.TORCH,
    "Intel Extension for PyTorch (end of life in 2026): counted with torch, whose ATen and oneDNN kernels it replaced",
)
_DISPATCH = Provider(None)


def split_operator(name: str) -> tuple[str, str]:
    """Split ``ns::name``; a pair of empty strings where the whole name is not of that form."""
    found = _OPERATOR.match(name)
    return (found[1], found[2]) if found else ("", "")


@lru_cache(maxsize=1 << 14)
def provider_of(operator: str) -> Provider | None:
    """Return what an operator's name says about the kernels inside it, None where it says nothing."""
    if _COLLECTIVE_OPERATORS.match(operator):
        return _COLLECTIVES
    namespace, _ = split_operator(operator)
    if not namespace or namespace in _NEUTRAL_NAMESPACES:
        return None
    if namespace in VLLM_NAMESPACES:
        return _VLLM
    if namespace in TORCH_NAMESPACES:
        return _TORCH
    if namespace in IPEX_NAMESPACES:
        return _IPEX
    if namespace in COLLECTIVE_NAMESPACES:
        return _COLLECTIVES
    if namespace in DISPATCH_NAMESPACES:
        return _DISPATCH
    return Provider(Role.UNATTRIBUTED, f"{namespace}:: is no library known here; a rule of your own can name it")
