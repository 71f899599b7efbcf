"""The roofline in a browser: points are found, explained and selected, by pointer and by keys, as in pandas."""

from __future__ import annotations

from math import log
from typing import Any

import pytest

import xpubreak as xb
from tests.browser.shim import Shim
from xpubreak.view.roofline import roofline_packet

REAL = xb.load(xb.samples.path("h100-vllm-eager"))
POINTS = roofline_packet(REAL)["points"]
RANGES = roofline_packet(REAL)["ranges"]
PARTS = ("filters", "roofline")
OVERLAY = ".roof-overlay"
PLACED = "() => document.querySelector('.xpubreak').shadowRoot.querySelector('.roof-overlay')?.style.width"


@pytest.fixture
def shown(shim: Shim) -> Shim:
    shim.show(REAL, parts=PARTS)
    shim.page.wait_for_function(PLACED)
    return shim


def place_of(shim: Shim, point: dict[str, Any], ranges: dict[str, Any] = RANGES) -> tuple[float, float]:
    box = shim.page.locator(OVERLAY).bounding_box()
    shares = [
        (log(point[side]) - log(ranges[side][0])) / (log(ranges[side][1]) - log(ranges[side][0])) for side in "xy"
    ]
    return box["x"] + box["width"] * shares[0], box["y"] + box["height"] * (1 - shares[1])


def test_pointing_at_an_operator_says_what_it_costs_and_a_click_selects_it(shown: Shim) -> None:
    # Of those that no smaller one lies upon.
    point = min((point for point in POINTS if point["op"] == "_C::rotary_embedding"), key=lambda one: one["time_ns"])
    shown.page.mouse.move(*place_of(shown, point))
    assert shown.text(".tooltip-title") == "_C::rotary_embedding"
    told = shown.text(".tooltip dl")
    assert "memory-bound" in told
    assert f"{point['calls']} calls" in told
    shown.page.mouse.click(*place_of(shown, point))
    assert shown.selection == {"op": ["_C::rotary_embedding"]}
    expected = REAL.select(op="_C::rotary_embedding").totals
    assert shown.page.locator(".left strong").first.inner_text() == f"{expected.activities:,}"
    shown.page.mouse.click(*place_of(shown, point))
    assert shown.selection == {}


def test_keys_go_from_most_time_to_least_and_select(shown: Shim) -> None:
    shown.page.locator(OVERLAY).focus()
    shown.page.keyboard.press("ArrowRight")
    assert shown.text(".roofline [aria-live]").startswith(POINTS[0]["op"])
    shown.page.keyboard.press("End")
    assert shown.text(".roofline [aria-live]").startswith(POINTS[-1]["op"])
    shown.page.keyboard.press("Home")
    shown.page.keyboard.press("Enter")
    assert shown.selection == {"op": [POINTS[0]["op"]]}


def test_what_is_not_selected_fades(shown: Shim) -> None:
    shown.page.wait_for_timeout(300)
    before = shown.page.locator(".roofline .plot").screenshot()
    shown.page.locator(".pill", has_text="triton").click()
    shown.page.wait_for_timeout(300)
    assert shown.page.locator(".roofline .plot").screenshot() != before


def test_without_shapes_it_says_why(shim: Shim) -> None:
    shim.show(xb.load(xb.samples.path("h200-torch-graph")), parts=("roofline",))
    assert "no shapes of operators" in shim.text(".roofline .empty")


def test_of_an_unknown_device_it_draws_points_and_no_roof(shim: Shim) -> None:
    shim.show(xb.load(xb.samples.path("cpu-vllm-eager")), parts=("roofline",))
    shim.page.wait_for_function(PLACED)
    assert "unknown" in shim.text(".roofline .panel-head")
    assert shim.page.locator(".roof-marks span").count() == 0
