"""Names of kernels: every form of one kernel has one base."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpubreak.classify.demangle import MAX_DISPLAY_CHARACTERS, base_name, shorten

SAMPLE = [
    line.split("\t")
    for line in (Path(__file__).parent / "kernel-names.tsv").read_text().splitlines()
    if not line.startswith("#")
]
XE_FMHA = "cutlass::fmha::kernel::vllm_xpu_xe2::XeFMHAFwdKernel"


def base(raw: str) -> str:
    return base_name(raw).base


@pytest.mark.parametrize(("mangled", "demangled", "expected"), SAMPLE, ids=[line[2] for line in SAMPLE])
def test_mangled_and_demangled_twins(mangled: str, demangled: str, expected: str) -> None:
    from_mangled, from_demangled = base_name(mangled), base_name(demangled)
    assert from_mangled.base == from_demangled.base == expected
    assert from_mangled.display == from_demangled.display
    assert from_mangled.unwrapped == from_demangled.unwrapped
    assert (from_mangled.mangled, from_demangled.mangled) == (True, False)


def test_the_sample_covers_every_base_name_of_the_wheel() -> None:
    assert len({line[2] for line in SAMPLE}) == 124


@pytest.mark.parametrize(
    ("raw", "expected", "wrappers"),
    [
        ("sycl::_V1::detail::__pf_kernel_wrapper<vllm::act_kernel<float> >", "vllm::act_kernel", 1),
        ("sycl::detail::RoundedRangeKernel<sycl::item<1, true>, 1, at::native::xpu::Foo<3> >",
         "at::native::xpu::Foo", 1),
        ("__SyclKernelWithProps__<at::native::xpu::ReduceKernel<1>, sycl::properties<int> >",
         "at::native::xpu::ReduceKernel", 1),
        (f"compat::experimental::detail::KernelFunctor<&(void cutlass::device_kernel<{XE_FMHA}<int> >("
         f"{XE_FMHA}<int>::Params))>",
         XE_FMHA, 2),
        (f"syclcompat::experimental::detail::KernelFunctor<&void cutlass::device_kernel<{XE_FMHA}<int> >("
         f"{XE_FMHA}<int>::Params)>",
         XE_FMHA, 2),
        ("void cutlass::device_kernel<flash::enable_sm90_or_later<flash::FlashAttnFwdSm90<int> > >(int)",
         "flash::FlashAttnFwdSm90", 2),
        ("_ZN7ck_tile6kentryILi1ENS_12Rmsnorm2dFwdIiEEJEEEvDpT1_", "ck_tile::Rmsnorm2dFwd", 1),
        ("mine::KernelFunctor<vllm::act_kernel<float> >", "mine::KernelFunctor", 0),  # the wrapper is compat's
        ("cute::MhaName<cutlass::fmha::kernel::XeFMHAFwdKernel<int> >", "cute::MhaName", 0),  # torch's, not vLLM's
    ],
)  # fmt: skip
def test_wrappers_come_off(raw: str, expected: str, wrappers: int) -> None:
    found = base_name(raw)
    assert (found.base, len(found.unwrapped)) == (expected, wrappers)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # functions, their return types and parameters
        ("void vllm::act_and_mul_kernel<c10::Half, &(c10::Half vllm::silu<c10::Half>(c10::Half const&)), "
         "true>(c10::Half*, int)",
         "vllm::act_and_mul_kernel"),
        ("std::enable_if<true, void>::type ns::kernel<int>(int)", "ns::kernel"),
        ("void at::native::(anonymous namespace)::softmax<4>(float*)", "at::native::(anonymous namespace)::softmax"),
        ("void (anonymous namespace)::elementwise_kernel_with_index<int>(int)",
         "(anonymous namespace)::elementwise_kernel_with_index"),
        ("ns::Less::operator()(int) const", "ns::Less::operator()"),
        ("ns::operator< <int>(int)", "ns::operator<"),
        ("ns::operator*<int>(int)", "ns::operator*"),
        ("vecAdd(float*, float*, int)", "vecAdd"),
        # lambdas are known by the function that submits them
        ("gdn::launcher<float>(sycl::queue&)::{lambda(sycl::handler&)#1}::operator()(sycl::handler&) "
         "const::{lambda(sycl::nd_item<2>)#1}",
         "gdn::launcher"),
        ("gdn::launcher<float>(sycl::queue&)::'lambda'(sycl::handler&)::operator()(sycl::handler&) const:"
         ":'lambda'(sycl::nd_item<2>)",
         "gdn::launcher"),
        ("_ZTSZZN3gdn8launcherIfEEvRN4sycl5queueEENKUlRNS1_7handlerEE_clES5_EUlNS1_7nd_itemILi2EEEE_", "gdn::launcher"),
        # functions mangled, as CUDA and ROCm have them; SYCL's free-function kernels
        ("_ZN2at6native29vectorized_elementwise_kernelILi4ENS0_11FillFunctorIfEESt5arrayIPcLm1EEEEviT0_T1"
         "_",
         "at::native::vectorized_elementwise_kernel"),
        ("_ZN12_GLOBAL__N_17combineEPf.kd", "(anonymous namespace)::combine"),
        ("_ZN2ns17__sycl_kernel_fooEPi", "ns::foo"),
        # plain identifiers and what tools append to names
        ("gemm_kernel[SIMD16 {1; 2; 1} {256; 1; 1}]", "gemm_kernel"),
        ("at::native::xpu::Foo<4>[SIMD32 {8; 1; 1} {512; 1; 1}]", "at::native::xpu::Foo"),
        ("kernel_0d1d2de", "kernel"),
        ("triton__0d1d2de", "triton_"),
        ("kernel_paged_attention_2d", "kernel_paged_attention_2d"),
        ("triton_poi_fused_add_0", "triton_poi_fused_add_0"),
        ("zeCommandListAppendMemoryCopy(M2D)", "zeCommandListAppendMemoryCopy(M2D)"),
        ("Memcpy HtoD (Pinned -> Device)", "Memcpy HtoD (Pinned -> Device)"),
    ],
)  # fmt: skip
def test_base_names(raw: str, expected: str) -> None:
    assert base(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("_ZTSN6compat12experimental6detail13KernelFunctorIXad…", "compat::experimental::detail::KernelFunctor"),
        ("compat::experimental::detail::KernelFunctor<&(void c…", "compat::experimental::detail::KernelFunctor"),
        ("_ZTSN4vllm15rms_norm_ker", "vllm::rms_norm_ker"),
        ("_ZTSN4vllm15rms_norm_kernelIN4sycl3_V1", "vllm::rms_norm_kernel"),
        ("vllm::rms_norm_kernel<sycl::_V1::ext::one", "vllm::rms_norm_kernel"),
    ],
)
def test_names_that_are_cut_off(raw: str, expected: str) -> None:
    assert base(raw) == expected


@pytest.mark.parametrize(
    "path",
    [
        "/data/project (copy)/run.py(12): forward",
        "~/project(2)/run.py",
        "D:\\project (copy)\\run.py(3): f",
        "\\\\server\\project (copy)\\run",
        "s3://bucket/run=a<b>,lr=0.1/x.py(1): f",
    ],
)
def test_a_path_is_no_cpp_name(path: str) -> None:
    """Its folder would be left as if it were the name of a file."""
    assert (base_name(path).base, base_name(path).display) == (path, path)


def test_a_cut_attention_kernel_is_known_once_its_name_is_complete() -> None:
    whole = next(line[0] for line in SAMPLE if line[0].startswith("_ZTSN6compat") and line[2] == XE_FMHA)
    end = whole.index("15XeFMHAFwdKernel") + len("15XeFMHAFwdKernelI")
    assert {base(whole[:length]) for length in range(end, len(whole))} == {XE_FMHA}
    assert base(whole[: end - 2]) == "compat::experimental::detail::KernelFunctor"


def test_displays() -> None:
    bf16 = "sycl::_V1::ext::oneapi::bfloat16"
    assert (
        base_name(f"vllm::rms_norm_kernel<{bf16}, 2, 0u, false>").display == "vllm::rms_norm_kernel<bf16, 2, 0, false>"
    )
    functor = "at::native::xpu::VectorizedElementwiseKernel<4, at::native::xpu::SiLUFunctor<c10::BFloat16>>"
    assert base_name(functor).display == "at::native::xpu::VectorizedElementwiseKernel<4, SiLUFunctor<bf16>>"
    assert base_name("a::b<1, 2, 3, 4, 5, 6, 7, 8>").display == "a::b<1, 2, 3, 4, 5, 6, …>"
    assert base_name("a::b<-1, float const*, char&>").display == "a::b<-1, fp32, char>"
    assert base_name("_ZTSN1a1bILin1EPKfRcEE").display == "a::b<-1, fp32, char>"
    assert base_name("evil\u202e\x1b[2Jname").display == "evil [2Jname"


def test_shortening() -> None:
    name = "cutlass::fmha::kernel::vllm_xpu_xe2::XeFMHAFwdKernel<FMHAProblemShape<true>, FMHAFwdMainloop<…>>"
    assert shorten(name, 200) == name
    assert shorten(name, 56) == "cutlass::fmha::kernel::vllm_xpu_xe2::XeFMHAFwdKernel<…>"
    assert shorten(name, 40) == "…::vllm_xpu_xe2::XeFMHAFwdKernel<…>"
    assert shorten(name, 22) == "…::XeFMHAFwdKernel<…>"
    assert shorten(name, 18) == "…::XeFMHAFwdKernel"
    assert shorten(name, 10) == "…::XeFMHA…"
    assert shorten(name, 0) == ""


@given(st.text(max_size=200), st.integers(0, 60))
def test_shortened_names_fit(text: str, width: int) -> None:
    assert len(shorten(text, width)) <= width


PIECES = st.sampled_from(
    [*"NEISTZXLJFAMPRKDU_01<>(){}[],&*: ", "_ZTS", "_Z", "4vllm", "Ul", "Li0E", "S_", "St", "cl", "Xad", "::",
     "operator", "12_GLOBAL__N_1", "void ", "device_kernel", "KernelFunctor", "(anonymous namespace)", "[SIMD16 "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join))
def test_anything_has_a_base(raw: str) -> None:
    found = base_name(raw)
    assert len(found.display) <= MAX_DISPLAY_CHARACTERS
    assert base_name(raw) == found


@given(st.sampled_from(SAMPLE), st.data())
def test_broken_names_never_raise(line: list[str], data: st.DataObject) -> None:
    for raw in line[:2]:
        place = data.draw(st.integers(0, len(raw)))
        assert base(raw[:place] + data.draw(PIECES) + raw[place + 1 :])


@pytest.mark.parametrize(
    "raw",
    [
        "_Z" + "N" * 1_000_000, "_ZTS" + "1aI" * 300_000, "_ZTSN" + "1a" * 500_000, "_ZTS" + "P" * 1_000_000,
        "_ZTSN" + "Ul" * 500_000, "a<" * 500_000, "(" * 1_000_000 + "::", "{" * 1_000_000 + "::", "a::" * 300_000,
        "[SIMD" * 200_000, " " * 1_000_000 + "::<", "_0d" * 300_000, "x" * 1_000_000,
        "_ZTSN1aI" + "S_" * 500_000, "a<" + "b," * 500_000, "_ZTSN4vllm1kI" + "Li0E" * 5_000 + "EE",
    ],
    ids=lambda raw: raw[:10].strip(),
)  # fmt: skip
def test_huge_names_take_bounded_time(raw: str) -> None:
    started = time.process_time()
    found = base_name(raw)
    assert time.process_time() - started < 1.0
    assert len(found.display) <= MAX_DISPLAY_CHARACTERS
