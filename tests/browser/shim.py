"""The widget's real code in a bare page: a few lines stand in for the widget manager and the kernel."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

from xpubreak.errors import DetailError
from xpubreak.view.eventwire import encode_events
from xpubreak.view.explorer import Explorer
from xpubreak.view.layers import bars_item
from xpubreak.view.runtime import LATER, STATIC, compressed, compressed_bokehjs
from xpubreak.view.wire import Packet, encode

_HOST = """
async ({ code, meta, columns, eventsMeta, events, bars, bokehjs, later, held, selection, parts }) => {
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  const answers = {
    data: [{ answer: "data", meta, bars }, [bytes(columns)]],
    events: [{ answer: "events", ...(eventsMeta.error ? eventsMeta : { meta: eventsMeta }) }, [bytes(events)]],
    bokehjs: [{ answer: "bokehjs" }, [bytes(bokehjs)]],
    sealed: [{ answer: "sealed", texts: null }, []],
  };
  for (const [name, text] of Object.entries(later)) answers[name] = [{ answer: name }, [bytes(text)]];
  window.give = {};
  const makeModel = (state) => {
    const listeners = {};
    const tell = (event, ...args) => (listeners[event] || []).slice().forEach((listener) => listener(...args));
    return {
      get: (key) => state[key],
      set: (key, value) => { state[key] = value; tell(`change:${key}`); },
      save_changes() { window.saves = (window.saves || 0) + 1; },
      on: (event, listener) => { (listeners[event] ||= []).push(listener); },
      off: (event, listener) => { listeners[event] = (listeners[event] || []).filter((one) => one !== listener); },
      send({ ask }) {
        if (!ask) return;
        const give = (answer = answers[ask]) => tell("msg:custom", ...answer);
        if (held.includes(ask)) window.give[ask] = give;
        else setTimeout(give);
      },
    };
  };
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const runtime = (await import(url)).default;
  const { mount } = runtime.initialize({ model: makeModel({}) });
  window.model = makeModel({ uid: "shim", data: "shim", group: "shim", stamp: "", selection, parts });
  window.life = new AbortController();
  const el = document.createElement("div");
  document.body.append(el);
  mount({ model: window.model, el, signal: window.life.signal });
}
"""


@cache
def _bars(layer_count: int) -> dict[str, Any]:
    return bars_item(layer_count)


def _events(bd: Any) -> Packet:
    """What the kernel answers; an error where single events were added up."""
    try:
        return encode_events(bd)
    except DetailError as error:
        return Packet({"error": f"DetailError: {error}"}, b"")


class Shim:
    """An explorer in a bare page."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def show(
        self,
        bd: Any,
        selection: dict[str, Any] | None = None,
        parts: tuple[str, ...] = Explorer._parts,
        held: tuple[str, ...] = (),
    ) -> Shim:
        """Mount parts of the explorer of ``bd`` and wait until they are drawn, bars and all.

        Answers that are ``held`` come when the page calls ``give[name]()``, and are not waited for.
        """
        packet, events = encode(bd), _events(bd)
        # A named page: blob modules of about:blank have no origin to be loaded from.
        self.page.route("http://shim.test/", lambda route: route.fulfill(body=_PAGE, content_type="text/html"))
        self.page.goto("http://shim.test/")
        self.page.evaluate(
            _HOST,
            {
                "code": (STATIC / "runtime.js").read_text(encoding="utf-8"),
                "meta": packet.meta,
                "columns": base64.b64encode(packet.blob).decode(),
                "eventsMeta": events.meta,
                "events": base64.b64encode(events.blob).decode(),
                "parts": list(parts),
                "bars": _bars(bd.layer_count),
                "bokehjs": base64.b64encode(compressed_bokehjs()).decode(),
                "later": {f"part-{name}": base64.b64encode(compressed(f"part-{name}.js")).decode() for name in LATER},
                "held": list(held),
                "selection": selection or {},
            },
        )
        self.page.wait_for_selector(".header, .panel, .filters").dispose()
        if held:
            return self
        self.page.wait_for_function(_PARTS_THERE)
        if len(bd) and bd.layer_count and "layers" in parts:
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
        size = max(1, layer_count / 28)  # of "before", "after" and "outside", as in js/src/draw/barpositions.ts
        start, end = -0.5 - 2 * size, layer_count - 0.5 + 4 * size
        return box["x"] + box["width"] * (place - start) / (end - start), box["y"] + box["height"] / 2


_PAGE = "<!doctype html><meta charset=utf-8><meta name=color-scheme content='light dark'><body></body>"
_PARTS_THERE = "() => !document.querySelector('.xpubreak').shadowRoot.querySelector('.later')"
_BARS_DRAWN = """() => {
  const root = document.querySelector('.xpubreak').shadowRoot;
  const overlay = root.querySelector('.plot-overlay');
  return overlay && overlay.style.width !== '' && root.querySelector('.layers .empty').hidden;
}"""
