"""What a reader does to an explorer, in headless Chromium, with the clock running in the page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench import cpu
from xpubreak.view.explorer import Explorer

_NAMES = ("chromium", "google-chrome", "chromium-headless-shell")  # the last is what `make test` installs
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
VIEWPORT = {"width": 1400, "height": 1000}
FRAMES = 120

Times = dict[str, float]
"""Milliseconds by what was measured."""


@contextmanager
def chromium(*, headed: bool = False) -> Iterator[Any]:
    """Start the browser."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - sizes and Python times need no browser

    with sync_playwright() as playwright:
        # No --use-angle=swiftshader: it would draw 2D canvases on a software GPU, ten times slower.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=not headed, args=["--no-sandbox"])
        yield browser
        browser.close()


class Session:
    """One explorer in one page.

    Parameters
    ----------
    browser
        As `chromium` yields it.
    address
        Of the page.
    """

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        self.page = browser.new_context(viewport=VIEWPORT).new_page()
        self.page.set_default_timeout(120_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(address)
        self.page.evaluate("bench.load()")
        self.metrics = self.page.context.new_cdp_session(self.page)
        self.metrics.send("Performance.enable", {"timeDomain": "threadTicks"})

    def close(self) -> None:
        """Close the page; an error in it fails the benchmark."""
        self.page.context.close()
        if self.errors:
            raise RuntimeError(f"The page failed: {self.errors[0]}")

    def reference_ms(self, length: int) -> float:
        """Sum one column of numbers."""
        return float(self.page.evaluate("(length) => bench.reference(length)", length))

    def mount(self) -> None:
        """Mount the explorer with all its parts; it waits for data."""
        self.page.evaluate("(parts) => bench.mount(parts)", list(Explorer._parts))

    def arrive(self, what: str) -> Times:
        """Hand over ``"data"`` or ``"events"``."""
        times: Times = self.page.evaluate("(what) => bench.arrive(what)", what)
        return times

    def cpu_ms(self) -> float:
        """What the main thread has computed so far, layout and painting commands included."""
        found = self.metrics.send("Performance.getMetrics")["metrics"]
        return next(1000 * entry["value"] for entry in found if entry["name"] == "TaskDuration")

    def select(self, selection: dict[str, Any]) -> Times:
        """Select as Python would."""
        self.browser.start_tracing(page=self.page, categories=cpu.CATEGORIES)
        before = self.cpu_ms()
        times: Times = self.page.evaluate("(selection) => bench.select(selection)", selection)
        times["CPU"] = self.cpu_ms() - before
        return times | {"CPU until painted": cpu.until_painted_ms(self.browser.stop_tracing())}

    def click(self, selector: str, at: Callable[[dict[str, float]], tuple[float, float]] | None = None) -> Times | None:
        """Click with a real mouse; None where there is nothing to click or where it changed nothing."""
        target = self.page.locator(selector).first
        if not target.count() or not target.is_visible():
            return None
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        x, y = at(box) if at else (box["width"] / 2, box["height"] / 2)
        self.page.mouse.move(box["x"] + x, box["y"] + y)
        self.page.evaluate("bench.rest()")
        before = self.page.evaluate("bench.selection")
        self.page.evaluate("bench.arm()")
        self.browser.start_tracing(page=self.page, categories=cpu.CATEGORIES)
        spent = self.cpu_ms()
        self.page.mouse.click(box["x"] + x, box["y"] + y)
        times: Times = self.page.evaluate("bench.measured")
        times["CPU"] = self.cpu_ms() - spent
        times["CPU until painted"] = cpu.until_painted_ms(self.browser.stop_tracing())
        return times if self.page.evaluate("bench.selection") != before else None

    def gesture(self, selector: str, kind: str, frames: int = FRAMES) -> dict[str, list[float]] | None:
        """Zoom or pan, one event per frame: lengths of the frames, and of the code in them. None: nothing is there.

        ``cpu`` is what the main thread computed in each frame, by Chromium's own trace.
        """
        target = self.page.locator(selector).first
        if not target.count() or not target.is_visible():
            return None
        target.scroll_into_view_if_needed()
        self.browser.start_tracing(page=self.page, categories=cpu.CATEGORIES)
        times: dict[str, list[float]] | None = self.page.evaluate(
            "([selector, kind, frames]) => bench.gesture(selector, kind, frames)", [selector, kind, frames]
        )
        spent = cpu.frame_ms(self.browser.stop_tracing())
        return times and times | {"cpu": spent[-frames:]}

    def heap_bytes(self) -> Times:
        """What is alive after a collection: objects, and the buffers of typed arrays."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        used = session.send("Runtime.getHeapUsage")
        return {"objects": used["usedSize"], "buffers": used.get("backingStorageSize", float("nan"))}
