"""What a reader's hands and ears do with a flame graph."""

from __future__ import annotations

from typing import Any

from tests.browser.shim import Shim
from tests.view import fake


def stack_by(shim: Shim, stack: str, top: str = "none", *, inverted: bool = False) -> None:
    shim.page.locator(f"[data-stack={stack}]").click()
    if top != "none":
        shim.page.get_by_label("On top").select_option(top)
    if inverted:
        shim.page.get_by_role("button", name="inverted").click()


def canvas(shim: Shim) -> Any:
    return shim.page.locator(".flame canvas")


def spoken(shim: Shim) -> str:
    """What a screen reader is told."""
    return shim.text(".flame [role=status]")


def press(shim: Shim, *keys: str) -> None:
    canvas(shim).focus()
    for key in keys:
        shim.page.keyboard.press(key)


def left(shim: Shim) -> list[str]:
    """Number of activities and share of time that are selected."""
    return [text.replace("\u202f", " ") for text in shim.page.locator(".left strong").all_inner_texts()]


def title_at(shim: Shim, lane: int, share: float) -> str:
    """What the tooltip calls the frame at a point."""
    canvas(shim).hover(position={"x": canvas(shim).bounding_box()["width"] * share, "y": lane * 22 + 11})
    return shim.text(".tooltip-title")


def spread(shim: Shim) -> str:
    """A picture of what the canvas shows."""
    shim.page.mouse.move(1, 1)
    shim.page.wait_for_timeout(60)
    found: str = shim.page.evaluate(f"{ROOT}.querySelector('.flame canvas').toDataURL()")
    return found


def tower(height: int) -> Any:
    """One kernel below many calls, each inside the other."""
    tables = fake.Tables()
    node = -1
    for i in range(height):
        tables.nodes.append((node, tables.string(f"f{i % 5}"), 4))
        node = i
    tables.nodes.append((node, tables.string("kernel"), fake.KERNEL))
    common = {"role": 1, "category": 3, "confidence": 2, "evidence": 1, "layer": -1, "position": 3, "phase": 255}
    sums = {"step": -1, "rank": 0, "module": -1, "count": 1, "stream": 0, "device_ns": 1000, "host_ns": 0}
    tables.facts.append({"node": height, "name": tables.string("kernel"), **common, **sums})
    return fake.breakdown_of(tables, [], layer_count=0)


class Fingers:
    """Touches of a canvas, through Chromium's own input pipeline."""

    def __init__(self, shim: Shim, target: Any = None) -> None:
        self.box = (target or canvas(shim)).bounding_box()
        self.page = shim.page
        self.session = shim.page.context.new_cdp_session(shim.page)

    def _send(self, kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": at})
        self.page.wait_for_timeout(30)

    def _x(self, share: float) -> float:
        return float(self.box["x"] + self.box["width"] * share)

    def tap(self, share: float, y: float) -> None:
        self._send("Start", (self._x(share), self.box["y"] + y))
        self._send("End")
        self.page.wait_for_timeout(350)

    def drag(self, begin: float, end: float) -> None:
        y = self.box["y"] + 50
        self._send("Start", (self._x(begin), y))
        for i in range(1, 6):
            self._send("Move", (self._x(begin + (end - begin) * i / 5), y))
        self._send("End")

    def pinch(self, left: float, right: float, near: float, far: float) -> None:
        """Two fingers around the middle, from ``near`` to ``far`` pixels off it."""
        middle, y = (self._x(left) + self._x(right)) / 2, self.box["y"] + 50
        for kind, off in (("Start", near), ("Move", (near + far) / 2), ("Move", far)):
            self._send(kind, (middle - off, y), (middle + off, y))
        self._send("End")


ROOT = "document.querySelector('.xpubreak').shadowRoot"
STROKES_OF_LANE = """(lane) => {
  const canvas = document.querySelector('.xpubreak').shadowRoot.querySelector('.flame canvas');
  const left = Math.round(canvas.width / 16) * 8;
  const { data } = canvas.getContext('2d').getImageData(left, lane * 22 + 2, 8, 8);
  const light = Array.from({ length: 64 }, (_, at) => data[at * 4] + data[at * 4 + 1] + data[at * 4 + 2]);
  return light.map((one) => (one < Math.max(...light) - 12 ? 1 : 0)).join('');
}"""
"""A tile of what hatches the middle of a lane, where no words are: 1 where a stroke is."""
