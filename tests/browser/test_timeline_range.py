"""Ranges of time: drawn by pointer, key or finger, they are what Python selects."""

from __future__ import annotations

from typing import Any

import pytest

import xpubreak as xb
from tests.browser.flamegraph import ROOT, Fingers
from tests.browser.reading import agrees, ns_of
from tests.browser.shim import Shim
from tests.browser.tracks import show

REAL = xb.load(xb.samples.path("h200-vllm-eager"))


def test_a_brush_selects_a_range_of_time(shim: Shim) -> None:
    tracks = show(shim, REAL)
    box = tracks.canvas.bounding_box()
    mouse = shim.page.mouse
    y = box["y"] + 60

    def drag(begin: float, stop: float) -> None:
        mouse.move(box["x"] + box["width"] * begin, y)
        mouse.down()
        mouse.move(box["x"] + box["width"] * (begin + stop) / 2, y)
        mouse.move(box["x"] + box["width"] * stop, y)
        mouse.up()

    drag(0.3, 0.6)
    [[start, stop]] = shim.selection["time_ns"]
    width = tracks.to_ns - tracks.from_ns
    assert start == pytest.approx(tracks.from_ns + 0.3 * width, abs=width / 500)
    assert stop == pytest.approx(tracks.from_ns + 0.6 * width, abs=width / 500)
    agrees(shim, REAL)
    assert ns_of(shim.text(".time-range span").removeprefix("range ")) == pytest.approx(stop - start, rel=0.01)
    drag(0.6, 0.45)  # by its edge: the other one stays
    assert shim.selection["time_ns"][0][0] == start
    assert shim.selection["time_ns"][0][1] < stop
    agrees(shim, REAL)
    tracks.press("Delete")
    assert shim.selection == {}
    drag(0.8, 0.2)
    shim.page.get_by_role("button", name="clear").click()
    assert shim.selection == {}


def test_keys_draw_a_range_of_time(shim: Shim) -> None:
    tracks = show(shim, REAL)
    width = tracks.to_ns - tracks.from_ns
    middle = (tracks.from_ns + tracks.to_ns) / 2
    tracks.canvas.focus()
    keyboard = shim.page.keyboard
    keyboard.down("Shift")
    for _ in range(3):
        keyboard.press("ArrowRight")
    assert shim.selection == {}, "it is drawn, and selected once Shift is let go"
    assert ns_of(tracks.spoken().split(",")[0].removeprefix("range ")) == pytest.approx(0.06 * width, rel=0.01)
    keyboard.up("Shift")
    [[start, stop]] = shim.selection["time_ns"]
    assert (start, stop) == pytest.approx((middle, middle + 0.06 * width), abs=2)
    agrees(shim, REAL)
    tracks.press("Shift+ArrowLeft")
    assert shim.selection["time_ns"] == [[start, pytest.approx(middle + 0.04 * width, abs=2)]], "it goes on"
    tracks.press("Delete", "ArrowRight", "End", "ArrowLeft")
    event = tracks.lanes[0]["first"][1] - 2
    ends = (tracks.start_ns[event], tracks.start_ns[event] + tracks.dur_ns[event])
    tracks.press("f")
    shim.page.wait_for_timeout(400)
    keyboard.down("Shift")
    for key in ("ArrowRight", "ArrowLeft", "ArrowLeft", "Enter"):
        keyboard.press(key)
    [[start, stop]] = shim.selection["time_ns"]
    assert stop == ends[1]
    assert start == pytest.approx(ends[0] - 0.02 * tracks.dur_ns[event] * 3, abs=2)
    keyboard.press("Home")
    keyboard.up("Shift")
    assert shim.selection["time_ns"] == [[int(tracks.from_ns), ends[1]]]
    agrees(shim, REAL)
    shim.page.evaluate(f"model.set('selection', {{ time_ns: [[{int(ends[0])}, {int(ends[1])}]] }})")
    tracks.canvas.blur()
    tracks.press("Shift+End")
    assert shim.selection["time_ns"] == [[ends[0], pytest.approx(tracks.to_ns, abs=2)]], "of a range its end moves"


def test_a_finger_draws_a_range_where_it_is_asked_to(chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 500, "height": 900}, has_touch=True)
    shim = Shim(context.new_page())
    tracks = show(shim, REAL)
    button = shim.page.get_by_role("button", name="choose a range")
    button.tap()
    assert button.get_attribute("aria-pressed") == "true"
    touch = Fingers(shim, tracks.canvas)
    touch.drag(0.2, 0.7)
    width = tracks.to_ns - tracks.from_ns
    [[start, stop]] = shim.selection["time_ns"]
    assert (start, stop) == pytest.approx([tracks.from_ns + x * width for x in (0.2, 0.7)], abs=width / 100)
    touch.drag(0.69, 0.5)
    assert shim.selection["time_ns"] == [[start, pytest.approx(tracks.from_ns + 0.5 * width, abs=width / 100)]]
    chosen = shim.selection
    touch.pinch(0.3, 0.7, 20, 140)
    button.tap()
    touch.drag(0.8, 0.3)
    assert shim.selection == chosen, "two fingers zoom all the while, one pans again"
    context.close()


def test_without_a_touch_screen_no_button_offers_it(shim: Shim) -> None:
    show(shim, REAL)
    assert not shim.page.get_by_text("choose a range").is_visible()


def test_ranges_that_share_nothing_are_said_and_let_go(shim: Shim) -> None:
    tracks = show(shim, REAL)
    far = int(tracks.to_ns)
    for ranges in ([[0, 1000], [far - 2000, far - 1000]], [[far + 10**9, far + 2 * 10**9]]):
        shim.page.evaluate("(time_ns) => model.set('selection', { time_ns })", ranges)
        assert shim.text(".time-range").split("\n") == ["empty range", "clear"]
        agrees(shim, REAL)
    button = shim.page.get_by_role("button", name="clear")
    button.focus()
    shim.page.evaluate("model.set('selection', { time_ns: [[0, 1000]], backend: ['torch'] })")
    assert shim.page.evaluate(f"{ROOT}.activeElement?.textContent") == "clear", "other changes leave the focus alone"
    shim.page.keyboard.press("Enter")
    assert shim.selection == {"backend": ["torch"]}
    assert shim.page.evaluate(f"{ROOT}.activeElement?.className") == "tracks"
