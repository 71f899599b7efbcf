"""The explorer and its kernel: restarted under it, cells run again, shown twice, parts in many cells, other widgets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.browser.hosts import SEEN
from tests.browser.jupyterlab_server import Notebook

Opener = Callable[..., Notebook]

LOAD = "import json\nimport xpubreak as xb\nbd = xb.load(xb.samples.path('h200-vllm-eager'))"
DRAWN = f"""(count) => {{
  const shown = {SEEN}.map((one) => one.shadowRoot);
  return shown.length === count && shown.every((root) => root.querySelector('.panel:not(.later), .filters'));
}}"""
SOME_SAYS = """([selector, text]) => [...document.querySelectorAll('.xpubreak')]
  .some((one) => one.shadowRoot.querySelector(selector)?.textContent === text)"""
PILL = ".filters [data-key={}]:visible"


def run(notebook: Opener, page: Any, *cells: str, explorers: int = 1) -> Notebook:
    opened = notebook(LOAD, *cells).run_all()
    page.wait_for_function(DRAWN, arg=explorers, timeout=60_000)
    return opened


def value(opened: Notebook, expression: str) -> Any:
    return json.loads(opened.python(f"print(json.dumps({expression}))"))


def test_a_restarted_kernel_leaves_an_explorer_and_a_new_run_brings_a_live_one(notebook: Opener, page: Any) -> None:
    opened = run(notebook, page, "view = bd.explore()\nview")
    page.locator(PILL.format("torch")).click()
    assert value(opened, "view.selection") == {"backend": ["torch"]}
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'", timeout=60_000
    )
    page.wait_for_function(DRAWN, arg=1, timeout=20_000)
    assert opened.python("print('view' in globals())") == "False"
    page.locator(PILL.format("vllm")).click()
    page.wait_for_function(
        "() => document.querySelector('.xpubreak').shadowRoot.querySelector('.chip-text')?.textContent.includes('vllm')"
    )
    opened.run_all()
    page.wait_for_function(DRAWN, arg=1, timeout=60_000)
    page.locator(PILL.format("triton")).click()
    assert value(opened, "view.selection") == {"backend": ["triton"]}


def test_a_cell_run_again_replaces_its_explorer(notebook: Opener, page: Any) -> None:
    opened = run(notebook, page, "view = bd.explore()\nview")
    page.locator(PILL.format("torch")).click()
    for _ in range(3):
        opened.run_all()
        page.wait_for_function(DRAWN, arg=1, timeout=60_000)
    assert page.locator(".chip").count() == 0, "a new explorer begins with nothing selected"
    page.locator(PILL.format("vllm")).click()
    assert value(opened, "view.selection") == {"backend": ["vllm"]}


def test_one_widget_displayed_twice_is_one_selection(notebook: Opener, page: Any) -> None:
    opened = run(notebook, page, "view = bd.explore()\nview", "view", explorers=2)
    page.locator(PILL.format("torch")).nth(1).click()
    page.wait_for_function(
        """() => [...document.querySelectorAll('.xpubreak')]
          .every((one) => one.shadowRoot.querySelectorAll('.chip').length === 1)"""
    )
    assert value(opened, "view.selection") == {"backend": ["torch"]}


def test_parts_in_cells_of_their_own_are_linked(notebook: Opener, page: Any) -> None:
    opened = run(
        notebook,
        page,
        "shared = xb.SharedSelection(phase='decode')\nxb.Filters(bd, selection=shared)",
        "flame = xb.FlameGraph(bd, selection=shared)\nflame",
        "xb.LayerBars(bd, selection=shared)",
        "xb.KernelTable(bd, selection=shared)",
        "xb.Timeline(bd, selection=shared)",
        explorers=5,
    )
    page.locator(PILL.format("vllm")).click()
    assert value(opened, "shared.value") == {"phase": ["decode"], "backend": ["vllm"]}
    expected = value(opened, "shared.of(bd).kernels.display_name.nunique()")
    page.wait_for_function(
        SOME_SAYS,
        arg=[".kernels .panel-head .muted", f"{expected} distinct"],
    )
    line = page.locator(".kernels [data-key^=name-]:visible").first
    line.scroll_into_view_if_needed()
    line.click()
    assert len(value(opened, "flame.selection['kernel']")) == 1
    opened.python("shared.value = {'layer': [2]}")
    page.wait_for_function(SOME_SAYS, arg=[".filters .chip-text", "2"])


WIRED = """\
import ipywidgets
view = bd.explore()
choice = ipywidgets.Dropdown(options=["all", "torch", "vllm"])
total = ipywidgets.IntText()
def chosen(change):
    view.selection = {} if change.new == "all" else {"backend": change.new}
def selected(change):
    total.value = view.selected.totals.activities
choice.observe(chosen, "value")
view.observe(selected, "selection")
ipywidgets.VBox([choice, total, view])"""


def test_ipywidgets_are_wired_to_the_selection(notebook: Opener, page: Any) -> None:
    opened = run(notebook, page, WIRED)
    page.locator(PILL.format("vllm")).click()
    expected = value(opened, "int(bd.select(backend='vllm').totals.activities)")
    page.wait_for_function("(n) => document.querySelector('.widget-text input').value === String(n)", arg=expected)
    page.locator(".widget-dropdown select").select_option("torch")
    page.wait_for_function(
        "() => document.querySelector('.xpubreak').shadowRoot.querySelector('.chip-text')?.textContent === 'torch'"
    )
    expected = value(opened, "int(bd.select(backend='torch').totals.activities)")
    assert value(opened, "total.value") == expected
    assert page.locator(".left strong").first.inner_text() == f"{expected:,}"


def test_a_linked_value_follows_both_ways(notebook: Opener, page: Any) -> None:
    code = (
        "import traitlets\nview = bd.explore()\n"
        "class Mine(traitlets.HasTraits):\n    chosen = traitlets.Dict()\n"
        "mine = Mine()\nlink = traitlets.dlink((view, 'selection'), (mine, 'chosen'))\nview"
    )
    opened = run(notebook, page, code)
    page.locator(PILL.format("triton")).click()
    assert value(opened, "mine.chosen") == {"backend": ["triton"]}
