"""Every filter in JupyterLab: what the page says is left is what the kernel selects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import xpubreak as xb
from tests.browser.live import PATIENCE_MS, Live

PROBLEM = ".search-problem"
Enter = Callable[[Live, str], None]


def choose(live: Live, dimension: str) -> None:
    """Open the popup of a dimension."""
    live.page.locator(".add").click()
    live.page.locator(f".menu-item[data-dimension={dimension}]").click()


def search(live: Live, text: str) -> None:
    live.page.locator(".search input").fill(text)
    live.page.keyboard.press("Enter")


def search_by_menu(live: Live, text: str) -> None:
    """The menu leads to the search box: what is typed then goes there."""
    choose(live, "text")
    live.page.keyboard.type(text)
    live.page.keyboard.press("Enter")


def close_chip(live: Live, dimension: str) -> None:
    live.page.keyboard.press("Escape")
    live.page.locator(f".chip[data-dimension={dimension}] .chip-close").click()


@pytest.mark.parametrize("dimension", ["backend", "category", "layer", "phase", "step", "stream", "confidence"])
def test_one_value_one_more_and_the_chip_taken_away(live: Live, dimension: str) -> None:
    choose(live, dimension)
    live.page.locator(".choice").nth(1).hover()
    with live.repainted("canvas.tracks"):
        live.page.locator(".choice .only").nth(1).click()
        one = live.selects_only(dimension)
    [value] = one["selection"][dimension]
    counted = live.notebook.python(f"print(len(bd.select({dimension}={value!r}).kernels))")
    assert one["activities"] == int(counted) > 0
    live.page.locator(".choice input").nth(0).check()
    two = live.until(live.agreed, lambda told: told["activities"] > one["activities"])
    assert two["activities"] > one["activities"]
    if two["selection"]:  # else these were all that there are
        assert len(two["selection"][dimension]) == 2
        close_chip(live, dimension)
    assert live.selects({})["activities"] == live.bd.totals.activities


@pytest.mark.parametrize("name", ["torch", "triton"])
def test_pills_choose_backends(live: Live, name: str) -> None:
    pill = live.page.locator(f".filters [data-key={name}]")
    pill.click()
    live.selects({"backend": [name]})
    live.page.locator(".pill", has_text="decode").click()
    live.selects({"backend": [name], "phase": ["decode"]})
    live.page.locator(".filters [data-key=vllm]").click(modifiers=["Control"])
    live.page.locator(".pill", has_text="vllm").dblclick()
    live.selects({"backend": ["vllm"], "phase": ["decode"]})
    live.page.locator(".reset").click()
    live.selects({})


def test_durations_by_boxes_and_by_their_picture(live: Live) -> None:
    choose(live, "duration_ns")
    least, most = live.page.locator(".duration-boxes input").all()
    least.fill("2.5us")
    least.press("Enter")
    live.selects({"duration_ns": [[2500, 2**53 - 1]]})
    most.fill("0.02 ms")
    most.press("Enter")
    told = live.selects({"duration_ns": [[2500, 20_001]]})
    ns = live.bd.kernels.device_ns
    assert told["activities"] == int(((ns >= 2500) & (ns <= 20_000)).sum())
    live.drag(".filter-duration .histogram", 0.4, 0.6, y=20)
    told = live.until(live.agreed, lambda found: found["selection"]["duration_ns"] != [[2500, 20_001]])
    [[low, high]] = told["selection"]["duration_ns"]
    assert told["activities"] == int(((ns >= low) & (ns < high)).sum()) > 0
    close_chip(live, "duration_ns")
    live.selects({})


@pytest.mark.parametrize(
    ("text", "enter"),
    [
        ("gemm", search_by_menu),
        ("ATEN::", search),
        ("/norm|silu/", search_by_menu),
        ("/^nvjet.*TN[NT]$/", search),
        ("/\\bsort/", search),
    ],
)
def test_text_and_patterns_find_what_the_kernel_finds(live: Live, text: str, enter: Enter) -> None:
    enter(live, text)
    live.selects({"text": [text]})
    found = int(live.notebook.python(f"print(len(bd.select(text={text!r}).kernels))"))
    assert live.text(".left strong") == f"{found:,}"
    live.page.locator(".chip[data-dimension=text] .chip-close").click()
    live.selects({})
    assert live.page.locator(".search input").input_value() == ""


def test_a_broken_pattern_is_said_and_filters_nothing(live: Live) -> None:
    search(live, "sort")
    live.selects({"text": ["sort"]})
    search(live, "/gemm(/")
    live.page.locator(PROBLEM).wait_for()
    assert "unterminated group" in live.text(PROBLEM)
    live.selects({})


def test_undo_and_redo_reach_the_kernel(live: Live) -> None:
    live.page.locator(".pill", has_text="triton").click()
    live.selects({"backend": ["triton"]})
    live.page.locator(".pill", has_text="decode").click()
    live.selects({"backend": ["triton"], "phase": ["decode"]})
    live.page.locator(".undo").click()
    live.selects({"backend": ["triton"]})
    live.page.keyboard.press("Control+z")
    live.selects({})
    live.page.keyboard.press("Control+Shift+z")
    live.selects({"backend": ["triton"]})


def test_python_sets_reads_and_breaks_down_the_selection(live: Live) -> None:
    live.notebook.python("view.selection = {'backend': 'vllm', 'layer': range(2), 'phase': ['decode']}")
    live.page.locator(".chip").nth(2).wait_for(timeout=PATIENCE_MS)
    live.selects({"backend": ["vllm"], "layer": [0, 1], "phase": ["decode"]})
    assert live.notebook.python("print(type(view.selected).__name__)") == "Breakdown"
    by_layer = live.notebook.python("print(view.selected.by('layer')['layer'].tolist())")
    assert by_layer == "[0, 1]"
    with live.nothing_selected_anew():
        assert "SelectionError" in live.notebook.python("view.selection = {'colour': 'red'}")
    live.page.locator(".chip[data-dimension=layer] .chip-close").click()
    live.selects({"backend": ["vllm"], "phase": ["decode"]})
    live.notebook.python("view.selection = {'text': ['aten', 'mm']}")
    live.page.locator(".chip[data-dimension=text]").nth(1).wait_for(timeout=PATIENCE_MS)
    live.page.locator(".search input").press("Enter")
    live.selects({"text": ["aten", "mm"]})
    live.page.locator(".chip[data-dimension=text] .chip-close").first.click()
    live.selects({"text": ["mm"]})
    live.page.locator(".reset").click()
    live.selects({})


def test_ranks(live_of: Callable[[str, Any], Live]) -> None:
    names = [f"h100-vllm-tp2-rank{rank}" for rank in range(2)]
    both = xb.load([xb.samples.path(name) for name in names])
    live = live_of(f"xb.load([xb.samples.path(name) for name in {names}])", both)
    choose(live, "rank")
    assert live.page.locator(".choice").count() == 2
    live.page.locator(".choice").nth(1).hover()
    with live.repainted(".flame canvas", "canvas.tracks"):
        live.page.locator(".choice .only").nth(1).click()
        told = live.selects({"rank": [1]})
    assert told["device time"][0] == xb.load(xb.samples.path(names[1])).totals.device_ns
    close_chip(live, "rank")
    live.selects({})
