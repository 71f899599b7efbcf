"""The registry: whole names with their namespace, from the version that ran."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest

from xpubreak.classify.backend import ROLES_BY_KEY
from xpubreak.classify.category import CATEGORIES
from xpubreak.classify.demangle import base_name
from xpubreak.classify.registry import LIVE, Choice, Registry, load
from xpubreak.classify.registry.library import available, ordered, read_library

FOLDER = resources.files("xpubreak.classify.registry")
EVERY_FILE = [(name, version) for name, versions in available().items() for version in versions]
SAMPLE = [
    line.split("\t")[0]
    for line in (Path(__file__).parent / "kernel-names.tsv").read_text().splitlines()
    if not line.startswith("#")
]


@pytest.fixture(scope="module")
def newest() -> Registry:
    return load()


def test_operators_of_vllm_xpu_kernels_by_version() -> None:
    counts = {version: len(read_library("vllm-xpu-kernels", version).operators) for version in ("0.1.15.4", "0.1.16.2")}
    assert counts == {"0.1.15.4": 111, "0.1.16.2": 113}
    kinds = [kind for kind, _ in read_library("vllm-xpu-kernels", "0.1.16.2").operators.values()]
    counted = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    assert counted == {"device": 91, "device-onednn": 7, "host": 12, "memcpy": 3}
    assert len(read_library("vllm-xpu-kernels", "0.1.16.2").kernels) == 124


def test_every_kernel_of_the_wheel_is_known(newest: Registry) -> None:
    entries = [newest.kernel(base_name(raw).base) for raw in SAMPLE]
    assert [raw for raw, entry in zip(SAMPLE, entries, strict=True) if entry is None] == []
    assert {entry.role_key for entry in entries if entry and not entry.is_shared} == {"vllm"}


@pytest.mark.parametrize(
    ("operator", "role", "kind", "category"),
    [
        ("_C::fused_add_rms_norm", "vllm", "device", "norm"),
        ("_C::rms_norm_static_fp8_quant", "vllm", "device", "norm"),
        ("_C::silu_and_mul_quant", "vllm", "device", "activation"),
        ("_C_cache_ops::reshape_and_cache_flash", "vllm", "device", "cache"),
        ("_moe_C::topk_softmax", "vllm", "device", "moe"),
        ("_vllm_fa2_C::varlen_fwd", "vllm", "device", "attention"),
        ("_xpu_C::cutlass_grouped_gemm_interface", "vllm", "device", "moe"),
        ("_xpu_C::fp8_gemm", "vllm", "device-onednn", "gemm"),
        ("_xpu_C::gdn_attention", "vllm", "device", "state-space"),
        ("_xpu_C::topk_topp_sampler", "vllm", "device", "sampling"),
        ("_xpu_C::is_bmg", "vllm", "host", "other"),
        ("_C_cache_ops::swap_blocks", "vllm", "memcpy", "cache"),
        ("vllm::unified_attention_with_output", "framework", "dispatch", "attention"),
        ("vllm::lora_shrink", "triton", "dispatch-triton", "lora"),  # not _xpu_C::lora_shrink
        ("vllm_ir::rms_norm", "framework", "dispatch", "norm"),
        ("aten::mm", "torch", "compute", "gemm"),
        ("aten::add_.Tensor", "torch", "compute", "elementwise"),
        ("aten::topk", "torch", "compute", "sort"),  # not a view, though aten::t is one
        ("aten::t", "framework", "view", "view"),
        ("aten::tanh", "torch", "compute", "activation"),
        ("aten::select_scatter", "torch", "compute", "indexing"),
        ("aten::clone", "torch", "compute", "copy"),
        ("aten::empty_strided", "framework", "allocation", "allocation"),
        ("aten::_local_scalar_dense", "framework", "synchronisation", "synchronisation"),
        ("aten::scaled_dot_product_attention", "torch", "compute", "attention"),
    ],
)
def test_operators(newest: Registry, operator: str, role: str, kind: str, category: str) -> None:
    entry = newest.operator(operator)
    assert entry is not None
    assert (entry.role_key, entry.kind, entry.category) == (role, kind, category)


@pytest.mark.parametrize(
    "name", ["foo::rms_norm", "rms_norm", "vllm::rms_norm_kernel", "aten::no_such", "", "::", "_", "a" * 100_000]
)
def test_operators_that_nobody_registers(newest: Registry, name: str) -> None:
    assert newest.operator(name) is None


@pytest.mark.parametrize(
    ("kernel", "role", "category", "shared"),
    [
        ("vllm::rms_norm_kernel", "vllm", "norm", False),
        ("cutlass::fmha::kernel::vllm_xpu_xe3::XeFMHAFwdSplitKVKernel", "vllm", "attention", False),
        ("gdn::ChunkFwdOKernel", "vllm", "state-space", False),
        ("cutlass::gemm::kernel::GemmUniversal", "vllm", "gemm", True),
        ("sycl::_V1::handler::fill", "vllm", "fill", True),
        ("kernel_unified_attention", "triton", "attention", False),
        ("reshape_and_cache_kernel_flash", "triton", "cache", False),
        ("_compute_slot_mappings_kernel", "triton", "cache", False),
        ("fused_moe_kernel", "triton", "moe", False),
        ("_matmul_ogs_NNT_bf16xbf16xmxfp4_16x128x256x1_swiglu", "triton", "moe", False),
        ("kernel", "triton", "other", True),
        ("gemm_kernel", "torch", "gemm", True),
        ("micro_sdpa", "torch", "attention", True),
        ("oneapi::mkl::rng::detail::engine_func", "torch", "random", False),
        ("oneccl_allreduce_large_main", "collectives", "collective", False),
    ],
)
def test_kernels(newest: Registry, kernel: str, role: str, category: str, shared: bool) -> None:
    entry = newest.kernel(kernel)
    assert entry is not None
    assert (entry.role_key, entry.category, entry.is_shared) == (role, category, shared)


@pytest.mark.parametrize(
    "name", ["rms_norm_kernel", "mine::rms_norm_kernel", "_C::rms_norm", "fused_moe_kernel_mine", "", "_" * 100_000]
)
def test_kernels_that_nobody_has(newest: Registry, name: str) -> None:
    assert newest.kernel(name) is None


def test_a_kernel_names_the_operators_that_launch_it(newest: Registry) -> None:
    entry = newest.kernel("vllm::act_and_mul_vec_kernel")
    assert entry is not None
    assert {"_C::silu_and_mul", "_C::gelu_and_mul"} <= set(entry.launched_by)


def test_the_stamped_version_speaks_first() -> None:
    registry = load({"vllm_xpu_kernels": "0.1.14.1", "vllm": "0.33.1+xpu", "torch": "2.14.0+xpu", "other": "1"})
    assert registry.chosen["vllm-xpu-kernels"] == Choice("0.1.14.1", "exact", "0.1.14.1")
    assert registry.chosen["vllm"] == Choice("0.33.0", "nearest", "0.33.1+xpu")
    assert registry.chosen["torch"] == Choice("2.13.0", "nearest", "2.14.0+xpu")
    assert registry.chosen["oneccl"].how == "default"
    old = registry.kernel("cutlass::fmha::kernel::XeFMHAFwdKernel")
    new = registry.kernel("cutlass::fmha::kernel::vllm_xpu_xe2::XeFMHAFwdKernel")
    assert old is not None
    assert (old.version, old.note) == ("0.1.14.1", "")
    assert new is not None
    assert (new.version, new.note) == ("0.1.16.2", "known from vllm-xpu-kernels 0.1.16.2, not in 0.1.14.1")


@pytest.mark.parametrize("stamped", ["", "unknown", "nightly+abc"])
def test_without_a_stamp_the_newest_speaks(stamped: str) -> None:
    assert load({"vllm-xpu-kernels": stamped}).chosen["vllm-xpu-kernels"] == Choice("0.1.16.2", "default", stamped)


def test_a_version_before_all_known_ones_takes_the_first() -> None:
    assert load({"vllm-xpu-kernels": "0.0.9"}).chosen["vllm-xpu-kernels"] == Choice("0.1.3.1", "nearest", "0.0.9")


def test_versions_are_numbers() -> None:
    assert ordered("0.1.9") < ordered("0.1.10") < ordered("0.1.10.1") < ordered("0.2rc1")
    assert ordered("0.33.0+xpu") == ordered("0.33")


def test_live_operators_are_vllms() -> None:
    registry = load({}, {"_xpu_C::brand_new", "_C::rms_norm", "aten::mine", "vllm::mine"})
    new, known = registry.operator("_xpu_C::brand_new"), registry.operator("_C::rms_norm")
    assert new is not None
    assert (new.role_key, new.library, new.kind, new.source) == ("vllm", LIVE, "device", "live")
    assert known is not None
    assert (known.library, known.category) == ("vllm-xpu-kernels", "norm")
    assert registry.operator("aten::mine") is registry.operator("vllm::mine") is None
    assert load().operator("_xpu_C::brand_new") is None


def test_other_devices_have_other_libraries() -> None:
    cuda = load(device="cuda")
    assert cuda.kernel("vllm::rms_norm_kernel") is None  # vLLM's CUDA build has a namesake
    assert cuda.kernel("kernel_unified_attention") is not None
    assert set(cuda.chosen) == {"torch", "vllm"}


def test_loading_is_cached() -> None:
    assert load({"vllm": "0.33.0"}, ["_C::a"]) is load({"vllm": "0.33.0"}, ["_C::a"])


@pytest.mark.parametrize(("name", "version"), EVERY_FILE)
def test_files_use_the_vocabulary(name: str, version: str) -> None:
    library = read_library(name, version)
    categories = {category for _, category in (*library.operators.values(), *library.kernels.values())}
    assert categories <= set(CATEGORIES)
    assert {library.role_key, *library.kind_roles.values()} <= set(ROLES_BY_KEY)
    assert set(library.launched_by) <= set(library.kernels)
    assert {operator for launched in library.launched_by.values() for operator in launched} <= set(library.operators)


@pytest.mark.parametrize(("name", "version"), EVERY_FILE)
def test_files_say_where_they_come_from(name: str, version: str) -> None:
    content = json.loads((FOLDER / f"{name}-{version}.json").read_text())
    assert (content["library"], content["version"]) == (name, version)
    assert content["sources"]
    assert all(source.get("sha256") or source.get("commit") for source in content["sources"])


def test_no_kernel_belongs_to_two_backends() -> None:
    owners: dict[str, set[str]] = {}
    for name, version in EVERY_FILE:
        library = read_library(name, version)
        for kernel, (marker, _) in library.kernels.items():
            owners.setdefault(kernel, set()).add("shared" if marker == "shared" else library.role_key)
    assert {kernel: roles for kernel, roles in owners.items() if len(roles) > 1} == {}


def test_the_files_stay_small() -> None:
    sizes = [len(path.read_bytes()) for path in FOLDER.iterdir() if path.name.endswith(".json")]
    assert sum(sizes) < 400_000
