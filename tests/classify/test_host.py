"""Host spans: fallbacks, host tensors, launches, wrappers; devices and CPU targets."""

from __future__ import annotations

from tests.classify.situations import backends_of


def roles(picture: str) -> dict[str, str]:
    return {name: line.role for name, line in backends_of(picture).items()}


def test_to_cpu_below_an_operator_marks_a_fallback_and_its_transfers() -> None:
    seen = backends_of("""
        cpu_op aten::linalg_eig
          cpu_op aten::_to_cpu
            cpu_op aten::_to_copy
              xpu_runtime urEnqueueUSMMemcpy
                gpu_memcpy Memcpy D2H (DEVICE -> HOST)
          cpu_op aten::eig_on_the_cpu
          cpu_op aten::_copy_from_and_resize
            xpu_runtime urEnqueueUSMMemcpy
              gpu_memcpy Memcpy H2D (HOST -> DEVICE)
        cpu_op aten::add
          xpu_runtime urEnqueueKernelLaunch
            kernel at::native::xpu::AddFunctor
    """)
    assert {name for name, line in seen.items() if line.role != "cpu"} == {
        "aten::add",
        "urEnqueueKernelLaunch",
        "at::native::xpu::AddFunctor",
    }
    assert str(seen["aten::linalg_eig"]) == "cpu certain"
    assert (seen["aten::linalg_eig"].rule, seen["aten::linalg_eig"].key) == ("cpu-fallback", "aten::_to_cpu")
    assert seen["Memcpy D2H (DEVICE -> HOST)"].rule == "fallback-transfer"


def test_a_bare_transfer_to_the_host_is_no_fallback() -> None:
    assert roles("""
        cpu_op aten::item
          cpu_op aten::_local_scalar_dense
            xpu_runtime urEnqueueUSMMemcpy
              gpu_memcpy Memcpy D2H (DEVICE -> HOST)
    """) == {
        "aten::item": "framework",
        "aten::_local_scalar_dense": "framework",
        "urEnqueueUSMMemcpy": "framework",
        "Memcpy D2H (DEVICE -> HOST)": "framework",
    }


def test_compute_without_device_work_is_on_host_tensors_and_told_apart_from_fallbacks() -> None:
    seen = backends_of("""
        cpu_op aten::cumsum
        cpu_op aten::view
        cpu_op aten::empty
        cpu_op aten::fill_
        xpu_runtime urQueueFinish
    """)
    assert (str(seen["aten::cumsum"]), seen["aten::cumsum"].rule) == ("cpu context", "host-tensor")
    assert {seen[name].role for name in ("aten::view", "aten::empty", "aten::fill_", "urQueueFinish")} == {"framework"}


def test_launches_without_kernel_records_are_not_host_compute() -> None:
    seen = backends_of("""
        cpu_op aten::mm
          xpu_runtime urEnqueueKernelLaunchWithArgsExp
    """)
    assert str(seen["aten::mm"]) == "torch weak"
    assert str(seen["urEnqueueKernelLaunchWithArgsExp"]) == "framework weak"


def test_what_an_operator_launches_itself_outweighs_what_it_encloses() -> None:
    seen = backends_of("""
        cpu_op _moe_C::topk_softmax
          xpu_runtime urEnqueueKernelLaunch
            kernel vllm::moe::TopKGating<float>
          cpu_op aten::sort
            xpu_runtime urEnqueueKernelLaunch
              kernel at::native::xpu::SortFunctor<1>
            xpu_runtime urEnqueueKernelLaunch
              kernel at::native::xpu::SortFunctor<2>
    """)
    assert (seen["_moe_C::topk_softmax"].role, seen["aten::sort"].role) == ("vllm", "torch")


def test_dispatchers_belong_to_what_lies_below_them() -> None:
    assert roles("""
        cpu_op vllm::unified_attention_with_output
          cpu_op _vllm_fa2_C::varlen_fwd
            xpu_runtime urEnqueueKernelLaunch
              kernel cutlass::fmha::kernel::XeFMHAFwdKernel<int>
        cpu_op vllm::does_nothing
    """) == {
        "vllm::unified_attention_with_output": "vllm",
        "_vllm_fa2_C::varlen_fwd": "vllm",
        "urEnqueueKernelLaunch": "vllm",
        "cutlass::fmha::kernel::XeFMHAFwdKernel<int>": "vllm",
        "vllm::does_nothing": "framework",
    }


def test_scopes_and_waiting_are_framework() -> None:
    seen = backends_of("""
        user_annotation execute_context_1(512)_generation_0(0)
          cpu_op Torch-Compiled Region: 0/0
            user_annotation ## Call CompiledFxGraph abc ##
              cpu_op aten::mm
                xpu_runtime urEnqueueKernelLaunch
                  kernel gemm_kernel
          xpu_runtime urEventWait
          xpu_runtime urUSMDeviceAlloc
    """)
    framework = {name: line.category for name, line in seen.items() if line.role == "framework"}
    assert framework == {
        "execute_context_1(512)_generation_0(0)": "annotation",
        "Torch-Compiled Region: 0/0": "graph",
        "## Call CompiledFxGraph abc ##": "graph",
        "urEventWait": "synchronisation",
        "urUSMDeviceAlloc": "allocation",
    }


def test_host_only_operators_of_the_kernel_library_are_framework() -> None:
    seen = backends_of("""
        cpu_op _xpu_C::is_bmg
        xpu_runtime urQueueFinish
    """)
    assert (seen["_xpu_C::is_bmg"].role, seen["_xpu_C::is_bmg"].rule) == ("framework", "host-only-operator")


def test_collectives_on_the_host() -> None:
    seen = backends_of("""
        cpu_op c10d::allreduce_
          cpu_op record_param_comms
            xpu_runtime urEnqueueKernelLaunch
              kernel oneccl_allreduce_pcie<bf16, Rt64_128_PCIE, 16>
    """)
    assert {line.role for line in seen.values()} == {"collectives"}


def test_collectives_of_gloo_run_on_threads_of_their_own() -> None:
    seen = backends_of("""
        user_annotation gloo:all_reduce
        user_annotation nccl:all_reduce
    """)
    assert {name: line.role for name, line in seen.items()} == {
        "gloo:all_reduce": "collectives",
        "nccl:all_reduce": "framework",
    }


def test_on_a_cpu_target_operators_are_the_work() -> None:
    seen = backends_of("""
        user_annotation xpb:model:Qwen3
          cpu_op vllm::unified_attention_with_output
            cpu_op _C::cpu_attention_with_kv_cache
              cpu_op aten::select
          cpu_op aten::to
            cpu_op aten::_to_copy
              cpu_op aten::empty_strided
              cpu_op aten::copy_
          cpu_op aten::reshape
            cpu_op aten::view
          cpu_op _C::shm_allreduce
          user_annotation ## Call CompiledFxGraph None ##
            cpu_op graph_0_cpp_fused_mul_silu_3
            cpu_op _C::onednn_mm
          cpu_op mine::op
    """)
    assert {name: line.role for name, line in seen.items()} == {
        "xpb:model:Qwen3": "framework",
        "vllm::unified_attention_with_output": "vllm",
        "_C::cpu_attention_with_kv_cache": "vllm",
        "aten::select": "framework",
        "aten::to": "torch",
        "aten::_to_copy": "torch",
        "aten::empty_strided": "framework",
        "aten::copy_": "torch",
        "aten::reshape": "framework",
        "aten::view": "framework",
        "_C::shm_allreduce": "collectives",
        "## Call CompiledFxGraph None ##": "triton",
        "graph_0_cpp_fused_mul_silu_3": "triton",
        "_C::onednn_mm": "vllm",
        "mine::op": "unattributed",
    }
    assert seen["graph_0_cpp_fused_mul_silu_3"].category == "activation"
