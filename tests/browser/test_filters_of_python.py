"""What Python has selected and the page's editors cannot write: seen, and kept by whoever changes something else."""

from __future__ import annotations

import xpubreak as xb
from tests.browser.reading import agrees
from tests.browser.shim import Shim
from tests.browser.test_filters import PARTS, search

COMPILED = xb.load(xb.samples.path("h200-vllm-compiled"))


def test_several_texts_are_seen_changed_and_removed_one_by_one(shim: Shim) -> None:
    shim.show(COMPILED, selection={"text": ["aten", "mm", " m"]}, parts=PARTS)
    agrees(shim, COMPILED)
    box, chips = shim.page.locator(".search input"), shim.page.locator(".chip-text")
    assert (box.input_value(), chips.all_inner_texts()) == (" m", ["aten", "mm", "m"])
    box.focus()
    for key in ("Enter", "Tab"):
        shim.page.keyboard.press(key)
        assert shim.selection == {"text": ["aten", "mm", " m"]}
    shim.page.locator(".chip-close").nth(2).click()
    shim.page.locator(".chip-edit").nth(0).click()
    assert box.input_value() == "aten"
    search(shim, "/add/")
    assert shim.selection == {"text": ["mm", "/add/"]}
    search(shim, "/(/")
    assert shim.selection == {"text": ["mm"]}
    box.blur()
    shim.page.locator(".pill", has_text="torch").click()
    assert (box.input_value(), box.get_attribute("aria-invalid")) == ("/(/", "true")
    search(shim, "")
    assert shim.selection == {"text": ["mm"], "backend": ["torch"]}
    search(shim, "at::")
    assert shim.selection["text"] == ["mm", "at::"]
    shim.page.locator(".chip[data-dimension=text] .chip-close").nth(0).click()
    assert (shim.selection["text"], box.input_value()) == (["at::"], "at::")
    agrees(shim, COMPILED)
    shim.page.evaluate("model.set('selection', {})")
    assert box.input_value() == ""


def test_ranges_of_layers_keep_what_has_no_number(shim: Shim) -> None:
    shim.show(COMPILED, selection={"layer": [-1, 0]}, parts=PARTS)
    shim.page.locator(".chip-edit").click()
    box = shim.page.locator(".filter-list input[type=text]")
    assert box.input_value() == "0"
    box.press("Enter")
    assert shim.selection == {"layer": [-1, 0]}
    for text, layers in (("0-1", [0, 1, -1]), ("", [-1])):
        box.fill(text)
        box.press("Enter")
        assert shim.selection == {"layer": layers}
        agrees(shim, COMPILED)


def test_boxes_of_durations_keep_ranges_that_they_do_not_show(shim: Shim) -> None:
    ranges = [[0, 2001], [3000, 4001], [20_000, 2**53 - 1]]
    shim.show(COMPILED, selection={"duration_ns": ranges}, parts=PARTS)
    shim.page.locator(".chip-edit").click()
    least, most = shim.page.locator(".duration-boxes input").all()
    others = shim.page.locator(".other-ranges li")
    assert [text.replace("\u202f", " ") for text in others.all_inner_texts()] == [
        "or 3–4 µs remove",
        "or ≥ 20 µs remove",
    ]
    least.press("Enter")
    assert shim.selection == {"duration_ns": ranges}
    most.fill("1us")
    most.press("Enter")
    assert shim.selection == {"duration_ns": [[0, 1001], *ranges[1:]]}
    agrees(shim, COMPILED)
    others.nth(0).get_by_role("button").click()
    assert shim.selection == {"duration_ns": [[0, 1001], ranges[2]]}
    most.fill("")
    most.press("Enter")
    assert shim.selection == {"duration_ns": [ranges[2]]}
    assert (least.input_value(), most.input_value(), others.count()) == ("20 µs", "", 0)
    most.press("Enter")
    assert shim.selection == {"duration_ns": [ranges[2]]}
    agrees(shim, COMPILED)
