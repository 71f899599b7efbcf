"""Where shared notebooks are read: what a reader must and must not see there, and hosts that no test can reach.

GitHub and nbviewer are emulated by their rules, and only by these: see `as_github` and `as_nbviewer`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import bleach
import nbformat

# A copy may have started before the widget took its place: it stays in the page, hidden.
SEEN = "[...document.querySelectorAll('.xpubreak')].filter((one) => one.checkVisibility())"
DRAWN = f"() => {SEEN}[0]?.shadowRoot.querySelector('.plot-overlay')?.style.width"
PATIENCE_MS = 120_000
"""A JupyterLab, its kernel and Chromium may have to share two cores."""
PICTURE = "img[src^='data:image/png']"
PLAIN = "[data-xpubreak-plain]"
LEFTOVERS = ("Loading widget...", "Error displaying widget", "object at 0x", "xpubreak explorer", ", saved copy")
_ELSEWHERE = re.compile(r"^(https?|wss?)://(?!127\.0\.0\.1[:/])")
_FLAME = f"() => {SEEN}[%d].shadowRoot.querySelector('.flame canvas').toDataURL()"
_GITHUB_TAGS = frozenset(("a", "blockquote", "br", "code", "details", "div", "em", "h1", "h2", "h3", "h4", "img", "li"))
_GITHUB_TAGS |= {"ol", "p", "pre", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead"}
_GITHUB_TAGS |= {"summary", "tr", "ul"}


def refuse_network(context: Any) -> list[str]:
    """Let nothing out but to this machine; returns what was asked for."""
    asked: list[str] = []

    def refuse(route: Any) -> None:
        asked.append(route.request.url)
        route.abort()

    # Only what leaves: JupyterLab asks its server for hundreds of files, each of which would come by here.
    context.route(_ELSEWHERE, refuse)
    return asked


def flame_of(page: Any, view: int = 0) -> str:
    found: str = page.evaluate(_FLAME % view)
    return found


def click_layer(page: Any, layer: int, layer_count: int = 6) -> None:
    overlay = page.locator(".plot-overlay:visible").first
    overlay.scroll_into_view_if_needed()
    box = overlay.bounding_box()
    page.mouse.click(box["x"] + box["width"] * (layer + 2.5) / (layer_count + 6), box["y"] + box["height"] / 2)


def explores(page: Any, expected: Any, layer: int = 2) -> None:
    """A click on a layer's bar filters the flame graph, and the numbers are those that Python says.

    Parameters
    ----------
    page
        Whose first explorer has all parts.
    expected
        The breakdown that it shows.
    layer
        Whose bar is clicked.
    """
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    page.wait_for_timeout(300)  # the first frames glide in
    before = flame_of(page)
    click_layer(page, layer)
    page.wait_for_selector(".chip:visible")
    assert page.locator(".chip-text:visible").first.inner_text() == str(layer)
    page.wait_for_function(f"(before) => ({_FLAME % 0})() !== before", arg=before)
    part = expected.select(layer=layer).totals
    assert page.locator(".left strong:visible").first.inner_text() == f"{part.activities:,}"


def shows_one_form_of_each(page: Any, views: int) -> None:
    """Every view is an explorer, once, and nothing else is to be seen: no picture, no table, no leftover line."""
    page.wait_for_function(f"() => {SEEN}.length === {views}", timeout=PATIENCE_MS)
    page.wait_for_function(
        f"() => ![...document.querySelectorAll({PICTURE!r})].some((one) => one.checkVisibility())", timeout=PATIENCE_MS
    )
    for table in page.locator(PLAIN).all():
        assert table.is_hidden()
    nothing_left_over(page)


def shows_picture_and_table(page: Any, root: str = "body", label: str = "torch-cuda-ops") -> None:
    """What is left where no script runs."""
    picture = page.locator(f"{root} {PICTURE}").first
    picture.wait_for()
    picture.scroll_into_view_if_needed()
    assert picture.is_visible()
    assert picture.evaluate("image => image.naturalWidth") >= 2000, "sharp on a screen of high density"
    page.locator(f"{root} table", has_text=label).first.wait_for()
    assert page.locator(".xpubreak").count() == 0
    nothing_left_over(page, root)


def shows_pictures(page: Any, count: int) -> None:
    """One for each view, and a table of its own below each."""
    shows_picture_and_table(page, ".jp-Notebook")
    pictures = f".jp-Notebook {PICTURE}"
    is_drawn = f"() => document.querySelectorAll({pictures!r}).length === {count}"
    page.wait_for_function(is_drawn, timeout=PATIENCE_MS)  # JupyterLab draws one cell after the other
    for picture in page.locator(pictures).all():
        assert picture.is_visible()
        assert picture.evaluate("image => image.naturalWidth") >= 2000
    assert page.locator(".jp-Notebook table", has_text="torch-cuda-ops").count() >= count


def nothing_left_over(page: Any, root: str = "body") -> None:
    """No line that promises a widget, no object, and no output that is blank."""
    text = page.locator(root).first.inner_text()
    for leftover in LEFTOVERS:
        assert leftover not in text, leftover


def visible_blanks(page: Any) -> list[str]:
    """Outputs of a JupyterLab notebook that take room and show nothing."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.jp-OutputArea-child')]
             .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height > 8)
             .filter((one) => !one.querySelector('img, table, canvas, pre, .xpubreak') && !one.innerText.trim())
             .map((one) => one.outerHTML.slice(0, 200))"""
    )
    return found


def as_page(path: Path, *options: str) -> str:
    """Write a notebook as HTML, by the real nbconvert; returns its address."""
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level=ERROR", *options, str(path)]
    subprocess.run(command, check=True, timeout=120)
    return path.with_suffix(".html").as_uri()


def as_nbviewer(page: Any, path: Path) -> str:
    """EMULATED nbviewer: nbconvert's HTML under nbviewer's Content-Security-Policy; returns the address."""
    html = Path(urlsplit(as_page(path)).path).read_text(encoding="utf-8")
    headers = {"Content-Security-Policy": "connect-src 'none';", "Content-Type": "text/html; charset=utf-8"}
    address = "http://nbviewer.test/run.ipynb"
    page.context.route(address, lambda route: route.fulfill(body=html, headers=headers))
    return address


def as_github(path: Path, target: Path) -> str:
    """EMULATED GitHub: HTML, else PNG, else text of each output, without scripts, styles, classes, data attributes.

    Returns the address. https://github.com/gjtorikian/html-pipeline has the list of elements that stay.
    """
    shown = []
    for cell in nbformat.read(path, 4).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {"text/plain": output.get("text", "")})
            if "text/html" in data:
                bare = re.sub(r"<(script|style)\b.*?</\1>", "", data["text/html"], flags=re.DOTALL)
                attributes = {"img": ["src", "alt"], "*": ["colspan", "rowspan"]}
                shown.append(bleach.clean(bare, tags=_GITHUB_TAGS, attributes=attributes, strip=True))
            elif "image/png" in data:
                shown.append(f'<img src="data:image/png;base64,{data["image/png"].strip()}">')
            else:
                shown.append(f"<pre>{bleach.clean(data.get('text/plain', ''), tags=frozenset())}</pre>")
    target.write_text("<meta charset=utf-8>" + "\n".join(shown), encoding="utf-8")
    return target.as_uri()


@contextmanager
def without_scripts(chromium: Any) -> Iterator[Any]:
    """A page where none runs, and with no network."""
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 1100})
    refuse_network(context)
    try:
        yield context.new_page()
    finally:
        context.close()
