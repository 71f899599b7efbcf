"""The layer bars: what they show is what pandas sums, whatever the lens; pointer and keys select what they touch."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

import xpubreak as xb
from tests.browser.reading import ns_of
from tests.browser.shim import Shim
from tests.view import fake

LAYERS = 28
DECODER = fake.decoder(LAYERS)
REAL = xb.load(xb.samples.path("h200-vllm-compiled"))
PARTS = ("filters", "layers")


def press_tool(shim: Shim, text: str) -> None:
    shim.page.locator(".layer-tools").get_by_role("button", name=text, exact=True).click()


def hint(shim: Shim) -> str:
    return shim.text(".layers .hint")


def note(shim: Shim, layer: float, layer_count: int) -> dict[str, str]:
    """The tooltip of a bar."""
    shim.page.mouse.move(*shim.bar_point(layer, layer_count))
    names = shim.page.locator(".tooltip dt").all_inner_texts()
    values = shim.page.locator(".tooltip dd").all_inner_texts()
    return {name: value.replace("\u202f", " ") for name, value in zip(names, values, strict=True)}


def focus_bars(shim: Shim) -> Any:
    shim.page.locator(".plot-overlay").focus()
    return shim.page.keyboard.press


@pytest.mark.parametrize("phase", ["all", "prefill", "decode"])
@pytest.mark.parametrize("per_step", [False, True])
def test_bars_are_what_pandas_sums(shim: Shim, phase: str, per_step: bool) -> None:
    shim.show(REAL, selection={"backend": ["torch", "triton"]}, parts=PARTS)
    press_tool(shim, phase)
    part = REAL.select(backend=["torch", "triton"])
    part = part if phase == "all" else part.select(phase=phase)
    divisor = 1
    if per_step:
        press_tool(shim, "per step")
        steps = part.rows.step[part.rows.device_ns > 0]
        divisor = len(np.unique(steps[steps >= 0]))
        assert f"mean of {divisor} step" in hint(shim)
    for layer in range(REAL.layer_count):
        one = part.select(layer=layer)
        shown = note(shim, layer, REAL.layer_count)
        weight = "device time per step" if divisor > 1 else "device time"
        assert ns_of(shown[weight].split(" · ")[0]) == pytest.approx(one.totals.device_ns / divisor, rel=0.005)
        for label in ("torch-cuda-ops", "triton"):
            expected = one.select(backend=label).totals.device_ns / divisor
            assert ns_of(shown[label].split(" · ")[0]) == pytest.approx(expected, rel=0.005)


def test_the_phase_is_a_lens_that_filters_nothing(shim: Shim) -> None:
    shim.show(DECODER, parts=PARTS)
    press_tool(shim, "decode")
    assert shim.selection == {}
    assert "100 % of device time" in shim.text(".left")
    assert "decode here only, other views show all" in hint(shim)
    press_tool(shim, "by phase")
    assert [text.split(" · ")[0] for text in shim.page.locator(".facet-labels span").all_inner_texts()] == [
        "prefill",
        "decode",
    ]
    assert "each phase on a scale of its own" in hint(shim)


def test_shares_make_all_bars_equally_high(shim: Shim) -> None:
    shim.show(DECODER, parts=PARTS)

    def paint(place: float) -> bytes:
        x, y = shim.bar_point(place, LAYERS)
        found: bytes = shim.page.screenshot(clip={"x": x - 2, "y": y + 7, "width": 4, "height": 2})
        return found

    before, gap = -1.75, LAYERS - 0.125
    assert paint(before) == paint(gap)  # next to nothing in time, so half-way up there is nothing
    press_tool(shim, "share")
    assert "shares of device time" in hint(shim)
    shim.page.mouse.move(0, 0)
    shim.page.wait_for_timeout(300)
    assert paint(before) != paint(gap)


def test_pieces_are_hatched_but_those_of_one_backend(shim: Shim) -> None:
    def colours(**selection: Any) -> int:
        shim.page.evaluate("(one) => model.set('selection', one)", selection)
        shim.page.mouse.move(0, 0)
        shim.page.wait_for_timeout(400)
        x, y = shim.bar_point(5, LAYERS)
        shot = shim.page.screenshot(clip={"x": x - 6, "y": y, "width": 12, "height": 20})
        return len(Image.open(io.BytesIO(shot)).convert("RGB").getcolors())

    shim.show(DECODER, parts=PARTS)
    assert colours(backend=["torch"]) > 1
    assert colours(backend=["triton"]) > 1
    assert colours(backend=["vllm"]) == 1


def test_a_layer_that_differs_is_marked_told_and_selected(shim: Shim) -> None:
    shim.show(DECODER, parts=PARTS)
    assert shim.page.locator(".bar-signs span").all_inner_texts() == ["▲"]
    facts = DECODER.facts
    by_layer = np.array([facts.device_ns[facts.layer == layer].sum() for layer in range(LAYERS)])
    percent = round(100 * (by_layer[11] / np.median(np.delete(by_layer, 11)) - 1))
    told = shim.text(".odd-layers li").replace("\n", " ")
    assert f"layer 11: +{percent} % against the median of its 27 siblings, mostly XeFMHAFwdSplitKVKernel" in told
    assert told.split("layer 11: ")[1] in note(shim, 11, LAYERS).values()
    shim.page.locator(".odd-layers button", has_text="Select layer 11").click()
    assert shim.selection == {"layer": [11]}


def test_layers_alike_have_no_sign(shim: Shim) -> None:
    shim.show(DECODER, selection={"backend": ["torch"]}, parts=PARTS)
    assert shim.page.locator(".bar-signs span").count() == 0
    assert shim.page.locator(".odd-layers").inner_text() == ""


def test_shift_arrows_go_on_from_where_they_began(shim: Shim) -> None:
    shim.show(DECODER, parts=PARTS)
    press = focus_bars(shim)
    for key in ("Home", "ArrowRight", "PageDown"):  # "before", layer 0, a page on
        press(key)
    press("Shift+ArrowRight")
    assert shim.selection == {"layer": [10, 11]}
    press("Shift+ArrowRight")
    assert shim.selection == {"layer": [10, 11, 12]}
    press("Shift")
    assert shim.selection == {"layer": [10, 11, 12]}
    press("Shift+End")
    assert shim.selection == {"layer": list(range(10, LAYERS))}


def test_a_held_shift_selects_once_it_is_released(shim: Shim) -> None:
    shim.show(DECODER, parts=PARTS)
    press = focus_bars(shim)
    for key in ("Home", "ArrowRight", "ArrowRight"):
        press(key)
    shim.page.keyboard.down("Shift")
    for _ in range(3):
        press("ArrowRight")
    assert "layers 1–4" in shim.text(".plot-overlay [role=status]")
    assert shim.selection == {}
    shim.page.keyboard.up("Shift")
    assert shim.selection == {"layer": [1, 2, 3, 4]}


def test_a_brush_over_layers_and_what_is_around_them_means_the_layers(shim: Shim) -> None:
    shim.show(DECODER, parts=PARTS)
    brush, mouse = shim.page.locator(".brush"), shim.page.mouse
    outside = LAYERS + 2.5
    mouse.move(*shim.bar_point(outside, LAYERS))
    mouse.down()
    mouse.move(*shim.bar_point(LAYERS + 0.75, LAYERS))
    alone = brush.bounding_box()
    assert alone["x"] + alone["width"] == pytest.approx(shim.bar_point(outside, LAYERS)[0], abs=1)
    mouse.move(*shim.bar_point(LAYERS - 2, LAYERS))
    drawn = brush.bounding_box()
    assert drawn["x"] == pytest.approx(shim.bar_point(LAYERS - 2, LAYERS)[0], abs=1)
    assert drawn["x"] + drawn["width"] == pytest.approx(shim.bar_point(LAYERS - 0.5, LAYERS)[0], abs=1)
    mouse.up()
    assert shim.selection == {"layer": [LAYERS - 2, LAYERS - 1]}
    press = focus_bars(shim)
    press("Home")
    shim.page.keyboard.down("Shift")
    press("ArrowRight")
    press("ArrowRight")
    assert "layers 0, 1 without before" in shim.text(".plot-overlay [role=status]")
    assert brush.bounding_box()["x"] == pytest.approx(shim.bar_point(-0.5, LAYERS)[0], abs=1)
    shim.page.keyboard.up("Shift")
    assert shim.selection == {"layer": [0, 1]}


def test_end_enter_and_shift_enter(shim: Shim) -> None:
    shim.show(DECODER, parts=PARTS)
    press = focus_bars(shim)
    for key in ("End", "Enter"):
        press(key)
    assert shim.selection == {"position": ["outside"]}
    for key in ("ArrowLeft", "ArrowLeft", "Enter", "PageUp"):
        press(key)
    press("Shift+Enter")
    assert shim.selection == {"layer": [17, 27]}


@pytest.mark.parametrize("layer_count", [1, 500])
def test_one_layer_and_five_hundred(shim: Shim, layer_count: int) -> None:
    bd = fake.decoder(layer_count, decode_steps=1)
    shim.show(bd, parts=PARTS)
    shim.page.mouse.click(*shim.bar_point(layer_count - 1, layer_count))
    assert shim.selection == {"layer": [layer_count - 1]}


def test_weight_in_calls(shim: Shim) -> None:
    shim.show(DECODER, parts=("header", "flame", "layers"))
    shim.page.locator("select").filter(has_text="calls").first.select_option("count")
    facts = DECODER.facts
    calls = int(facts.count[(facts.layer == 3) & (facts.device_ns > 0)].sum())
    shown = note(shim, 3, LAYERS)
    assert shown["calls"].split(" · ")[0] == str(calls)


def test_a_cpu_target_shows_host_time(shim: Shim) -> None:
    bd = xb.load(xb.samples.path("cpu-vllm-eager"))
    shim.show(bd, parts=PARTS)
    shown = note(shim, 2, bd.layer_count)
    assert ns_of(shown["host time"].split(" · ")[0]) == pytest.approx(bd.select(layer=2).totals.host_ns, rel=0.005)


def test_follows_the_theme_live(shim: Shim) -> None:
    shim.page.emulate_media(color_scheme="light")
    shim.show(DECODER, parts=PARTS)
    corner = "(canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].join())"
    drawn = f"""() => {{
      const root = document.querySelector('.xpubreak').shadowRoot;
      const found = (at) => [...at.querySelectorAll('*')].flatMap((one) =>
        one.tagName === 'CANVAS' ? [one] : one.shadowRoot ? found(one.shadowRoot) : []);
      return found(root.querySelector('.plot')).map({corner}).join();
    }}"""
    light = shim.page.evaluate(drawn)
    assert light
    shim.page.emulate_media(color_scheme="dark")
    shim.page.wait_for_function(f"(before) => ({drawn})() !== before", arg=light)


def test_without_layers_it_says_so(shim: Shim) -> None:
    bd = fake.decoder(0)
    shim.show(bd, parts=PARTS)
    assert "No layers were found" in shim.text(".layers .empty")
