"""The roofline as it travels: every point is a line of `bd.costs`, and Bokeh gets no text of a trace."""

from __future__ import annotations

import json

import pytest

import xpubreak as xb
from xpubreak.breakdown.cost.device import DEVICES
from xpubreak.classify.backend import Role
from xpubreak.trace import kineto
from xpubreak.view import roofline
from xpubreak.view.roofline import MARKERS, roofline_packet

HOSTILE = "aten::mm"


@pytest.mark.parametrize("name", ["h100-vllm-eager", "h200-transformers", "cpu-vllm-moe"])
def test_points_are_the_lines_of_the_table(name: str) -> None:
    bd = xb.load(xb.samples.path(name))
    packet = roofline_packet(bd)
    table = bd.costs[(bd.costs.flops > 0) & (bd.costs.bytes > 0)].head(roofline.MOST_POINTS)
    assert [point["time_ns"] for point in packet["points"]] == table.time_ns.tolist()
    assert [point["x"] * point["bytes_per_s"] for point in packet["points"]] == pytest.approx(
        [point["y"] for point in packet["points"]]
    )
    assert sum(point["time_ns"] for point in packet["points"]) <= packet["covered_frac"] * bd.work.weight_ns * 1.0001
    (left, right), (bottom, top) = packet["ranges"]["x"], packet["ranges"]["y"]
    assert all(left < point["x"] < right and bottom < point["y"] < top for point in packet["points"])
    assert json.loads(json.dumps(packet, allow_nan=False)) == packet, "plain JSON"


def test_no_point_lies_above_the_roof_but_what_a_cache_holds() -> None:
    packet = roofline_packet(xb.load(xb.samples.path("h100-vllm-eager")))
    assert packet["device"] == "H100 SXM"
    peaks = next(device for device in DEVICES if device.name == "H100 SXM")
    roof = [min(point["x"] * packet["bandwidth"], peaks.matrix_flops["c10::BFloat16"]) for point in packet["points"]]
    assert all(point["y"] <= most for point, most in zip(packet["points"], roof, strict=True))


def test_an_unknown_device_has_no_roof() -> None:
    packet = roofline_packet(xb.load(xb.samples.path("cpu-vllm-eager")))
    assert (packet["device"], packet["roofs"], packet["bandwidth"]) == ("", [], None)
    assert {point["least_ns"] for point in packet["points"]} == {None}


@pytest.mark.parametrize("name", ["h200-torch-graph", "cpu-vllm-driver-only"])
def test_without_shapes_there_is_no_figure(name: str) -> None:
    packet = roofline_packet(xb.load(xb.samples.path(name)))
    assert (packet["points"], packet["figure"], packet["ranges"]) == ([], None, None)


def test_what_is_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    bd = xb.load(xb.samples.path("h100-vllm-eager"))
    whole = roofline_packet(bd)
    monkeypatch.setattr(roofline, "MOST_POINTS", 5)
    part = roofline_packet(bd)
    assert part["points"] == whole["points"][:5]
    assert part["left_out"] == len(whole["points"]) - 5


def test_bokeh_gets_no_text_of_a_trace() -> None:
    span = {"ph": "X", "cat": "cpu_op", "name": HOSTILE, "pid": 1, "tid": 1, "ts": 1, "dur": 5}
    shapes = {"Input Dims": [[2, 3], [3, 4]], "Input type": ["float", "float"], "Note": "$$\\href{javascript:x}{y}$$"}
    bd = xb.load(kineto.from_dicts([{**span, "args": shapes}]))
    packet = roofline_packet(bd)
    assert [point["op"] for point in packet["points"]] == [HOSTILE]
    figure = json.dumps(packet["figure"])
    assert HOSTILE not in figure
    assert "javascript" not in figure


def test_every_backend_has_a_shape_of_its_own() -> None:
    assert set(MARKERS) == {role.key for role in Role}
    assert len(set(MARKERS.values())) == len(MARKERS)
