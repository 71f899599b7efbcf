"""An explorer in a real JupyterLab: after every interaction the page and the live kernel are asked, and must agree."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.browser.jupyterlab_server import Notebook
from tests.browser.shim import Shim
from tests.browser.tracks import Tracks

PATIENCE_S = 60
"""JupyterLab, its kernel and Chromium may have to share two cores."""
PATIENCE_MS = 1000 * PATIENCE_S
SAMPLE = "h200-vllm-eager"
CELL = "view"
CELLS = (
    f"""\
import json
import xpubreak as xb
def explore(breakdown):
    global bd, view, heard
    bd, heard = breakdown, []
    view = bd.explore(snapshot='none')
    view.observe(lambda change: heard.append(change.new), 'selection')
def told():
    part = bd.select(view.selection)
    mine, whole = part.totals, bd.totals
    return json.dumps({{
        'selection': view.selection,
        'heard': len(heard),
        'activities': mine.activities,
        'spans': mine.spans,
        'device time': [mine.device_ns, whole.device_ns],
        'host time': [mine.host_ns, whole.host_ns],
        'calls': [mine.activities, whole.activities],
        'kernels': int(part.kernels.display_name.nunique()),
    }})
explore(xb.load(xb.samples.path({SAMPLE!r})))""",
    CELL,
)
_LEFT = re.compile(
    r"(?P<count>[\d,]+) of [\d,]+ (?P<noun>activities|calls) · (?P<bound>[<>] |)(?P<percent>[\d.]+) % of (?P<weight>.*)"
)
_ROOT = "document.querySelector('.xpubreak')?.shadowRoot"
_DRAWN = f"""() => {{
  const root = {_ROOT};
  return root?.querySelector('.left strong') && !root.querySelector('.later')
    && root.querySelector('.plot-overlay')?.style.width && root.querySelector('canvas.tracks')?.width > 1
    && (root.querySelector('.roof-overlay')?.style.width || root.querySelector('.roofline .empty:not([hidden])'))
    && !root.querySelector('td.p50')?.textContent.includes('…');
}}"""
# Bokeh draws in shadow roots of its own.
_PICTURES = f"""(selector) => {{
  const canvases = (at) => [at, ...at.querySelectorAll('*')].flatMap((one) =>
    one.tagName === 'CANVAS' ? [one.toDataURL()] : one.shadowRoot ? canvases(one.shadowRoot) : []);
  return canvases({_ROOT}.querySelector(selector)).join();
}}"""


class Live(Shim):
    """What shim tests do with a bare page, in JupyterLab: ``selection`` is the one that the kernel has.

    Parameters
    ----------
    notebook
        Open, its kernel idle; its cells are `CELLS`.
    bd
        The breakdown that the kernel shows, loaded here too.
    """

    def __init__(self, notebook: Notebook, bd: Any) -> None:
        super().__init__(notebook.page)
        self.notebook, self.bd = notebook, bd

    def start(self) -> Live:
        self.notebook.run_all()
        self.page.wait_for_function(_DRAWN, timeout=PATIENCE_MS)
        return self

    def told(self) -> dict[str, Any]:
        """What the kernel says of itself."""
        found: dict[str, Any] = json.loads(self.notebook.python("print(told())"))
        return found

    @property
    def selection(self) -> dict[str, Any]:
        """The kernel's, once it agrees with the page."""
        found: dict[str, Any] = self.agreed()["selection"]
        return found

    def agreed(self) -> dict[str, Any]:
        """What the kernel says, once what it selects is what the page says is left."""
        told, difference = self.until(self._differences, lambda found: not found[1])
        assert difference == "", told
        found: dict[str, Any] = told
        return found

    def _differences(self) -> tuple[dict[str, Any], str]:
        told, words = self.told(), self.text(".filters .left")
        said = _LEFT.fullmatch(words)
        assert said is not None, words
        part, whole = told[said["weight"]]
        percent = 100 * part / whole
        is_near = {"": abs(percent - float(said["percent"])) < 0.051, "< ": percent < 0.1, "> ": percent > 99.9}
        count = told["activities" if said["noun"] == "activities" else "spans"]
        is_same = said["count"] == f"{count:,}" and is_near[said["bound"]]
        return told, "" if is_same else f"the page says {words}"

    def selects(self, selection: dict[str, Any]) -> dict[str, Any]:
        """The kernel comes to have this selection, and the page shows what it leaves."""
        told: dict[str, Any] = self.until(self.agreed, lambda found: found["selection"] == selection)
        assert told["selection"] == selection
        return told

    def selects_only(self, *dimensions: str) -> dict[str, Any]:
        """The kernel comes to have clauses of these dimensions, and the page shows what they leave."""
        told: dict[str, Any] = self.until(self.agreed, lambda found: set(found["selection"]) == set(dimensions))
        assert set(told["selection"]) == set(dimensions)
        return told

    def until(self, ask: Callable[[], Any], is_fine: Callable[[Any], bool]) -> Any:
        """Ask again and again; the last answer, fine or not."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_fine(answer := ask()) and time.monotonic() < deadline:
            self.page.wait_for_timeout(50)
        return answer

    @contextmanager
    def nothing_selected_anew(self) -> Iterator[None]:
        """What is done meanwhile is a matter of the view: the kernel hears nothing of it and the page's sums stay."""
        before = self.agreed()
        yield
        assert self.agreed() == before

    @contextmanager
    def repainted(self, *selectors: str) -> Iterator[None]:
        """What is done meanwhile changes what the canvases show."""
        before = [self.page.evaluate(_PICTURES, selector) for selector in selectors]
        assert all(before)
        yield
        for selector, picture in zip(selectors, before, strict=True):
            now = self.until(
                lambda one=selector: self.page.evaluate(_PICTURES, one), lambda found, old=picture: found != old
            )
            assert now != picture, selector

    def drag(self, selector: str, begin: float, end: float, *, y: float) -> None:
        """With the pointer, from one share of the width to another."""
        box, mouse = self.page.locator(selector).bounding_box(), self.page.mouse
        mouse.move(box["x"] + box["width"] * begin, box["y"] + y)
        mouse.down()
        mouse.move(box["x"] + box["width"] * (begin + end) / 2, box["y"] + y)
        mouse.move(box["x"] + box["width"] * end, box["y"] + y)
        mouse.up()

    def clear(self) -> None:
        """From Python; the page follows."""
        self.notebook.python("view.selection = {}")
        self.page.wait_for_function(f"() => !{_ROOT}.querySelector('.chip')", timeout=PATIENCE_MS)

    def explore(self, expression: str, bd: Any) -> Live:
        """Show another breakdown in the cell."""
        said = self.notebook.python(f"explore({expression})")  # and how far the reading is
        assert "Error" not in said, said
        self.bd = bd
        return self.display()

    def display(self) -> Live:
        """The cell of the explorer, run again: all settings of the view are the first ones."""
        self.page.evaluate("() => document.querySelector('.xpubreak').setAttribute('data-old', '')")
        self.notebook.command("notebook:run-all-below")
        self.page.wait_for_function("() => !document.querySelector('[data-old]')", timeout=PATIENCE_MS)
        self.page.wait_for_function(_DRAWN, timeout=PATIENCE_MS)
        return self


def hit(live: Live, tracks: Tracks, aim: int) -> tuple[int, dict[str, Any]]:
    """What a click at an event has selected, which lies under the same pixels; and what the kernel says."""
    told = live.selects_only("row")
    [row] = told["selection"]["row"]
    event = int((tracks.row == row).argmax())
    assert abs(tracks.place(event)["x"] - tracks.place(aim)["x"]) < 3
    return event, told
