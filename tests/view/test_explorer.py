"""The Python half of the explorer: what is synced, what is sent, what is shown by whom."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest

import xpubreak as xb
from xpubreak.errors import SelectionError
from xpubreak.view import runtime
from xpubreak.view.explorer import Explorer
from xpubreak.view.layers import bars_item
from xpubreak.view.show import mimebundle


@pytest.fixture(scope="module")
def bd() -> xb.Breakdown:
    return xb.load(xb.samples.path("h200-vllm-compiled"))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    messages: list[tuple[Any, Any]] = []
    for cls in (Explorer, runtime.Runtime):
        monkeypatch.setattr(cls, "send", lambda self, content, buffers=None: messages.append((content, buffers)))
    return messages


def ask(widget: Any, what: str) -> None:
    widget._handle_custom_msg({"ask": what}, [])


def test_data_is_sent_when_asked_for_and_never_synced(bd: xb.Breakdown, sent: list[tuple[Any, Any]]) -> None:
    explorer = Explorer(bd)
    state = explorer.get_state()
    assert len(json.dumps({k: v for k, v in state.items() if isinstance(v, str | dict)})) < 2_000
    assert not any(isinstance(value, bytes) for value in state.values())
    ask(explorer, "something else")
    assert sent == []
    ask(explorer, "data")
    [(content, [blob])] = sent
    assert content["meta"]["totals"]["device_ns"] == bd.totals.device_ns
    assert len(blob) > 1000


def test_runtime_is_shared_and_replaced_when_closed(bd: xb.Breakdown, sent: list[tuple[Any, Any]]) -> None:
    first, second = Explorer(bd), Explorer(bd)
    assert first.runtime is second.runtime
    ask(first.runtime, "bokehjs")
    assert sent[0][1][0][:2] == b"\x1f\x8b"
    first.runtime.close()
    assert Explorer(bd).runtime is not first.runtime


def test_selection_reads_as_a_breakdown(bd: xb.Breakdown) -> None:
    explorer = bd.explore(title="compiled")
    explorer.selection = {"backend": "triton-xpu" if bd.device == "xpu" else "triton", "layer": range(2)}
    assert explorer.selection == {"backend": ["triton"], "layer": [0, 1]}
    assert explorer.selected == bd.select(backend="triton", layer=[0, 1])
    with pytest.raises(SelectionError):
        explorer.selection = {"colour": ["red"]}
    explorer.selection = xb.Selection.of(phase="decode")
    assert explorer.selection == {"phase": ["decode"]}


def test_bundle_offers_text_table_and_widget(bd: xb.Breakdown) -> None:
    data, _ = mimebundle(bd)
    assert data["text/plain"] == bd.report()
    assert "<table" in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data


def test_figure_holds_no_name_of_the_trace() -> None:
    text = json.dumps(bars_item(28))
    assert "gemm" not in text
    for name in ("columns", "pieces", "hatches", "column", "hatch", "value-range", "layer-range", "layer-axis"):
        assert f'"name": "{name}"' in text


def test_sessions_of_marimo_have_a_runtime_each(bd: xb.Breakdown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "marimo", ModuleType("marimo"))
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        found = [session.submit(lambda: Explorer(bd).runtime).result() for session in (one, one, other)]
    assert found[0] is found[1]
    assert found[0] is not found[2]
