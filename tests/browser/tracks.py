"""Where the events of a breakdown lie on the timeline of a page."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.browser.reading import ns_of
from tests.browser.shim import Shim
from xpubreak.view.contract import NUMPY_OF_DTYPE
from xpubreak.view.eventwire import encode_events

ROW_PX, GAP_PX, SHORT = 18, 8, 6  # as in js/src/draw/tracks.ts
MARGIN = 0.005  # as in js/src/views/timelinestage.ts


class Tracks:
    """The timeline of ``bd`` as shown at first: all of the time, threads folded to their first rows."""

    def __init__(self, shim: Shim, bd: Any) -> None:
        self.shim, self.page = shim, shim.page
        packet = encode_events(bd)
        self.lanes = packet.meta["lanes"]
        for entry in packet.meta["columns"]:
            column = np.frombuffer(packet.blob, NUMPY_OF_DTYPE[entry["dtype"]], entry["length"], entry["offset"])
            setattr(self, entry["name"], column.astype(np.int64))
        end = self.start_ns + self.dur_ns
        first, last = int(self.start_ns.min()), int(end.max())
        margin = (last - first) * MARGIN
        self.from_ns, self.to_ns = first - margin, last + margin

    start_ns: Any
    dur_ns: Any
    row: Any
    launch: Any

    @property
    def canvas(self) -> Any:
        return self.page.locator("canvas.tracks")

    def longest(self, lane: int, level: int = 0) -> int:
        """The longest event of a row of bars."""
        first, end = self.lanes[lane]["first"][level : level + 2]
        return int(first + np.argmax(self.dur_ns[first:end]))

    def x_of(self, time_ns: float) -> float:
        """In the canvas, in pixels, while all of the time is shown."""
        width: float = self.canvas.bounding_box()["width"]
        return width * (time_ns - self.from_ns) / (self.to_ns - self.from_ns)

    def place(self, event: int) -> dict[str, float]:
        """The middle of an event, in the canvas."""
        y = 0
        for lane in self.lanes:
            for level in range(min(SHORT, lane["height"])):
                if lane["first"][level] <= event < lane["first"][level + 1]:
                    return {"x": self.x_of(self.start_ns[event] + self.dur_ns[event] / 2), "y": y + ROW_PX / 2}
                y += ROW_PX
            y += GAP_PX
        raise ValueError(f"event {event} is not in sight")

    def click(self, event: int, **options: Any) -> None:
        self.canvas.click(position=self.place(event), **options)

    @property
    def shown_ns(self) -> float:
        """How much time is shown."""
        return ns_of(self.shim.text(".time-range").removesuffix(" shown"))

    def press(self, *keys: str) -> None:
        self.canvas.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def spoken(self) -> str:
        """What a screen reader is told."""
        return self.shim.text(".timeline [role=status].visually-hidden")

    def colours(self, y: float, x: float = 0, width: float | None = None) -> int:
        """How many colours a line of the canvas has."""
        self.page.wait_for_timeout(80)
        found: int = self.page.evaluate(_COLOURS, {"y": y, "x": x, "width": width})
        return found


def show(shim: Shim, bd: Any, **options: Any) -> Tracks:
    """The timeline of ``bd`` and its filters alone."""
    shim.show(bd, parts=("filters", "timeline"), **options)
    shim.page.wait_for_function(
        "() => document.querySelector('.xpubreak').shadowRoot.querySelector('canvas.tracks')?.width > 1"
    )
    return Tracks(shim, bd)


_COLOURS = """({ y, x, width }) => {
  const canvas = document.querySelector('.xpubreak').shadowRoot.querySelector('canvas.tracks');
  const ratio = devicePixelRatio;
  const line = canvas.getContext('2d').getImageData(x * ratio, y * ratio, (width ?? canvas.clientWidth) * ratio, 1);
  return new Set(new Uint32Array(line.data.buffer)).size;
}"""
