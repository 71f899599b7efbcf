"""The timeline: what a reader does with it by pointer, finger and key is what Python selects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import xpubreak as xb
from tests.browser.flamegraph import Fingers
from tests.browser.reading import agrees
from tests.browser.shim import Shim
from tests.browser.tracks import GAP_PX, ROW_PX, show
from tests.drawing import draw
from tests.view import fake
from xpubreak.trace import kineto

REAL = xb.load(xb.samples.path("h200-vllm-eager"))
DEEP = xb.load(xb.samples.path("cpu-vllm-eager"))
DRAWN = xb.load(
    kineto.from_dicts(
        draw("""
        host 1  | aten::linear------------ aten::mul------
                |  !urEnqueueKernelLaunch#1  !urEnqueueKernelLaunch#2
        queue 0 |             gemm_kernel#1======     mul_kernel#2==
        """)
    )
)
OVERLAPPING = xb.load(
    kineto.from_dicts(
        draw("""
        host 1  | aten::linear--------------------------------------------------------------------------
                |  !urEnqueueKernelLaunch#1  !urEnqueueKernelLaunch#2  !urEnqueueKernelLaunch#3
        queue 0 |            gemm_kernel#1=======================                add_kernel#3===
                |                                 mul_kernel#2====
        """)
    )
)


def test_a_click_selects_one_event_and_a_second_one_lets_go(shim: Shim) -> None:
    tracks = show(shim, DRAWN)
    event = tracks.longest(lane=0)
    tracks.click(event)
    assert shim.selection == {"row": [int(tracks.row[event])]}
    kernels = DRAWN.select(shim.selection).kernels
    assert kernels.device_ns.tolist() == [tracks.dur_ns[event]]
    note = shim.text(".event-note")
    assert note.startswith(kernels.display_name.iloc[0][:20])
    assert f"duration {shown(tracks.dur_ns[event])}" in note
    agrees(shim, DRAWN)
    other = tracks.longest(lane=1)
    tracks.click(other, modifiers=["Control"])
    assert sorted(shim.selection["row"]) == sorted(int(tracks.row[one]) for one in (event, other))
    tracks.click(other, modifiers=["Control"])
    tracks.click(event)
    assert shim.selection == {}


def shown(ns: float) -> str:
    for size, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if ns >= size:
            return f"{ns / size:#.3g} {unit}".replace(". ", " ")
    return f"{ns:.0f} ns"


def test_an_arrow_leads_from_the_launch_to_its_kernel(shim: Shim) -> None:
    tracks = show(shim, REAL)
    event = tracks.longest(lane=0)
    assert tracks.launch[event] >= 0
    between = ROW_PX + GAP_PX / 2
    shim.page.mouse.move(1, 1)
    plain = tracks.colours(between)
    tracks.click(event)
    shim.page.mouse.move(1, 1)
    assert tracks.colours(between) > plain
    kernel = REAL.select(shim.selection).kernels.iloc[0]
    assert f"launch delay {shown(kernel.start_ns - kernel.launch_ns)}" in shim.text(".event-note")
    call = int(tracks.launch[event])
    shim.page.evaluate(f"model.set('selection', {{ row: [{int(tracks.row[call])}] }})")
    assert "launched 1" in shim.text(".event-note")


def test_gaps_are_seen(shim: Shim) -> None:
    tracks = show(shim, REAL)
    first, end = tracks.lanes[0]["first"]
    ends = tracks.start_ns[first : end - 1] + tracks.dur_ns[first : end - 1]
    gaps = tracks.start_ns[first + 1 : end] - ends
    widest = int(gaps.argmax())
    left, right = tracks.x_of(ends[widest]), tracks.x_of(tracks.start_ns[first + 1 + widest])
    assert right - left > 8
    assert tracks.colours(ROW_PX / 2, left + 2, right - left - 4) == 1
    assert tracks.colours(ROW_PX / 2) > 3
    busy_ns = tracks.dur_ns[first:end].sum()
    share = 100 * busy_ns / (tracks.to_ns - tracks.from_ns)
    assert shim.text(".lane-share").replace("\u202f", " ") == f"{share:.1f} % busy"


def test_what_overlaps_is_busy_once(shim: Shim) -> None:
    tracks = show(shim, OVERLAPPING)
    [stream] = [lane for lane in tracks.lanes if lane["kind"] == "stream"]
    assert stream["height"] == 2
    totals = OVERLAPPING.totals
    assert totals.busy_ns < totals.device_ns
    share = 100 * totals.busy_ns / (tracks.to_ns - tracks.from_ns)
    assert shim.text(".lane-share") == f"{share:.1f} % busy"
    widths = shim.page.locator(".lane-name.stream > .lane-share").evaluate("one => [one.scrollWidth, one.clientWidth]")
    assert widths[0] <= widths[1], "cut off beside the button that folds"
    inside = tracks.longest(lane=0, level=1)
    tracks.canvas.dblclick(position=tracks.place(inside))
    shim.page.wait_for_timeout(500)
    assert tracks.shown_ns == pytest.approx(3 * tracks.dur_ns[inside], rel=0.01)
    around = np.arange(-tracks.dur_ns[inside], 2 * tracks.dur_ns[inside]) + tracks.start_ns[inside]
    runs = np.zeros(len(around), dtype=bool)
    for event in range(3):
        runs |= (around >= tracks.start_ns[event]) & (around < tracks.start_ns[event] + tracks.dur_ns[event])
    assert shim.text(".lane-share") == f"{100 * runs.mean():.1f} % busy"


def test_wide_events_are_hatched_unless_dimmed(shim: Shim) -> None:
    tracks = show(shim, DRAWN)
    event = tracks.longest(lane=0)  # of torch
    width = tracks.x_of(tracks.dur_ns[event]) - tracks.x_of(0)
    place = tracks.place(event)
    behind = {"y": place["y"] - 3, "x": place["x"] + width / 4, "width": width / 5}
    assert tracks.colours(**behind) > 1
    shim.page.evaluate("model.set('selection', {kernel: ['mul_kernel']})")
    assert tracks.colours(**behind) == 1


def test_zoom_and_pan_select_nothing(shim: Shim) -> None:
    tracks = show(shim, REAL)
    whole = tracks.shown_ns
    shim.page.get_by_role("button", name="Zoom in (W)").click()
    assert tracks.shown_ns == pytest.approx(whole / 2, rel=0.01)
    shim.page.get_by_role("button", name="Zoom out (S)").click()
    tracks.canvas.hover()
    shim.page.mouse.wheel(0, -100)
    shim.page.wait_for_timeout(60)
    assert tracks.shown_ns == whole, "a wheel without a modifier is the page's"
    tracks.canvas.hover()
    shim.page.keyboard.down("Control")
    shim.page.mouse.wheel(0, -200)
    shim.page.keyboard.up("Control")
    shim.page.wait_for_timeout(60)
    closer = tracks.shown_ns
    assert closer < whole / 2
    box = tracks.canvas.bounding_box()
    before = tracks.canvas.screenshot()
    shim.page.keyboard.down("Shift")
    shim.page.mouse.move(box["x"] + 300, box["y"] + 20)
    shim.page.mouse.down()
    shim.page.mouse.move(box["x"] + 100, box["y"] + 20, steps=3)
    shim.page.mouse.up()
    shim.page.keyboard.up("Shift")
    shim.page.mouse.move(1, 1)
    shim.page.wait_for_timeout(60)
    assert tracks.canvas.screenshot() != before
    assert tracks.shown_ns == closer
    tracks.press("W")
    assert tracks.shown_ns == pytest.approx(0.7 * closer, rel=0.01), "a letter with Caps Lock is the same key"
    tracks.press("S", "A", "D", "a", "d", "w", "s", "0")
    shim.page.wait_for_timeout(400)
    assert tracks.shown_ns == whole
    assert shim.selection == {}


def test_a_double_click_zooms_to_the_event(shim: Shim) -> None:
    tracks = show(shim, DRAWN)
    event = tracks.lanes[0]["first"][1] - 1
    tracks.canvas.dblclick(position=tracks.place(event))
    shim.page.wait_for_timeout(500)
    assert tracks.shown_ns == pytest.approx(3 * tracks.dur_ns[event], rel=0.01)
    assert shim.selection == {"row": [int(tracks.row[event])]}


def test_the_keyboard_reaches_every_direction(shim: Shim) -> None:
    tracks = show(shim, REAL)
    tracks.press("ArrowRight", "Home")
    first = tracks.spoken()
    tracks.press("ArrowRight")
    assert tracks.spoken() != first
    tracks.press("ArrowLeft")
    assert tracks.spoken() == first
    tracks.press("End", "Enter")
    last = tracks.lanes[0]["first"][1] - 1
    assert shim.selection == {"row": [int(tracks.row[last])]}
    tracks.press("Home", "ArrowDown")
    assert "stream 7" not in tracks.spoken()
    tracks.press("ArrowUp", "Home", "Shift+Enter")
    both = (int(tracks.row[one]) for one in (tracks.lanes[0]["first"][0], last))
    assert sorted(shim.selection["row"]) == sorted(both)
    tracks.press("f")
    shim.page.wait_for_timeout(400)
    assert tracks.shown_ns < (tracks.to_ns - tracks.from_ns) / 10


def test_the_rest_can_be_hidden(shim: Shim) -> None:
    tracks = show(shim, REAL, selection={"backend": ["vllm"]})
    torch = next(
        event
        for event in range(*tracks.lanes[2]["first"][:2])
        if tracks.row[event] not in REAL.select(backend="vllm").row_numbers and tracks.dur_ns[event] > 1e6
    )
    before = tracks.colours(ROW_PX / 2)
    shim.page.get_by_label("only selected").check()
    assert tracks.colours(ROW_PX / 2) < before
    tracks.click(torch)
    assert shim.selection == {"backend": ["vllm"]}, "what is hidden cannot be clicked"


def test_deep_threads_unfold(shim: Shim) -> None:
    tracks = show(shim, DEEP)
    deep = next(i for i, lane in enumerate(tracks.lanes) if lane["height"] > 6)
    button = shim.page.locator(f"[data-lane='{deep}']")
    hidden = tracks.lanes[deep]["height"] - 6
    assert button.inner_text().endswith(f"+{hidden}")
    height = shim.page.locator(".track-space").bounding_box()["height"]
    button.click()
    assert shim.page.locator(".track-space").bounding_box()["height"] == height + hidden * ROW_PX
    assert button.get_attribute("aria-expanded") == "true"
    button.press("Enter")
    assert shim.page.locator(".track-space").bounding_box()["height"] == height - 5 * ROW_PX


def test_python_brings_an_event_into_sight(shim: Shim) -> None:
    tracks = show(shim, DEEP)
    tracks.press("w", "w", "w", "w", "w", "w")
    before = tracks.canvas.screenshot()
    deep = next(i for i, lane in enumerate(tracks.lanes) if lane["height"] > 6)
    event = tracks.lanes[deep]["first"][-2]
    shim.page.evaluate(f"model.set('selection', {{ row: [{int(tracks.row[event])}] }})")
    shim.page.wait_for_timeout(100)
    assert shim.page.locator(f"[data-lane='{deep}']").get_attribute("aria-expanded") == "true"
    assert tracks.canvas.screenshot() != before


def test_steps_are_marked_and_the_overview_moves_the_window(shim: Shim) -> None:
    tracks = show(shim, REAL)
    axis = shim.page.locator(".time-axis")
    assert axis.bounding_box()["height"] == 37
    tracks.press("w", "w", "w", "w")
    before, shown_ns = axis.screenshot(), tracks.shown_ns
    overview = shim.page.locator(".time-overview").bounding_box()
    shim.page.mouse.click(overview["x"] + overview["width"] * 0.9, overview["y"] + 10)
    shim.page.wait_for_timeout(80)
    assert axis.screenshot() != before
    assert tracks.shown_ns == shown_ns
    assert shim.selection == {}


def test_without_steps_there_is_no_strip_of_them(shim: Shim) -> None:
    bd = fake.decoder(2, 1)
    bd.steps = bd.steps.iloc[:0]
    show(shim, bd)
    assert shim.page.locator(".time-axis").bounding_box()["height"] == 20


def test_fingers_tap_pan_and_pinch(chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 500, "height": 900}, has_touch=True)
    shim = Shim(context.new_page())
    tracks = show(shim, REAL)
    touch = Fingers(shim, tracks.canvas)
    event = tracks.longest(lane=2)
    at = tracks.place(event)
    touch.tap(at["x"] / tracks.canvas.bounding_box()["width"], at["y"])
    assert shim.selection == {"row": [int(tracks.row[event])]}
    whole = tracks.shown_ns
    touch.pinch(0.3, 0.7, 20, 140)
    assert tracks.shown_ns < whole / 3
    closer, before = tracks.shown_ns, tracks.canvas.screenshot()
    touch.drag(0.8, 0.3)
    shim.page.wait_for_timeout(60)
    assert tracks.canvas.screenshot() != before
    assert tracks.shown_ns == closer
    assert shim.selection == {"row": [int(tracks.row[event])]}
    context.close()
