"""Every filter: what the page shows is what Python selects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tests.browser.shim as shims
import xpubreak as xb
from tests.browser.reading import agrees
from tests.browser.shim import Shim
from tests.view import fake
from xpubreak.view.eventwire import encode_events
from xpubreak.view.wire import Packet

PARTS = ("header", "filters")
COMPILED = xb.load(xb.samples.path("h200-vllm-compiled"))
ON_CPU = xb.load(xb.samples.path("cpu-vllm-eager"))


@pytest.fixture(scope="session")
def on_xpu(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return xb.load(xb.samples.synthetic_xpu(tmp_path_factory.mktemp("xpu") / "trace.json"))


def choose(shim: Shim, dimension: str) -> None:
    """Open the popup of a dimension."""
    shim.page.locator(".add").click()
    shim.page.locator(f".menu-item[data-dimension={dimension}]").click()


def search(shim: Shim, text: str) -> None:
    shim.page.locator(".search input").fill(text)
    shim.page.keyboard.press("Enter")


@pytest.mark.parametrize("dimension", ["backend", "category", "layer", "phase", "step", "stream", "confidence"])
def test_only_one_value_then_one_more(shim: Shim, dimension: str) -> None:
    shim.show(COMPILED, parts=PARTS)
    choose(shim, dimension)
    shim.page.locator(".choice").nth(1).hover()
    shim.page.locator(".choice .only").nth(1).click()
    assert len(shim.selection[dimension]) == 1
    agrees(shim, COMPILED)
    shim.page.locator(".choice input").nth(0).check()
    assert len(shim.selection[dimension]) == 2 or dimension not in shim.selection
    agrees(shim, COMPILED)
    shim.page.locator(".choice-actions button", has_text="None").click()
    assert shim.selection == {dimension: []}
    shim.page.locator(".choice-actions button", has_text="All").click()
    assert shim.selection == {}


@pytest.mark.parametrize("dimension", ["backend", "category", "layer", "step", "confidence"])
def test_choices_on_the_cpu_say_what_python_counts(shim: Shim, dimension: str) -> None:
    shim.show(ON_CPU, selection={"phase": ["decode"]}, parts=PARTS)
    choose(shim, dimension)
    part = ON_CPU.select(phase="decode")
    for choice in shim.page.locator(".choice:not(.nothing)").all():
        key = choice.get_attribute("data-key")
        value: Any = int(key) if dimension in ("layer", "step") else key
        counted = part.select({dimension: [value]})
        share = 100 * counted.totals.host_ns / part.totals.host_ns
        assert f"{counted.totals.spans:,}×" in choice.inner_text()
        assert share < 0.1 or f"{share:.1f}" in choice.inner_text()


def test_without_one_value(shim: Shim, on_xpu: Any) -> None:
    shim.show(on_xpu, parts=PARTS)
    choose(shim, "backend")
    shim.page.locator(".choice[data-key=torch] input").uncheck()
    assert "torch" not in shim.selection["backend"]
    agrees(shim, on_xpu)
    shim.page.locator(".choice[data-key=torch] input").check()
    assert shim.selection == {}


def test_layers_written_as_ranges(shim: Shim) -> None:
    shim.show(COMPILED, parts=PARTS)
    choose(shim, "layer")
    box = shim.page.locator(".filter-list input[type=text]")
    box.fill("0-2, 5")
    box.press("Enter")
    assert shim.selection == {"layer": [0, 1, 2, 5]}
    agrees(shim, COMPILED)
    assert shim.text(".chip-text") == "0–2, 5"
    box.fill("2-x")
    box.press("Enter")
    assert "no number" in shim.text(".filter-list .problem")
    assert shim.selection == {"layer": [0, 1, 2, 5]}


def test_durations_in_people_s_units(shim: Shim) -> None:
    shim.show(COMPILED, parts=PARTS)
    choose(shim, "duration_ns")
    assert shim.page.locator(".filter-duration .bin").count() > 5
    least, most = shim.page.locator(".duration-boxes input").all()
    least.fill("2.5us")
    least.press("Enter")
    assert shim.selection == {"duration_ns": [[2500, 2**53 - 1]]}
    assert shim.text(".chip").replace("\n", " ") == "duration ≥ 2.5 µs ×"
    agrees(shim, COMPILED)
    most.fill("0.02 ms")
    most.press("Enter")
    assert shim.selection == {"duration_ns": [[2500, 20_001]]}
    agrees(shim, COMPILED)
    least.fill("7")
    least.press("Enter")
    assert "Which unit" in shim.text(".filter-duration .problem")
    assert shim.selection == {"duration_ns": [[2500, 20_001]]}


def test_durations_by_dragging_over_their_picture(shim: Shim) -> None:
    shim.show(ON_CPU, parts=PARTS)
    choose(shim, "duration_ns")
    box = shim.page.locator(".filter-duration .histogram").bounding_box()
    mouse = shim.page.mouse
    mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 20)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 20, steps=3)
    mouse.up()
    ((low, high),) = shim.selection["duration_ns"]
    assert 0 < low < high < 2**53 - 1
    agrees(shim, ON_CPU)


def test_no_single_events_says_why(shim: Shim, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = encode_events(COMPILED)
    monkeypatch.setattr(shims, "encode_events", lambda bd: Packet(whole.meta, whole.blob[:64]))
    shim.show(COMPILED, parts=PARTS)
    choose(shim, "duration_ns")
    assert "cut short" in shim.text(".filter-duration [role=status]")
    assert shim.page.locator(".duration-boxes input").first.is_disabled()


TEXTS = (
    "gemm",
    "ATEN::",
    "/norm|silu/",
    "/^nvjet.*TN[NT]$/",
    "(",
    "layers.1",
    "::",
    "/\\bsort/",
    "fused_",
    "/[^a-z]\\d{2,}x/",
)


@pytest.mark.parametrize("name", ["h200", "cpu", "xpu"])
def test_searches_find_what_python_finds(shim: Shim, on_xpu: Any, name: str) -> None:
    bd = {"h200": COMPILED, "cpu": ON_CPU, "xpu": on_xpu}[name]
    shim.show(bd, parts=PARTS)
    for text in TEXTS:
        search(shim, text)
        assert shim.selection == {"text": [text]}
        agrees(shim, bd)


@pytest.mark.parametrize(
    ("text", "reason"), [("/gemm(/", "unterminated group"), ("/(a+)+$/", "forever"), ("x" * 201, "200")]
)
def test_broken_searches_are_said_at_the_box(shim: Shim, text: str, reason: str) -> None:
    shim.show(COMPILED, parts=PARTS)
    search(shim, text)
    assert reason in shim.text(".search-problem")
    assert shim.page.locator(".search input").get_attribute("aria-invalid") == "true"
    assert shim.selection == {}
    search(shim, "sort")
    assert shim.page.locator(".search-problem").is_hidden()
    assert shim.selection == {"text": ["sort"]}


def test_a_pattern_that_would_take_days_is_stopped(shim: Shim) -> None:
    bd = fake.decoder(2)
    bd.strings[bd.strings.index("gemm_kernel")] = "a" * 4000
    shim.show(bd, parts=PARTS)
    search(shim, "/a*a*a*a*a*a*b/")
    assert "takes too long" in shim.text(".search-problem")
    assert shim.selection == {}


def test_double_click_on_a_pill_leaves_it_alone(shim: Shim) -> None:
    shim.show(COMPILED, selection={"backend": ["torch", "triton"]}, parts=PARTS)
    shim.page.locator(".pill", has_text="triton").dblclick()
    assert shim.selection == {"backend": ["triton"]}
    agrees(shim, COMPILED)


def test_undo_and_redo_by_button_and_by_key(shim: Shim) -> None:
    shim.show(COMPILED, parts=PARTS)
    shim.page.locator(".pill", has_text="triton").click()
    shim.page.locator(".pill", has_text="decode").click()
    shim.page.locator(".undo").click()
    assert shim.selection == {"backend": ["triton"]}
    shim.page.keyboard.press("Control+z")
    assert shim.selection == {}
    assert shim.page.locator(".undo").get_attribute("aria-disabled") == "true"
    shim.page.keyboard.press("Control+Shift+z")
    shim.page.locator(".redo").click()
    assert shim.selection == {"backend": ["triton"], "phase": ["decode"]}
    agrees(shim, COMPILED)


def test_chips_are_removed_one_by_one(shim: Shim) -> None:
    shim.show(
        COMPILED, selection={"backend": ["triton"], "layer": [1, 2], "time_ns": [[1_200_000, 43_000_000]]}, parts=PARTS
    )
    agrees(shim, COMPILED)
    shim.page.locator(".chip[data-dimension=backend] .chip-close").click()
    assert set(shim.selection) == {"layer", "time_ns"}
    shim.page.locator(".chip[data-dimension=layer] .chip-edit").focus()
    shim.page.keyboard.press("Delete")
    assert set(shim.selection) == {"time_ns"}
    assert shim.text(".chip-text") == "1.2–43 ms"
    agrees(shim, COMPILED)


def test_a_chip_opens_what_it_was_chosen_with(shim: Shim) -> None:
    shim.show(COMPILED, selection={"layer": [1, 2]}, parts=PARTS)
    shim.page.locator(".chip-edit").click()
    assert shim.page.locator(".filter-list input[type=text]").input_value() == "1-2"
    shim.page.locator(".choice input").nth(4).check()
    assert shim.selection == {"layer": [1, 2, 4]}
    assert shim.page.locator(".filters .popup").is_visible()


def test_the_popup_works_by_keyboard_alone(shim: Shim) -> None:
    shim.show(COMPILED, parts=PARTS)
    page = shim.page
    page.locator(".add").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")  # the second one: category
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert len(shim.selection["category"]) > 1
    page.keyboard.press("Escape")
    assert page.locator(".filters .popup").is_hidden()
    assert page.evaluate("document.querySelector('.xpubreak').shadowRoot.activeElement.className") == "add"


def test_the_popup_closes_when_something_else_is_clicked(shim: Shim) -> None:
    shim.show(COMPILED, parts=PARTS)
    shim.page.locator(".add").click()
    shim.page.locator("h2").click()
    assert shim.page.locator(".filters .popup").is_hidden()


def test_five_hundred_layers_can_be_chosen_from(shim: Shim) -> None:
    shim.show(fake.decoder(500, decode_steps=0), parts=PARTS)
    choose(shim, "layer")
    assert shim.page.locator(".choice").count() == 200
    assert "more" in shim.text(".filter-list > p.muted")
    box = shim.page.locator(".filter-list input[type=text]")
    box.fill("490-")
    box.press("Enter")
    assert shim.selection == {"layer": list(range(490, 500))}


def test_what_is_left_stays_in_sight(shim: Shim, tmp_path: Path) -> None:
    shim.page.set_viewport_size({"width": 1200, "height": 500})
    shim.show(COMPILED, selection={"backend": ["triton"]})
    assert shim.page.locator(".sticky").is_hidden()
    shim.page.mouse.move(600, 250)
    shim.page.evaluate("scrollTo(0, 700)")
    shim.page.wait_for_selector(".sticky:not([hidden])")
    assert shim.text(".sticky .summary-left") == shim.text(".left")
    assert "backend triton" in shim.text(".sticky")
    box = shim.page.locator(".sticky .summary").bounding_box()
    assert 0 <= box["y"] < 10
    shim.page.locator(".sticky button").click()
    assert shim.selection == {}
