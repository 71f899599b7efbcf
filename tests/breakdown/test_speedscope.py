"""Profiles for speedscope: its documented format, stacks that merge, weights that add up exactly."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import xpubreak as xb
from tests.drawing import draw
from tests.strategies import traces
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.speedscope import document
from xpubreak.trace import kineto


def folded(found: dict[str, Any], profile: int) -> Counter[str]:
    """Stacks as text, with their weights."""
    frames = found["shared"]["frames"]
    stacks: Counter[str] = Counter()
    shown = found["profiles"][profile]
    for stack, weight in zip(shown["samples"], shown["weights"], strict=True):
        stacks[";".join(frames[at]["name"] for at in stack)] += weight
    return stacks


def check(found: dict[str, Any], bd: Breakdown) -> None:
    """File format of https://github.com/jlfwong/speedscope/blob/main/src/lib/file-format-spec.ts."""
    assert found["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    assert all(set(frame) <= {"name", "file"} and isinstance(frame["name"], str) for frame in found["shared"]["frames"])
    keys = [(frame["name"], frame.get("file")) for frame in found["shared"]["frames"]]
    assert len(keys) == len(set(keys)), "frames that are one are one"
    whole_ns = bd.totals.device_ns if bd.weight == "device" else bd.totals.host_ns
    for first in range(2):
        assert sum(sum(profile["weights"]) for profile in found["profiles"][first::2]) == whole_ns
    for profile in found["profiles"]:
        assert set(profile) == {"type", "name", "unit", "startValue", "endValue", "samples", "weights"}
        assert (profile["type"], profile["unit"], profile["startValue"]) == ("sampled", "nanoseconds", 0)
        assert profile["endValue"] == sum(profile["weights"])
        assert len(profile["samples"]) == len(profile["weights"])
        assert all(0 <= at < len(keys) for stack in profile["samples"] for at in stack)
        assert all(isinstance(weight, int) and weight > 0 for weight in profile["weights"])


def test_stacks_are_call_paths() -> None:
    bd = xb.load(
        kineto.from_dicts(
            draw("""
            host 1  | aten::linear---------------
                    |   aten::mm-----------
                    |      !launch#7
            queue 0 |                  gemm_kernel#7===
                    |                                   lonely====
            """)
        )
    )
    assert folded(document(bd), 0) == {
        "aten::linear;aten::mm;gemm_kernel": 16_000,
        "(no host side);lonely": 10_000,
    }
    files = {frame["name"]: frame.get("file") for frame in document(bd)["shared"]["frames"]}
    assert files["gemm_kernel"] == "torch-xpu-ops"
    assert files["aten::mm"] is None


@pytest.mark.parametrize("name", ["h200-vllm-compiled", "h200-torch-graph", "cpu-vllm-eager"])
def test_real_traces(name: str, tmp_path: Path) -> None:
    bd = xb.load(xb.samples.path(name))
    found = json.loads(gzip.decompress(bd.to_speedscope(tmp_path / "s.json.gz").read_bytes()))
    check(found, bd)
    by_layer: Counter[int] = Counter()
    for stack, weight in folded(found, 1).items():
        layer = next((part for part in stack.split(";")[:2] if part.startswith("layer ")), "layer -1")
        by_layer[int(layer.removeprefix("layer "))] += weight
    table = bd.by("layer").set_index("layer")[f"{bd.weight}_ns"]
    assert dict(by_layer) == {layer: time_ns for layer, time_ns in table.to_dict().items() if time_ns}


@given(traces())
@settings(max_examples=25)
def test_sums_are_exact_whatever_the_trace(entries: list[dict[str, Any]]) -> None:
    bd = xb.load(kineto.from_dicts(entries))
    check(document(bd), bd)


def test_one_pair_of_profiles_for_every_rank() -> None:
    bd = xb.load([xb.samples.path("cpu-vllm-eager"), xb.samples.path("cpu-vllm-compiled")])
    assert [profile["name"] for profile in document(bd)["profiles"]] == [
        f"rank {rank} · host time by {what}" for rank in (0, 1) for what in ("call path", "phase and layer")
    ]
