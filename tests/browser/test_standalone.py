"""The stand-alone HTML file: opened from disk, no network, with scripts and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from tests.view import fake
from xpubreak.view.export import write

DRAWN = "() => document.querySelector('.xpubreak')?.shadowRoot.querySelector('.plot-overlay')?.style.width"


@pytest.fixture
def requests(page: Any) -> list[str]:
    """Whatever the page asks for but itself; nothing is answered."""
    asked: list[str] = []

    def refuse(route: Any) -> None:
        url = route.request.url
        if url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            asked.append(url)
            route.abort()

    page.context.route("**/*", refuse)
    page.context.set_offline(True)
    return asked


def test_explores_from_disk_without_a_network(page: Any, requests: list[str], tmp_path: Path) -> None:
    bd = xb.load(xb.samples.path("h200-vllm-compiled"))
    page.goto(bd.to_html(tmp_path / "run.html").as_uri())
    page.wait_for_function(DRAWN)
    assert page.locator("[data-xpubreak-plain]").is_hidden()
    page.locator(".pill", has_text="triton").click()
    expected = bd.select(backend="triton").totals
    assert page.locator(".left strong").first.inner_text() == f"{expected.activities:,}"
    page.locator(".plot-overlay").scroll_into_view_if_needed()
    box = page.locator(".plot-overlay").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 4.5 / 12, box["y"] + 60)
    expected = bd.select(backend="triton", layer=2).totals
    assert page.locator(".left strong").first.inner_text() == f"{expected.activities:,}"
    assert requests == []


def test_hostile_names_and_title_are_text(page: Any, requests: list[str], tmp_path: Path) -> None:
    bd = fake.decoder(4, hostile=True)
    bd.title = "</title></script><img src=x onerror=window.__pwned=1>"
    page.goto(write(bd, tmp_path / "hostile.html").as_uri())
    page.wait_for_function(DRAWN)
    for stack in ("model", "backend", "call"):
        page.locator(f"[data-stack={stack}]").click()
        canvas = page.locator(".flame canvas")
        width = canvas.bounding_box()["width"]
        for share in (0.5, 0.99, 0.999):
            canvas.hover(position={"x": width * share, "y": 55})
    assert page.locator("img:not([src^='data:image/png;base64,']), iframe, object, a[href]").count() == 0
    assert page.title() == bd.title
    assert requests == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_follows_the_colour_scheme_while_open(page: Any, tmp_path: Path, scheme: str) -> None:
    other = {"light": "dark", "dark": "light"}[scheme]
    page.emulate_media(color_scheme=scheme)
    page.goto(write(fake.decoder(4), tmp_path / "page.html").as_uri())
    page.wait_for_function(DRAWN)
    brightness = """() => {
      const canvas = document.querySelector('.xpubreak').shadowRoot.querySelector('.flame canvas');
      return canvas.getContext('2d').getImageData(canvas.width >> 1, 5, 1, 1).data[0];
    }"""
    before = page.evaluate(brightness)
    page.emulate_media(color_scheme=other)
    page.wait_for_timeout(400)
    after = page.evaluate(brightness)
    assert (before > 128) == (scheme == "light")
    assert (after > 128) == (other == "light")


def test_table_without_scripts(chromium: Any, tmp_path: Path) -> None:
    path = write(fake.decoder(4), tmp_path / "page.html")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    text = page.locator("[data-xpubreak-plain]").inner_text()
    context.close()
    assert "gemm_kernel" in text
    assert "vllm-xpu-kernels" in text
