"""Notebook 7: the same server and the same extensions, another page around them."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from tests.browser.jupyterlab_server import JupyterLab

pytest.importorskip("notebook", reason="pip install notebook")
CELL = "import xpubreak as xb\nbd = xb.load(xb.samples.path('h200-vllm-eager'))\nview = bd.explore()\nview"
DRAWN = "() => document.querySelector('.xpubreak')?.shadowRoot.querySelector('.plot-overlay')?.style.width"
_IDLE = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
_SURFACE = "getComputedStyle(document.querySelector('.xpubreak').shadowRoot.querySelector('.explorer')).backgroundColor"
_CELLS = "document.querySelectorAll('.jp-Notebook .jp-Cell').length"


@pytest.fixture
def notebook7(lab: JupyterLab, page: Any) -> Any:
    """A page of Notebook 7 whose one cell shows an explorer."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL), nbformat.v4.new_code_cell("")])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, lab.root / "seven.ipynb")
    page.goto(lab.url("notebooks/seven.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.wait_for_function(_IDLE, timeout=60_000)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => null)")
    page.wait_for_function(DRAWN, timeout=60_000)
    return page


def run_in_second_cell(page: Any, code: str) -> str:
    page.locator(".jp-Cell .cm-content").nth(1).click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")
    output = page.locator(".jp-Cell").nth(1).locator(".jp-OutputArea-output")
    output.wait_for(timeout=20_000)
    text: str = output.inner_text().strip()
    return text


def test_a_click_reaches_python_and_python_the_page(notebook7: Any) -> None:
    page = notebook7
    page.locator(".filters [data-key=torch]").click()
    assert run_in_second_cell(page, "print(view.selection)") == "{'backend': ['torch']}"
    expected = run_in_second_cell(page, "print(f'{view.selected.totals.activities:,}')")
    assert page.locator(".left strong").first.inner_text() == expected
    run_in_second_cell(page, "view.selection = {'layer': 3}; print('set')")
    page.wait_for_function(
        "() => document.querySelector('.xpubreak').shadowRoot.querySelector('.chip-text')?.textContent === '3'"
    )


def test_keys_stay_in_the_explorer_and_the_theme_is_followed(notebook7: Any) -> None:
    page = notebook7
    cells = page.evaluate(_CELLS)
    page.locator(".flame canvas").focus()
    for key in ("b", "a", "x", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert page.evaluate(_CELLS) == cells
    assert page.locator(".chip").count() >= 1
    model = "window.jupyterapp.shell.currentWidget.context.model"
    page.evaluate(f"{model}.dirty = true")
    page.keyboard.press("Control+s")
    page.wait_for_function(f"() => !{model}.dirty")
    before = page.evaluate(f"() => {_SURFACE}")
    page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' })")
    page.wait_for_function(f"(before) => {_SURFACE} !== before", arg=before)
    page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' })")
    page.wait_for_function(f"(before) => {_SURFACE} === before", arg=before)


def test_full_screen(notebook7: Any) -> None:
    page = notebook7
    page.locator(".full-screen").evaluate("(button) => button.click()")
    page.wait_for_function("() => document.fullscreenElement?.className.includes('xpubreak')")
    assert page.locator(".explorer").bounding_box()["width"] >= page.evaluate("innerWidth") - 20
    page.locator(".full-screen").click()
    page.wait_for_function("() => !document.fullscreenElement")
