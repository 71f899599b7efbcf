"""Bounds of processors, from the kind of core that a recording was stamped with."""

from __future__ import annotations

import pytest

import xpubreak as xb
from xpubreak.breakdown.cost import device as device_module
from xpubreak.breakdown.cost.processor import _CORES, find_processor
from xpubreak.trace.kineto import from_dicts

MILAN = {"name": "AMD EPYC", "cores": 2, "isa": "AVX2", "vendor": "AuthenticAMD", "family": 25, "model": 1}
RAPIDS = {"name": "Xeon", "cores": 8, "vendor": "GenuineIntel", "family": 6, "model": 143, "physical_cores": 4}


def recorded(processor):
    dims = {"Input Dims": [[256, 512], [512, 256]], "Input type": ["float", "float"]}
    event = {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 1, "tid": 1, "ts": 1, "dur": 10_000, "args": dims}
    return xb.load(from_dicts([event], xpubreak={"processor": processor}))


def test_two_cores_of_a_hidden_epyc():
    found = find_processor("AMD EPYC (2 cores, AVX2)", MILAN)
    assert found is not None
    assert found.vector_flops == 2 * 32 * 4.1e9
    assert found.matrix_flops["c10::BFloat16"] == found.vector_flops  # converted first
    assert found.memory_bytes_per_s == 8 * 3200 * 8e6
    assert "2 × 32 operations a clock" in found.source
    assert "bounds, not a datasheet" in found.source


def test_threads_of_one_core_share_its_units():
    found = find_processor("Xeon", RAPIDS)
    assert found is not None
    assert found.vector_flops == 4 * 64 * 4.8e9
    assert found.matrix_flops["c10::BFloat16"] == 4 * 1024 * 4.8e9
    assert found.matrix_flops["signed char"] == 2 * found.matrix_flops["c10::BFloat16"]


def test_what_the_machine_says_goes_before_the_line_of_products():
    found = find_processor("AMD EPYC", MILAN | {"max_mhz": 3500, "sockets": 2})
    assert found is not None
    assert found.vector_flops == 2 * 32 * 3.5e9
    assert found.memory_bytes_per_s == 2 * 204.8e9


@pytest.mark.parametrize(
    "processor",
    [
        {},
        MILAN | {"model": 250},
        MILAN | {"vendor": "GenuineIntel"},
        MILAN | {"cores": 0},
        MILAN | {"cores": -4},
        MILAN | {"cores": 1 << 40},
        MILAN | {"cores": "<script>"},
        MILAN | {"family": [25], "model": {"a": 1}},
    ],
)
def test_others_are_unknown(processor):
    assert find_processor("a name", processor) is None
    assert recorded(processor | {"name": "a name"}).costs["least_ns"].isna().all()


@pytest.mark.parametrize("rubbish", [-1, 0, 7, 10**9, "fast", None, [3000]])
def test_rubbish_beside_a_known_core_changes_nothing(rubbish):
    plain = find_processor("AMD EPYC", MILAN)
    assert plain == find_processor("AMD EPYC", MILAN | {"max_mhz": rubbish, "physical_cores": rubbish})


def test_memory_in_the_package_is_another_roof():
    assert find_processor("Intel(R) Xeon(R) CPU Max 9480 (8 cores)", RAPIDS) is None


def test_a_recording_is_held_against_its_processor():
    costs = recorded(MILAN).costs
    flops, moved = 2 * 256 * 512 * 256, 4 * (2 * 256 * 512 + 256 * 256)
    assert costs["least_ns"][0] == pytest.approx(1e9 * max(flops / (2 * 32 * 4.1e9), moved / 204.8e9))
    assert costs["bound"][0] == "compute"
    assert costs["headroom_ns"][0] == pytest.approx(10_000_000 - costs["least_ns"][0])


def test_measured_peaks_go_before_bounds(monkeypatch):
    monkeypatch.setattr(device_module, "_added", {})
    bound = find_processor("AMD EPYC (2 cores, AVX2)", MILAN)
    assert bound is not None
    device_module.add_device(device_module.replace(bound, vector_flops=1e9, matrix_flops={"float": 1e9}))
    assert recorded(MILAN).costs["least_ns"][0] == pytest.approx(2 * 256 * 512 * 256)


def test_a_bound_is_no_finding():
    assert not [found for found in recorded(MILAN).findings if found.key.startswith("headroom")]


def test_this_machine_exceeds_none_of_its_bounds():
    torch = pytest.importorskip("torch")
    from xpubreak.capture.processor import processor

    said = processor(torch)
    if (said.get("vendor"), said.get("family"), said.get("model")) not in _CORES:
        pytest.skip(f"no bounds are stated for {said}")
    bound, measured = find_processor("here", said), xb.measure_peaks(seconds=0.1, use=False)
    assert bound is not None
    assert all(reached < bound.matrix_flops[name] for name, reached in measured.matrix_flops.items())
    assert measured.memory_bytes_per_s < bound.memory_bytes_per_s
    assert measured.vector_flops > 0.02 * bound.vector_flops  # nor are they out of this world
