"""The explorer of a comparison in a real browser: its page, and the live widget in JupyterLab with its kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from tests.browser.jupyterlab_server import Notebook

LOAD = (
    "import xpubreak as xb\n"
    "a, b = (xb.load(xb.samples.path(n)) for n in ('h200-vllm-eager', 'h200-vllm-compiled'))\n"
    "cmp = xb.compare(a, b, titles=['eager', 'compiled'])"
)


VIEWS = """[...document.querySelectorAll('[data-xpubreak-widget] > div')]
  .filter((one) => one.shadowRoot?.querySelector('tbody tr'))"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = [xb.load(xb.samples.path(name)) for name in ("h200-vllm-eager", "h200-vllm-compiled")]
    cmp = xb.compare(*runs, runs[0], titles=["eager", "compiled", "eager again"])
    return cmp.to_html(tmp_path_factory.mktemp("pages") / "comparison.html")


@pytest.fixture
def opened(page: Any, file: Path) -> Any:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_selector(".comparison tbody tr")
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    return page


def rows(page: Any) -> list[str]:
    return page.locator(".comparison tbody tr").all_inner_texts()


def test_notes_come_first_then_totals(opened: Any) -> None:
    header = opened.locator(".comparison header").inner_text()
    assert header.index("ambiguous name") < header.index("eager") < header.index("503")
    assert "−8.6 %" in header
    assert "faster" in header


def test_a_click_on_a_bar_selects_in_all_views(opened: Any) -> None:
    everything = len(rows(opened))
    opened.locator("svg g[aria-label^='attention']").first.click()
    assert opened.locator(".chip").first.inner_text() == "category: attention ×"
    shown = rows(opened)
    assert 0 < len(shown) < everything
    assert "kernel_unified_attention" in shown[0]
    assert opened.locator(".frame.faint").count() > 0
    assert opened.locator("svg g.faint").count() > 0
    assert "of the selected" in opened.locator(".picked").inner_text()
    opened.locator("svg g[aria-label^='3:']").click()
    assert opened.locator(".chip").count() == 3
    opened.locator(".chip.reset").click()
    assert len(rows(opened)) == everything


def test_a_click_on_a_frame_and_on_a_row(opened: Any) -> None:
    opened.locator(".frame[aria-label^='norm']").first.click()
    assert "category: norm" in opened.locator(".chips").inner_text()
    opened.locator(".chip.reset").click()
    opened.locator(".comparison tbody tr").nth(1).click()
    assert opened.locator(".chip").first.inner_text().startswith("kernel: flash::FlashAttn")
    assert opened.locator(".frame.chosen").count() >= 1
    assert opened.locator("tr.chosen").count() == 1


def test_the_flame_graph_shows_a_b_or_the_difference(opened: Any) -> None:
    coloured = opened.locator(".frame.slow, .frame.fast")
    assert coloured.count() > 3
    opened.locator(".modes button").get_by_text("A", exact=True).click()
    assert coloured.count() == 0
    opened.get_by_role("button", name="difference").click()
    assert coloured.count() > 3
    fast = opened.locator(".frame.fast").first
    assert "gradient" in fast.evaluate("node => getComputedStyle(node).backgroundImage"), "hatched, not coloured alone"
    assert fast.inner_text().startswith("▼")


def test_the_flame_graph_zooms_and_takes_layers_apart(opened: Any) -> None:
    def frame(label: str) -> Any:
        return opened.locator(f".frame[aria-label^='{label}:']").first

    def width(label: str) -> float:
        return float(frame(label).evaluate("node => parseFloat(node.style.width)"))

    assert opened.locator(".frame[aria-label^='layer 3:']").count() == 0
    opened.locator(".levels").get_by_role("button", name="layer").click()
    assert width("layer 3") < 50
    frame("layer 3").dblclick()
    assert width("layer 3") == 100
    assert width("layers") == 100, "what holds it stays above"
    assert "layer: 3" in opened.locator(".chips").inner_text(), "the first click selected it"
    assert opened.locator(".frame[aria-label^='layer 4:']").count() == 0
    frame("layers").click()
    assert width("layer 3") < 50
    frame("layer 3").focus()
    opened.keyboard.press("z")
    assert width("layer 3") == 100
    opened.keyboard.press("0")
    assert width("layer 3") < 50


def test_levels_of_the_flame_graph_are_chosen(opened: Any) -> None:
    levels = opened.locator(".levels")
    operator = opened.locator(".frame[aria-label^='_C::fused_add_rms_norm']")
    assert levels.locator("button").all_inner_texts() == ["backend", "layer", "category", "operator"], "one phase only"
    assert operator.count() == 2, "in layers and after them"
    levels.get_by_role("button", name="operator").click()
    assert operator.count() == 0
    levels.get_by_role("button", name="operator").press("Enter")
    assert levels.get_by_role("button", name="operator").evaluate("node => node.matches(':focus')"), "keeps its place"
    assert operator.count() == 2
    levels.get_by_role("button", name="backend").click()
    assert opened.locator(".frame[aria-label^='layers:']").count() > 1, "below each backend"
    levels.get_by_role("button", name="category").click()
    assert opened.locator(".frame[aria-label^='norm:']").count() == 0


def test_frames_do_not_lie_upon_each_other(opened: Any) -> None:
    opened.locator(".levels").get_by_role("button", name="layer").click()
    found = opened.locator(".frame").evaluate_all(
        "all => all.map(e => [e.offsetTop, e.getBoundingClientRect().left, e.getBoundingClientRect().right])"
    )
    ordered = sorted(found)
    assert len(ordered) > 100
    for (top, _, right), (next_top, left, _) in pairwise(ordered):
        assert top != next_top or right <= left + 1.5, "as wide as the time that it stands for"


def test_a_click_on_an_operator_selects_in_all_views(opened: Any) -> None:
    everything = len(rows(opened))
    opened.locator(".frame[aria-label^='_C::fused_add_rms_norm']").first.click()
    chip = opened.locator(".chip").first
    assert "(interval −" in opened.locator(".picked").inner_text(), "it is a row of a table"
    assert chip.inner_text() == "operator: _C::fused_add_rms_norm + 2 more ×"
    shown = rows(opened)
    assert 0 < len(shown) < everything
    assert all("rms_norm" in name for name in shown)
    assert opened.locator("svg g.faint").count() > 0
    opened.locator(".charts select").select_option("operator")
    assert opened.locator("svg g.chosen").count() == 1, "its bar"
    chip.click()
    assert len(rows(opened)) == everything


@pytest.fixture(scope="module")
def phases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of runs with six steps of each phase, and of one phase in which operators differ."""
    folder = tmp_path_factory.mktemp("phases")
    runs = [
        xb.load(xb.samples.synthesize(prefill_steps=6, decode_steps=6, mode=mode).save(folder / f"{mode}.json"))
        for mode in ("eager", "compiled")
    ]
    return xb.compare(*runs, titles=["eager", "compiled"]).to_html(folder / "phases.html")


@pytest.fixture
def with_phases(page: Any, phases: Path) -> Any:
    page.goto(phases.as_uri())
    page.wait_for_selector(".comparison tbody tr")
    return page


def test_a_phase_is_chosen_and_everything_is_of_it(with_phases: Any) -> None:
    page = with_phases
    before = rows(page)
    prefill, decode = (page.locator(".phases button").nth(at) for at in (0, 1))
    assert (prefill.locator("b").inner_text(), decode.locator("b").inner_text()) == ("prefill", "decode")
    assert "6 and 6 steps: its part of the time per step" in decode.get_attribute("title")
    assert "own step" in decode.inner_text()
    root = page.locator(".frame[aria-label^='everything']")
    whole = root.get_attribute("aria-label")
    decode.click()
    assert page.locator(".chip").first.inner_text() == "phase: decode ×"
    assert decode.get_attribute("aria-pressed") == "true"
    assert page.locator("h3").all_inner_texts()[:2] == ["What changed in decode", "Difference of each layer in decode"]
    assert rows(page) != before, "times of the phase"
    assert root.get_attribute("aria-label") != whole
    decode_ns = decode.inner_text().split("→")[0].removeprefix("decode").strip()
    assert f"A {decode_ns}" in root.get_attribute("aria-label")
    page.locator(".chip").first.click()
    assert rows(page) == before
    assert root.get_attribute("aria-label") == whole


def test_phases_are_a_level_and_a_frame_selects_one(with_phases: Any) -> None:
    page = with_phases
    page.locator(".levels").get_by_role("button", name="phase").click()
    found = page.locator(".frame[aria-label^='prefill:'], .frame[aria-label^='decode:']")
    assert found.count() == 2
    page.locator(".frame[aria-label^='prefill:']").click()
    assert page.locator(".chip").first.inner_text() == "phase: prefill ×"
    assert found.count() == 2, "the other one stays, faint"
    assert page.locator(".frame.faint[aria-label^='decode:']").count() == 1
    page.locator(".charts select").select_option("phase")
    bars = page.locator(".charts > div").first.locator("svg g[tabindex]")
    assert all(text.startswith(("prefill", "decode")) for text in bars.evaluate_all("all => all.map(e => e.ariaLabel)"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [420, 1280])
def test_phases_and_operators_fit_the_page(page: Any, phases: Path, width: int, scheme: Any) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(phases.as_uri())
    page.wait_for_selector(".comparison tbody tr")
    page.locator(".levels").get_by_role("button", name="phase").click()
    page.locator(".phases button").nth(1).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_table_sorts_filters_and_copies(opened: Any) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.locator("input[type=search]").fill("nvjet")
    names = rows(opened)
    assert names
    assert all("nvjet" in name for name in names)
    opened.locator("input[type=search]").fill("")
    opened.locator("input[type=checkbox]").check()
    assert not any("noise" in row.splitlines()[-1] for row in rows(opened))
    opened.locator("th button", has_text="verdict").click()
    assert opened.locator("th[aria-sort=ascending]").inner_text().startswith("verdict")
    opened.locator("button", has_text="CSV").click()
    opened.wait_for_selector("text=copied")


def test_keyboard(opened: Any) -> None:
    bar = opened.locator("svg g[aria-label^='norm']").first
    bar.focus()
    opened.keyboard.press("Enter")
    assert "category: norm" in opened.locator(".chips").inner_text()


def test_another_pair(opened: Any) -> None:
    opened.locator(".heading select").select_option(index=1)
    assert "eager again" in opened.locator(".heading").inner_text()
    assert "same" in opened.locator(".totals").inner_text()


@pytest.mark.parametrize("width", [420, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_out_of_the_page(page: Any, file: Path, width: int, scheme: Any) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(file.as_uri())
    page.wait_for_selector(".comparison tbody tr")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_live_in_jupyterlab(notebook: Callable[..., Notebook], page: Any) -> None:
    """The page and the kernel say the same, whoever selects; shown twice, both views do."""
    made = notebook(LOAD, "view = xb.compare(a, b, a, titles=['eager', 'compiled', 'again']).explore()\nview", "view")
    made.run_all()
    page.wait_for_function(f"() => {VIEWS}.length === 2", timeout=60_000)
    assert page.locator("[data-xpubreak-static] .comparison").count() == 0, "the copy leaves the place to the widget"
    first, second = (page.locator("[data-xpubreak-widget]").nth(at) for at in (0, 1))
    first.locator("svg g[aria-label^='attention']").first.click()
    second.locator(".chip", has_text="category: attention").wait_for()
    assert made.python("print(view.selection)") == "{'category': ['attention']}"
    is_same = "[one.totals.device_ns for one in view.selected] == "
    is_same += "[one.select(category='attention').totals.device_ns for one in (a, b)]"
    assert made.python(f"print({is_same})") == "True"
    made.python("view.selection = {'phase': 'decode', 'layer': 2}")
    for view in (first, second):
        view.locator(".chip", has_text="layer: 2").wait_for()
        assert view.locator(".chip", has_text="phase: decode").count() == 1
        assert view.locator(".chip", has_text="category").count() == 0
    assert "SelectionError" in made.python("view.selection = {'layer': 99}")
    second.get_by_label("Which runs to compare").select_option("1")
    first.locator(".side .title", has_text="again").wait_for()
    assert made.python("print(view.pair, view.selection, view.shown.b_title)") == "1 {} again"
    made.python("view.pair = 0")
    second.locator(".side .title", has_text="compiled").wait_for()
    made.python("view.selection = {'category': 'attention'}")
    second.locator(".chip", has_text="category: attention").wait_for()
    state = json.dumps(made.saved().metadata["widgets"])
    assert "attention" not in state
