"""Costs of whole steps, against the closed formula for the model's configuration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import xpubreak as xb
from xpubreak.breakdown.cost.costs import costs
from xpubreak.breakdown.cost.device import DEVICES, Device, find_device
from xpubreak.breakdown.cost.roofline import COST_COLUMNS
from xpubreak.breakdown.cost.work import MATRIX, VECTOR, Work

torch = pytest.importorskip("torch")
WIDTH, INNER, HEADS, KEY_HEADS, HEAD, LAYERS, VOCABULARY = 256, 512, 8, 4, 32, 3, 1000


class Layer(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norms = torch.nn.ModuleList(torch.nn.RMSNorm(WIDTH) for _ in range(2))
        self.qkv = torch.nn.Linear(WIDTH, (HEADS + 2 * KEY_HEADS) * HEAD, bias=False)
        self.out = torch.nn.Linear(HEADS * HEAD, WIDTH, bias=False)
        self.up = torch.nn.Linear(WIDTH, 2 * INNER, bias=False)
        self.down = torch.nn.Linear(INNER, WIDTH, bias=False)

    def forward(self, x, cache):
        batch, count, _ = x.shape
        heads = self.qkv(self.norms[0](x)).view(batch, count, -1, HEAD).transpose(1, 2)
        q, k, v = heads.split([HEADS, KEY_HEADS, KEY_HEADS], dim=1)
        k, v = (torch.cat([old, new], dim=2) for old, new in zip(cache, (k, v), strict=True))
        mixed = torch.nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, count, -1))
        gate, up = self.up(self.norms[1](x)).chunk(2, dim=-1)
        return x + self.down(torch.nn.functional.silu(gate) * up)


def step_formula(batch: int, tokens: int, context: int) -> int:
    """2 × weights × tokens, and 4 × heads × width of a head for every pair of query and key."""
    weights = WIDTH * (HEADS + 2 * KEY_HEADS) * HEAD + HEADS * HEAD * WIDTH + 3 * WIDTH * INNER
    attention = 4 * HEADS * HEAD * tokens * (context + tokens)
    return batch * (2 * tokens * (LAYERS * weights + VOCABULARY * WIDTH) + LAYERS * attention)


@pytest.mark.torch
@pytest.mark.parametrize(("batch", "tokens", "context"), [(1, 1, 64), (4, 1, 200), (2, 96, 0)])
def test_a_real_step_of_a_decoder(batch: int, tokens: int, context: int, tmp_path: Path) -> None:
    layers, head = torch.nn.ModuleList(Layer() for _ in range(LAYERS)), torch.nn.Linear(WIDTH, VOCABULARY, bias=False)
    x = torch.randn(batch, tokens, WIDTH)
    caches = [[torch.randn(batch, KEY_HEADS, context, HEAD) for _ in range(2)] for _ in range(LAYERS)]
    with torch.no_grad(), torch.profiler.profile(record_shapes=True) as profiler:
        for layer, cache in zip(layers, caches, strict=True):
            x = layer(x, cache)
        head(x)
    path = tmp_path / "step.json"
    profiler.export_chrome_trace(str(path))
    bd = xb.load(path)
    assert bd.costs.flops.sum() == pytest.approx(step_formula(batch, tokens, context), rel=0.01)
    products = bd.costs[bd.costs.op.isin(["aten::mm", "aten::addmm", "aten::bmm", "aten::linear"])]
    weights = LAYERS * (WIDTH * (HEADS + 2 * KEY_HEADS) * HEAD + HEADS * HEAD * WIDTH + 3 * WIDTH * INNER)
    moved = LAYERS * (4 * WIDTH + 2 * (HEADS + KEY_HEADS) * HEAD + 3 * INNER) + WIDTH + VOCABULARY
    expected = 4 * (weights + VOCABULARY * WIDTH + batch * tokens * moved)
    assert products.bytes.sum() == pytest.approx(expected, rel=0.01)
    mixed = bd.costs[bd.costs.op.str.contains("scaled_dot_product")]
    expected += mixed_bytes(batch, tokens, context)
    assert mixed.bytes.sum() == mixed_bytes(batch, tokens, context)
    # Norms (square, two products), residual sums, and the gate: what is read and written per token; the norms' weights.
    between = LAYERS * (2 * (3 * 2 * WIDTH + 1) + 2 * 3 * WIDTH + 5 * INNER)
    expected += 4 * (batch * tokens * between + LAYERS * 2 * WIDTH)
    assert bd.costs.bytes.sum() == pytest.approx(expected, rel=0.01)


def mixed_bytes(batch: int, tokens: int, context: int) -> int:
    """Queries and results of all heads, keys and values of those that are cached, in single precision."""
    return 4 * LAYERS * batch * HEAD * (2 * tokens * HEADS + 2 * (context + tokens) * KEY_HEADS)


CONFIGURATIONS = {
    # Hidden, intermediate, query heads, key heads, width of a head, layers, vocabulary; requests in a decode step.
    "h100-vllm-eager": (1024, 3072, 16, 8, 64, 6, 32000, 4, "aten::mm"),
    "h200-vllm-eager": (1024, 3072, 16, 8, 64, 6, 32000, 4, "aten::mm"),
    "cpu-vllm-eager": (256, 512, 8, 4, 32, 4, 1024, 4, "_C::onednn_mm"),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_products_of_a_decode_step_of_vllm(name: str) -> None:
    hidden, inner, heads, key_heads, head, layers, vocabulary, requests, product = CONFIGURATIONS[name]
    weights = layers * (hidden * head * (2 * heads + 2 * key_heads) + 3 * hidden * inner) + hidden * vocabulary
    bd = xb.load(xb.samples.path(name))
    decode = bd.steps[(bd.steps.phase == "decode") & (bd.steps.generation_requests == requests)]
    for step in decode.step.tolist()[1:4]:
        table = bd.select(step=step).costs
        products = table[table.op == product]
        assert products.flops.sum() == 2 * requests * weights
        assert products.bytes.sum() == pytest.approx(2 * weights, rel=0.05), "weights, and a little for the tokens"


def test_work_is_counted_where_it_is_done() -> None:
    bd = xb.load(xb.samples.path("h100-vllm-eager"))
    assert "aten::linear" in set(bd.ops.name)
    assert "aten::linear" not in set(bd.costs.op), "it contains the mm that launches"
    found = costs(bd)
    assert 0 < found.covered_frac <= 1
    assert int(found.time_ns.sum()) <= bd.totals.device_ns


def test_table_without_shapes_is_empty_and_whole() -> None:
    compiled = xb.load(xb.samples.path("h200-vllm-compiled")).select(category="attention")
    assert list(compiled.costs.columns) == list(COST_COLUMNS)
    assert len(xb.load(xb.samples.path("cpu-vllm-driver-only")).costs) == 0


def test_no_time_beats_the_roof_by_more_than_a_cache_can() -> None:
    # The head of the model is the largest product: 64 MB of weights do not fit a cache of 50 MB.
    table = xb.load(xb.samples.path("h100-vllm-eager")).costs
    largest = table[table.shapes == "[[4, 1024], [1024, 32000]]"].iloc[0]
    assert largest.bound == "memory"
    assert 0.5 * 3352e9 < largest.bytes_per_s < 3352e9
    assert largest.headroom_ns == pytest.approx(largest.time_ns - largest.least_ns)


@pytest.mark.parametrize(
    ("name", "memory", "found"),
    [
        ("Intel(R) Arc(TM) Pro B60 Graphics", 0, "Arc Pro B60"),
        ("Intel(R) Arc(TM) Pro B70 Graphics", 0, "Arc Pro B70"),
        ("Intel(R) Data Center GPU Max 1550", 128 << 30, "Data Center GPU Max 1550"),
        ("Intel(R) Data Center GPU Max 1550", 64 << 30, "Data Center GPU Max 1550, one tile"),
        ("Intel(R) Data Center GPU Max 1100", 48 << 30, "Data Center GPU Max 1100"),
        ("NVIDIA H100 80GB HBM3", 0, "H100 SXM"),
        ("NVIDIA H100 PCIe", 0, None),
        ("NVIDIA H200", 0, "H200"),
        # Of other peaks: a card with less power, and a seventh of one.
        ("NVIDIA H200 NVL", 0, None),
        ("NVIDIA H100 80GB HBM3 MIG 1g.10gb", 0, None),
        ("Intel(R) Arc(TM) B580 Graphics", 0, None),
        ("", 0, None),
    ],
)
def test_devices_by_the_names_in_traces(name: str, memory: int, found: str | None) -> None:
    device = find_device(name, memory)
    assert (device.name if device else None) == found


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_peaks_are_of_the_right_size_and_have_a_source(device: Device) -> None:
    half = Work(10**12, 0, 0, MATRIX, "c10::BFloat16")
    assert 1e13 < device.peak_flops(half) < 2e15
    assert device.peak_flops(half) > device.peak_flops(Work(1, 0, 0, VECTOR))
    assert device.source
    assert device.least_ns(Work(0, 10**9, 0)) == pytest.approx(1e18 / device.memory_bytes_per_s)


def test_engines_without_fp8_are_held_to_16_bits() -> None:
    found = find_device("Intel(R) Data Center GPU Max 1100")
    assert found is not None
    peaks = {kind: found.peak_flops(Work(1, 0, 0, MATRIX, kind)) for kind in ("c10::Float8_e4m3fn", "signed char")}
    assert peaks == {"c10::Float8_e4m3fn": 355.5e12, "signed char": 711e12}


@pytest.mark.parametrize(("name", "tera"), [("Max 1100", 177.8), ("Max 1550", 419.4)])
def test_the_max_series_multiplies_single_precision_as_tf32(name: str, tera: float) -> None:
    """Half as many operations as in 16 bits; other work in single precision is that of the vector units."""
    found = find_device(f"Intel(R) Data Center GPU {name}")
    assert found is not None
    assert found.peak_flops(Work(1, 0, 0, MATRIX, "float")) == tera * 1e12
    assert found.peak_flops(Work(1, 0, 0, MATRIX, "c10::BFloat16")) == pytest.approx(2 * tera * 1e12, rel=1e-3)
    assert found.peak_flops(Work(1, 0, 0, VECTOR, "float")) < 60e12


def test_an_unknown_device_has_no_headroom() -> None:
    table = xb.load(xb.samples.path("cpu-vllm-eager")).costs
    assert len(table)
    assert np.isnan(table.least_ns).all()
    assert np.isnan(table.headroom_ns).all()
    assert set(table.bound) == {""}
