"""What is synced may be saved with a notebook: it names nobody, and means the same to page and kernel."""

from __future__ import annotations

import json
from typing import Any

import pytest

import xpubreak as xb
from xpubreak.trace import kineto
from xpubreak.view.answer import answer
from xpubreak.view.explorer import Explorer
from xpubreak.view.view import View

FRAME = "/home/zaphodb/heartofgold/x.py(1): f"
PRIVATE = ("zaphodb", "heartofgold", "magrathea07")


@pytest.fixture(scope="module")
def bd() -> xb.Breakdown:
    names = [("python_function", FRAME), ("cpu_op", FRAME), ("cpu_op", "aten::mm")]
    events = [
        {"ph": "X", "cat": category, "name": name, "pid": 1, "tid": 1, "ts": at, "dur": 9 - at}
        for at, (category, name) in enumerate(names)
    ]
    return xb.load(kineto.from_dicts(events, host_name="magrathea07"), title="zaphodb on magrathea07")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    messages: list[Any] = []
    monkeypatch.setattr(View, "send", lambda self, content, buffers=None: messages.append(content))
    return messages


def saved(view: View) -> str:
    return json.dumps({name: value for name, value in view.get_state().items() if name != "_esm"}, default=str)


def test_the_state_of_a_widget_names_nobody(bd: xb.Breakdown, sent: list[Any]) -> None:
    view = Explorer(bd, title="zaphodb's run", selection={"op": [FRAME, "aten::mm"], "text": "/zaphodb|mm/"})
    for change in ({"text": "heartofgold"}, {"op": FRAME, "layer": [1]}):
        assert not [word for word in PRIVATE if word in saved(view)]
        view.selection = change
    assert not [word for word in PRIVATE if word in saved(view)]
    assert view.selection == {"op": [FRAME], "layer": [1]}, "Python and the page know better"
    assert view.selected == bd.select(op=FRAME, layer=1)


def test_page_and_kernel_understand_each_other(bd: xb.Breakdown, sent: list[Any]) -> None:
    view = Explorer(bd)
    answer(view, {"ask": "sealed"}, [])
    meant = sent[-1]["texts"]
    [short] = [short for short, text in meant.items() if text == FRAME]
    view.set_state({"selection": {"op": [short], "duration_ns": [[0, 5]]}})
    assert view.selection == {"op": [FRAME], "duration_ns": [[0, 5]]}
    answer(view, {"sealed": {"(search a-1)": "zaphodb"}}, [])
    view.set_state({"selection": {"text": ["(search a-1)"]}})
    assert view.selection == {"text": ["zaphodb"]}
    assert "zaphodb" not in saved(view)
    sent.clear()
    view.selection = {"text": ["/home/zaphodb/elsewhere"]}
    written = json.loads(saved(view))["selection"]["text"][0]
    assert {written: "/home/zaphodb/elsewhere"} in [message.get("sealed") for message in sent]


def test_told_not_to(bd: xb.Breakdown, sent: list[Any]) -> None:
    view = Explorer(bd, redact=False, selection={"op": [FRAME]})
    assert view.get_state()["selection"] == {"op": [FRAME]}
    answer(view, {"ask": "sealed"}, [])
    assert sent == [{"answer": "sealed", "texts": None}]


def test_views_of_one_breakdown_and_title_share_what_the_page_loads(bd: xb.Breakdown) -> None:
    titles = ["", "", "b", "c"]
    ids = [Explorer(bd, title=title).data for title in titles]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
