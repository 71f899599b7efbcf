"""marimo: the same widget where there is no Jupyter; each reader of a served notebook has a session of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("marimo", reason="pip install marimo")
REPOSITORY = Path(__file__).parents[2]
NOTEBOOK = """\
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import xpubreak as xb

    bd = xb.load(xb.samples.path("h200-vllm-eager"))
    return bd, mo


@app.cell
def _(bd, mo):
    view = mo.ui.anywidget(bd.explore())
    view
    return (view,)


@app.cell
def _(bd, mo, view):
    mo.md(f"selected: {view.value['selection']}, {bd.select(view.value['selection']).totals.activities} activities")
    return


if __name__ == "__main__":
    app.run()
"""
DRAWN = """() => {
  const bars = [...document.querySelectorAll('marimo-anywidget')]
    .map((one) => (one.shadowRoot ?? one).querySelector('.xpubreak')?.shadowRoot.querySelector('.plot-overlay'));
  return bars.length > 0 && bars[0]?.style.width;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("marimo")
    (folder / "served.py").write_text(NOTEBOOK)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "marimo", "run", "--headless", "--no-token", "-p", str(port), "served.py"]
    places = {"PYTHONPATH": str(REPOSITORY), "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=os.environ | places, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while not _answers(url):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "log").read_text()[-3000:])
        time.sleep(0.2)
    yield url
    server.terminate()
    server.wait(20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.parametrize("reader", ["first", "second"])
def test_a_click_runs_the_cells_that_read_the_selection(address: str, page: Any, reader: str) -> None:
    page.goto(address)
    page.locator("text=/selected: \\{\\}/").wait_for(timeout=60_000)
    page.wait_for_function(DRAWN, timeout=60_000)
    page.locator(".filters [data-key=torch]").click()
    page.locator("text=selected: {'backend': ['torch']}").wait_for(timeout=20_000)
    shown = page.locator(".left strong").first.inner_text().replace(",", "")
    assert page.locator(f"text={shown} activities").count() == 1, reader
