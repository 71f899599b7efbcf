"""The widget's real code in a bare page: a few lines stand in for the widget manager and the kernel."""

from __future__ import annotations

import base64
from typing import Any

from xpubreak.view.layers import bars_item
from xpubreak.view.palette import FILLS, HATCHED
from xpubreak.view.runtime import STATIC, compressed_bokehjs
from xpubreak.view.wire import encode

_HOST = """
async ({ code, meta, columns, bars, bokehjs, selection }) => {
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  const answers = {
    data: [{ answer: "data", meta, bars }, [bytes(columns)]],
    bokehjs: [{ answer: "bokehjs" }, [bytes(bokehjs)]],
  };
  const makeModel = (state) => {
    const listeners = {};
    const tell = (event, ...args) => (listeners[event] || []).slice().forEach((listener) => listener(...args));
    return {
      get: (key) => state[key],
      set: (key, value) => { state[key] = value; tell(`change:${key}`); },
      save_changes() { window.saves = (window.saves || 0) + 1; },
      on: (event, listener) => { (listeners[event] ||= []).push(listener); },
      off: (event, listener) => { listeners[event] = (listeners[event] || []).filter((one) => one !== listener); },
      send: ({ ask }) => setTimeout(() => tell("msg:custom", ...answers[ask])),
    };
  };
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const runtime = (await import(url)).default;
  const { mount } = runtime.initialize({ model: makeModel({}) });
  window.model = makeModel({ uid: "shim", selection });
  window.life = new AbortController();
  const el = document.createElement("div");
  document.body.append(el);
  mount({ model: window.model, el, signal: window.life.signal });
}
"""


class Shim:
    """An explorer in a bare page."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def show(self, bd: Any, selection: dict[str, Any] | None = None) -> Shim:
        """Mount the explorer of ``bd`` and wait until it is drawn, bars and all."""
        packet = encode(bd)
        # A named page: blob modules of about:blank have no origin to be loaded from.
        self.page.route("http://shim.test/", lambda route: route.fulfill(body=_PAGE, content_type="text/html"))
        self.page.goto("http://shim.test/")
        self.page.evaluate(
            _HOST,
            {
                "code": (STATIC / "runtime.js").read_text(encoding="utf-8"),
                "meta": packet.meta,
                "columns": base64.b64encode(packet.blob).decode(),
                "bars": bars_item(FILLS, HATCHED, bd.layer_count),
                "bokehjs": base64.b64encode(compressed_bokehjs()).decode(),
                "selection": selection or {},
            },
        )
        self.page.wait_for_selector(".header")
        if len(bd) and bd.layer_count:
            self.page.wait_for_function(_BARS_DRAWN)
        return self

    @property
    def selection(self) -> dict[str, Any]:
        """What Python would see."""
        found: dict[str, Any] = self.page.evaluate("model.get('selection')")
        return found

    def text(self, selector: str) -> str:
        found: str = self.page.locator(selector).first.inner_text()
        return found.replace("\u202f", " ")

    def click_frame(self, lane: int, x_frac: float, **options: Any) -> None:
        """Click into a lane of the flame graph, at a share of its width."""
        canvas = self.page.locator(".flame canvas")
        box = canvas.bounding_box()
        canvas.click(position={"x": box["width"] * x_frac, "y": lane * 22 + 11}, **options)

    def bar_point(self, place: float, layer_count: int) -> tuple[float, float]:
        """Where the bar of a layer stands, in the page."""
        box = self.page.locator(".plot-overlay").bounding_box()
        start, end = -2.5, layer_count + 3.5
        return box["x"] + box["width"] * (place - start) / (end - start), box["y"] + box["height"] / 2


_PAGE = "<!doctype html><meta charset=utf-8><meta name=color-scheme content='light dark'><body></body>"
_BARS_DRAWN = """() => {
  const root = document.querySelector('.xpubreak').shadowRoot;
  const overlay = root.querySelector('.plot-overlay');
  return overlay && overlay.style.width !== '' && root.querySelector('.layers .empty').hidden;
}"""
