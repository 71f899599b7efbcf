"""The generator of the registry, on artefacts small enough to draw."""

from __future__ import annotations

import ast
import io
import struct
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import build_registry
from registry.aten import read_aten
from registry.elf import NotElfError, read_sections
from registry.library import Library
from registry.triton_kernels import launched_kernels
from registry.vllm import custom_operators
from registry.wheel import Wheel
from registry.xpu_kernels import read_xpu_kernels, schema_names


def elf(sections: dict[str, bytes]) -> bytes:
    """Draw a 64-bit ELF file: header, contents, section names, section table."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name in (*sections, ".shstrtab"))
    contents = [b"", *sections.values(), names]
    offsets = [64 + sum(map(len, contents[:index])) for index in range(len(contents))]
    starts = [0, *(names.index(name.encode() + b"\0") for name in (*sections, ".shstrtab"))]
    table = b"".join(
        struct.pack("<IIQQQQIIQQ", start, 1, 0, 0, offset, len(content), 0, 0, 1, 0)
        for start, offset, content in zip(starts, offsets, contents, strict=True)
    )
    table_offset = offsets[-1] + len(names)
    header = b"\x7fELF\x02\x01".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, table_offset, 0, 64, 0, 0, 64, len(contents), len(contents) - 1
    )
    return header + b"".join(contents) + table


def wheel(folder: Path, members: dict[str, bytes]) -> Wheel:
    path = folder / "drawn-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return Wheel(path, "cafe")


def test_sections_are_read_by_name() -> None:
    file = io.BytesIO(elf({".rodata": b"literals", ".text": b"code", ".tgtsym": b"symbols"}))
    assert read_sections(file, frozenset({".rodata", ".tgtsym", ".absent"})) == {
        ".rodata": b"literals",
        ".tgtsym": b"symbols",
    }


@pytest.mark.parametrize(
    "content", [b"", b"INPUT(libccl.so.1)", b"\x7fELF\x01\x01" + bytes(60), elf({".rodata": b""})[:-8]]
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(NotElfError):
        read_sections(io.BytesIO(content), frozenset({".rodata"}))


def test_schemas_among_string_literals() -> None:
    rodata = b"\0".join(
        [
            b"rms_norm(Tensor! result, Tensor input, float epsilon) -> ()",
            b"mhc_pre(Tensor x,\n        int n) -> (Tensor, Tensor)",
            b"is_bmg(int device_index) -> bool",
            b"version() -> str",
            b"desc()->c_desc.ndims",
            b"expected (a) -> b",
            b"shape(%d) -> \xff",
        ]
    )
    assert schema_names(rodata) == {"rms_norm", "mhc_pre", "is_bmg", "version"}


def test_a_wheel_of_kernels(tmp_path: Path) -> None:
    target = b"sycl-spir64_gen-unknown-unknown."
    symbols = b"\0".join(
        target + symbol
        for symbol in (
            b"_ZTSN4vllm15rms_norm_kernelIfLi2EEE",
            b"_ZTSN4vllm15rms_norm_kernelIdLi2EEE",
            b"_ZTSZN4sycl3_V17handler4fillIhEEvPvRKT_mEUlNS0_2idILi1EEEE_",
            b"_ZN4vllm6helperEv",  # a device function is no kernel
        )
    )
    schemas = b"rms_norm(Tensor! a) -> ()\0reshape_and_cache(Tensor a) -> ()\0weak_ref_tensor(Tensor a) -> Tensor"
    members = {
        "vllm_xpu_kernels/_C.abi3.so": elf({".rodata": schemas, ".tgtsym": symbols}),
        "vllm_xpu_kernels/libattn.so": elf({".rodata": b"not_an_operator(Tensor a) -> ()"}),
        "vllm_xpu_kernels/__init__.py": b"",
    }
    library = read_xpu_kernels(wheel(tmp_path, members), "1.0")
    assert library.operators == {
        "_C::rms_norm": ("device", "norm"),
        "_C::weak_ref_tensor": ("host", "view"),
        "_C_cache_ops::reshape_and_cache": ("device", "cache"),
    }
    assert library.kernels == {"vllm::rms_norm_kernel": "norm"}
    assert library.shared_kernels == {"sycl::_V1::handler::fill": "fill"}
    assert library.launched_by == {"vllm::rms_norm_kernel": ["_C::rms_norm"]}
    assert library.sources == [{"file": "drawn-1.0-py3-none-any.whl", "sha256": "cafe"}]


def test_a_kernel_without_a_category_stops_the_build(tmp_path: Path) -> None:
    content = elf({".tgtsym": b"spir64._ZTSN4mine5thingE"})
    with pytest.raises(LookupError, match="mine::thing"):
        read_xpu_kernels(wheel(tmp_path, {"a/_C.abi3.so": content}), "1.0")


KERNELS = """
@triton.jit
def _helper(x):
    return x

@triton.autotune(configs=[])
@triton.jit(do_not_specialize=["n"])
def _norm_kernel(x, n):
    _helper(x)

@gluon.jit
def _gluon_kernel(x): ...

@triton.jit(repr=lambda s: s.name + "_NNT")
def _matmul_ogs(x): ...

@triton.jit
def _handed_over_kernel(x): ...

@functools.cache
def not_a_kernel(x): ...

def host(x):
    _norm_kernel[(1,)](x, 3)
    _gluon_kernel[grid](x)
    not_a_kernel[0](x)
    return [_handed_over_kernel]
"""


def test_kernels_that_host_code_refers_to() -> None:
    launcher = "from kernels import _matmul_ogs\ndef go(x):\n    matmul._matmul_ogs[(2,)](x)\n"
    assert launched_kernels([("kernels.py", KERNELS), ("launcher.py", launcher)]) == {
        "_norm_kernel": (["kernels.py"], False),
        "_gluon_kernel": (["kernels.py"], False),
        "_handed_over_kernel": (["kernels.py"], False),
        "_matmul_ogs": (["kernels.py"], True),
    }


OPERATORS = """
def _dispatch(x): return forward_context.layers[x].forward(x)
def _inner(x): _norm_kernel[(1,)](x)
def _triton(x): _inner(x)
def _extension(x): torch.ops._xpu_C.fp8_gemm(x)

direct_register_custom_op(op_name="unified_attention", op_func=_dispatch, mutates_args=[])
direct_register_custom_op("norm", _triton)
direct_register_custom_op(op_name="fp8", op_func=_extension)
direct_register_custom_op(op_name=name, op_func=_dispatch)

@torch.library.custom_op("vllm::rearrange", mutates_args=())
def rearrange(x): return x

@register_op(allow_inplace=True)
def rms_norm(x): ...
"""


def test_custom_operators_and_what_they_run() -> None:
    assert dict(custom_operators(ast.parse(OPERATORS), {"_norm_kernel"})) == {
        "vllm::unified_attention": "dispatch",
        "vllm::norm": "dispatch-triton",
        "vllm::fp8": "dispatch-extension",
        "vllm::rearrange": "dispatch",
        "vllm_ir::rms_norm": "dispatch",
    }


def test_aten_operators_from_their_schemas() -> None:
    text = """
- func: add.Tensor(Tensor self, Tensor other) -> Tensor
  tags: [core, pointwise]
- func: add_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)
  tags: pointwise
- func: transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a)
- func: split.Tensor(Tensor(a -> *) self, int split_size) -> Tensor(a)[]
- func: numel(Tensor self) -> int
- func: zero_(Tensor(a!) self) -> Tensor(a!)
- func: some_reduction(Tensor self) -> Tensor
  tags: reduction
- func: item(Tensor self) -> Scalar
"""
    library = read_aten(text, "9.9")
    assert library.operators == {
        "aten::add": ("compute", "elementwise"),
        "aten::transpose": ("view", "view"),
        "aten::split": ("view", "view"),
        "aten::numel": ("metadata", "view"),
        "aten::zero_": ("compute", "fill"),
        "aten::some_reduction": ("compute", "reduction"),
        "aten::item": ("synchronisation", "synchronisation"),
    }


def drawn(*kernels: str) -> Library:
    return Library("drawn", "1.0", "vllm", [{"file": "x", "sha256": "y"}], kernels=dict.fromkeys(kernels, "norm"))


def test_the_same_content_is_the_same_text() -> None:
    assert drawn("b", "a").text() == drawn("a", "b").text() != drawn("a").text()


def test_writing_and_checking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_registry, "REGISTRY", tmp_path)
    monkeypatch.setattr(build_registry, "libraries", lambda cache: iter([drawn("a")]))
    assert build_registry.main(["--check"]) == 1
    assert build_registry.main([]) == 0
    assert build_registry.main(["--check"]) == 0
    (tmp_path / "gone-0.1.json").write_text("{}")
    assert build_registry.main(["--check"]) == 1
    assert build_registry.main([]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["drawn-1.0.json"]
