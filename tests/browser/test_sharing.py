"""A shared notebook still explores in JupyterLab and Notebook 7: live, without a kernel, trusted or not, saved again.

The network is blocked in all of them.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

import xpubreak as xb
from tests.browser import hosts
from tests.browser.hosts import DRAWN, PATIENCE_MS, SEEN
from tests.browser.jupyterlab_server import JupyterLab, Notebook

LOAD = "import xpubreak as xb\nbd = xb.load(xb.samples.path('h200-vllm-eager'))"
SINGLE = ("FlameGraph", "Timeline", "LayerBars", "KernelTable", "Filters", "Details")

Opener = Callable[..., Notebook]


@pytest.fixture(scope="module")
def bd() -> xb.Breakdown:
    return xb.load(xb.samples.path("h200-vllm-eager"))


@pytest.fixture(autouse=True)
def asked(page: Any) -> list[str]:
    return hosts.refuse_network(page.context)


def reopened(opened: Notebook, page: Any, *, trusted: bool) -> Notebook:
    """Open the saved notebook again, with no kernel at all."""
    saved = opened.saved()
    opened.shut_down()
    return without_kernel(opened, page, saved, trusted=trusted)


def without_kernel(opened: Notebook, page: Any, saved: nbformat.NotebookNode, *, trusted: bool) -> Notebook:
    saved.metadata["kernelspec"] = {"name": "elsewhere", "display_name": "Elsewhere", "language": "klingon"}
    saved.metadata["language_info"] = {"name": "klingon"}
    if not trusted:
        saved.metadata["from"] = "somebody else"  # the signature of the author's save fits no longer
    nbformat.write(saved, opened.path)
    if trusted:
        opened.trust()
    page.goto("about:blank")
    return opened.open_without_kernel()


def test_live_widget_hides_picture_and_copy(notebook: Opener, page: Any, bd: xb.Breakdown) -> None:
    opened = notebook(f"{LOAD}\nview = bd.explore()\nview").run_all()
    hosts.explores(page, bd)
    hosts.shows_one_form_of_each(page, 1)
    assert page.locator("[data-xpubreak-static]").is_hidden()
    assert hosts.visible_blanks(page) == []
    assert json.loads(opened.python("import json; print(json.dumps(view.selection))")) == {"layer": [2]}


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "as received"])
def test_without_a_snapshot_the_table_is_left_alone(notebook: Opener, page: Any, trusted: bool) -> None:
    """Nothing waits for a widget that cannot come; the last cell is there to be waited for."""
    views = ("bd.explore(snapshot='none')", "xb.compare(bd, bd).explore(snapshot='none')")
    opened = notebook(LOAD, *views, "bd").run_all()
    page.wait_for_function(f"() => {SEEN}.length === 2", timeout=PATIENCE_MS)
    saved = opened.saved()
    opened.shut_down()
    without_kernel(opened, page, saved, trusted=trusted)
    if trusted:
        page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    page.wait_for_function(f"() => !document.querySelector('.jp-Notebook').innerText.includes({hosts.LEFTOVERS[0]!r})")
    assert page.locator(".jp-Notebook table:visible").count() >= 4
    hosts.nothing_left_over(page, ".jp-Notebook")
    assert hosts.visible_blanks(page) == []


def test_trusted_without_a_kernel_explores_and_can_be_saved_again(
    notebook: Opener, page: Any, bd: xb.Breakdown
) -> None:
    opened = notebook(f"{LOAD}\nbd", "xb.KernelTable(bd)").run_all()
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    for _ in range(2):
        reopened(opened, page, trusted=True)
        hosts.explores(page, bd)
        hosts.shows_one_form_of_each(page, 2)
        assert hosts.visible_blanks(page) == []


def test_not_trusted_shows_picture_and_table(notebook: Opener, page: Any) -> None:
    opened = notebook(f"{LOAD}\nbd").run_all()
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    for _ in range(2):
        reopened(opened, page, trusted=False)
        hosts.shows_picture_and_table(page, ".jp-Notebook")
        assert "<xpubreak" not in page.locator(".jp-Notebook").inner_text()
        assert hosts.visible_blanks(page) == []


def test_another_kernel_that_ran_nothing(notebook: Opener, page: Any, bd: xb.Breakdown) -> None:
    """As whoever opens it in a JupyterLab of their own sees it before running anything: the copy explores."""
    opened = notebook(f"{LOAD}\nbd").run_all()
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    opened.saved()
    opened.shut_down()
    opened.trust()
    page.goto("about:blank")
    opened.open()
    hosts.explores(page, bd)
    hosts.shows_one_form_of_each(page, 1)


def test_single_views_explore_without_a_kernel_and_are_linked(notebook: Opener, page: Any, bd: xb.Breakdown) -> None:
    cells = [f"view = xb.{SINGLE[0]}(bd)\nview", *(f"xb.{name}(bd, selection=view)" for name in SINGLE[1:])]
    opened = notebook(LOAD, *cells)
    page.set_viewport_size({"width": 1280, "height": 6_000})
    opened.run_all()
    page.wait_for_function(f"() => {hosts.SEEN}.length === {len(SINGLE)}", timeout=PATIENCE_MS)
    reopened(opened, page, trusted=True)
    page.wait_for_function(f"() => {hosts.SEEN}[2]?.shadowRoot.querySelector('.plot-overlay')?.style.width")
    hosts.shows_one_form_of_each(page, len(SINGLE))
    page.wait_for_timeout(300)
    before, kernels = hosts.flame_of(page), page.locator(".kernels .panel-head .muted:visible").first.inner_text()
    hosts.click_layer(page, 2)
    page.wait_for_function(f"(before) => ({hosts._FLAME % 0})() !== before", arg=before)
    assert page.locator(".kernels .panel-head .muted:visible").first.inner_text() != kernels
    assert page.locator(".left strong:visible").first.inner_text() == f"{bd.select(layer=2).totals.activities:,}"
    assert hosts.visible_blanks(page) == []


def test_single_views_not_trusted(notebook: Opener, page: Any) -> None:
    opened = notebook(LOAD, *(f"xb.{name}(bd)" for name in SINGLE))
    page.set_viewport_size({"width": 1280, "height": 9_000})
    opened.run_all()
    page.wait_for_function(f"() => {SEEN}.length === {len(SINGLE)}", timeout=PATIENCE_MS)
    reopened(opened, page, trusted=False)
    hosts.shows_pictures(page, len(SINGLE))
    assert hosts.visible_blanks(page) == []


def test_copy_takes_the_place_when_the_widget_dies(notebook: Opener, page: Any, bd: xb.Breakdown) -> None:
    opened = notebook(f"{LOAD}\nview = bd.explore()\nview").run_all()
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    opened.python("view.close()")
    page.wait_for_selector("[data-xpubreak-static]", state="visible")
    hosts.explores(page, bd)
    hosts.shows_one_form_of_each(page, 1)


def test_sizes_of_what_is_saved(notebook: Opener, page: Any) -> None:
    cells = ["bd", "bd", "bd.explore(snapshot='none')"]
    opened = notebook(LOAD, *cells).run_all()
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    first, second, without = [len(json.dumps(cell.outputs)) for cell in opened.saved().cells[1:]]
    assert first < 600_000 + 480_000, "the first one brings BokehJS"
    assert second < 600_000
    assert without < 100_000


def test_this_notebook_is_shared_from_within(notebook: Opener, page: Any) -> None:
    opened = notebook(f"%load_ext xpubreak\n{LOAD}\nbd").run_all()
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    opened.saved()
    report = opened.python("%xpu_share")
    shared = opened.path.with_name(f"{opened.path.stem}-shared.ipynb")
    assert str(shared) in report
    assert "picture and copy" in report
    assert "widget" not in json.dumps(nbformat.read(shared, 4).metadata)


@pytest.fixture
def elsewhere(chromium: Any) -> Iterator[Any]:
    """A page whose errors may be the host's own: Notebook 7 throws a few when settings are not its own."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1100})
    hosts.refuse_network(context)
    yield context.new_page()
    context.close()


def _outputs_of(path: Path) -> list[Any]:
    """Of the first cell; none while the file is being written."""
    try:
        found: list[Any] = nbformat.read(path, 4).cells[0].outputs
    except nbformat.reader.NotJSONError:
        return []
    return found


def test_notebook_7(lab: JupyterLab, notebook: Opener, elsewhere: Any, bd: xb.Breakdown) -> None:
    """The same outputs in Jupyter Notebook 7: live, then from the file, trusted, where nothing has run."""
    pytest.importorskip("notebook")
    opened = notebook(f"{LOAD}\nbd")
    opened.shut_down()
    page, address = elsewhere, f"{lab.base}/notebooks/{opened.path.name}?token=xpubreak-tests"
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=PATIENCE_MS)
    # Before its kernel is there, a cell that is run does nothing.
    page.wait_for_function(_IDLE, timeout=PATIENCE_MS)
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    hosts.explores(page, bd)
    hosts.shows_one_form_of_each(page, 1)
    page.locator("[data-command='docmanager:save']").first.click()
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not _outputs_of(opened.path):
        assert time.monotonic() < deadline, "not saved"
        page.wait_for_timeout(200)
    assert len(nbformat.read(opened.path, 4).cells[0].outputs) == 3
    opened.trust()
    page.goto("about:blank")
    _end_kernel(lab, opened.path.name)
    page.goto(address)
    hosts.explores(page, bd)
    hosts.shows_one_form_of_each(page, 1)


_IDLE = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


def _end_kernel(lab: JupyterLab, name: str) -> None:
    """Of one notebook, by the server's REST API; the kernel that a page starts then has run nothing."""
    token = {"Authorization": "token xpubreak-tests"}
    with urllib.request.urlopen(urllib.request.Request(f"{lab.base}/api/sessions", headers=token)) as answer:
        sessions = json.load(answer)
    for session in sessions:
        if session["path"] == name:
            request = urllib.request.Request(f"{lab.base}/api/sessions/{session['id']}", headers=token, method="DELETE")
            urllib.request.urlopen(request).close()


PRIVATE = """\
import json
import xpubreak as xb
from xpubreak.trace import kineto
who = "".join(["zaph", "odb"])
names = [f"/home/{who}/k.cu", "gemm"]
bd = xb.load(kineto.from_dicts([
    {"ph": "X", "cat": "kernel", "name": name, "pid": 0, "tid": 7, "ts": 20 * at, "dur": 9 - at}
    for at, name in enumerate(names)
]), title=f"{who}'s run")
view = bd.explore()
view"""


def test_the_saved_state_of_a_selection_names_nobody(notebook: Opener, page: Any) -> None:
    """The page and Python know what is selected; the file with its widget state knows what redaction says."""
    opened = notebook(PRIVATE).run_all()
    page.wait_for_selector(".kernels tbody tr", timeout=PATIENCE_MS)
    page.locator(".kernels tbody tr", has_text="zaphodb").first.click()
    page.wait_for_selector(".chip:visible")
    assert "zaphodb" in page.locator(".chips:visible").first.inner_text()
    chosen = json.loads(opened.python("print(json.dumps(view.selection))"))
    assert chosen["kernel"] == ["/home/zaphodb/k.cu"]
    search = page.locator(".filters input[type='search']").first
    search.fill("zaphodb")
    search.press("Enter")
    page.wait_for_timeout(500)
    assert json.loads(opened.python("print(json.dumps(view.selection))"))["text"] == ["zaphodb"]
    saved = opened.saved()
    assert "widgets" in saved.metadata, "with the state of widgets"
    assert "…/k.cu" in json.dumps(saved.metadata, ensure_ascii=False)
    assert "zaphodb" not in json.dumps(saved.metadata)
    assert "zaphodb" not in json.dumps(saved.cells)
    opened.python("view.selection = {'kernel': [names[0]]}")
    # The search is gone, and the kernel is written by its own name: what Python selects is understood.
    page.wait_for_function(
        f"() => {hosts.SEEN}[0].shadowRoot.querySelectorAll('.chip').length === 1", timeout=PATIENCE_MS
    )
    assert "zaphodb" in page.locator(".chips:visible").first.inner_text()
