"""Parts whose code comes later than the explorer, or never: what is there works, and the others say what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from tests.browser.flamegraph import ROOT
from tests.browser.jupyterlab_server import Notebook
from tests.browser.reading import agrees
from tests.browser.shim import Shim
from xpubreak.view.explorer import Explorer
from xpubreak.view.runtime import LATER, STATIC

REAL = xb.load(xb.samples.path("h200-vllm-eager"))
CODES = tuple(f"part-{name}" for name in LATER)
PANELS = tuple(name for name in LATER if name != "editors")
HEIGHTS = f"""() => Object.fromEntries([...{ROOT}.querySelectorAll('.panel')].map((panel) =>
  [panel.getAttribute('aria-label'), panel.getBoundingClientRect().height]))"""


def came(shim: Shim, part: str) -> None:
    shim.page.evaluate(f"give['part-{part}']()")
    shim.page.wait_for_selector(f".panel.{part}:not(.later)")


def code_of(part: str) -> str:
    return (STATIC / f"part-{part}.js").read_text(encoding="utf-8")


def make_dark(shim: Shim) -> None:
    shim.page.evaluate("document.documentElement.style.setProperty('--jp-layout-color1', '#111')")
    shim.page.evaluate("document.documentElement.style.setProperty('--jp-ui-font-color0', '#eee')")
    surface = f"getComputedStyle({ROOT}.querySelector('.explorer')).backgroundColor"
    shim.page.wait_for_function(f"() => {surface} === 'rgb(17, 17, 17)'")


def test_the_core_is_used_while_nothing_else_has_arrived(shim: Shim) -> None:
    shim.show(REAL, held=CODES)
    assert shim.page.locator(".later").count() == len(PANELS)
    for part, words in zip(PANELS, shim.page.locator(".later").all_inner_texts(), strict=True):
        assert f"Loading the {part} …" in words
    shim.click_frame(1, 0.4)
    assert shim.selection != {}
    agrees(shim, REAL)
    shim.page.locator(".pill", has_text="triton").click()
    assert shim.selection["backend"] == ["triton"]
    agrees(shim, REAL)


def test_parts_show_what_was_selected_before_they_came(shim: Shim) -> None:
    shim.show(REAL, held=CODES)
    shim.page.locator(".pill", has_text="triton").click()
    for part in reversed(PANELS):
        came(shim, part)
    assert [shim.page.locator(".panel").nth(at).get_attribute("aria-label") for at in range(-5, 0)] == [
        "Timeline", "Layers", "Details", "Roofline", "Kernels",
    ]  # fmt: skip
    kernels = REAL.select(backend="triton").kernels.display_name.nunique()
    assert shim.text(".kernels .panel-head .muted") == f"{kernels} distinct"
    assert "distinct kernels" in shim.text(".details .subject")
    shim.page.locator(".kernels .line-name").first.click()
    agrees(shim, REAL)


def test_what_comes_is_about_as_high_as_its_place(shim: Shim) -> None:
    shim.show(REAL, held=CODES)
    before = shim.page.evaluate(HEIGHTS)
    for part in PANELS:
        came(shim, part)
    shim.page.wait_for_function(
        f"() => {ROOT}.querySelector('.plot-overlay')?.style.width && {ROOT}.querySelector('canvas.tracks')"
    )
    shim.page.wait_for_function(f"() => {ROOT}.querySelector('.roofline .empty').hidden")
    after = shim.page.evaluate(HEIGHTS)
    assert {name: abs(after[name] - before[name]) < 60 for name in after} == dict.fromkeys(after, True)


def test_a_theme_that_changes_while_a_part_is_under_way_is_its_theme(shim: Shim) -> None:
    axis = f"{ROOT}.querySelector('.time-axis').toDataURL()"
    is_drawn = f"() => {ROOT}.querySelector('canvas.tracks')?.width > 1 && {axis}"
    shim.show(REAL, held=("part-timeline",))
    make_dark(shim)
    came(shim, "timeline")
    late = shim.page.wait_for_function(is_drawn).json_value()
    shim.show(REAL)
    assert shim.page.wait_for_function(is_drawn).json_value() != late
    make_dark(shim)
    shim.page.wait_for_function(f"(late) => {axis} === late", arg=late)


def test_a_part_that_is_put_away_comes_put_away(shim: Shim) -> None:
    shim.show(REAL, held=("part-timeline",))
    shim.page.locator(".parts-menu").click()
    shim.page.locator("[data-part=timeline]").uncheck()
    came_hidden = f"() => {ROOT}.querySelector('.panel.timeline.away:not(.later)')"
    shim.page.evaluate("give['part-timeline']()")
    shim.page.wait_for_function(came_hidden)
    shim.page.locator("[data-part=timeline]").check()
    assert shim.page.locator(".panel.timeline").is_visible()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("{ answer: 'part-timeline', error: 'no such file' }, []", "no such file"),
        (
            "{ answer: 'part-timeline' }, [packed('export default () => { throw Error(`another version`) }')]",
            "another version",
        ),
        ("{ answer: 'part-timeline' }, [new DataView(new ArrayBuffer(3))]", "cannot be shown"),
    ],
    ids=["missing", "foreign", "broken"],
)
def test_one_that_fails_says_so_and_can_be_asked_for_again(shim: Shim, answer: str, says: str) -> None:
    shim.show(REAL, held=("part-timeline",))
    shim.page.evaluate(
        f"""async () => {{
          const gzip = (text) => new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
          window.packed = (text) => text;
          const answer = [{answer}];
          const [one] = answer[1];
          if (typeof one === 'string') answer[1] = [new DataView(await new Response(gzip(one)).arrayBuffer())];
          give['part-timeline'](answer);
        }}"""
    )
    failed = shim.page.locator(".panel.timeline .failed")
    failed.wait_for()
    assert "The timeline cannot be shown" in failed.inner_text()
    assert says in failed.inner_text()
    shim.page.wait_for_function(f"() => !{ROOT}.querySelector('.later:not(.timeline)')")
    shim.page.locator(".kernels .line-name").first.click()
    agrees(shim, REAL)
    failed.get_by_role("button", name="Try again").click()
    assert "Loading the timeline" in shim.text(".panel.timeline")
    came(shim, "timeline")
    shim.page.wait_for_function(f"() => {ROOT}.querySelector('canvas.tracks')?.width > 1")


def test_code_of_other_sources_is_refused(shim: Shim) -> None:
    shim.show(REAL, held=("part-timeline",))
    shim.page.evaluate(
        """async (text) => {
          const foreign = text.replace(/OF!=="\\w+"/, 'OF!=="0123456789ab"');
          const gzip = new Blob([foreign]).stream().pipeThrough(new CompressionStream('gzip'));
          give['part-timeline']([{ answer: 'part-timeline' }, [new DataView(await new Response(gzip).arrayBuffer())]]);
        }""",
        code_of("timeline"),
    )
    shim.page.wait_for_selector(".panel.timeline .failed")
    assert "another version of xpubreak" in shim.text(".panel.timeline .failed")


@pytest.mark.parametrize("part", PANELS)
def test_a_view_of_its_own_asks_for_its_own_code_only(shim: Shim, part: str) -> None:
    shim.show(REAL, parts=(part,), held=CODES)
    assert shim.page.evaluate("Object.keys(give)") == [f"part-{part}"]
    came(shim, part)
    assert shim.page.locator(".panel").count() == 1


def test_parts_of_the_core_ask_for_nothing_but_what_filters_open(shim: Shim) -> None:
    core = [name for name in Explorer._parts if name not in LATER]
    shim.show(REAL, parts=tuple(name for name in core if name != "filters"), held=CODES)
    assert shim.page.evaluate("Object.keys(give)") == []
    shim.show(REAL, parts=("filters",), held=CODES)
    assert shim.page.evaluate("Object.keys(give)") == ["part-editors"]


def test_a_filter_is_opened_before_its_code_has_come(shim: Shim) -> None:
    shim.show(REAL, parts=("filters",), selection={"layer": [1, 2]}, held=CODES)
    popup = shim.page.locator(".filters .popup")
    shim.page.locator(".chip-edit").click()
    assert "Loading the filter …" in popup.inner_text()
    shim.page.evaluate("give['part-editors']([{ answer: 'part-editors', error: 'no such file' }, []])")
    popup.locator(".failed").wait_for()
    assert "The filter cannot be shown" in popup.inner_text()
    popup.get_by_role("button", name="Try again").click()
    shim.page.evaluate("give['part-editors']()")
    popup.locator(".choice").first.wait_for()
    assert shim.page.evaluate(f"{ROOT}.activeElement.value") == "1-2"
    popup.locator(".choice input").nth(4).check()
    assert shim.selection == {"layer": [1, 2, 4]}


def test_a_page_that_lost_its_parts_still_explores(page: Any, tmp_path: Path) -> None:
    path = REAL.to_html(tmp_path / "run.html")
    html = path.read_text(encoding="utf-8")
    path.write_text(re.sub('data-xpubreak="later">[^<]*<', 'data-xpubreak="lost"><', html), encoding="utf-8")
    page.goto(path.as_uri())
    page.wait_for_selector(".panel.kernels .failed")
    assert "this copy does not hold its code" in page.locator(".panel.kernels .failed").inner_text()
    page.locator(".pill", has_text="triton").click()
    expected = REAL.select(backend="triton").totals
    assert page.locator(".left strong").first.inner_text() == f"{expected.activities:,}"


def test_in_jupyterlab_a_part_that_the_kernel_cannot_read(notebook: Callable[..., Notebook], page: Any) -> None:
    opened = notebook(
        "import xpubreak as xb\nfrom xpubreak.view import runtime\nruntime._FILES['part-timeline'] = 'gone.js'",
        "bd = xb.load(xb.samples.path('h200-vllm-eager'))\nview = bd.explore(snapshot='none')\nview",
    ).run_all()
    page.wait_for_selector(".panel.timeline .failed", timeout=60_000)
    assert "gone.js" in page.locator(".panel.timeline .failed").inner_text()
    page.wait_for_selector(".panel.kernels:not(.later) .line-name")
    page.locator(".pill", has_text="triton").click()
    page.wait_for_selector(".chip")
    assert json.loads(opened.python("import json; print(json.dumps(view.selection))")) == {"backend": ["triton"]}
    opened.python("runtime._FILES['part-timeline'] = 'part-timeline.js'")
    page.locator(".panel.timeline").get_by_role("button", name="Try again").click()
    page.wait_for_function(
        "() => document.querySelector('.xpubreak').shadowRoot.querySelector('canvas.tracks')?.width > 1"
    )
