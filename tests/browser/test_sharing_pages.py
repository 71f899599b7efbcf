"""Shared as a page: nbconvert with stored widget state and without, scripts on and off, GitHub and nbviewer emulated.

The notebook is an executed copy of notebook 02, with one explorer and two single views; the network is blocked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

import xpubreak as xb
from tests.browser import hosts
from xpubreak.view.share import share

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02-saved-traces.ipynb"
VIEWS = 3


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Run once, with the state of widgets; the same without; and as ``%xpu_share`` writes it."""
    folder = tmp_path_factory.mktemp("executed")
    made = nbformat.read(NOTEBOOK, 4)
    resources = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(made, timeout=300, store_widget_state=True, resources=resources).execute()
    found = {name: folder / f"{name}.ipynb" for name in ("stateful", "stateless", "shared")}
    nbformat.write(made, found["stateful"])
    del made.metadata["widgets"]
    nbformat.write(made, found["stateless"])
    assert share(found["stateful"], found["shared"]).handout.problems == ()
    return found


@pytest.fixture(scope="module")
def bd() -> xb.Breakdown:
    return xb.load(xb.samples.path("h200-vllm-compiled"))


@pytest.fixture
def asked(page: Any) -> list[str]:
    return hosts.refuse_network(page.context)


@pytest.mark.parametrize("name", ["stateless", "stateful", "shared"])
def test_nbconvert(executed: dict[str, Path], bd: xb.Breakdown, page: Any, asked: list[str], name: str) -> None:
    page.goto(hosts.as_page(executed[name]))
    hosts.explores(page, bd)
    hosts.shows_one_form_of_each(page, VIEWS)
    # nbconvert's own template asks for MathJax and, with state, for the widget manager: it gets nothing.
    assert not [url for url in asked if "xpubreak" in url or "bokeh" in url]


@pytest.mark.parametrize("name", ["stateless", "stateful", "shared"])
def test_nbconvert_without_scripts(executed: dict[str, Path], chromium: Any, name: str) -> None:
    with hosts.without_scripts(chromium) as page:
        page.goto(hosts.as_page(executed[name]))
        hosts.shows_picture_and_table(page)
        assert page.locator(hosts.PICTURE).count() == VIEWS


@pytest.mark.parametrize("template", ["classic", "basic"])
def test_other_templates(
    executed: dict[str, Path], bd: xb.Breakdown, page: Any, asked: list[str], template: str
) -> None:
    page.goto(hosts.as_page(executed["stateless"], "--template", template))
    hosts.explores(page, bd)
    hosts.shows_one_form_of_each(page, VIEWS)


def test_single_views_of_a_page_are_linked(executed: dict[str, Path], page: Any, asked: list[str]) -> None:
    """The flame graph and the bars of notebook 02 are outputs of two cells that share a selection."""
    page.goto(hosts.as_page(executed["stateless"]))
    hosts.shows_one_form_of_each(page, VIEWS)
    page.wait_for_function(f"() => {hosts.SEEN}[2].shadowRoot.querySelector('.plot-overlay')?.style.width")
    page.wait_for_timeout(300)
    flame, explorer = hosts.flame_of(page, 1), hosts.flame_of(page, 0)
    overlay = page.locator(".plot-overlay:visible").nth(1)
    overlay.scroll_into_view_if_needed()
    box = overlay.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 4.5 / 12, box["y"] + box["height"] / 2)
    page.wait_for_function(f"(before) => ({hosts._FLAME % 1})() !== before", arg=flame)
    assert hosts.flame_of(page, 0) == explorer, "the explorer has a selection of its own"


def test_emulated_nbviewer(executed: dict[str, Path], bd: xb.Breakdown, page: Any, asked: list[str]) -> None:
    page.goto(hosts.as_nbviewer(page, executed["stateless"]))
    hosts.explores(page, bd)
    hosts.shows_one_form_of_each(page, VIEWS)


@pytest.mark.parametrize("name", ["stateful", "shared"])
def test_emulated_github(executed: dict[str, Path], chromium: Any, tmp_path: Path, name: str) -> None:
    with hosts.without_scripts(chromium) as page:
        page.goto(hosts.as_github(executed[name], tmp_path / "github.html"))
        hosts.shows_picture_and_table(page)
        assert page.locator(hosts.PICTURE).count() == VIEWS


def test_html_file_without_scripts(bd: xb.Breakdown, chromium: Any, tmp_path: Path) -> None:
    with hosts.without_scripts(chromium) as page:
        page.goto(bd.to_html(tmp_path / "run.html").as_uri())
        hosts.shows_picture_and_table(page)


def test_html_file(bd: xb.Breakdown, page: Any, asked: list[str], tmp_path: Path) -> None:
    page.goto(bd.to_html(tmp_path / "run.html").as_uri())
    hosts.explores(page, bd)
    hosts.shows_one_form_of_each(page, 1)
    assert asked == []
