"""A view that is closed, or whose cell is run again, leaves nothing behind in the page."""

from __future__ import annotations

import pytest

import xpubreak as xb
from tests.browser.shim import Shim
from xpubreak.view.explorer import Explorer

REAL = xb.load(xb.samples.path("h200-vllm-eager"))

CLOSE = """(late) => {
  if (late) give[late]();
  window.trace = new WeakRef(document.querySelector('.xpubreak'));
  life.abort();
  document.body.replaceChildren();
  // They know the view as a notebook's do, which drops them with it.
  delete window.life;
  delete window.give;
}"""


def stays(shim: Shim, late: str = "") -> bool:
    """Whether the explorer is still there once it was closed, right after a late answer, and garbage was collected."""
    shim.page.evaluate(CLOSE, late)
    collector = shim.page.context.new_cdp_session(shim.page)
    for _ in range(8):
        shim.page.wait_for_timeout(250)
        collector.send("HeapProfiler.collectGarbage")
        if not shim.page.evaluate("() => trace.deref() !== undefined"):
            return False
    return True


@pytest.mark.parametrize("parts", [("layers",), ("roofline",), ("timeline",), Explorer._parts], ids="+".join)
def test_nothing_keeps_a_closed_explorer(shim: Shim, parts: tuple[str, ...]) -> None:
    shim.show(REAL, parts=parts)
    shim.page.wait_for_timeout(500)
    assert not stays(shim)


def test_bars_that_come_too_late_are_not_kept_either(shim: Shim) -> None:
    shim.show(REAL, parts=("layers",), held=("bokehjs",))
    shim.page.wait_for_function("() => 'bokehjs' in give")
    assert not stays(shim, late="bokehjs")
