"""The header, what is around the parts, and what is shown when there is nothing to show."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import TimeoutError as NothingShown

import tests.browser.shim as shims
import xpubreak as xb
from tests.browser.reading import agrees
from tests.browser.shim import Shim
from tests.view import fake
from xpubreak.errors import Issue
from xpubreak.view.wire import Packet, encode

COMPILED = xb.load(xb.samples.path("h200-vllm-compiled"))
ON_CPU = xb.load(xb.samples.path("cpu-vllm-eager"))
IS_FULL = "() => document.querySelector('.xpubreak').classList.contains('full')"


def test_a_part_of_the_bar_selects_its_backend(shim: Shim) -> None:
    shim.show(COMPILED, parts=("header", "filters"))
    part = shim.page.locator(".backend-part[data-key=triton]")
    share = 100 * COMPILED.select(backend="triton").totals.device_ns / COMPILED.totals.device_ns
    assert f"triton: {share:.1f} % of device time" in part.get_attribute("aria-label").replace("\u202f", " ")
    part.click()
    assert shim.selection == {"backend": ["triton"]}
    agrees(shim, COMPILED)
    shim.page.locator(".backend-part[data-key=torch]").focus()
    shim.page.keyboard.press("Enter")
    assert shim.selection == {"backend": ["torch"]}
    shim.page.locator(".backend-part[data-key=triton]").click(modifiers=["Control"])
    assert shim.selection == {"backend": ["torch", "triton"]}
    agrees(shim, COMPILED)
    shim.page.locator(".backend-part[data-key=torch]").click()
    shim.page.locator(".backend-part[data-key=torch]").click()
    assert shim.selection == {}


@pytest.mark.parametrize("bd", [COMPILED, ON_CPU], ids=["h200", "cpu"])
def test_coverage_and_versions(shim: Shim, bd: Any) -> None:
    shim.show(bd, parts=("header",))
    covers = dict(line.replace("\u202f", " ").split("\n") for line in shim.page.locator(".cover").all_inner_texts())
    whole = bd.totals.device_ns if bd.weight == "device" else bd.totals.host_ns
    for name, part in covers.items():
        ns = getattr(bd.coverage, f"{name}_ns")
        assert part == ("none" if ns == 0 else "100 %" if ns == whole else f"{100 * ns / whole:.1f} %")
    assert ("linked" in covers) == (bd.weight == "device")
    for name, version in bd.metadata.versions.items():
        assert f"{name} {version}" in shim.text(".versions")


def test_warnings_are_loud_and_overhead_has_a_badge(shim: Shim) -> None:
    bd = fake.decoder(2)
    bd.issues = (
        *bd.issues,
        Issue("overhead", "info", "Recording took 12 % of the time."),
        Issue("lost", "error", "Events were lost."),
    )
    shim.show(bd, parts=("header",))
    assert "Events were lost." in shim.text(".banners")
    assert "Recording took" not in shim.text(".banners")
    assert shim.text(".notes summary") == "2 notes about this profile"
    assert shim.page.locator(".badge", has_text="profiler overhead").get_attribute("title").startswith("Recording took")


def test_parts_are_put_away_and_stay_away_in_this_page(shim: Shim) -> None:
    shim.show(COMPILED)
    shim.page.locator(".parts-menu").click()
    shim.page.locator("[data-part=kernels]").uncheck()
    shim.page.locator("[data-part=layers]").uncheck()
    assert shim.page.locator(".kernels").is_hidden()
    assert shim.page.locator(".panel.layers").is_hidden()
    wide = shim.page.locator(".details").bounding_box()["width"]
    assert wide > 1000
    shim.page.keyboard.press("Escape")
    shim.show(COMPILED, parts=("header", "filters", "flame", "kernels"))
    assert shim.page.locator(".kernels").is_hidden()
    shim.page.locator(".pill", has_text="triton").click()
    shim.page.locator(".parts-menu").click()
    shim.page.locator("[data-part=kernels]").check()
    names = {name.strip() for name in shim.page.locator(".kernels td.backend").all_inner_texts()}
    assert names == {"triton"}  # what was missed meanwhile is caught up with


def test_what_is_wrong_and_what_is_filtered_cannot_be_put_away(shim: Shim) -> None:
    shim.show(COMPILED)
    shim.page.locator(".parts-menu").click()
    choosable = shim.page.locator(".popup [data-part]").evaluate_all("(all) => all.map((one) => one.dataset.part)")
    assert choosable == ["findings", "flame", "timeline", "layers", "details", "roofline", "kernels"]


def test_a_page_without_storage(shim: Shim) -> None:
    shim.page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    shim.show(COMPILED)
    shim.page.locator(".parts-menu").click()
    shim.page.locator("[data-part=flame]").uncheck()
    assert shim.page.locator(".flame").is_hidden()


def test_full_screen_and_back(shim: Shim) -> None:
    shim.page.set_viewport_size({"width": 1700, "height": 900})
    shim.show(COMPILED)
    canvas = shim.page.locator(".flame canvas")
    before = canvas.bounding_box()["width"]
    shim.page.locator(".full-screen").click()
    shim.page.wait_for_function("() => document.fullscreenElement?.className.includes('xpubreak')")
    flame, layers = shim.page.locator(".flame").bounding_box(), shim.page.locator(".panel.layers").bounding_box()
    assert layers["x"] >= flame["x"] + flame["width"] - 1  # two columns
    assert shim.page.locator(".full-screen").get_attribute("aria-pressed") == "true"
    shim.page.locator(".add").click()
    assert shim.page.locator(".popup", has_text="Filter by").is_visible()
    shim.page.keyboard.press("Escape")
    shim.page.locator(".full-screen").click()
    shim.page.wait_for_function("() => !document.fullscreenElement")
    shim.page.wait_for_function(
        "(width) => Math.abs(document.querySelector('.xpubreak').shadowRoot.querySelector('.flame canvas')"
        ".getBoundingClientRect().width - width) < 1",
        arg=before,
    )


def test_the_window_where_the_screen_is_not_to_be_had(shim: Shim) -> None:
    shim.page.add_init_script(
        "Element.prototype.requestFullscreen = () => Promise.reject(new TypeError('not allowed'))"
    )
    shim.show(COMPILED)
    shim.page.evaluate("document.body.style.padding = '200px'")
    shim.page.locator(".full-screen").click()
    shim.page.wait_for_function(IS_FULL)
    box = shim.page.locator(".xpubreak").bounding_box()
    assert (box["x"], box["y"], box["width"]) == (0, 0, 1280)
    shim.page.locator(".add").click()
    shim.page.keyboard.press("Escape")  # of the popup
    assert shim.page.evaluate(IS_FULL)
    shim.page.keyboard.press("Escape")
    assert not shim.page.evaluate(IS_FULL)
    assert shim.page.locator(".xpubreak").bounding_box()["x"] > 200


@pytest.mark.parametrize("part", ["flame", "timeline", "layers", "details", "kernels"])
def test_a_part_alone_says_what_is_selected(shim: Shim, part: str) -> None:
    shim.show(COMPILED, selection={"backend": ["triton"], "layer": [1]}, parts=(part,))
    line = shim.text(".summary-line")
    totals = COMPILED.select(backend="triton", layer=1).totals
    assert line.startswith("backend triton · layer 1")
    assert f"{totals.activities:,} of {COMPILED.totals.activities:,} activities" in line
    shim.page.locator(".summary-line .link").click()
    assert shim.selection == {}
    assert "Nothing is filtered" in shim.text(".summary-line")


@pytest.mark.parametrize("part", ["header", "filters"])
def test_parts_that_say_it_themselves_have_no_line(shim: Shim, part: str) -> None:
    shim.show(COMPILED, parts=(part,))
    assert shim.page.locator(".summary-line").count() == 0


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda packet: Packet({**packet.meta, "version": 99}, packet.blob), "version 99"),
        (lambda packet: Packet(packet.meta, packet.blob[:100]), "cut short"),
    ],
    ids=["another version", "cut short"],
)
def test_what_cannot_be_read_says_so(shim: Shim, monkeypatch: pytest.MonkeyPatch, damage: Any, words: str) -> None:
    monkeypatch.setattr(shims, "encode", lambda bd: damage(encode(bd)))
    shim.page.set_default_timeout(1500)
    with pytest.raises(NothingShown):
        shim.show(COMPILED)
    assert words in shim.text(".loading.failed")
    shim.page.locator(".loading.failed button", has_text="Try again").click()
    shim.page.wait_for_selector(".loading.failed")
    assert words in shim.text(".loading.failed")


def test_a_part_alone_of_an_empty_profile_gives_the_reason(shim: Shim) -> None:
    shim.page.set_default_timeout(1500)
    with pytest.raises(NothingShown):  # there is no part to wait for
        shim.show(fake.empty(), parts=("flame",))
    assert "the engine ran in another process" in shim.text(".empty.whole")


@pytest.mark.parametrize("width", [420, 900, 1400])
def test_nothing_sticks_out(shim: Shim, width: int) -> None:
    shim.page.set_viewport_size({"width": width, "height": 900})
    selection = {
        "kernel": [COMPILED.kernels.display_name.astype(str).iloc[0]],
        "layer": list(range(0, 6, 2)),
        "phase": ["decode"],
    }
    shim.show(COMPILED, selection=selection, parts=("header", "filters", "details"))
    outside = shim.page.evaluate(
        """(width) => [...document.querySelector('.xpubreak').shadowRoot.querySelectorAll('.explorer *')]
          .filter((one) => one.getBoundingClientRect().right > width && !one.closest('.peers, .histogram'))
          .map((one) => one.className)""",
        width,
    )
    assert outside == []
    assert re.search(r"\d", shim.text(".left"))


def test_in_jupyterlab_nothing_is_cut_off(notebook: Any, page: Any) -> None:
    """Cells cut off what leaves them, and scroll in a panel of the notebook's own."""
    load = "import xpubreak as xb\nview = xb.load(xb.samples.path('h200-vllm-eager')).explore()"
    notebook(load, "view", *["1"] * 3).run_all()
    page.wait_for_selector(".explorer .left", timeout=60_000)
    page.locator(".add").scroll_into_view_if_needed()
    page.locator(".add").click()
    page.locator(".menu-item[data-dimension=backend]").click()
    box = page.locator(".filters .popup").bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] - 6]
    seen = page.evaluate(
        "([x, y]) => document.querySelector('.xpubreak').shadowRoot.elementFromPoint(x, y)?.closest('.popup') !== null",
        middle,
    )
    assert seen
    page.keyboard.press("Escape")
    assert page.locator(".filters .popup").is_hidden()
    page.locator(".pill", has_text="triton").click()
    page.keyboard.press("Control+z")
    assert page.locator(".chip").count() == 0
    page.locator(".kernels").scroll_into_view_if_needed()
    page.locator(".kernels tbody tr").last.scroll_into_view_if_needed()
    page.wait_for_selector(".sticky:not([hidden])")
    strip = page.locator(".sticky .summary").bounding_box()
    panel = page.locator(".jp-WindowedPanel-outer").first.bounding_box()
    assert panel["y"] - 1 <= strip["y"] < panel["y"] + 12
    page.locator(".full-screen").evaluate("(button) => button.click()")
    page.wait_for_function("() => document.fullscreenElement?.className.includes('xpubreak')")
    width = page.evaluate("innerWidth")
    assert page.locator(".explorer").bounding_box()["width"] >= width - 20
    page.locator(".full-screen").click()
    page.wait_for_function("() => !document.fullscreenElement")
