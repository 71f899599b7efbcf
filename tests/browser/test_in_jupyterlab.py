"""Explorers in notebooks of their own: saved, not trusted, shown twice, hostile. What clicks do is in test_lab_*."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import nbformat

from tests.browser.hosts import SEEN
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
