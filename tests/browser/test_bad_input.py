"""Profiles at the edges: nothing, next to nothing, too many, too long, too deep, and names from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import xpubreak as xb
from tests.browser.flamegraph import ROOT, press, spoken, stack_by, title_at, tower
from tests.browser.reading import agrees
from tests.browser.shim import Shim
from tests.browser.tracks import Tracks
from tests.view import fake
from xpubreak.trace import kineto

LONG = "template_" + "x<y::z, " * 2_500
REAL = xb.load(xb.samples.path("h200-vllm-eager"))
WORDS = (
    "مرحبا_بالعالم",
    "שלום עולם kernel",
    "a" + "\u0301\u0323" * 200 + "b",
    "\u202egnp.exe\u202c",
    "👩‍👩‍👧‍👦_gemm",
    "\u200b\u2066x\u2069",
)


def load(*kernels: tuple[str, int], threads: int = 1, thread: str = "") -> Any:
    """A real breakdown of kernels, each given by name and stream, each launched by an operator of a thread."""
    named = [{"ph": "M", "name": "thread_name", "pid": 1, "tid": 1, "args": {"name": thread}}] if thread else []
    return xb.load(kineto.from_dicts([*_events(kernels, threads), *named]), title="bad input")


def _events(kernels: tuple[tuple[str, int], ...], threads: int) -> Iterator[dict[str, Any]]:
    for i, (name, stream) in enumerate(kernels):
        at, tid = 10 * (i + 1), 1 + i % threads
        common = {"ph": "X", "pid": 1, "tid": tid}
        yield {**common, "cat": "cpu_op", "name": "aten::mm", "ts": at, "dur": 8, "args": {"External id": i + 1}}
        args = {"correlation": i + 1, "External id": i + 1}
        yield {**common, "cat": "xpu_runtime", "name": "urEnqueueKernelLaunch", "ts": at + 1, "dur": 2, "args": args}
        device = {"ph": "X", "cat": "kernel", "pid": 0, "tid": stream, "ts": at + 4, "dur": 3 + i % 7}
        yield {**device, "name": name, "args": {**args, "stream": stream, "device": 0}}


def lines(shim: Shim) -> list[str]:
    return [text.replace("\u202f", " ") for text in shim.page.locator(".kernels td.name").all_inner_texts()]


UNMARKED = """([letters, places]) => {
  const root = document.querySelector('.xpubreak').shadowRoot;
  const texts = document.createTreeWalker(root.querySelector('.explorer'), NodeFilter.SHOW_TEXT);
  const found = {};
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    if (!new RegExp(letters).test(data)) continue;
    const place = places.find((one) => parentElement.closest(`.${one}`));
    (found[place] ||= []).push(...(data.replace(/\\u2068[^\\u2068\\u2069]*\\u2069/g, '').match(letters) ?? []));
  }
  return found;
}"""
"""Letters written from right to left that no marks keep from turning what stands beside them, by where they are."""

WHERE_NAMES_ARE = """(selector) => {
  const text = document.querySelector('.xpubreak').shadowRoot.querySelector(selector).firstChild;
  return [...text.data.matchAll(/\\u2068(.)/g)].map(({ index }) => {
    const range = document.createRange();
    range.setStart(text, index + 1);
    range.setEnd(text, index + 2);
    return range.getBoundingClientRect().left;
  });
}"""


def sticks_out(shim: Shim) -> list[str]:
    """Elements that are wider than the explorer, and what of the page scrolls sideways."""
    found: list[str] = shim.page.evaluate(
        f"""() => {{
          const box = {ROOT}.querySelector('.explorer').getBoundingClientRect();
          const wide = [...{ROOT}.querySelectorAll('.panel, .header, .filters')]
            .filter((one) => one.getBoundingClientRect().right > box.right + 1)
            .map((one) => one.className);
          const {{ scrollWidth, clientWidth }} = document.documentElement;
          return scrollWidth > clientWidth ? [...wide, 'page'] : wide;
        }}"""
    )
    return found


def test_one_event(shim: Shim) -> None:
    bd = load(("gemm_kernel", 0))
    shim.show(bd)
    agrees(shim, bd)
    assert lines(shim) == ["gemm_kernel"]
    shim.page.locator("[data-key^=name-]").click()
    agrees(shim, bd)
    assert shim.text(".details .subject").startswith("gemm_kernel")
    tracks = Tracks(shim, bd)
    tracks.click(tracks.longest(lane=0))
    assert bd.select(shim.selection).totals.activities == 1
    assert sticks_out(shim) == []


def test_one_event_of_no_length_says_that_nothing_took_time(shim: Shim) -> None:
    event = {"ph": "X", "cat": "kernel", "name": "k", "pid": 0, "tid": 0, "ts": 1, "dur": 0, "args": {"stream": 0}}
    shim.show(xb.load(kineto.from_dicts([event])))
    assert shim.text(".empty.whole")


@pytest.mark.parametrize("layer_count", [1, 500])
def test_layers_few_and_many(shim: Shim, layer_count: int) -> None:
    bd = fake.decoder(layer_count, 1)
    shim.show(bd)
    shim.page.mouse.click(*shim.bar_point(layer_count - 1, layer_count))
    assert shim.selection == {"layer": [layer_count - 1]}
    assert shim.page.locator(".chip").count() == 1
    press(shim, "ArrowDown", "ArrowDown")
    assert f"0–{layer_count - 1} ×{layer_count}" in spoken(shim) or layer_count == 1
    assert sticks_out(shim) == []


def test_two_hundred_streams(shim: Shim) -> None:
    bd = load(*((f"kernel_{i % 11}", i % 200) for i in range(2_000)), threads=8)
    shim.show(bd)
    names = shim.page.locator(".lane-name.stream")
    assert names.count() == 200
    space, scroll = (shim.page.locator(one).bounding_box()["height"] for one in (".track-space", ".track-scroll"))
    assert space > 200 * 18
    assert scroll <= 420, "lanes scroll, the page does not grow"
    shim.page.evaluate(f"{ROOT}.querySelector('.track-scroll').scrollTop = 150 * 26")
    tracks = Tracks(shim, bd)
    event = tracks.longest(lane=150)
    place = tracks.place(event)
    tracks.canvas.click(position={"x": place["x"], "y": place["y"] - 150 * 26})
    streams = bd.select(shim.selection).kernels.stream.tolist()
    assert streams == [150]
    shim.page.evaluate("model.set('selection', {stream: [3, 199]})")
    agrees(shim, bd)
    assert sticks_out(shim) == []


def test_a_hundred_thousand_distinct_names(shim: Shim) -> None:
    bd = load(*((f"kernel_{i}_of_many", 0) for i in range(100_000)))
    shim.show(bd)
    assert shim.text(".kernels .panel-head .muted") == "100,000 distinct"
    assert shim.page.locator(".kernels tbody tr").count() == 15
    shim.page.locator(".search input").fill("/_777\\d_of/")
    shim.page.wait_for_selector(".chip")
    assert shim.text(".kernels .panel-head .muted") == "10 distinct"
    agrees(shim, bd)
    shim.page.locator("[data-key^=name-]").first.click()
    agrees(shim, bd)
    nodes = shim.page.evaluate(f"{ROOT}.querySelectorAll('*').length")
    assert nodes < 3_000, "what is not shown has no elements"


def test_names_of_twenty_thousand_letters(shim: Shim) -> None:
    bd = load((LONG, 0), (LONG + "other", 0), ("gemm_kernel", 0))
    shim.show(bd)
    assert len(LONG) > 20_000
    assert len(max(lines(shim), key=len)) < 1_000
    shim.page.locator("[data-key^=name-]").first.click()
    agrees(shim, bd)
    [name] = shim.selection["kernel"]
    assert name in set(bd.kernels.display_name)
    press(shim, "ArrowDown", "ArrowRight")
    assert sticks_out(shim) == []
    for box in shim.page.locator(".chip, .details, .kernels tbody tr").all():
        assert box.bounding_box()["height"] < 700


def test_a_page_from_right_to_left_moves_nothing(shim: Shim) -> None:
    shim.show(REAL)
    shim.page.wait_for_function(f"() => {ROOT}.querySelector('canvas.tracks')?.width > 1")
    painted = f"() => [...{ROOT}.querySelectorAll('canvas')].map((one) => one.toDataURL()).join()"
    pictures = []
    for direction in ("ltr", "rtl"):
        shim.page.evaluate(f"document.documentElement.dir = '{direction}'")
        for width in (1000, 1280):
            shim.page.set_viewport_size({"width": width, "height": 1100})
            shim.page.wait_for_timeout(400)
        pictures.append((shim.page.evaluate(painted), shim.page.locator(".search").bounding_box()))
    assert pictures[0] == pictures[1]


def test_names_of_any_script(shim: Shim) -> None:
    bd = load(*((word, 0) for word in WORDS), thread="חוט עבודה")
    shim.show(bd)
    assert len(lines(shim)) == len(WORDS)
    assert "\u202e" not in "".join(lines(shim)), "what turns the text around it is taken out"
    for row in range(len(WORDS)):
        shim.page.locator("[data-key^=name-]").nth(row).click()
        [name] = shim.selection["kernel"]
        assert name in set(bd.kernels.display_name)
        agrees(shim, bd)
    heights = {round(box.bounding_box()["height"]) for box in shim.page.locator(".kernels tbody tr").all()}
    assert max(heights) < 2 * min(heights), "combining marks do not pile up"
    hebrew = shim.page.locator("[data-key^=name-]", has_text="שלום")
    hebrew.click()
    stack_by(shim, "call")
    title = title_at(shim, 2, 1.5 / len(WORDS))
    assert "\u2068" in title
    places = ["chip", "tooltip", "details", "lane-name", "kernels", "explorer"]
    unmarked = shim.page.evaluate(UNMARKED, ["[\u0590-\u08ff]", places])
    assert unmarked == {place: [] for place in places}
    shim.page.locator("[data-key^=name-]", has_text="مرحبا").click(modifiers=["Control"])
    first, second = shim.page.evaluate(WHERE_NAMES_ARE, ".chip-text")
    assert first < second, "one after another, from left to right"
    shim.page.locator(".reset").click()
    shim.page.locator(".search input").fill("שלום")
    shim.page.wait_for_function("() => 'text' in model.get('selection')")
    assert shim.selection == {"text": ["שלום"]}
    agrees(shim, bd)
    assert len(lines(shim)) == 1
    assert sticks_out(shim) == []


def test_a_million_calls_inside_each_other(shim: Shim) -> None:
    shim.show(tower(1_000_000), parts=("header", "filters", "flame", "kernels"))
    stack_by(shim, "call")
    press(shim, "ArrowDown", *["PageDown"] * 2)
    assert spoken(shim).startswith("f")
    press(shim, "End")
    shim.page.evaluate(f"{ROOT}.querySelector('.flame-scroll').scrollTop = 1e9")
    shim.page.wait_for_timeout(200)
    press(shim, "Enter")
    assert set(shim.selection) <= {"under", "kernel"}
    assert "100" in shim.text(".left").split("·")[1]
