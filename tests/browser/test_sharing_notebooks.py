"""Every committed notebook, executed once, as readers find it: in JupyterLab without a kernel, and as a page.

Each is taken through every host on the same copy; the network is blocked. 04 needs vLLM and is taken as committed. 02
has tests of its own beside, in `test_sharing_02` and `test_sharing_pages`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from tests.browser import hosts
from tests.browser.hosts import PATIENCE_MS, SEEN
from tests.browser.jupyterlab_server import JupyterLab, Notebook
from tests.browser.test_sharing import without_kernel

FOLDER = Path(__file__).parents[2] / "notebooks"


@dataclass(frozen=True)
class Shown:
    """What readers find in a notebook: explorers, comparisons, and tables of views that save no copy."""

    explorers: int = 0
    comparisons: int = 0
    tables: int = 0

    @property
    def copies(self) -> int:
        return self.explorers + self.comparisons


NOTEBOOKS = {
    "01-first-breakdown": Shown(explorers=4),
    "02-saved-traces": Shown(explorers=3),
    "03-compare": Shown(comparisons=1),
    "04-vllm": Shown(explorers=2),
    "05-your-own-rule": Shown(),
    "06-explorer": Shown(tables=4),
}
_made: dict[str, nbformat.NotebookNode] = {}


def test_none_is_forgotten() -> None:
    assert sorted(NOTEBOOKS) == sorted(path.stem for path in FOLDER.glob("*.ipynb"))


@pytest.fixture(params=[name for name in NOTEBOOKS if not name.startswith("02")])
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def executed(name: str, tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """As it was saved after one run, with the state of widgets."""
    if name == "01-first-breakdown":
        pytest.importorskip("torch")
    if name not in _made:
        made = nbformat.read(FOLDER / f"{name}.ipynb", 4)
        if not any(cell.get("outputs") for cell in made.cells):
            resources = {"metadata": {"path": str(tmp_path_factory.mktemp("executed"))}}
            client = nbclient.NotebookClient(
                made, timeout=600, startup_timeout=300, store_widget_state=True, resources=resources
            )
            client.execute()
        _made[name] = made
    return nbformat.from_dict(_made[name])


@pytest.fixture
def asked(page: Any) -> list[str]:
    page.set_viewport_size({"width": 1280, "height": 9_000})  # JupyterLab draws what is in sight
    return hosts.refuse_network(page.context)


def a_click_filters(page: Any, shown: Shown) -> None:
    """Every copy explores: a click in the first one filters what is around it."""
    page.wait_for_function(f"() => {SEEN}.length === {shown.explorers}", timeout=PATIENCE_MS)
    page.wait_for_function(
        f"() => document.querySelectorAll({'[data-xpubreak-place]'!r}).length === {shown.copies}", timeout=PATIENCE_MS
    )
    if shown.explorers:
        page.wait_for_function(hosts.DRAWN, timeout=PATIENCE_MS)
        page.wait_for_timeout(300)  # the first frames glide in
        before = hosts.flame_of(page)
        hosts.click_layer(page, 2, 4)
        page.wait_for_selector(".chip:visible")
        assert page.locator(".chip-text:visible").first.inner_text() == "2"
        page.wait_for_function(f"(before) => ({hosts._FLAME % 0})() !== before", arg=before)
    if shown.comparisons:
        rows = page.locator(".comparison tbody tr")
        rows.first.wait_for(timeout=PATIENCE_MS)
        whole = rows.count()
        page.locator(".comparison svg g[aria-label^='attention']").first.click()
        assert page.locator(".comparison .chip").first.inner_text() == "category: attention ×"
        assert 0 < rows.count() < whole
    if shown.copies:
        hosts.nothing_left_over(page)
        for picture in page.locator(f"{hosts.PICTURE}").all():
            assert picture.is_hidden(), "the copy takes its place"


def pictures_and_tables(page: Any, shown: Shown, root: str) -> None:
    """What is left where no script runs: a picture for each copy, a table for every view."""
    pictures = page.locator(f"{root} {hosts.PICTURE}")
    # JupyterLab draws the cells one after the other; 05 shows tables of pandas.
    page.wait_for_function(
        f"""() => document.querySelectorAll({f"{root} {hosts.PICTURE}"!r}).length === {shown.copies}
            && document.querySelectorAll({f"{root} table"!r}).length >= {max(1, shown.copies + shown.tables)}""",
        timeout=PATIENCE_MS,
    )
    for picture in pictures.all():
        assert picture.evaluate("image => image.naturalWidth") >= 2000
        assert picture.is_visible()
    assert page.locator(".xpubreak, .comparison").count() == 0
    if shown.copies:
        hosts.nothing_left_over(page, root)


def test_jupyterlab_without_a_kernel_trusted(
    name: str, executed: nbformat.NotebookNode, lab: JupyterLab, page: Any, asked: list[str]
) -> None:
    # It never had a kernel here: its author's is elsewhere.
    without_kernel(Notebook(lab, page, f"{name}.ipynb", ()), page, executed, trusted=True)
    a_click_filters(page, NOTEBOOKS[name])
    assert hosts.visible_blanks(page) == []


def test_jupyterlab_without_a_kernel_not_trusted(
    name: str, executed: nbformat.NotebookNode, lab: JupyterLab, page: Any, asked: list[str]
) -> None:
    # It never had a kernel here: its author's is elsewhere.
    without_kernel(Notebook(lab, page, f"{name}.ipynb", ()), page, executed, trusted=False)
    pictures_and_tables(page, NOTEBOOKS[name], ".jp-Notebook")
    assert hosts.visible_blanks(page) == []


@pytest.mark.parametrize("has_state", [True, False], ids=["with state", "without state"])
def test_nbconvert(
    name: str, executed: nbformat.NotebookNode, page: Any, asked: list[str], tmp_path: Path, has_state: bool
) -> None:
    if has_state and "widgets" not in executed.metadata:
        pytest.skip("shows no widget, or is committed without their state")
    if not has_state:
        executed.metadata.pop("widgets", None)
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(executed, path)
    page.goto(hosts.as_page(path))
    a_click_filters(page, NOTEBOOKS[name])
    assert not [url for url in asked if "xpubreak" in url or "bokeh" in url]


def test_nbconvert_without_scripts(
    name: str, executed: nbformat.NotebookNode, chromium: Any, tmp_path: Path
) -> None:  # fmt: skip
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(executed, path)
    with hosts.without_scripts(chromium) as page:
        page.goto(hosts.as_page(path))
        assert page.locator(hosts.PICTURE).count() == NOTEBOOKS[name].copies
        assert page.locator("table").count() >= max(1, NOTEBOOKS[name].copies + NOTEBOOKS[name].tables)
        if NOTEBOOKS[name].copies:
            hosts.nothing_left_over(page)


def test_what_is_synced_names_no_place_of_this_machine(name: str, executed: nbformat.NotebookNode) -> None:
    state = executed.metadata.get("widgets", {})
    models = [model for one in state.values() for model in one.get("state", {}).values()]
    ours = [model["state"] for model in models if "uid" in model["state"]]
    assert len(ours) == (0 if name == "04-vllm" else NOTEBOOKS[name].copies + NOTEBOOKS[name].tables)
    for found in ours:
        text = repr({key: value for key, value in found.items() if key != "_esm"})
        assert str(Path.home()) not in text
        assert "/tmp" not in text
