"""Notebook 06 in JupyterLab: what it tells its readers to try does what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.jupyterlab_server import Notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06-explorer.ipynb"
SHOWN = """(count) => {
  const roots = [...document.querySelectorAll('.xpubreak')].map((one) => one.shadowRoot);
  return roots.filter((root) => root.querySelector('.panel, .filters')).length >= count;
}"""


def test_the_tour(notebook: Callable[..., Notebook], page: Any) -> None:
    opened = notebook(source=NOTEBOOK)
    opened.run_all()
    page.wait_for_function(SHOWN, arg=1, timeout=60_000)
    explorer = page.locator(".xpubreak").first
    explorer.scroll_into_view_if_needed()
    explorer.locator(".chip").first.wait_for()
    explorer.locator(".reset").click()
    assert opened.python("print(view.selection)") == "{}"
    explorer.locator(".filters [data-key=torch]").click()
    assert opened.python("print(view.selection)") == "{'backend': ['torch']}"
    expected = opened.python("print(f'{view.selected.totals.activities:,} activities')")
    assert expected in opened.python("print(told.value)")
    opened.python("layers.value = (2, 3)")
    assert opened.python("print(view.selection)") == "{'layer': [2, 3]}"
    explorer.locator(".chip-text", has_text="2, 3").wait_for()
    opened.python("shared.value = {'category': 'attention'}")
    assert opened.python("print(sorted(shared.of(bd).by('category')['category']))") == "['attention']"
