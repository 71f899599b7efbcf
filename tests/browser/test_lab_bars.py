"""The layer bars in JupyterLab: what is clicked or brushed is what the kernel selects; lenses filter nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.breakdown.planted import LAYERS as PLANTED_LAYERS
from tests.breakdown.test_findings import OddLayer
from tests.browser.live import Live
from tests.browser.reading import ns_of

LAYERS = 6
BARS = ".layers .plot"


def press_tool(live: Live, text: str) -> None:
    live.page.locator(".layer-tools").get_by_role("button", name=text, exact=True).click()


def told_of_bar(live: Live, place: float) -> dict[str, str]:
    """By the tooltip."""
    live.page.mouse.move(*live.bar_point(place, LAYERS))
    names = live.page.locator(".tooltip dt").all_inner_texts()
    values = live.page.locator(".tooltip dd").all_inner_texts()
    return {name: value.replace("\u202f", " ") for name, value in zip(names, values, strict=True)}


def test_a_click_selects_a_layer_or_what_is_around_the_layers(live: Live) -> None:
    shown = told_of_bar(live, 2)["device time"].split(" · ")[0]
    with live.repainted(BARS, ".flame canvas", "canvas.tracks"):
        live.page.mouse.click(*live.bar_point(2, LAYERS))
        told = live.selects({"layer": [2]})
    assert told["device time"][0] == pytest.approx(ns_of(shown), rel=0.005)
    assert live.text(".kernels .panel-head .muted") == f"{told['kernels']} distinct"
    assert live.text(".chip").replace("\n", " ") == "layer 2 ×"
    live.page.mouse.click(*live.bar_point(2, LAYERS))
    live.selects({})
    for place, position in ((-1.75, "before"), (LAYERS + 0.75, "after")):
        live.page.mouse.click(*live.bar_point(place, LAYERS))
        live.selects({"position": [position]})


def test_a_brush_selects_a_range_of_layers_and_shift_adds(live: Live) -> None:
    mouse = live.page.mouse
    mouse.move(*live.bar_point(1, LAYERS))
    mouse.down()
    mouse.move(*live.bar_point(3, LAYERS), steps=4)
    mouse.up()
    live.selects({"layer": [1, 2, 3]})
    live.page.keyboard.down("Shift")
    mouse.click(*live.bar_point(5, LAYERS))
    live.page.keyboard.up("Shift")
    live.selects({"layer": [1, 2, 3, 5]})
    assert live.text(".chip-text") == "1–3, 5"
    mouse.move(*live.bar_point(-1.75, LAYERS))  # "before"
    mouse.down()
    mouse.move(*live.bar_point(1, LAYERS), steps=4)
    mouse.up()
    live.selects({"layer": [0, 1]})


def test_keys_select_layers(live: Live) -> None:
    live.page.locator(".plot-overlay").focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "Enter"):
        live.page.keyboard.press(key)
    live.selects({"layer": [1]})
    for key in ("Shift+ArrowRight", "Shift+ArrowRight"):
        live.page.keyboard.press(key)
    live.selects({"layer": [1, 2, 3]})
    assert "layers 1–3" in live.text(".plot-overlay [role=status]")


@pytest.mark.parametrize("phase", ["all", "prefill", "decode"])
def test_lenses_show_what_the_kernel_sums_and_filter_nothing(live: Live, phase: str) -> None:
    part = live.bd if phase == "all" else live.bd.select(phase=phase)
    steps = part.rows.step[part.rows.device_ns > 0]
    with live.nothing_selected_anew():
        press_tool(live, phase)
        for divisor in (1, len(np.unique(steps[steps >= 0]))):
            name = "device time per step" if divisor > 1 else "device time"
            for layer in (0, 3, 5):
                expected = part.select(layer=layer)
                shown = told_of_bar(live, layer)
                assert ns_of(shown[name].split(" · ")[0]) == pytest.approx(
                    expected.totals.device_ns / divisor, rel=0.005
                )
                expected_ns = expected.select(backend="vllm").totals.device_ns / divisor
                label = live.bd.backend_label(expected.select(backend="vllm").rows.role[0])
                assert ns_of(shown[label].split(" · ")[0]) == pytest.approx(expected_ns, rel=0.005)
            press_tool(live, "per step")


def test_shares_and_facets_repaint_and_filter_nothing(live: Live) -> None:
    with live.nothing_selected_anew():
        with live.repainted(BARS):
            press_tool(live, "share")
        assert "shares of device time" in live.text(".layers .hint")
        with live.repainted(BARS):
            press_tool(live, "by phase")
        phases = live.bd.by("phase").set_index("phase").device_ns
        facets = [text.replace("\u202f", " ") for text in live.page.locator(".facet-labels span").all_inner_texts()]
        assert [text.split(" · ")[0] for text in facets] == ["prefill", "decode"]
        for text in facets:
            name, *rest = text.split(" · ")
            if rest and rest[0].endswith("s"):
                assert ns_of(rest[0]) == pytest.approx(phases[name], rel=0.005)
        with live.repainted(BARS):
            press_tool(live, "all")


def test_a_layer_that_differs_from_its_siblings_is_marked_and_selected(live_of: Callable[[str, Any], Live]) -> None:
    odd = OddLayer().run().machine.breakdown()
    live = live_of(f"__import__({OddLayer.__module__!r}, fromlist=['_']).OddLayer().run().machine.breakdown()", odd)
    assert live.page.locator(".bar-signs span").all_inner_texts() == ["▲"]
    by_layer = np.array([odd.select(layer=layer).totals.device_ns for layer in range(PLANTED_LAYERS)])
    layer = int(by_layer.argmax())
    percent = round(100 * (by_layer[layer] / np.median(np.delete(by_layer, layer)) - 1))
    told = live.text(".odd-layers li").replace("\n", " ")
    assert f"layer {layer}: +{percent} % against the median of its {PLANTED_LAYERS - 1} siblings" in told
    live.page.locator(".odd-layers button", has_text=f"Select layer {layer}").click()
    assert live.selects({"layer": [layer]})["device time"][0] == by_layer[layer]
