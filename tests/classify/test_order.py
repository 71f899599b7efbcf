"""The decision order for device activities, away from the traps."""

from __future__ import annotations

import pytest

from tests.classify.situations import backends_of, events_of, look, traced
from xpubreak.classify.backend import Role
from xpubreak.classify.engine import classify
from xpubreak.classify.rule import Rule


def launched(kernel: str, call: str = "xpu_runtime urEnqueueKernelLaunch", operator: str = "") -> str:
    if not operator:
        return f"{call}\n  kernel {kernel}"
    return f"cpu_op {operator}\n  {call}\n    kernel {kernel}"


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        ("at::native::xpu::ReduceKernel<1, float>", "torch strong"),
        ("_ZTSN2at6native3xpu12ReduceKernelILi1EfEE", "torch strong"),
        ("oneapi::mkl::gpu::gemm<float>", "torch strong"),
        ("gdn::causal_conv1d_kernel<float>", "vllm certain"),
        ("sycl::_V1::detail::__pf_kernel_wrapper<vllm::rotary_embedding_kernel<float, true> >", "vllm certain"),
        ("vllm::brand_new_kernel<float>", "vllm strong"),
        ("triton_poi_fused_mul_silu_0", "triton strong"),
        ("triton_tem_fused_mm_3", "triton strong"),
        ("oneccl_allreduce_pcie<bf16, Rt64_128_PCIE, 16>", "collectives"),
        ("_my_own_kernel", "triton context"),
        ("some::library::kernel<float>", "unattributed none"),
    ],
)
def test_names_on_xpu(kernel: str, expected: str) -> None:
    assert str(backends_of(launched(kernel))[kernel]).startswith(expected)


@pytest.mark.parametrize(
    ("kernel", "operator", "expected"),
    [
        ("nvjet_sm90_tst_64x8_64x16_4x1_v_bz_TNT", "aten::mm", "torch context"),
        ("nvjet_sm90_tst_64x8_64x16_4x1_v_bz_TNT", "_C::cutlass_scaled_mm", "vllm context"),
        ("void cutlass::Kernel2<cutlass_80_wmma_tensorop_bf16>(int)", "aten::addmm", "torch context"),
        ("void cutlass::device_kernel<flash::FlashAttnFwdSm90<int> >(int)", "_vllm_fa3_C::fwd", "vllm context"),
        ("void flash::flash_fwd_splitkv_kernel<int>(int)", "aten::_flash_attention_forward", "torch context"),
        ("void pytorch_flash::flash_fwd_kernel<int>(int)", "", "torch strong"),
        (
            "std::enable_if<(((8)>(0)))&&vllm::_typeConvert<c10::BFloat16>::exists, void>::type "
            "vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>(c10::BFloat16*, long)",
            "",
            "vllm strong",
        ),
        ("ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)", "", "collectives strong"),
        ("void vllm::cross_device_reduce_1stage<float, 2>(int)", "_C_custom_ar::all_reduce", "collectives strong"),
        ("fmhaSm100aKernel_QkvE4m3OBfloat16", "vllm::unified_attention_with_output", "vllm strong"),
    ],
)
def test_names_on_cuda(kernel: str, operator: str, expected: str) -> None:
    assert str(backends_of(launched(kernel, "cuda_runtime cudaLaunchKernel", operator))[kernel]).startswith(expected)


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        ("Cijk_Alik_Bljk_BBS_BH_MT16x16x256", "torch weak"),
        ("_ZN5aiter18fmoe_stage1_bf16_gE", "vllm strong"),
        ("_ZN7ck_tile6kentryILi1EEEvv", "vllm weak"),
        ("__amd_rocclr_copyBuffer", "framework strong"),
    ],
)
def test_names_on_rocm(kernel: str, expected: str) -> None:
    assert str(backends_of(launched(kernel, "hip_runtime hipLaunchKernel"))[kernel]) == expected


def test_a_launching_operator_that_says_triton_is_believed() -> None:
    seen = backends_of("""
        cpu_op!triton my_kernel
          xpu_runtime urEnqueueKernelLaunch
            kernel whatever::it<is>
    """)
    assert (str(seen["whatever::it<is>"]), seen["whatever::it<is>"].rule) == ("triton certain", "kernel-backend")


def test_a_plain_identifier_is_triton_only_outside_libraries() -> None:
    inside = backends_of(launched("some_kernel", operator="aten::mm"))
    within_dispatch = backends_of(launched("some_kernel", operator="vllm::unified_attention_with_output"))
    by_cpp = backends_of(launched("some_kernel", "cuda_runtime cudaLaunchKernel"))
    assert inside["some_kernel"].role == "torch"
    assert str(within_dispatch["some_kernel"]) == "triton context"
    assert by_cpp["some_kernel"].role == "unattributed"


def test_a_dispatch_operator_hides_what_encloses_it() -> None:
    seen = backends_of("""
        cpu_op aten::outer
          cpu_op vllm::unified_attention_with_output
            xpu_runtime urEnqueueKernelLaunch
              kernel some_attention
    """)
    assert str(seen["some_attention"]) == "triton context"


def test_in_a_replayed_graph_only_the_name_speaks() -> None:
    seen = backends_of("""
        cpu_op aten::mm
          cuda_runtime cudaGraphLaunch
            kernel nvjet_sm90_tst_64x8
            kernel void vllm::rms_norm_kernel<float>(float*)
            kernel my_triton_kernel
            kernel a::stranger<int>
            kernel memcpy32_post
    """)
    assert {name: str(line) for name, line in seen.items() if name not in ("aten::mm", "cudaGraphLaunch")} == {
        "nvjet_sm90_tst_64x8": "torch weak",
        "void vllm::rms_norm_kernel<float>(float*)": "vllm strong",
        "my_triton_kernel": "triton weak",
        "a::stranger<int>": "unattributed none",
        "memcpy32_post": "framework strong",
    }
    assert "captured graph" in seen["nvjet_sm90_tst_64x8"].note


def test_without_a_host_side_the_name_alone_is_weak() -> None:
    seen = backends_of("""
        xpu_runtime urQueueFinish
        kernel gemm_kernel
        kernel lonely_kernel
    """)
    assert (str(seen["gemm_kernel"]), str(seen["lonely_kernel"])) == ("torch weak", "triton weak")


def test_copies_and_fills_are_framework_whoever_asks() -> None:
    seen = backends_of("""
        cpu_op _C_cache_ops::swap_blocks
          xpu_runtime urEnqueueUSMMemcpy
            gpu_memcpy Memcpy D2D (DEVICE -> DEVICE)
          xpu_runtime urEnqueueUSMFill
            gpu_memset Memset (DEVICE)
    """)
    assert (seen["Memcpy D2D (DEVICE -> DEVICE)"].role, seen["Memset (DEVICE)"].role) == ("framework", "framework")
    assert (seen["Memcpy D2D (DEVICE -> DEVICE)"].category, seen["Memset (DEVICE)"].category) == ("memcpy", "memset")


@pytest.mark.parametrize("kernel", ["at::AtenIpexTypeXPU::LoopsKernel<float>", "gpu::xetla::fmha_forward_t<int>"])
def test_kernels_of_the_ipex_era_count_with_torch_and_say_so(kernel: str) -> None:
    line = backends_of(launched(kernel))[kernel]
    assert (line.role, "Intel Extension for PyTorch" in line.note) == ("torch", True)


def test_a_rule_of_the_user_speaks_first() -> None:
    rule = Rule("mine", "rms_norm", Role.TRITON, category="other", note="I know better")
    line = backends_of(launched("vllm::rms_norm_kernel<float>"), rules=(rule,))["vllm::rms_norm_kernel<float>"]
    assert (str(line), line.category, line.rule, line.source) == ("triton certain", "other", "mine", "user rule")


def test_the_version_in_the_trace_picks_the_registry() -> None:
    name = "vllm::rms_norm_kernel<float>"
    line = backends_of(launched(name), xpubreak={"versions": {"vllm-xpu-kernels": "0.1.15.4"}})[name]
    assert line.source == "registry vllm-xpu-kernels 0.1.15.4"


def test_an_operator_known_by_external_id_only_decides_weakly() -> None:
    events = events_of("""
        cpu_op aten::mm
        xpu_runtime urQueueFinish
        kernel gemm_kernel
    """)
    events[0]["args"]["External id"] = events[2]["args"]["External id"] = 7
    trace, context = traced(events)
    line = look(trace, classify(trace, context), int(context.activity[0]))
    assert (str(line), line.note) == ("torch weak", "oneDNN; only its External id says aten::mm")
