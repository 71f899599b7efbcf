"""What kernel names say, beyond the exact names of the registry. The first rule that matches speaks.

A rule with a role names the one library that uses such names. A rule without one (`Rule.role` is None) marks names of
vendor libraries, which both torch and vLLM link: there the operators around the launch decide.
"""

from __future__ import annotations

from xpubreak.classify.backend import Confidence, Role
from xpubreak.classify.rule import Rule

_XPU, _CUDA, _ROCM = ("xpu",), ("cuda",), ("rocm",)
_GPU = ("cuda", "rocm")
_IPEX = (
    "Intel Extension for PyTorch, counted with torch: it overrode ATen operators and brought oneDNN and XeTLA kernels"
)
_CALLED = "a library that vLLM calls, not part of vLLM; counted with vLLM's kernels on this device"


def _owned(name: str, role: Role, pattern: str, *devices: str, note: str = "", **more: str) -> Rule:
    return Rule(
        name,
        pattern,
        role,
        devices=devices,
        note=note,
        category=more.get("category", ""),
        subject=more.get("subject", "base"),
    )


def _shared(name: str, pattern: str, alone: Role | None, *devices: str, note: str = "", **more: str) -> Rule:
    return Rule(
        name,
        pattern,
        None,
        devices=devices,
        note=note,
        alone=alone,
        category=more.get("category", ""),
        subject=more.get("subject", "base"),
        confidence=Confidence.WEAK,
    )


_COLLECTIVES = (
    _owned("nccl", Role.COLLECTIVES, r"^(nccl(Dev)?Kernel|rccl|ncclSymk)", *_GPU),
    _owned("oneccl", Role.COLLECTIVES, r"^oneccl_|^do_ar$|^ccl::", *_XPU),
    _owned(
        "torch-symmetric-memory",
        Role.COLLECTIVES,
        r"^c10d::|^(\(anonymous namespace\)::)?(multimem|one_shot|two_shot)_all_?(reduce|gather)|::nvshmem",
    ),
    _owned(
        "vllm-custom-all-reduce",
        Role.COLLECTIVES,
        r"^vllm::(cross_device_reduce|\w*all_?reduce|\w*all_?gather)|^quickreduce::|^aiter::\w*(all_?reduce|reduce_scatter|"
        r"all_?gather|cross_device)",
    ),
    _owned(
        "flashinfer-all-reduce",
        Role.COLLECTIVES,
        r"^(flashinfer|tensorrt_llm)::.*all_?reduce|^mscclpp|^deep_ep::|^nvshmem",
        *_GPU,
    ),
)

_VLLM = (
    # A namespace of C++ kernels; operators called vllm::… are Python dispatchers and never kernels.
    _owned("vllm-namespace", Role.VLLM, r"^vllm::"),
    # Roots of vllm-xpu-kernels without the vllm namespace [symbols of the wheels 0.1.14.1–0.1.16.2].
    _owned(
        "vllm-xpu-root",
        Role.VLLM,
        r"^(gdn|MoE|TopkToppSamplerImpl|CompactSamplingMaskImpl|RAND)::|^\(anonymous namespace\)::(Mhc|HcHead)\w*$"
        r"|^merge_attn_states_launcher$|^fp8_(paged_)?mqa_logits_kernel_t$",
        *_XPU,
    ),
    # The root decides, not the word: torch's SDPA carries XeFMHAFwdKernel as a template argument of cute::MhaName.
    _owned("vllm-xpu-fmha", Role.VLLM, r"^cutlass::fmha::kernel::", *_XPU, category="attention"),
    _owned(
        "vllm-cuda-root",
        Role.VLLM,
        r"^(marlin|marlin_moe_wna16|machete|Marlin|gptq_marlin|fastertransformer)(::|$)",
        *_GPU,
    ),
    _owned("vllm-rocm-root", Role.VLLM, r"^(wvSplitK\w*|LLGemm1_kernel|paged_attention_ll4mi_\w+)$", *_ROCM),
    _owned(
        "flashinfer",
        Role.VLLM,
        r"^flashinfer::|^fmhaSm\d+\w*Kernel|^tensorrt_llm::|^moe::dev::"
        r"|^bmm_[A-Z]\w*_\w*sm\d+\w*$",
        *_CUDA,
        note="FlashInfer: " + _CALLED,
    ),
    _owned("deep-gemm", Role.VLLM, r"^deep_gemm::", *_CUDA, note="DeepGEMM: " + _CALLED),
    _owned("aiter", Role.VLLM, r"^aiter::", *_ROCM, note="AITER: " + _CALLED),
)

_TRITON = (
    _owned("inductor-triton", Role.TRITON, r"^triton_(for|per|poi|red|spl|tem|unk|mm|bmm)_\w+$|^triton_$"),
    _owned("inductor-cpp", Role.TRITON, r"^(graph_\d+_)?cpp_fused_\w+$"),
    _owned(
        "triton-kernels", Role.TRITON, r"^_(p_)?matmul_ogs_\w+$", note="the triton_kernels package that vLLM bundles"
    ),
)

_TORCH = (
    _owned(
        "ipex",
        Role.TORCH,
        r"^at::AtenIpexTypeXPU::|^torch_ipex::|^(gpu::|xpu::)?xetla::|^gpu::xetla",
        *_XPU,
        note=_IPEX,
    ),
    _owned("aten-namespace", Role.TORCH, r"^(at|at_cuda_detail|at_hip_detail|c10|caffe2|pytorch_flash)::"),
    _owned("torch-xpu-sdpa", Role.TORCH, r"^cute::(Mha|Mhd)\w*Name$", *_XPU, category="attention"),
    _owned("onemkl", Role.TORCH, r"^oneapi::mkl::", *_XPU),
    _owned("aten-functor", Role.TORCH, r"^(void )?\(anonymous namespace\)::\w+<.*\bat::native::", subject="raw"),
)

_FRAMEWORK = (
    _owned(
        "driver-copy",
        Role.FRAMEWORK,
        r"^memcpy\d+_post$",
        *_CUDA,
        category="copy",
        note="what the driver runs for a copy inside a captured graph",
    ),
    _owned("driver-fill", Role.FRAMEWORK, r"^memset\d+_post$", *_CUDA, category="fill"),
    _owned("rocm-blit", Role.FRAMEWORK, r"^__amd_rocclr_\w*(copy|Copy)\w*$", *_ROCM, category="copy"),
    _owned("rocm-fill", Role.FRAMEWORK, r"^__amd_rocclr_\w*(fill|Fill)\w*$", *_ROCM, category="fill"),
)

_VENDOR = (
    # oneDNN is linked by torch and, statically, by vllm-xpu-kernels: gemm_kernel is aten::mm's and _xpu_C::fp8_gemm's.
    # Names: OpenCL sources and generators under oneDNN's src/gpu/intel.
    _shared(
        "onednn",
        r"^dnnl::|^(gemm_kernel|micro_sdpa\w*|grouped_micro_gemm\w*|gemm_post_ops\w*|jit:\w*|dnnl\w*|onednn\w*"
        r"|(ref|xe|xe2|xehp|xehpc|gen9|gen12lp|simple|reusable|vectorized|gen|multi_po|rnn|generic)_\w*(matmul|gemm|reorder|"
        r"softmax|conv|convolution|sdpa|lnorm|layer_normalization|eltwise|binary|sum|concat|reduction|resampling|bnorm|"
        r"batch_normalization|pool|pooling|shuffle|prelu|zero_pad|group_normalization|lrn|rnn|inner_product|deconvolution)\w*"
        r"|(conv|reorder|pool|binary|reduction|eltwise|concat|zero_pad)_?(jit|kernel|blocked)?\w{0,24}_v?\d+)$",
        Role.TORCH,
        *_XPU,
        note="oneDNN",
    ),
    _shared(
        "sycl-helper",
        r"^sycl::(_V1::)?(handler|detail)::|^compat::detail::mem",
        Role.FRAMEWORK,
        *_XPU,
        note="a helper of the SYCL runtime",
    ),
    _shared("onedpl", r"^(oneapi::dpl|dpct|syclcompat|compat)::|^oneapi::\w+", None, *_XPU),
    _shared(
        "cublas",
        r"^(nvjet_\w+|sm\d+_xmma_\w+|cublas\w*(::\w+)*|splitKreduce_kernel|gem[mv]\w*_kernel\w*|gemmk1_kernel"
        r"|gemmSN\w*|dot_kernel|reduce_1Block_kernel|scal_kernel\w*|(volta|turing|ampere|hopper|maxwell|blackwell)_\w+"
        r"|trsm\w*|getrf\w*)$",
        Role.TORCH,
        *_CUDA,
        category="gemm",
        note="cuBLAS",
    ),
    _shared(
        "cudnn",
        r"^(cudnn\w*(::\w+)*|cask_\w+::\w+|\w*(scudnn|xmma_fprop|xmma_dgrad|xmma_wgrad)\w*|implicit_convolve\w*"
        r"|[wd]grad_\w*engine\w*|fft\w*|winograd\w*)$",
        Role.TORCH,
        *_CUDA,
        note="cuDNN",
    ),
    _shared("cusolver", r"^(cusolver|cusparse|curand|magma)\w*", Role.TORCH, *_GPU),
    # A custom operator of vLLM may instantiate CUTLASS with epilogues of its own.
    _shared(
        "cutlass-vllm",
        r"^(void )?cutlass::.*\bvllm::",
        Role.VLLM,
        *_GPU,
        subject="raw",
        note="CUTLASS with parts of vLLM",
    ),
    _shared(
        "flash-attention",
        r"^flash::|^(void )?flash_(fwd|bwd)_",
        Role.VLLM,
        *_GPU,
        category="attention",
        note="FlashAttention, which vLLM and others build",
    ),
    _shared("cutlass", r"^cutlass(_\d\w+|::.+)$|^cute::", None),
    _shared("cub", r"^(cub|thrust|hipcub|rocprim)::", Role.TORCH, *_GPU),
    _shared("tensile", r"^Cijk_\w+$", Role.TORCH, *_ROCM, category="gemm", note="hipBLASLt, rocBLAS"),
    _shared(
        "composable-kernel", r"^ck(_tile)?::", Role.VLLM, *_ROCM, note="Composable Kernel: alone most likely from AITER"
    ),
    _shared("miopen", r"^(miopen\w*|MIOpen\w*|igemm_\w+|naive_conv_\w+)$", Role.TORCH, *_ROCM),
    _shared(
        "aten-anonymous",
        r"^\(anonymous namespace\)::(softmax_warp_(forward|backward)|elementwise_kernel_with_index"
        r"|distribution_\w+|GammaBeta\w+|unique_\w+)$",
        Role.TORCH,
        *_GPU,
    ),
)

# A library on this list is what it says even where no rule gives it a backend of its own.
_THIRD_PARTY = (
    Rule(
        "third-party",
        r"^(ark|auto_round\w*|sgl_kernel|xe_moe|sglang)::",
        Role.UNATTRIBUTED,
        devices=_XPU,
        confidence=Confidence.NONE,
        note="a third library; a rule of your own can give it a backend",
    ),
)

KERNEL_RULES: tuple[Rule, ...] = _COLLECTIVES + _VLLM + _TRITON + _TORCH + _FRAMEWORK + _VENDOR + _THIRD_PARTY
