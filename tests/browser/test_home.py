"""The page around the explorer: dense screens, readers who want no motion, zoomed pages, keys that must not leak."""

from __future__ import annotations

from typing import Any

import pytest

import xpubreak as xb
from tests.browser.flamegraph import ROOT, canvas
from tests.browser.shim import Shim
from tests.browser.tracks import Tracks
from tests.view import fake

REAL = xb.load(xb.samples.path("h200-vllm-eager"))


@pytest.mark.parametrize("ratio", [1, 1.5, 2])
def test_dense_screens_get_dense_canvases(chromium: Any, ratio: float) -> None:
    context = chromium.new_context(viewport={"width": 1000, "height": 900}, device_scale_factor=ratio)
    shim = Shim(context.new_page()).show(REAL)
    shim.page.wait_for_function(f"() => {ROOT}.querySelector('canvas.tracks')?.width > 1")
    for selector in (".flame canvas", "canvas.tracks", ".time-axis", ".time-overview"):
        width, css = shim.page.locator(selector).evaluate("(one) => [one.width, one.getBoundingClientRect().width]")
        assert width == pytest.approx(css * ratio, abs=1.5), selector
    tracks = Tracks(shim, REAL)
    event = tracks.longest(lane=2)
    tracks.click(event)
    assert REAL.select(shim.selection).totals.spans == 1, "what is hit is what is seen"
    context.close()


def test_without_motion_a_zoom_is_there_at_once(chromium: Any) -> None:
    shown = {}
    for motion in ("reduce", "no-preference"):
        context = chromium.new_context(viewport={"width": 1000, "height": 900}, reduced_motion=motion)
        shim = Shim(context.new_page()).show(REAL, parts=("filters", "timeline"))
        shim.page.wait_for_function(f"() => {ROOT}.querySelector('canvas.tracks')?.width > 1")
        tracks = Tracks(shim, REAL)
        tracks.press("w", "w", "w", "w")
        # Read in the same turn as the key: an animation has hardly begun.
        shown[motion] = shim.page.evaluate(
            f"""() => {{
              const canvas = {ROOT}.querySelector('canvas.tracks');
              canvas.dispatchEvent(new KeyboardEvent('keydown', {{ key: '0', bubbles: true, composed: true }}));
              return {ROOT}.querySelector('.time-range').textContent;
            }}"""
        )
        whole = f"{(tracks.to_ns - tracks.from_ns) / 1e6:.1f}"
        shim.page.wait_for_function(
            f"(whole) => {ROOT}.querySelector('.time-range').textContent.startsWith(whole)", arg=whole
        )
        shim.page.wait_for_function(f"() => {ROOT}.getAnimations().length === 0")
        context.close()
    assert shown["reduce"] != shown["no-preference"]
    assert shown["reduce"].startswith(whole)


LEAKED = """() => {
  window.leaked = [];
  document.body.addEventListener('keydown', (event) => {
    if (!['Control', 'Shift', 'Alt', 'Meta'].includes(event.key)) leaked.push(event.key);
  });
}"""


@pytest.mark.parametrize("selector", [".flame canvas", "canvas.tracks", ".plot-overlay", "[data-key^=name-]"])
def test_no_key_that_would_edit_cells_leaves_the_explorer(shim: Shim, selector: str) -> None:
    shim.show(REAL)
    shim.page.wait_for_function(f"() => {ROOT}.querySelector('canvas.tracks')?.width > 1")
    shim.page.evaluate(LEAKED)
    target = shim.page.locator(selector).first
    target.focus()
    for key in ("a", "b", "x", "d", "z", "M", "ArrowDown", "Enter", "Shift+Enter", "Home", "0", "Control+z"):
        shim.page.keyboard.press(key)
    assert shim.page.evaluate("leaked") == []
    target.focus()
    for key in ("Escape", "Control+s", "Meta+s", "Control+Shift+C", "Control+Enter", "Tab"):
        shim.page.keyboard.press(key)
    assert shim.page.evaluate("leaked") == ["Escape", "s", "s", "C", "Enter", "Tab"], "what is the notebook's"


def test_boxes_keep_what_edits_their_text(shim: Shim) -> None:
    shim.show(REAL, parts=("filters",))
    shim.page.evaluate(LEAKED)
    shim.page.locator(".search input").focus()
    shim.page.keyboard.type("norm")
    for key in ("Control+a", "Control+c", "Control+v", "Control+ArrowLeft", "Control+Backspace", "Alt+l", "Shift+Home"):
        shim.page.keyboard.press(key)
    assert shim.page.evaluate("leaked") == []
    shim.page.keyboard.press("Control+s")
    assert shim.page.evaluate("leaked") == ["s"]


def test_tab_reaches_every_part_in_order(shim: Shim) -> None:
    shim.show(REAL)
    shim.page.wait_for_function(f"() => {ROOT}.querySelector('canvas.tracks')?.width > 1")
    shim.page.evaluate("document.body.focus()")
    met: list[str] = []
    for _ in range(90):
        shim.page.keyboard.press("Tab")
        part = shim.page.evaluate(
            f"""() => {ROOT}.activeElement?.closest('.header, .filters, .flame, .timeline, .layers, .details, .kernels')
              ?.className.replace('panel ', '').split(' ')[0] ?? ''"""
        )
        if part and part not in met:
            met.append(part)
    order = ["header", "filters", "flame", "timeline", "layers", "details", "kernels"]
    assert met == [part for part in order if part in met]
    assert set(order) - set(met) <= {"details"}, "before anything is selected there is nothing to press in the details"


def test_everything_that_can_be_pressed_has_a_name(shim: Shim) -> None:
    shim.show(fake.decoder(6))
    nameless = shim.page.evaluate(
        f"""() => [...{ROOT}.querySelectorAll('button, input, select, canvas, [tabindex], [role=application]')]
          .filter((one) => one.checkVisibility() && one.getAttribute('aria-hidden') !== 'true')
          .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim() || one.title
            || one.labels?.length || one.getAttribute('aria-labelledby')))
          .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    assert canvas(shim).get_attribute("aria-label")
