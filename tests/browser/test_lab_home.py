"""The explorer at home in JupyterLab: full screen, themes and keys, while the selection stays the kernel's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.jupyterlab_server import JupyterLab, Notebook
from tests.browser.live import PATIENCE_MS, SAMPLE, Live

ROOT = "document.querySelector('.xpubreak').shadowRoot"
PARTS = ("header", "filters", "findings", "flame", "timeline", "layers", "details", "roofline", "kernels")
FULL = "(isOn) => (document.fullscreenElement?.className.includes('xpubreak') ?? false) === isOn"
PAINTED = (".flame canvas", "canvas.tracks", ".layers .plot", ".roofline .plot")


@pytest.fixture
def light_again(live: Live) -> Iterator[None]:
    yield
    live.notebook.command("apputils:change-theme", theme="JupyterLab Light")
    live.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'true'", timeout=PATIENCE_MS)


@pytest.mark.usefixtures("light_again")
def test_every_canvas_follows_the_theme_live(live: Live) -> None:
    live.page.locator(".pill", has_text="vllm").click()
    live.selects({"backend": ["vllm"]})
    surface = f"() => getComputedStyle({ROOT}.querySelector('.explorer')).backgroundColor"
    light = live.page.evaluate(surface)
    with live.nothing_selected_anew():
        for theme in ("Dark", "Light"):
            with live.repainted(*PAINTED):
                live.notebook.command("apputils:change-theme", theme=f"JupyterLab {theme}")
            assert (live.page.evaluate(surface) == light) == (theme == "Light")


def test_full_screen_or_its_cell_run_again_is_another_look_at_the_same_selection(live: Live) -> None:
    with live.nothing_selected_anew():
        live.page.locator(".full-screen").click()
        live.page.wait_for_function(FULL, arg=True, timeout=PATIENCE_MS)
        assert live.page.locator(".explorer").bounding_box()["width"] >= live.page.evaluate("innerWidth") - 20
    live.page.locator(".pill", has_text="triton").click()
    live.selects({"backend": ["triton"]})
    live.page.locator(".line-name").first.click()
    live.selects_only("backend", "kernel")
    with live.nothing_selected_anew():
        live.page.locator(".full-screen").click()
        live.page.wait_for_function(FULL, arg=False, timeout=PATIENCE_MS)
        live.page.locator(".jp-NotebookPanel-toolbar").wait_for()
        # As in any other output, the keys that run a cell run the one around it.
        live.page.evaluate("() => document.querySelector('.xpubreak').setAttribute('data-old', '')")
        live.page.locator(".flame canvas").focus()
        live.page.keyboard.press("Control+Enter")
        live.page.wait_for_function("() => !document.querySelector('[data-old]')", timeout=PATIENCE_MS)
        live.page.locator(".filters .left strong").first.wait_for(timeout=PATIENCE_MS)


def test_a_first_filter_moves_nothing_below_it(live: Live) -> None:
    """Or the second click of a double-click would miss its aim."""
    top = live.page.locator(".panel.flame").bounding_box()["y"]
    name = str(live.bd.kernels.display_name.iloc[0])
    for selection in ({"backend": ["triton"]}, {"row": [582]}, {"position": ["after"]}, {"kernel": [name]}):
        live.notebook.python(f"view.selection = {selection!r}")
        live.selects(selection)
        assert live.page.locator(".panel.flame").bounding_box()["y"] == top, selection


def test_tab_reaches_every_part(live: Live) -> None:
    live.page.locator(".parts-menu").focus()
    met: list[str] = []
    with live.nothing_selected_anew():
        for _ in range(200):
            part = live.page.evaluate(
                f"""(parts) => parts.find((one) => {ROOT}.activeElement?.closest('.panel.' + one + ', .' + one))"""
                " ?? null",
                list(PARTS),
            )
            if part is None:
                break
            if part not in met:
                met.append(part)
            live.page.keyboard.press("Tab")
    assert met == [part for part in PARTS if part in met]
    assert set(PARTS) - set(met) <= {"details"}, "before anything is selected there is nothing to press in the details"


TARGETS = {
    ".flame canvas": ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"),
    "canvas.tracks": ("ArrowRight", "End", "Enter"),
    ".plot-overlay": ("Home", "ArrowRight", "Enter"),
    ".roof-overlay": ("ArrowRight", "Enter"),
    ".line-name": ("ArrowDown", "Enter"),
    ".finding": ("ArrowDown", "Enter"),
}


@pytest.mark.parametrize("target", TARGETS)
def test_keys_select_and_are_none_of_the_notebooks(live: Live, target: str) -> None:
    """Of JupyterLab's in command mode: a and b add cells, x cuts one, d d deletes, m makes text, 0 0 restarts."""
    cells = live.notebook.count_cells()
    live.page.locator(target).first.focus()
    for key in ("a", "b", "x", "d", "d", "m", "z", "0", "0", "Shift+a", *TARGETS[target]):
        live.page.keyboard.press(key)
    live.page.locator(".chip").first.wait_for(timeout=PATIENCE_MS)
    assert live.agreed()["selection"]
    assert live.notebook.count_cells() == cells
    assert live.page.locator(".jp-Dialog").count() == 0
    kinds = "() => window.jupyterapp.shell.currentWidget.content.widgets.map((cell) => cell.model.type).join()"
    assert live.page.evaluate(kinds) == "code,code"
    # What is selected is part of the notebook's widgets, so it is dirty by now.
    model = "window.jupyterapp.shell.currentWidget.context.model"
    live.page.evaluate(f"{model}.dirty = true")
    live.page.keyboard.press("Control+s")
    live.page.wait_for_function(f"() => !{model}.dirty", timeout=PATIENCE_MS)


def test_typing_into_the_boxes_is_none_of_the_notebooks(live: Live) -> None:
    cells = live.notebook.count_cells()
    live.page.locator(".search input").focus()
    live.page.keyboard.type("abxdd00")
    assert live.page.locator(".search input").input_value() == "abxdd00"
    live.page.keyboard.press("Enter")
    told = live.selects({"text": ["abxdd00"]})
    assert told["activities"] == 0
    assert live.notebook.count_cells() == cells


def test_wheel_belongs_to_the_page_unless_ctrl_is_held(live: Live) -> None:
    live.page.locator(".flame canvas").hover()
    fit = live.page.locator(".flame .segments.zoom button", has_text="fit")
    live.page.mouse.wheel(0, 40)
    assert fit.is_disabled()
    live.page.locator(".flame canvas").hover()
    live.page.keyboard.down("Control")
    live.page.mouse.wheel(0, -200)
    live.page.keyboard.up("Control")
    live.page.wait_for_selector(".flame .segments.zoom button:last-child:enabled", timeout=PATIENCE_MS)


def test_a_finger_selects_in_the_kernel(lab: JupyterLab, chromium: Any) -> None:
    context = chromium.new_context(has_touch=True, viewport={"width": 900, "height": 1600})
    load = f"import xpubreak as xb\nview = xb.load(xb.samples.path({SAMPLE!r})).explore(snapshot='none')"
    opened = Notebook(lab, context.new_page(), "touch.ipynb", (load, "view")).open().run_all()
    page = opened.page
    page.locator(".pill", has_text="vllm").tap(timeout=PATIENCE_MS)
    page.locator(".chip").wait_for(timeout=PATIENCE_MS)
    assert opened.python("print(view.selection)") == "{'backend': ['vllm']}"
    page.locator(".flame canvas").tap(position={"x": 300, "y": 2 * 22 + 11})
    page.locator(".chip").nth(1).wait_for(timeout=PATIENCE_MS)
    told = opened.python("print(int(view.selected.totals.activities))")
    assert page.locator(".left strong").first.inner_text() == f"{int(told):,}"
    opened.shut_down()
    context.close()
