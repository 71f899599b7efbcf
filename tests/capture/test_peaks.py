"""Roofs that were measured on this machine, and the name of the processor that leads to them."""

from __future__ import annotations

import json
import os
import types

import pytest

import xpubreak as xb
from xpubreak.breakdown.cost import device as device_module
from xpubreak.capture import processor as processor_module
from xpubreak.capture.processor import processor
from xpubreak.trace.kineto import from_dicts
from xpubreak.trace.metadata import processor_text

torch = pytest.importorskip("torch")
NAMED = {"name": "Intel(R) Xeon(R) Processor", "cores": 2, "isa": "AVX512"}


@pytest.fixture(autouse=True)
def no_measured_device_stays(monkeypatch):
    monkeypatch.setattr(device_module, "_added", {})


def recorded(**own):
    dims = {"Input Dims": [[256, 512], [512, 256]], "Input type": ["float", "float"]}
    event = {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 1, "tid": 1, "ts": 1, "dur": 100, "args": dims}
    return xb.load(from_dicts([event], xpubreak=own))


def test_the_processor_is_named_with_what_there_was_to_compute_on():
    found = processor(torch)
    assert found["cores"] == len(os.sched_getaffinity(0))
    assert found["threads"] == torch.get_num_threads()
    assert found["isa"] == torch.backends.cpu.get_cpu_capability()
    assert found["name"] in processor_module._CPUINFO.read_text()
    assert json.loads(json.dumps(found)) == found


def test_a_machine_that_says_nothing_is_not_made_up(monkeypatch, tmp_path):
    monkeypatch.setattr(processor_module, "_CPUINFO", tmp_path / "none")
    monkeypatch.setattr(processor_module.platform, "processor", lambda: "")
    monkeypatch.setattr(processor_module.platform, "machine", lambda: "")
    assert set(processor(types.SimpleNamespace())) == {"cores"}


def told(*cores):
    """A machine whose processors are on these cores of one socket, as Linux says it."""
    kind = "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC\nphysical id\t: 0\n"
    return "\n\n".join(f"processor\t: {at}\n{kind}core id\t\t: {core}" for at, core in enumerate(cores))


@pytest.mark.parametrize(
    ("allowed", "threads", "cores", "physical"),
    [
        ({0, 1, 2, 3}, 2, 4, 2),  # two cores, two threads each
        ({0, 2}, 2, 2, 2),  # one of each
        ({0, 1}, 1, 2, 1),
        ({0}, 2, 2, 2),  # pinned: each thread has a processor of its own, which this one does not see
    ],
)
def test_threads_of_a_core_share_it_and_pinned_ones_have_their_own(
    monkeypatch, tmp_path, allowed, threads, cores, physical
):
    (tmp_path / "cpuinfo").write_text(told(0, 0, 1, 1))
    monkeypatch.setattr(processor_module, "_CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(processor_module, "_THREADS", tmp_path / "none")
    monkeypatch.setattr(processor_module.os, "sched_getaffinity", lambda _: allowed, raising=False)
    monkeypatch.setattr(processor_module.os, "cpu_count", lambda: 4)
    found = processor(types.SimpleNamespace(get_num_threads=lambda: threads))
    assert (found["cores"], found["physical_cores"]) == (cores, physical)
    assert (found["vendor"], found["family"], found["model"], found["name"]) == ("AuthenticAMD", 25, 1, "AMD EPYC")


def test_nothing_is_said_of_a_processor_without_a_name():
    assert processor_text({"cores": 2}) == ""


def test_a_cpu_trace_is_of_the_processor_that_it_is_stamped_with():
    assert recorded(processor=NAMED).metadata.device_name == "Intel(R) Xeon(R) Processor (2 cores, AVX512)"
    assert recorded().metadata.device_name == ""
    assert recorded(processor="rubbish").metadata.device_name == ""


def test_without_stated_or_measured_peaks_there_is_no_roof():
    costs = recorded(processor=NAMED).costs
    assert costs["least_ns"].isna().all()
    assert set(costs["bound"]) == {""}


def test_measured_peaks_are_the_roof_of_this_machine():
    device = xb.measure_peaks(seconds=0.02, copy_bytes=1 << 22)
    assert device.name == processor_text(processor(torch))
    assert torch.__version__ in device.source
    assert 1e8 < device.vector_flops < 1e15
    assert 1e8 < device.memory_bytes_per_s < 1e13
    bd = recorded(processor=processor(torch))
    work = 2 * 256 * 512 * 256
    moved = 4 * (2 * 256 * 512 + 256 * 256)
    least_ns = 1e9 * max(work / device.matrix_flops["float"], moved / device.memory_bytes_per_s)
    assert bd.costs["least_ns"][0] == pytest.approx(least_ns)
    assert recorded(processor=NAMED | {"cores": 999}).costs["least_ns"].isna().all()


def test_measuring_can_leave_everything_as_it_is():
    xb.measure_peaks(seconds=0.001, copy_bytes=1 << 20, use=False)
    assert device_module._added == {}


def test_a_device_that_is_not_there_is_an_error_in_a_sentence():
    with pytest.raises(xb.XpubreakError, match="nosuch"):
        xb.measure_peaks("nosuch")


def test_a_recording_on_a_cpu_names_it():
    with xb.profile(device="cpu") as p:
        torch.mm(torch.ones(64, 64), torch.ones(64, 64))
    assert p.breakdown.metadata.device_name == processor_text(processor(torch))
