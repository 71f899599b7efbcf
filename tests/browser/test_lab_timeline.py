"""The timeline in JupyterLab: events and ranges of time become rows of the kernel; how it is looked at, nothing."""

from __future__ import annotations

import pytest

from tests.browser.flamegraph import ROOT
from tests.browser.live import Live, hit
from tests.browser.reading import ns_of
from tests.browser.tracks import GAP_PX, ROW_PX, Tracks

TRACKS = "canvas.tracks"
BETWEEN_LANES_PX = ROW_PX + GAP_PX / 2


def test_a_click_selects_an_event_and_draws_the_arrow_from_its_launch(live: Live) -> None:
    tracks = Tracks(live, live.bd)
    aim = tracks.longest(lane=0)
    live.page.mouse.move(1, 1)
    plain = tracks.colours(BETWEEN_LANES_PX)
    tracks.click(aim)
    event, told = hit(live, tracks, aim)
    row = int(tracks.row[event])
    assert told["device time"][0] == tracks.dur_ns[event]
    live.page.mouse.move(1, 1)
    crossed = live.until(lambda: tracks.colours(BETWEEN_LANES_PX), lambda colours: colours > plain)
    assert crossed > plain, "an arrow leads from the lane of the thread to that of the stream"
    kernel = live.bd.select(row=row).kernels.iloc[0]
    launch_ns = float(
        live.notebook.python("print((lambda k: k.start_ns - k.launch_ns)(view.selected.kernels.iloc[0]))")
    )
    assert launch_ns == kernel.start_ns - kernel.launch_ns
    note = live.text(".event-note")
    assert kernel.display_name in note
    assert ns_of(note.split("launch delay ")[1].split(" · ")[0]) == pytest.approx(launch_ns, rel=0.005)
    other = tracks.longest(lane=1)
    tracks.click(other, modifiers=["Control"])
    live.selects({"row": sorted([row, int(tracks.row[other])])})
    tracks.click(other, modifiers=["Control"])
    tracks.click(event)
    live.selects({})


def test_a_brush_selects_a_range_of_time(live: Live) -> None:
    tracks = Tracks(live, live.bd)
    with live.repainted(TRACKS):
        live.drag(TRACKS, 0.3, 0.6, y=60)
    [[start, stop]] = live.selects_only("time_ns")["selection"]["time_ns"]
    width_ns = tracks.to_ns - tracks.from_ns
    assert start == pytest.approx(tracks.from_ns + 0.3 * width_ns, abs=width_ns / 500)
    assert stop == pytest.approx(tracks.from_ns + 0.6 * width_ns, abs=width_ns / 500)
    assert ns_of(live.text(".time-range span").removeprefix("range ")) == pytest.approx(stop - start, rel=0.01)
    live.drag(TRACKS, 0.6, 0.45, y=60)  # by its edge: the other one stays
    narrower = live.until(live.agreed, lambda told: told["selection"]["time_ns"] != [[start, stop]])["selection"]
    assert narrower["time_ns"][0][0] == start
    assert narrower["time_ns"][0][1] < stop
    live.page.locator(".timeline").get_by_role("button", name="clear").click()
    live.selects({})
    live.drag(TRACKS, 0.8, 0.2, y=60)
    live.selects_only("time_ns")
    tracks.press("Delete")
    live.selects({})


def test_a_brush_over_a_step_holds_what_ran_meanwhile(live: Live) -> None:
    tracks = Tracks(live, live.bd)
    step = live.bd.steps.iloc[3]
    width = tracks.canvas.bounding_box()["width"]
    ends = (step.start_ns, step.start_ns + step.wall_ns)
    live.drag(TRACKS, *(tracks.x_of(at) / width for at in ends), y=60)
    told = live.selects_only("time_ns")
    [[start, stop]] = told["selection"]["time_ns"]
    assert (start, stop) == pytest.approx(ends, abs=(tracks.to_ns - tracks.from_ns) / 500)
    kernels = live.bd.kernels
    inside = (kernels.start_ns < stop) & (kernels.start_ns + kernels.device_ns > start)
    assert told["activities"] == int(inside.sum()) > 50


_INKS = f"""(xs) => {{
  const context = {ROOT}.querySelector('.time-axis').getContext('2d');
  return xs.map((x) => [...context.getImageData(x * devicePixelRatio, 28 * devicePixelRatio, 1, 1).data].join());
}}"""


def _step_ends(live: Live) -> list[float]:
    """A little before the end of each step, where no label is."""
    steps = live.bd.steps
    return [float(at) for at in steps.start_ns + 0.97 * steps.wall_ns]


def test_steps_and_gaps_are_seen(live: Live) -> None:
    tracks = Tracks(live, live.bd)
    with live.nothing_selected_anew():
        axis = live.page.locator(".time-axis").bounding_box()
        assert axis["height"] == 37, "a strip of steps below the times"
        inks = live.page.evaluate(_INKS, [tracks.x_of(at) for at in _step_ends(live)])
        beside = live.page.evaluate(_INKS, [tracks.x_of(live.bd.steps.start_ns.iloc[0]) - 5])[0]
        assert beside not in inks, "steps stand out from the time before them"
        first, end = tracks.lanes[0]["first"]
        ends = tracks.start_ns[first : end - 1] + tracks.dur_ns[first : end - 1]
        widest = int((tracks.start_ns[first + 1 : end] - ends).argmax())
        left, right = tracks.x_of(ends[widest]), tracks.x_of(tracks.start_ns[first + 1 + widest])
        assert tracks.colours(ROW_PX / 2, left + 2, right - left - 4) == 1
        assert tracks.colours(ROW_PX / 2) > 3
    busy_ns = int(live.notebook.python("print(bd.select(stream=7).totals.busy_ns)"))
    share = 100 * busy_ns / (tracks.to_ns - tracks.from_ns)
    assert live.text(".lane-share") == f"{share:.1f} % busy"


def test_zoom_pan_and_overview_are_the_views_own(live: Live) -> None:
    tracks = Tracks(live, live.bd)
    whole = tracks.shown_ns
    with live.nothing_selected_anew():
        for button, factor in (("Zoom in (W)", 0.5), ("Zoom out (S)", 1)):
            live.page.get_by_role("button", name=button).click()
            assert tracks.shown_ns == pytest.approx(whole * factor, rel=0.01)
        tracks.canvas.hover()
        live.page.keyboard.down("Control")
        live.page.mouse.wheel(0, -200)
        live.page.keyboard.up("Control")
        closer = live.until(lambda: tracks.shown_ns, lambda ns: ns < whole / 2)
        assert closer < whole / 2
        live.page.keyboard.down("Shift")
        with live.repainted(TRACKS):
            live.drag(TRACKS, 0.4, 0.2, y=20)
        live.page.keyboard.up("Shift")
        overview = live.page.locator(".time-overview").bounding_box()
        with live.repainted(".time-axis"):
            live.page.mouse.click(overview["x"] + overview["width"] * 0.9, overview["y"] + 10)
        assert tracks.shown_ns == closer
        tracks.press("a", "d", "w", "s", "0")
        assert live.until(lambda: tracks.shown_ns, lambda ns: ns == whole) == whole
        fold = live.page.locator("[data-lane='2']")
        with live.repainted(TRACKS):
            fold.click()
        assert fold.get_attribute("aria-expanded") == "false"


def test_keys_reach_events_and_select_them(live: Live) -> None:
    tracks = Tracks(live, live.bd)
    tracks.press("ArrowRight", "Home")
    first = tracks.spoken()
    tracks.press("ArrowRight")
    assert tracks.spoken() != first
    tracks.press("ArrowLeft", "End", "Enter")
    last = tracks.lanes[0]["first"][1] - 1
    live.selects({"row": [int(tracks.row[last])]})
    tracks.press("Home", "Shift+Enter")
    live.selects({"row": sorted(int(tracks.row[one]) for one in (tracks.lanes[0]["first"][0], last))})
    live.clear()
    tracks.press("ArrowRight", "Home", "Shift+ArrowRight")
    [[start, stop]] = live.selects_only("time_ns")["selection"]["time_ns"]
    first = tracks.lanes[0]["first"][0]
    assert start == tracks.start_ns[first], "a range from the event that the cursor is at"
    step_ns = 0.02 * (tracks.to_ns - tracks.from_ns)
    assert stop == pytest.approx(tracks.start_ns[first] + tracks.dur_ns[first] + step_ns, abs=2)
    assert ns_of(live.text(".time-range span").removeprefix("range ")) == pytest.approx(stop - start, rel=0.01)
    tracks.press("Delete")
    live.selects({})
    with live.nothing_selected_anew():
        tracks.press("F")
        shown = live.until(lambda: tracks.shown_ns, lambda ns: ns < 10_000_000)
        assert shown < (tracks.to_ns - tracks.from_ns) / 10


def test_a_double_click_zooms_to_the_event(live: Live) -> None:
    tracks = Tracks(live, live.bd)
    aim = tracks.longest(lane=0)
    tracks.canvas.dblclick(position=tracks.place(aim))
    event, _ = hit(live, tracks, aim)
    shown = live.until(lambda: tracks.shown_ns, lambda ns: ns < 1_000_000)
    assert shown == pytest.approx(3 * tracks.dur_ns[event], rel=0.01)


def test_what_other_views_select_stands_out_and_the_rest_can_be_hidden(live: Live) -> None:
    tracks = Tracks(live, live.bd)
    with live.repainted(TRACKS):
        live.page.locator(".pill", has_text="vllm").click()
    live.selects({"backend": ["vllm"]})
    with live.nothing_selected_anew(), live.repainted(TRACKS):
        live.page.get_by_label("only selected").check()
        hidden = tracks.longest(lane=0)
        assert tracks.row[hidden] not in live.bd.select(backend="vllm").row_numbers
        tracks.click(hidden)
