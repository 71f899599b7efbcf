"""Which device is recorded, and in which words the others are missed. Devices are played by patching torch."""

from __future__ import annotations

import sys

import pytest

from xpubreak.capture import devices
from xpubreak.errors import CaptureError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch


@pytest.fixture
def machine(monkeypatch):
    """Play a machine: which builds, which devices, what the profiler can record."""

    def play(*, xpu_build=False, xpu=False, cuda_build=False, cuda=False, records=("CPU",)):
        activity = torch.profiler.ProfilerActivity
        monkeypatch.setattr(torch.xpu, "_is_compiled", lambda: xpu_build)
        monkeypatch.setattr(torch.xpu, "is_available", lambda: xpu)
        monkeypatch.setattr(torch.version, "cuda", "13.0" if cuda_build else None)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(
            torch.profiler, "supported_activities", lambda: {getattr(activity, name) for name in records}
        )

    return play


def test_xpu_comes_before_cuda(machine):
    machine(xpu_build=True, xpu=True, cuda_build=True, cuda=True, records=("CPU", "XPU", "CUDA"))
    assert devices.choose() == devices.Device("xpu", ("CPU", "XPU"))


def test_cuda_comes_before_cpu(machine):
    machine(cuda_build=True, cuda=True, records=("CPU", "CUDA"))
    assert devices.choose() == devices.Device("cuda", ("CPU", "CUDA"))


def test_without_accelerator_the_cpu_is_recorded_and_why_is_said(machine):
    machine()
    device = devices.choose()
    assert (device.name, device.activities) == ("cpu", ("CPU",))
    (issue,) = device.issues
    assert issue.code == "no-accelerator"
    assert f"torch {torch.__version__} has no XPU build" in issue.message
    assert "has no CUDA build" in issue.message


def test_who_asks_for_the_cpu_is_told_nothing(machine):
    machine(xpu_build=True, xpu=True, records=("CPU", "XPU"))
    assert devices.choose("cpu") == devices.Device("cpu", ("CPU",))


@pytest.mark.parametrize(
    ("requested", "setup", "words"),
    [
        ("xpu", {}, "xpu requested, but this torch .* has no XPU build"),
        ("xpu", {"xpu_build": True}, "xpu requested, but .* sees no XPU: .*ZE_AFFINITY_MASK"),
        ("xpu", {"xpu_build": True, "xpu": True}, "cannot record XPU kernels .*PTI"),
        ("cuda", {}, "cuda requested, but .* has no CUDA build"),
        ("cuda", {"cuda_build": True}, "cuda requested, but .* sees no CUDA device"),
        ("cuda", {"cuda_build": True, "cuda": True}, "cannot record CUDA kernels .*CUPTI"),
    ],
)
def test_a_request_that_cannot_be_met_says_what_is_missing(machine, requested, setup, words):
    machine(**setup)
    with pytest.raises(CaptureError, match=words):
        devices.choose(requested)


def test_a_device_that_the_profiler_cannot_record_leaves_host_time_and_a_warning(machine):
    machine(xpu_build=True, xpu=True)
    device = devices.choose()
    assert device.activities == ("CPU",)
    assert [issue.code for issue in device.issues] == ["device-not-recorded"]


def test_an_unknown_device_is_refused():
    with pytest.raises(CaptureError, match="'gpu'; choose one of auto, xpu, cuda, cpu"):
        devices.choose("gpu")


def test_without_torch_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "torch.profiler", None)
    with pytest.raises(CaptureError, match=r"(?s)does not have.*download.pytorch.org/whl/xpu"):
        devices.choose()
