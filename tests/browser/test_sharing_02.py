"""Notebook 02, run in JupyterLab and saved there, as readers open it: with no kernel, trusted or not, shared or not.

The network is blocked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

import xpubreak as xb
from tests.browser import hosts
from tests.browser.hosts import PATIENCE_MS
from tests.browser.jupyterlab_server import JupyterLab, Notebook
from tests.browser.test_sharing import without_kernel
from xpubreak.view.share import share

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02-saved-traces.ipynb"


@pytest.fixture(scope="module")
def saved_path(lab: JupyterLab, chromium: Any) -> Path:
    context = chromium.new_context(viewport={"width": 1280, "height": 9_000})
    hosts.refuse_network(context)
    opened = Notebook(lab, context.new_page(), "02-run.ipynb", (), NOTEBOOK).open().run_all()
    opened.page.wait_for_function(f"() => {hosts.SEEN}.length === 3", timeout=PATIENCE_MS)
    opened.saved()
    opened.shut_down()
    context.close()
    return opened.path


@pytest.mark.parametrize("is_shared", [False, True], ids=["as saved", "by %xpu_share"])
@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
def test_readers_find_what_was_saved(
    saved_path: Path, lab: JupyterLab, page: Any, trusted: bool, is_shared: bool
) -> None:  # fmt: skip
    page.set_viewport_size({"width": 1280, "height": 9_000})
    hosts.refuse_network(page.context)
    saved = nbformat.read(share(saved_path).path if is_shared else saved_path, 4)
    without_kernel(Notebook(lab, page, "02.ipynb", ()), page, saved, trusted=trusted)
    if trusted:
        hosts.explores(page, xb.load(xb.samples.path("h200-vllm-compiled")))
        hosts.shows_one_form_of_each(page, 3)
    else:
        hosts.shows_pictures(page, 3)
    assert hosts.visible_blanks(page) == []
