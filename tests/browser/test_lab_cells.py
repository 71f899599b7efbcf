"""Parts in cells of their own, in JupyterLab, and ipywidgets beside them: one selection, the kernel's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import xpubreak as xb
from tests.browser.jupyterlab_server import Notebook
from tests.browser.live import PATIENCE_MS, SAMPLE

CELLS = (
    f"import json, ipywidgets\nimport xpubreak as xb\nbd = xb.load(xb.samples.path({SAMPLE!r}))",
    "shared = xb.SharedSelection()\nxb.Filters(bd, selection=shared)",
    "xb.FlameGraph(bd, selection=shared)",
    "xb.Timeline(bd, selection=shared)",
    "xb.LayerBars(bd, selection=shared)",
    "xb.KernelTable(bd, selection=shared)",
    "xb.Details(bd, selection=shared)",
    """\
choice = ipywidgets.Dropdown(options=["all", "torch", "vllm"])
total = ipywidgets.IntText()
def chosen(change):
    shared.value = {} if change.new == "all" else {"backend": change.new}
def selected(change):
    total.value = shared.of(bd).totals.activities
choice.observe(chosen, "value")
shared.observe(selected, "value")
ipywidgets.VBox([choice, total])""",
)
DRAWN = """() => {
  const roots = [...document.querySelectorAll('.xpubreak')].filter((one) => one.checkVisibility())
    .map((one) => one.shadowRoot);
  const has = (selector) => roots.some((root) => root.querySelector(selector));
  return roots.length === 6 && !has('.later') && has('.left strong') && has('.flame canvas') && has('.line-name')
    && roots.some((root) => root.querySelector('.plot-overlay')?.style.width)
    && roots.some((root) => root.querySelector('canvas.tracks')?.width > 1);
}"""
SAYS = """(count) => {
  const said = [...document.querySelectorAll('.xpubreak')].filter((one) => one.checkVisibility())
    .map((one) => one.shadowRoot.querySelector('.left strong, .summary-left strong')?.textContent);
  return said.length === 6 && said.every((text) => text === count)
    && document.querySelector('.widget-text input').value.replace(',', '') === count.replace(',', '');
}"""


def test_a_click_in_any_cell_reaches_all_others_the_kernel_and_its_widgets(
    notebook: Callable[..., Notebook], page: Any
) -> None:
    # All cells in sight: JupyterLab takes those out of the page that are not.
    page.set_viewport_size({"width": 1440, "height": 3600})
    bd = xb.load(xb.samples.path(SAMPLE))
    opened = notebook(*CELLS).run_all()
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    opened.python("0")  # what the views asked of the kernel is answered before this

    def reaches_all(*dimensions: str) -> None:
        page.locator(".chip:visible").first.wait_for(timeout=PATIENCE_MS)
        selection, activities = json.loads(
            opened.python("print(json.dumps([shared.value, shared.of(bd).totals.activities]))")
        )
        assert set(selection) == set(dimensions)
        assert activities == bd.select(selection).totals.activities < bd.totals.activities
        page.wait_for_function(SAYS, arg=f"{activities:,}", timeout=PATIENCE_MS)

    def reset() -> None:
        opened.python("shared.value = {}")
        page.wait_for_function(SAYS, arg=f"{bd.totals.activities:,}", timeout=PATIENCE_MS)

    page.locator(".filters:visible [data-key=torch]").click()
    reaches_all("backend")
    reset()
    page.locator(".flame canvas:visible").click(position={"x": 200, "y": 33})
    reaches_all("layer")
    reset()
    page.locator("canvas.tracks:visible").focus()
    for key in ("ArrowRight", "End", "Enter"):
        page.keyboard.press(key)
    reaches_all("row")
    reset()
    page.locator(".plot-overlay:visible").focus()
    for key in ("Home", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    reaches_all("layer")
    reset()
    page.locator(".line-name:visible").first.click()
    reaches_all("kernel")
    page.locator(".peer:visible").nth(2).click()
    reaches_all("kernel", "layer")
    reset()
    page.locator(".widget-dropdown select").select_option("vllm")
    reaches_all("backend")
    assert page.locator(".chip-text:visible").first.inner_text().startswith("vllm")
