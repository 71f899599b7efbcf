"""Two ways to show an explorer to a real Chromium: a bare page with a fake kernel, and JupyterLab with a real one."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from tests.browser.jupyterlab_server import JupyterLab, Notebook
from tests.browser.live import CELLS, SAMPLE, Live
from tests.browser.shim import Shim

# The shell is Chromium's engine without the windows around it: a fifth less to compute, by the whole of these tests.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # No --use-angle=swiftshader: it would draw 2D canvases on a software GPU, ten times slower.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def _is_ours(error: Any) -> bool:
    """Not what hosts stumble over by themselves.

    Notebook 7: settings of plugins that only JupyterLab has. JupyterLab 4.6: now and then a busy ``jupyter_server``
    passes the topic of a kernel's first ``stream`` message on as its header, before any cell of ours has run.
    """
    hosts_own = "/static/notebook/" in (error.stack or "")
    return not hosts_own and not re.match(r'Kernel message validation error: .*"stream\.', str(error))


@pytest.fixture
def page(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page; errors in it fail the test, hostile names that run set ``window.__pwned``."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1100})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)) if _is_ours(error) else None)
    yield page
    shots = os.environ.get("XPUBREAK_SHOTS")
    if shots:
        page.screenshot(path=Path(shots) / f"{request.node.name}.png", full_page=True)
    pwned = None if page.is_closed() else page.evaluate("window.__pwned")
    context.close()
    assert pwned is None
    assert errors == []


@pytest.fixture
def shim(page: Any) -> Shim:
    return Shim(page)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    server = JupyterLab(tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("home"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def notebook(lab: JupyterLab, page: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Notebook]]:
    """Open a notebook of the given cells, or a copy of one, in JupyterLab; its kernel is idle."""
    opened: list[Notebook] = []

    def make(*cells: str, source: Path | None = None) -> Notebook:
        opened.append(Notebook(lab, page, f"{request.node.name}-{len(opened)}.ipynb", cells, source))
        return opened[-1].open()

    yield make
    for one in opened:
        one.shut_down()


@pytest.fixture(scope="session")
def opened_live(lab: JupyterLab, chromium: Any) -> Iterator[tuple[Live, list[str]]]:
    """One notebook for all tests that take turns at it, higher than the explorer in it; and the errors of its page."""
    # Without motion: what is asked right after a click is what will stay.
    context = chromium.new_context(viewport={"width": 1440, "height": 3200}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read"])
    errors: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)) if _is_ours(error) else None)
    notebook = Notebook(lab, page, "live.ipynb", CELLS).open()
    yield Live(notebook, xb.load(xb.samples.path(SAMPLE))).start(), errors
    notebook.shut_down()
    context.close()


@pytest.fixture
def live(opened_live: tuple[Live, list[str]]) -> Iterator[Live]:
    """The explorer in JupyterLab, displayed anew with nothing selected."""
    one, errors = opened_live
    one.clear()
    yield one.display()
    found, errors[:] = list(errors), []
    assert found == []


@pytest.fixture
def live_of(live: Live) -> Iterator[Callable[[str, Any], Live]]:
    """Show another breakdown for one test, of an expression for the kernel and the same thing here."""
    usual = live.bd
    yield live.explore
    live.explore(f"xb.load(xb.samples.path({SAMPLE!r}))", usual)
