"""The thirteen places where naive name matching goes wrong, and the decision order."""

from __future__ import annotations

from importlib.resources import files

import pytest

from tests.classify.situations import backends_of

# A real entry of vllm-xpu-kernels 0.1.15.4, which libstdc++ cannot demangle.
_REAL_NAMES = (files("xpubreak.samples") / "data" / "attention-kernels.txt").read_text(encoding="ascii").splitlines()
FMHA_MANGLED = next(line.partition("\t")[2] for line in _REAL_NAMES if line.startswith("split-kv"))
FMHA_DEMANGLED = (
    "compat::experimental::detail::KernelFunctor<&(void cutlass::device_kernel<cutlass::fmha::kernel::XeFMHAFwdKernel"
    "<int> >(cutlass::fmha::kernel::XeFMHAFwdKernel<int>::Params))>"
)
TORCH_SDPA = "cute::MhaName<cutlass::fmha::kernel::XeFMHAFwdKernel<int> >"
FILL = "at::native::xpu::VectorizedElementwiseKernel<8, at::native::xpu::FillFunctor<float> >"
COPY = "at::native::xpu::UnrolledElementwiseKernel<4, at::native::xpu::CopyScalarFunc<float, float> >"


@pytest.mark.parametrize(
    ("operator", "role"),
    [("aten::mm", "torch"), ("_xpu_C::fp8_gemm", "vllm"), ("torch_ipex::mm_bias_", "torch")],
)
def test_trap_1_only_the_operator_decides_whose_gemm_kernel_it_is(operator: str, role: str) -> None:
    seen = backends_of(f"""
        cpu_op {operator}
          xpu_runtime urEnqueueKernelLaunch
            kernel gemm_kernel
    """)
    assert str(seen["gemm_kernel"]) == f"{role} context"
    assert (seen["gemm_kernel"].key, seen["gemm_kernel"].category) == (operator, "gemm")


def test_trap_2_the_root_of_a_name_decides_not_a_word_in_its_arguments() -> None:
    seen = backends_of(f"""
        cpu_op aten::something
          xpu_runtime urEnqueueKernelLaunch
            kernel {FMHA_DEMANGLED}
          xpu_runtime urEnqueueKernelLaunch
            kernel {FMHA_MANGLED}
          xpu_runtime urEnqueueKernelLaunch
            kernel {TORCH_SDPA}
    """)
    assert seen[FMHA_DEMANGLED].role == "vllm"
    assert seen[FMHA_MANGLED].role == "vllm"
    assert seen[TORCH_SDPA].role == "torch"
    assert {seen[name].category for name in (FMHA_DEMANGLED, FMHA_MANGLED, TORCH_SDPA)} == {"attention"}


@pytest.mark.parametrize(
    "name",
    [
        "_rms_norm_kernel",
        "merge_attn_states_kernel",
        "_fp8_mqa_logits_kernel",
        "_lora_shrink_kernel",
        "reshape_and_cache_kernel_flash",
        "_compact_sampling_mask_kernel",
    ],
)
def test_trap_3_a_triton_name_may_contain_the_name_of_a_vllm_operator(name: str) -> None:
    seen = backends_of(f"""
        xpu_runtime urEnqueueKernelLaunch
          kernel {name}
    """)
    assert seen[name].role == "triton"


def test_trap_3_a_cpp_kernel_without_namespace_is_no_triton_kernel() -> None:
    seen = backends_of("""
        cpu_op mine::op
          cuda_runtime cudaLaunchKernel
            kernel void merge_attn_states_kernel<float>(float*)
    """)
    assert seen["void merge_attn_states_kernel<float>(float*)"].role == "unattributed"


def test_trap_4_vllm_is_a_namespace_of_dispatchers_and_of_cpp_kernels() -> None:
    seen = backends_of("""
        cpu_op vllm::lora_shrink
          xpu_runtime urEnqueueKernelLaunch
            kernel _lora_shrink_kernel
        cpu_op _xpu_C::lora_shrink
          xpu_runtime urEnqueueKernelLaunch
            kernel vllm::lora::lora_shrink_kernel<float>
    """)
    assert seen["_lora_shrink_kernel"].role == seen["vllm::lora_shrink"].role == "triton"
    assert seen["vllm::lora::lora_shrink_kernel<float>"].role == seen["_xpu_C::lora_shrink"].role == "vllm"


def test_trap_5_a_fill_inside_an_attention_operator_stays_torchs() -> None:
    seen = backends_of(f"""
        cpu_op _vllm_fa2_C::varlen_fwd
          xpu_runtime urEnqueueKernelLaunch
            kernel {FMHA_DEMANGLED}
          cpu_op aten::fill_
            xpu_runtime urEnqueueKernelLaunch
              kernel {FILL}
    """)
    assert str(seen[FILL]) == "torch strong"
    assert seen[FILL].category == "fill"
    assert seen["aten::fill_"].role == "torch"
    assert seen["_vllm_fa2_C::varlen_fwd"].role == "vllm"


def test_name_and_context_disagree_the_owner_of_the_name_wins_and_the_caller_is_kept() -> None:
    seen = backends_of(f"""
        cpu_op _vllm_fa2_C::varlen_fwd
          xpu_runtime urEnqueueKernelLaunch
            kernel {FILL}
    """)
    assert str(seen[FILL]) == "torch strong"
    assert seen[FILL].note == "launched inside _vllm_fa2_C::varlen_fwd (vllm): the owner of the name decides"


def test_trap_6_each_operator_of_a_chain_has_one_role_and_the_kernel_counts_once() -> None:
    seen = backends_of("""
        cpu_op aten::linear
          cpu_op aten::matmul
            cpu_op aten::mm
              xpu_runtime urEnqueueKernelLaunch
                kernel gemm_kernel
    """)
    assert {name: line.role for name, line in seen.items()} == dict.fromkeys(seen, "torch")
    assert seen["gemm_kernel"].key == "aten::mm"


def test_trap_7_a_norm_that_inductor_took_over_is_triton_and_still_a_norm() -> None:
    name = "triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_0"
    seen = backends_of(f"""
        cpu_op!triton {name}
          xpu_runtime urEnqueueKernelLaunch
            kernel {name}
    """)
    assert (seen[name].role, seen[name].category) == ("triton", "norm")


def test_trap_8_a_copy_is_a_kernel_a_transfer_or_host_only() -> None:
    seen = backends_of(f"""
        cpu_op aten::copy_
          xpu_runtime urEnqueueKernelLaunch
            kernel {COPY}
        cpu_op aten::_to_copy
          xpu_runtime urEnqueueUSMMemcpy
            gpu_memcpy Memcpy D2H (DEVICE -> HOST)
        cpu_op aten::clone
          cpu_op aten::empty_like
    """)
    assert (seen[COPY].role, seen["aten::copy_"].role) == ("torch", "torch")
    assert (seen["Memcpy D2H (DEVICE -> HOST)"].role, seen["aten::_to_copy"].role) == ("framework", "framework")
    assert (seen["aten::clone"].role, seen["aten::clone"].rule) == ("framework", "host-copy-or-fill")


@pytest.mark.parametrize(("operator", "role"), [("aten::zero_", "torch"), ("_moe_C::moe_sum", "vllm")])
def test_trap_9_shared_helpers_belong_to_whoever_calls_them(operator: str, role: str) -> None:
    seen = backends_of(f"""
        cpu_op {operator}
          xpu_runtime urEnqueueKernelLaunch
            kernel sycl::_V1::handler::fill<int>
    """)
    assert str(seen["sycl::_V1::handler::fill<int>"]) == f"{role} context"


def test_trap_10_evidence_for_vllm_on_cuda_never_cites_the_xpu_wheel() -> None:
    picture = """
        cpu_op _C::rms_norm
          {runtime}
            kernel vllm::rms_norm_kernel<float>
    """
    xpu = backends_of(picture.format(runtime="xpu_runtime urEnqueueKernelLaunch"))["vllm::rms_norm_kernel<float>"]
    cuda = backends_of(picture.format(runtime="cuda_runtime cudaLaunchKernel"))["vllm::rms_norm_kernel<float>"]
    assert (str(xpu), xpu.source.rpartition(" ")[0]) == ("vllm certain", "registry vllm-xpu-kernels")
    assert (str(cuda), cuda.source) == ("vllm strong", "pattern")


def test_trap_11_a_reshape_is_framework_only_where_it_launches_nothing() -> None:
    seen = backends_of(f"""
        cpu_op aten::reshape
          cpu_op aten::view
        cpu_op aten::contiguous
          cpu_op aten::clone
            xpu_runtime urEnqueueKernelLaunch
              kernel {COPY}
        cpu_op aten::topk
          xpu_runtime urEnqueueKernelLaunch
            kernel at::native::xpu::TopkFunctor
    """)
    assert seen["aten::reshape"].role == seen["aten::view"].role == "framework"
    assert seen["aten::contiguous"].role == seen["aten::clone"].role == "torch"
    assert (seen["aten::topk"].role, seen["aten::topk"].category) == ("torch", "sort")


def test_trap_12_the_launching_call_belongs_to_the_kernel() -> None:
    seen = backends_of("""
        xpu_runtime urEnqueueKernelLaunch
          xpu_driver zeCommandListAppendLaunchKernel
          kernel _compute_slot_mappings_kernel
    """)
    assert {line.role for line in seen.values()} == {"triton"}
    assert seen["urEnqueueKernelLaunch"].category == "launch"


def test_trap_13_third_party_kernels_stay_unattributed_until_a_rule_names_them() -> None:
    seen = backends_of("""
        cpu_op ark::woq_gemm
          xpu_runtime urEnqueueKernelLaunch
            kernel ark::WoqGemm<float>
          xpu_runtime urEnqueueKernelLaunch
            kernel gemm_kernel
    """)
    assert str(seen["ark::WoqGemm<float>"]) == "unattributed none"
    assert seen["gemm_kernel"].role == "unattributed"
    assert "rule of your own" in seen["gemm_kernel"].note


@pytest.mark.parametrize(
    "operator",
    ["aten::topk", "aten::tanh", "aten::select_scatter", "aten::transform", "aten::to_tensor_sum", "aten::viewing"],
)
def test_a_view_does_not_swallow_operators_that_begin_like_it(operator: str) -> None:
    seen = backends_of(f"""
        cpu_op {operator}
        xpu_runtime urQueueFinish
    """)
    assert (seen[operator].role, seen[operator].rule) == ("cpu", "host-tensor")


def test_a_namespace_is_part_of_the_name() -> None:
    seen = backends_of("""
        cpu_op foo::rms_norm
          xpu_runtime urEnqueueKernelLaunch
            kernel foo::rms_norm_kernel<float>
    """)
    assert {seen["foo::rms_norm"].role, seen["foo::rms_norm_kernel<float>"].role} == {"unattributed"}
