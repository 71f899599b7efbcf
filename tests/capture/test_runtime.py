"""On stacks of the IPEX era the extension brings the device, and so is imported before anything is looked for."""

from __future__ import annotations

import sys

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from xpubreak.capture import runtime  # noqa: E402
from xpubreak.capture.devices import why_absent  # noqa: E402
from xpubreak.capture.runtime import import_torch  # noqa: E402

IPEX = "intel_extension_for_pytorch"


@pytest.fixture(autouse=True)
def extension(monkeypatch, tmp_path):
    """A module of the extension's name, which nobody has imported yet."""
    module = tmp_path / f"{IPEX}.py"
    module.touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, IPEX, raising=False)
    monkeypatch.setattr(runtime, "_ipex_failure", [])
    yield module
    sys.modules.pop(IPEX, None)


@pytest.fixture
def versions(monkeypatch):
    """Sets those of torch and of the installed vLLM."""

    def set_to(of_torch, of_vllm=None):
        monkeypatch.setattr(torch, "__version__", of_torch)

        def version(name):
            if name == "vllm" and of_vllm:
                return of_vllm
            raise runtime.importlib.metadata.PackageNotFoundError(name)

        monkeypatch.setattr(runtime.importlib.metadata, "version", version)

    return set_to


@pytest.mark.parametrize(
    ("of_torch", "of_vllm", "is_imported"),
    [
        ("2.1.0+xpu", None, True),
        ("2.4.1", None, True),
        ("2.5.0", None, False),
        ("2.13.0+cpu", None, False),
        ("git", None, False),
        ("2.9.0+xpu", "0.14.1", True),
        ("2.10.0+xpu", "0.15.0", False),
        ("2.13.0+xpu", "0.33.0", False),
        ("2.13.0+xpu", "0.1.dev1+gabcdef", False),
    ],
)
def test_it_is_imported_on_the_stacks_that_were_built_on_it(versions, of_torch, of_vllm, is_imported):
    versions(of_torch, of_vllm)
    assert import_torch() is torch
    assert (IPEX in sys.modules) == is_imported


def test_where_it_is_not_installed_nothing_is_missed(versions, extension):
    extension.unlink()
    versions("2.4.0")
    assert import_torch() is torch


@pytest.mark.parametrize(
    ("code", "said"), [("exit(127)", "exit(127)"), ("import no_such_library", "ModuleNotFoundError: No module")]
)
def test_one_that_does_not_load_is_named_where_the_device_is_missed(versions, extension, monkeypatch, code, said):
    """Beside a torch of another version it prints a line and calls exit(127)."""
    extension.write_text(code)
    versions("2.4.0")
    monkeypatch.setattr(torch.xpu, "_is_compiled", lambda: False)
    assert import_torch() is torch  # the CPU can be profiled all the same
    assert f"{IPEX} does not load ({said}" in why_absent(torch, "xpu")
