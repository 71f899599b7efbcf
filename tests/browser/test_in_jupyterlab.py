"""The explorer in JupyterLab: the page and the live kernel agree."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from tests.browser.hosts import PATIENCE_MS, SEEN
from tests.browser.jupyterlab_server import Notebook

LOAD = "import xpubreak as xb\nbd = xb.load(xb.samples.path('h200-vllm-eager'))\nview = bd.explore()"
SHOW = "view"
READY = "() => document.querySelector('.xpubreak')?.shadowRoot.querySelector('.plot-overlay')?.style.width"
STATIC = "[data-xpubreak-static]"

Opener = Callable[..., Notebook]


def shown(notebook: Opener, *cells: str) -> Notebook:
    opened = notebook(*(cells or (LOAD, SHOW))).run_all()
    opened.page.wait_for_function(READY, timeout=60_000)
    return opened


def bar_point(page: Any, layer: int, layer_count: int = 6) -> tuple[float, float]:
    page.locator(".plot-overlay").scroll_into_view_if_needed()
    box = page.locator(".plot-overlay").bounding_box()
    return box["x"] + box["width"] * (layer + 2.5) / (layer_count + 6), box["y"] + box["height"] / 2


def test_bar_click_reaches_flame_table_and_kernel(notebook: Opener, page: Any) -> None:
    opened = shown(notebook)
    everything = page.locator(".left").inner_text()
    page.mouse.click(*bar_point(page, 2))
    page.wait_for_function("() => true")
    assert json.loads(opened.python("import json; print(json.dumps(view.selection))")) == {"layer": [2]}
    assert page.locator(".left").inner_text() != everything
    expected = opened.python("print(round(100 * view.selected.totals.device_ns / bd.totals.device_ns, 1))")
    assert f"{expected}\u202f% of device time" in page.locator(".left").inner_text()
    kernels = opened.python("print(view.selected.kernels.display_name.nunique())")
    assert page.locator(".kernels .panel-head .muted").first.inner_text() == f"{kernels} distinct"


def test_kernel_sets_the_selection(notebook: Opener, page: Any) -> None:
    opened = shown(notebook)
    opened.python("view.selection = {'backend': 'vllm', 'layer': range(2)}")
    page.wait_for_selector(".chip")
    chips = page.locator(".chip-text").all_inner_texts()
    assert sorted(chips) == ["0, 1", "vllm"]
    assert "SelectionError" in opened.python("view.selection = {'colour': 'red'}")


@pytest.mark.parametrize("frame", [(1, 0.3), (2, 0.35), (3, 0.35)])
def test_frame_click_means_the_same_rows_in_python(notebook: Opener, page: Any, frame: tuple[int, float]) -> None:
    opened = shown(notebook)
    lane, x_frac = frame
    canvas = page.locator(".flame canvas")
    canvas.scroll_into_view_if_needed()
    width = canvas.bounding_box()["width"]
    canvas.click(position={"x": width * x_frac, "y": lane * 22 + 11})
    page.wait_for_selector(".chip")
    seen = page.locator(".left strong").first.inner_text()
    counted = "print(f'{int(view.selected.totals.activities):,}')"
    # The widget manager holds changes back while the kernel works: they may come after what is asked here.
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while (told := opened.python(counted)) != seen and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert told == seen


def test_keys_stay_in_the_explorer(notebook: Opener, page: Any) -> None:
    opened = shown(notebook)
    cells = opened.count_cells()
    page.locator(".flame canvas").focus()
    for key in ("b", "ArrowDown", "ArrowDown", "x", "Enter"):
        page.keyboard.press(key)
    assert opened.count_cells() == cells
    assert page.locator(".chip").count() == 1
    page.locator(".search input").fill("gemm")
    page.keyboard.press("b")
    assert opened.count_cells() == cells


def test_wheel_belongs_to_the_page_unless_ctrl_is_held(notebook: Opener, page: Any) -> None:
    shown(notebook)
    page.locator(".flame canvas").hover()
    fit = page.locator(".flame .segments.zoom button", has_text="fit")
    page.mouse.wheel(0, 40)
    assert fit.is_disabled()
    page.locator(".flame canvas").hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_selector(".flame .segments.zoom button:last-child:enabled")


def test_theme_is_followed_live(notebook: Opener, page: Any) -> None:
    opened = shown(notebook)
    look = """() => {
      const root = document.querySelector('.xpubreak').shadowRoot;
      const canvas = root.querySelector('.flame canvas');
      const pixel = canvas.getContext('2d').getImageData(canvas.width >> 1, 5, 1, 1).data;
      return [pixel[0] + pixel[1] + pixel[2], getComputedStyle(root.querySelector('.explorer')).backgroundColor];
    }"""
    light, white = page.evaluate(look)
    assert light > 500
    opened.command("apputils:change-theme", theme="JupyterLab Dark")
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    page.wait_for_function(f"() => ({look})()[0] < 300")
    assert page.evaluate(look)[1] not in (white, "rgba(0, 0, 0, 0)")
    opened.command("apputils:change-theme", theme="JupyterLab Light")


def test_without_a_snapshot_a_table_stands_in_and_nothing_big_is_saved(notebook: Opener, page: Any) -> None:
    opened = shown(notebook, LOAD.replace("explore()", "explore(snapshot='none')"), SHOW)
    assert page.locator(STATIC).count() == 1
    assert page.locator(STATIC).is_hidden()
    saved = opened.saved()
    assert len(json.dumps(saved)) < 100_000
    kinds = [set(output.get("data", {})) for cell in saved.cells for output in cell.outputs]
    assert {"text/plain", "text/html"} in kinds


def test_notebook_that_is_not_trusted_shows_the_table(notebook: Opener, page: Any) -> None:
    opened = shown(notebook)
    saved = opened.saved()
    # Changed behind JupyterLab's back, as a notebook from somebody else: its signature fits no longer.
    saved.cells[0].source += "  # from somebody else"
    nbformat.write(saved, opened.path)
    page.goto("about:blank")
    opened.open()
    table = page.locator(".jp-OutputArea table").first
    table.wait_for()
    assert "torch-cuda-ops" in table.inner_text()
    assert page.locator(".xpubreak").count() == 0


def test_two_displays_and_two_explorers_share_what_they_should(notebook: Opener, page: Any) -> None:
    opened = shown(notebook, LOAD, SHOW, SHOW, "other = bd.explore(title='another')\nother")
    page.wait_for_function(f"() => {SEEN}.length === 3")
    opened.python("view.selection = {'layer': [1]}")
    chips = f"{SEEN}.map((one) => one.shadowRoot.querySelectorAll('.chip').length).join()"
    page.wait_for_function(f"() => {chips} === '1,1,0'")
    assert opened.python("print(view.runtime is other.runtime)") == "True"


def test_breakdown_as_last_expression_shows_the_explorer(notebook: Opener, page: Any) -> None:
    shown(notebook, f"{LOAD}\nbd")
    assert page.locator(".xpubreak").count() == 1


def test_hostile_names_are_text(notebook: Opener, page: Any) -> None:
    opened = shown(
        notebook,
        "from tests.view import fake\nfrom xpubreak.view.explorer import Explorer",
        "view = Explorer(fake.decoder(8, hostile=True))\nview",
    )
    names = page.locator(".kernels td.name").all_inner_texts()
    assert any('<img src=x onerror="window.__pwned=1">' in name for name in names)
    assert any(name.strip().startswith("$$") for name in names)
    assert all("\u202e" not in name for name in names)
    for row in range(page.locator(".kernels tbody tr").count()):
        page.locator(".kernels tbody tr").nth(row).click()
    assert opened.python("print(len(view.selection['kernel']))") == "1"
