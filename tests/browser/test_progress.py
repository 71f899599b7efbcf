"""The progress line in JupyterLab: seen while it goes on, replaced by the breakdown, and not in the saved file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.jupyterlab_server import Notebook
from xpubreak.magic.progress import STAGES

CELL = """
import pathlib, time, xpubreak as xb
from xpubreak.breakdown import display
from xpubreak.magic.progress import STAGES, Progress
line = Progress(get_ipython(), "llm")
print("before")
for number, stage in enumerate(STAGES):
    line(stage, 8_000_000 * number, 40_000_000 if number else None)
    while not pathlib.Path(f"seen-{stage}").exists():
        time.sleep(0.02)
line.become(display.call("outputs_of", xb.load(xb.samples.path("cpu-vllm-eager"), title="the result")))
print("after")
"""


def test_it_is_seen_and_becomes_the_breakdown(notebook: Callable[..., Notebook], page: Any) -> None:
    opened = notebook(CELL)
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    for stage in STAGES:
        page.wait_for_selector(f".jp-OutputArea-output b:text-is('{stage}')", timeout=30_000)
        assert page.locator("progress").count() == 1
        shots = os.environ.get("XPUBREAK_SHOTS")
        if shots:
            page.locator(".jp-OutputArea").first.screenshot(path=Path(shots) / f"progress-{stage}.png")
        (opened.path.parent / f"seen-{stage}").touch()
    page.wait_for_function("() => document.querySelector('.xpubreak')?.shadowRoot.querySelector('h2')", timeout=30_000)
    assert page.locator("progress").count() == 0
    assert page.locator(".xpubreak h2").inner_text() == "the result"
    outputs = opened.saved().cells[0].outputs
    assert [output.output_type for output in outputs] == ["stream", *["display_data"] * 3, "stream"]
    assert [next(iter(output.data)) for output in outputs[1:3]] == ["image/png", "text/html"], "in the line's place"
    assert "capturing" not in str(outputs)
