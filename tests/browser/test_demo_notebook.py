"""The first notebook of the project, run by a person: a click in it reaches every view and the kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.hosts import SEEN
from tests.browser.jupyterlab_server import Notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01-first-breakdown.ipynb"
EXPLORERS = """
import json
from ipywidgets.widgets.widget import _instances
from xpubreak.view.explorer import Explorer
explorers = sorted((w for w in _instances.values() if isinstance(w, Explorer)), key=lambda w: w.breakdown.title)
"""
DRAWN = f"""() => {{
  const all = {SEEN};
  return all.length === 4 && all.every((one) => one.shadowRoot.querySelector('.plot-overlay')?.style.width);
}}"""


def test_click_a_bar_and_everything_follows(notebook: Callable[..., Notebook], page: Any) -> None:
    opened = notebook(source=NOTEBOOK)
    # Outputs out of sight are not drawn: with everything in sight, all of them are.
    page.set_viewport_size({"width": 1280, "height": 12_000})
    opened.run_all()
    page.wait_for_function(DRAWN, timeout=60_000)
    xpu = page.locator(".xpubreak:visible", has_text="synthetic XPU trace")
    assert "synthetic" in xpu.locator(".badge.synthetic").inner_text()
    before = {name: xpu.locator(name).inner_text() for name in (".left", ".kernels tbody", ".details-body")}
    flame = "(one) => one.shadowRoot.querySelector('.flame canvas').toDataURL()"
    frames = xpu.evaluate(flame)

    overlay = xpu.locator(".plot-overlay")
    overlay.scroll_into_view_if_needed(timeout=60_000)
    box = overlay.evaluate("one => ({ width: one.clientWidth, height: one.clientHeight })")
    overlay.click(position={"x": box["width"] * 0.4, "y": box["height"] / 2})

    dimension, layer = xpu.locator(".chip").inner_text(timeout=60_000).split("\n")[:2]
    assert dimension == "layer"
    for name, text in before.items():
        assert xpu.locator(name).inner_text() != text
    assert xpu.evaluate(flame) != frames
    seen = json.loads(opened.python(EXPLORERS + "print(json.dumps([w.selection for w in explorers]))"))
    assert sorted(map(str, seen)) == [f"{{'layer': [{layer}]}}", "{}", "{}", "{}"]
