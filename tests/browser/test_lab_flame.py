"""The flame graph in JupyterLab: what a frame says is what the kernel sums; how it is looked at, no kernel hears of."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.flamegraph import canvas, press, spoken, spread, stack_by, title_at
from tests.browser.live import PATIENCE_MS, Live
from tests.browser.reading import ns_of

FIT = ".flame .zoom button:last-child"


def weight_of_frame(live: Live) -> float:
    """Of the one under the cursor, in nanoseconds or calls."""
    found = re.search(r", (device time|host time|calls) (\S+( \S+)?), share ", spoken(live))
    assert found is not None, spoken(live)
    return float(found[2].replace(",", "")) if found[1] == "calls" else ns_of(found[2])


def selects_what_it_says(live: Live) -> None:
    """Enter on the frame under the cursor selects what weighs as much as it says; Enter again lets go."""
    said = weight_of_frame(live)
    press(live, "Enter")
    live.page.locator(".filters .chip").first.wait_for(timeout=PATIENCE_MS)
    told = live.agreed()
    assert told["device time"][0] == pytest.approx(said, rel=0.005), told["selection"]
    press(live, "Enter")
    live.selects({})


@pytest.mark.parametrize("stack", ["model", "backend", "call"])
@pytest.mark.parametrize("top", ["none", "phase", "step"])
def test_the_kernel_sums_what_a_frame_says(live: Live, stack: str, top: str) -> None:
    for inverted in (False, True):
        stack_by(live, stack, top, inverted=inverted)
        press(live, "ArrowDown", *["ArrowUp"] * 9, "ArrowDown")
        selects_what_it_says(live)
        press(live, *["ArrowDown"] * (1 if top == "none" else 2))
        selects_what_it_says(live)


def test_frames_weigh_host_time_or_calls(live: Live) -> None:
    backends = live.bd.by("backend").set_index("backend")
    for weight, column in (("host", "host_ns"), ("count", "count"), ("device", "device_ns")):
        with live.nothing_selected_anew():
            live.page.get_by_label("Weight").select_option(weight)
            stack_by(live, "backend")
            press(live, "ArrowDown", *["ArrowUp"] * 9, "ArrowDown", "Home", "ArrowRight")
        label = spoken(live).split(",")[0]
        key = next(key for key in backends.index if live.bd.backend_label(key) == label or key == label)
        assert weight_of_frame(live) == pytest.approx(backends[column][key], rel=0.005), weight
        assert ("calls" if weight == "host" else "activities") in live.text(".left")


def test_equal_layers_unfold_into_what_each_sums_to(live: Live) -> None:
    with live.nothing_selected_anew(), live.repainted(".flame canvas"):
        press(live, "ArrowDown", "ArrowDown", "ArrowRight")
        assert spoken(live).startswith("layers 0–5 ×6")
        assert weight_of_frame(live) == pytest.approx(live.bd.select(layer=range(6)).totals.device_ns, rel=0.005)
        press(live, "u")
        assert spoken(live) == "6 equal layers stand apart"
    press(live, *["ArrowUp"] * 9, "ArrowDown", "Home")
    for layer in range(6):
        press(live, "ArrowRight")
        assert spoken(live).startswith(f"layer {layer},")
        assert weight_of_frame(live) == pytest.approx(live.bd.select(layer=layer).totals.device_ns, rel=0.005)
    press(live, "Enter")
    live.selects({"layer": [5]})
    press(live, "Enter", "u")
    assert spoken(live) == "6 equal layers stand together"
    with live.nothing_selected_anew(), live.repainted(".flame canvas"):
        live.page.get_by_label("fold equal layers").uncheck()
    assert title_at(live, 1, 0.07) == "layer 0"


def test_zoom_pan_focus_and_back_are_the_views_own(live: Live) -> None:
    fit = live.page.locator(FIT)
    with live.nothing_selected_anew():
        with live.repainted(".flame canvas"):
            live.page.locator(".flame").get_by_role("button", name="Zoom in").click()
        assert fit.is_enabled()
        box = canvas(live).bounding_box()
        with live.repainted(".flame canvas"):
            live.page.mouse.move(box["x"] + 500, box["y"] + 30)
            live.page.mouse.down()
            live.page.mouse.move(box["x"] + 300, box["y"] + 35, steps=4)
            live.page.mouse.up()
        fit.click()
        canvas(live).hover(position={"x": 300, "y": 30})
        live.page.keyboard.down("Control")
        live.page.mouse.wheel(0, -300)
        live.page.keyboard.up("Control")
        live.page.wait_for_selector(f"{FIT}:enabled")
        press(live, "0", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown", "z")
        assert spoken(live).startswith("Zoomed to ")
        operator = spoken(live).removeprefix("Zoomed to ")
        assert live.text(".breadcrumb .here") == operator
        assert title_at(live, 2, 0.02) == title_at(live, 2, 0.98) == operator
        live.page.locator(".breadcrumb button", has_text="layers 0–5").click()
        assert live.text(".breadcrumb .here").startswith("layers 0–5")
        fit.click()
        assert live.page.locator(".breadcrumb").is_hidden()
        assert fit.is_disabled()


def test_a_double_click_zooms_to_the_frame_that_it_selects(live: Live) -> None:
    live.click_frame(1, 0.8, click_count=2)
    assert live.text(".breadcrumb .here") == "after layers"
    live.selects({"position": ["after"]})
    live.page.keyboard.press("Escape")
    with live.nothing_selected_anew():
        stack_by(live, "backend", "phase", inverted=True)
    assert live.text(".chip").replace("\n", " ") == "position after ×"


SEARCHES = {"/^aten::mm$/": ("op", "aten::mm"), "/^flash::/": ("display_name", "flash::")}


@pytest.mark.parametrize("text", SEARCHES)
def test_a_search_marks_and_says_the_share(live: Live, text: str) -> None:
    column, begin = SEARCHES[text]
    kernels = live.bd.kernels
    ns = kernels.device_ns[kernels[column].astype(str).str.startswith(begin)].sum()
    share = f"· {100 * ns / live.bd.totals.device_ns:.1f} %"
    with live.nothing_selected_anew(), live.repainted(".flame canvas"):
        press(live, "/")
        live.page.keyboard.type(text)
        said = live.until(lambda: live.text(".find-result"), lambda result: result.endswith(share))
        assert said.endswith(share)
        live.page.keyboard.press("Enter")
        assert spoken(live).startswith(begin)
        live.page.keyboard.press("Escape")
        press(live, "0")
        live.page.mouse.move(1, 1)
    live.page.locator(".find input").fill("")


def test_small_frames_and_colours_are_the_views_own(live: Live) -> None:
    legend = live.page.locator(".flame .legend")
    with live.nothing_selected_anew():
        with live.repainted(".flame canvas"):
            live.page.get_by_label("Smaller frames").select_option("0.01")
        press(live, "ArrowDown", "ArrowDown", "ArrowDown", "Home")
        assert "smaller frames" in spoken(live)
        with live.repainted(".flame canvas"):
            live.page.locator("[data-colour=category]").click()
        assert [name in legend.inner_text() for name in ("gemm", "attention", "torch-cuda-ops")] == [True, True, False]


def test_other_views_filter_the_frames(live: Live) -> None:
    before: Any = spread(live)
    live.page.locator(".pill", has_text="triton").click()
    live.selects({"backend": ["triton"]})
    assert spread(live) != before
    press(live, "ArrowDown", *["ArrowUp"] * 9)
    assert weight_of_frame(live) == pytest.approx(live.bd.select(backend="triton").totals.device_ns, rel=0.005)
