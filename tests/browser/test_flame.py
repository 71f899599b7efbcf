"""The flame graph: what a reader does with it by pointer, finger and key."""

from __future__ import annotations

from typing import Any

import pytest

import xpubreak as xb
from tests.browser.flamegraph import (
    ROOT,
    STROKES_OF_LANE,
    Fingers,
    canvas,
    left,
    press,
    spoken,
    spread,
    stack_by,
    title_at,
    tower,
)
from tests.browser.shim import Shim
from tests.browser.test_bad_input import load
from tests.view import fake

DECODER = fake.decoder(28)
FLAME = ("flame",)


def test_one_group_of_layers_unfolds_and_folds(shim: Shim) -> None:
    shim.show(DECODER, parts=FLAME)
    box = canvas(shim).bounding_box()
    press(shim, "ArrowDown", "ArrowDown")
    assert spoken(shim).startswith("layers 0–27 ×28")
    press(shim, "u")
    assert spoken(shim) == "28 equal layers stand apart"
    shim.click_frame(lane=1, x_frac=0.01)
    assert shim.selection == {"layer": [0]}
    press(shim, "ArrowDown", "ArrowDown", "u")
    assert spoken(shim) == "28 equal layers stand together"
    assert shim.selection == {"layer": [0]}  # that layer's frame is gone, the layer stays selected
    shim.page.evaluate("model.set('selection', {})")
    # The mark at its right end does the same.
    width = box["width"] * 0.9577
    canvas(shim).hover(position={"x": width - 14, "y": 33})
    assert "show layers apart" in shim.text(".tooltip-hint")
    canvas(shim).click(position={"x": width - 14, "y": 33})
    assert spoken(shim) == "28 equal layers stand apart"
    assert shim.selection == {}


def test_find_marks_without_filtering(shim: Shim) -> None:
    shim.show(DECODER, parts=("filters", "flame"))
    press(shim, "/")
    shim.page.keyboard.type("/^_C::/")
    shim.page.wait_for_function("() => !!document.querySelector('.xpubreak').shadowRoot.querySelector('.find.active')")
    facts = DECODER.facts
    matches = [i for i, text in enumerate(DECODER.strings) if text.startswith("_C::")]
    operators = [node for node, name in enumerate(DECODER.nodes.name) if name in matches]
    inside = [i for i, node in enumerate(facts.node) if node in operators or DECODER.nodes.parent[node] in operators]
    share = 100 * facts.device_ns[inside].sum() / facts.device_ns.sum()
    assert shim.text(".find-result").endswith(f"matches · {share:.1f} %")
    assert shim.selection == {}
    assert left(shim)[1] == "100 %"
    count = int(shim.text(".find-result").split()[0])
    said = set()
    for _ in range(count):
        shim.page.keyboard.press("Enter")
        said.add(shim.text(".find-result"))
        assert spoken(shim).startswith("_C::")
    assert len(said) == count
    shim.page.keyboard.press("Escape")
    assert shim.page.locator(".find.active").count() == 0
    press(shim, "/")
    shim.page.keyboard.type("/(/")
    shim.page.wait_for_timeout(250)
    assert shim.text(".find .problem") == "Not searched: unterminated group."
    assert shim.page.get_by_placeholder("Find frames").get_attribute("aria-invalid") == "true"
    assert shim.text(".find-result") == ""


@pytest.mark.parametrize(("text", "reason"), [("/a.*a.*b/", "takes too long"), ("x" * 201, "200 characters")])
def test_find_says_why_it_gave_up(shim: Shim, text: str, reason: str) -> None:
    """Each name is done in a moment; all of them would take half a minute."""
    shim.show(load(*((f"{i}_{'a' * 2000}", 0) for i in range(1500))), parts=FLAME)
    box = shim.page.get_by_placeholder("Find frames")
    box.fill(text)
    shim.page.locator(".find .problem:not(:empty)").wait_for(timeout=6000)
    assert reason in shim.text(".find .problem")
    assert box.get_attribute("aria-invalid") == "true"
    box.fill("aaa")
    shim.page.locator(".find .problem:empty").wait_for(state="attached")
    assert "matches" in shim.text(".find-result")


def test_find_goes_on_under_filters(shim: Shim) -> None:
    shim.show(DECODER, parts=("filters", "flame"))
    shim.page.get_by_placeholder("Find frames").fill("gemm_kernel")
    shim.page.wait_for_timeout(250)
    assert shim.text(".find-result").startswith("5 matches")
    shim.page.evaluate("model.set('selection', { position: ['after'] })")
    assert shim.text(".find-result").startswith("1 match ·")


def test_smaller_frames_stand_together(shim: Shim) -> None:
    shim.show(DECODER, parts=FLAME)
    shim.page.get_by_label("Smaller frames").select_option("0.01")
    assert title_at(shim, 1, 0.0002) == "1 smaller frame"
    assert "below 1.0 % of what is shown" in shim.text(".tooltip dl")
    assert "largest\nbefore layers" in shim.text(".tooltip dl")
    shim.click_frame(lane=1, x_frac=0.0002)  # zooms in to it, selects nothing
    shim.page.wait_for_timeout(300)
    assert shim.selection == {}
    assert title_at(shim, 1, 0.5) == "before layers"


def test_colours_have_names(shim: Shim) -> None:
    shim.show(DECODER, parts=FLAME)
    legend = shim.page.locator(".legend")
    assert [name in legend.inner_text() for name in ("torch-xpu-ops", "cpu", "container")] == [True] * 3
    patterns = legend.locator(".swatch").evaluate_all("all => all.map((one) => one.style.backgroundImage)")
    backends = patterns[: len(set(DECODER.facts.role[DECODER.facts.device_ns > 0]))]
    assert len(set(backends)) == len(backends), "each is hatched in its own way, one is plain"
    shim.page.locator("[data-colour=category]").click()
    assert shim.page.locator("[data-colour=category]").get_attribute("aria-pressed") == "true"
    assert [name in legend.inner_text() for name in ("gemm", "attention", "torch-xpu-ops")] == [True, True, False]


def test_backends_differ_without_colour_on_the_canvas(shim: Shim) -> None:
    shim.show(DECODER, parts=FLAME)
    stack_by(shim, "backend")
    strokes = {}
    for backend in ("vllm", "torch", "triton", "cpu", "framework", "unattributed"):
        shim.page.evaluate("(one) => model.set('selection', { backend: [one] })", backend)
        shim.page.wait_for_timeout(60)
        strokes[backend] = shim.page.evaluate(STROKES_OF_LANE, 1)
    assert len(set(strokes.values())) == len(strokes), strokes
    assert "1" not in strokes["vllm"], "one is plain"


def test_keys_reach_every_direction(shim: Shim) -> None:
    shim.show(DECODER, parts=FLAME)
    said = []
    for key in ("ArrowDown", "ArrowDown", "End", "Home", "ArrowRight", "PageDown", "PageUp"):
        press(shim, key)
        said.append(spoken(shim).split(",")[0])
    layers = "layers 0–27 ×28"
    assert said == ["all", layers, "outside layers", "1 smaller frame", layers, "gemm_kernel", "all"]
    press(shim, "ArrowDown", "ArrowDown", "Enter")
    assert set(shim.selection) == {"layer", "module"}
    press(shim, "z")
    assert shim.text(".breadcrumb .here") == "mlp"


def test_zoom_stays_when_a_frame_is_selected(shim: Shim) -> None:
    shim.show(DECODER, parts=FLAME)
    press(shim, "+", "+", "+")
    before = [title_at(shim, 3, share) for share in (0.1, 0.5, 0.9)]
    shim.click_frame(lane=2, x_frac=0.5)
    assert set(shim.selection) == {"layer", "module"}
    assert [title_at(shim, 3, share) for share in (0.1, 0.5, 0.9)] == before
    press(shim, "0")
    shim.page.wait_for_timeout(300)
    assert [title_at(shim, 3, share) for share in (0.1, 0.5, 0.9)] != before


def test_drags_pan_and_select_nothing(shim: Shim) -> None:
    shim.show(DECODER, parts=FLAME)
    press(shim, "+", "+", "+")
    before = spread(shim)
    box = canvas(shim).bounding_box()
    mouse = shim.page.mouse
    mouse.move(box["x"] + 600, box["y"] + 50)
    mouse.down()
    mouse.move(box["x"] + 300, box["y"] + 60, steps=5)
    mouse.up()
    shim.page.wait_for_timeout(60)
    assert shim.selection == {}
    assert spread(shim) != before


def test_wheel_zooms_with_control_and_pans_with_shift(shim: Shim) -> None:
    shim.show(DECODER, parts=FLAME)
    fit = shim.page.get_by_role("button", name="fit")
    canvas(shim).hover(position={"x": 300, "y": 50})
    shim.page.mouse.wheel(0, -300)
    assert fit.is_disabled()  # without a key the wheel is the page's
    shim.page.keyboard.down("Control")
    shim.page.mouse.wheel(0, -300)
    shim.page.keyboard.up("Control")
    shim.page.wait_for_timeout(60)
    assert fit.is_enabled()
    before = spread(shim)
    canvas(shim).hover(position={"x": 300, "y": 50})
    shim.page.keyboard.down("Shift")
    shim.page.mouse.wheel(0, 200)
    shim.page.keyboard.up("Shift")
    shim.page.wait_for_timeout(60)
    assert spread(shim) != before


def test_the_context_menu_stays_the_browsers(shim: Shim) -> None:
    shim.show(DECODER, parts=FLAME)
    shim.page.evaluate("addEventListener('contextmenu', (event) => { window.kept = !event.defaultPrevented; })")
    shim.click_frame(lane=2, x_frac=0.1, button="right")
    assert shim.page.evaluate("window.kept") is True
    assert shim.selection == {}


def test_fingers_tap_pan_and_pinch(chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 420, "height": 800}, has_touch=True)
    shim = Shim(context.new_page()).show(DECODER, parts=FLAME)
    touch = Fingers(shim)
    touch.tap(0.1, 55)
    assert set(shim.selection) == {"layer", "module"}
    assert shim.text(".tooltip-title") == "mlp"
    fit = shim.page.get_by_role("button", name="fit")
    assert fit.is_disabled()
    touch.pinch(0.3, 0.7, 20, 140)
    assert fit.is_enabled()
    assert set(shim.selection) == {"layer", "module"}
    before = spread(shim)
    touch.drag(0.8, 0.3)
    assert spread(shim) != before
    assert set(shim.selection) == {"layer", "module"}
    context.close()


def test_height_is_the_readers(shim: Shim) -> None:
    shim.show(xb.load(xb.samples.path("h200-transformers")), parts=FLAME)
    stack_by(shim, "call")
    handle = shim.page.get_by_role("separator")
    assert "more lanes below" in handle.inner_text()
    box = handle.bounding_box()
    mouse = shim.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + 5)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2, box["y"] - 195, steps=3)
    mouse.up()
    assert canvas(shim).bounding_box()["height"] == 240
    handle.focus()
    shim.page.keyboard.press("ArrowDown")
    assert canvas(shim).bounding_box()["height"] == 284
    shim.page.keyboard.press("End")
    assert handle.inner_text() == ""
    shim.page.keyboard.press("Home")
    assert canvas(shim).bounding_box()["height"] == 120
    press(shim, *["ArrowDown"] * 12)  # the cursor scrolls lanes into sight
    assert shim.page.evaluate(f"{ROOT}.querySelector('.flame-scroll').scrollTop") > 100


def test_towers_of_calls_are_drawn_where_they_are_looked_at(shim: Shim) -> None:
    shim.show(tower(100_000), parts=FLAME)
    stack_by(shim, "call")
    press(shim, "ArrowDown", *["PageDown"] * 3)
    assert spoken(shim).startswith("f")
    shim.page.evaluate(f"{ROOT}.querySelector('.flame-scroll').scrollTop = 1e9")
    shim.page.wait_for_timeout(100)
    lanes = round(canvas(shim).bounding_box()["height"] / 22)
    canvas(shim).hover(position={"x": 20, "y": (lanes - 1) * 22 + 11})
    assert shim.text(".tooltip-title") == "kernel"
    canvas(shim).click(position={"x": 20, "y": (lanes - 2) * 22 + 11})
    assert shim.selection == {"under": [99_999]}
    canvas(shim).dblclick(position={"x": 20, "y": (lanes - 2) * 22 + 11})
    assert "…" in shim.text(".breadcrumb")


@pytest.mark.parametrize("pressed", [".breadcrumb button >> nth=-1", ".segments.zoom button >> text=fit"])
def test_keys_go_on_where_what_was_pressed_goes_away(shim: Shim, pressed: str) -> None:
    shim.show(DECODER, parts=FLAME)
    shim.click_frame(lane=2, x_frac=0.5, click_count=2)
    shim.page.wait_for_timeout(300)
    shim.page.locator(pressed).focus()
    shim.page.keyboard.press("Enter")
    shim.page.wait_for_timeout(300)
    focused = shim.page.evaluate(f"() => {ROOT}.activeElement?.closest('canvas, [aria-disabled=true]')?.tagName")
    assert focused == ("BUTTON" if "fit" in pressed else "CANVAS")
