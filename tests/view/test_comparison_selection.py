"""What is selected on the page of a comparison, in Python: by name, both ways, and never saved."""

from __future__ import annotations

from typing import Any

import pytest

import xpubreak as xb
from xpubreak.errors import SelectionError
from xpubreak.view.comparison.chosen import keys_of, selection_of
from xpubreak.view.comparison.payload import DIMENSIONS, pairs_of
from xpubreak.view.comparison.widget import ComparisonExplorer


@pytest.fixture(scope="module")
def cmp() -> xb.Comparison:
    runs = [xb.load(xb.samples.path(name)) for name in ("h200-vllm-eager", "h200-vllm-compiled")]
    return xb.compare(*runs, runs[0], titles=["eager", "compiled", "eager again"])


class Told(ComparisonExplorer):
    """Keeps what it would send to the page."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.sent: list[Any] = []
        super().__init__(*args, **options)

    def send(self, content: Any, buffers: Any = None) -> None:
        self.sent.append(content)


@pytest.mark.parametrize("name", DIMENSIONS)
def test_every_row_of_the_page_has_a_name_that_leads_back_to_it(cmp: xb.Comparison, name: str) -> None:
    rows = pairs_of(cmp)[0][name]
    assert rows
    for row in rows:
        selection = selection_of(cmp, {name: row["key"]})
        assert keys_of(cmp, selection) == {name: row["key"]}
        assert sum(part.totals.device_ns for part in cmp.parts(**selection)) > 0, selection
        [[value]] = selection.values()
        if name not in ("backend", "phase"):  # which have labels of their own
            assert str(value) == row["label"]


def test_a_click_is_heard(cmp: xb.Comparison) -> None:
    view = Told(cmp)
    view.sent.clear()
    heard: list[Any] = []
    view.observe(lambda change: heard.append(change.new), "selection")
    key = next(row["key"] for row in pairs_of(cmp)[0]["category"] if row["label"] == "attention")
    view.take({"by": "me", "pair": 0, "keys": {"category": key}})
    assert view.selection == {"category": ["attention"]}
    assert heard == [{"category": ["attention"]}]
    assert view.sent == [{"select": {"by": "me", "pair": 0, "keys": {"category": key}}}], "other views follow"
    a, b = view.selected
    assert a.totals.device_ns == cmp.a.select(category="attention").totals.device_ns
    assert b.totals.device_ns == cmp.b.select(category="attention").totals.device_ns


def test_python_sets_what_the_page_shows(cmp: xb.Comparison) -> None:
    view = Told(cmp, selection={"phase": "decode"})
    assert view.selection == {"phase": ["decode"]}
    view.sent.clear()
    view.selection = {"layer": 2, "category": ["attention"]}
    assert view.selection == {"layer": [2], "category": ["attention"]}
    [told] = view.sent
    rows = pairs_of(cmp)[0]
    assert [rows[name][key]["label"] for name, key in told["select"]["keys"].items()] == ["2", "attention"]
    view.selection = {"position": "before"}
    assert view.told()["keys"] == {"layer": 0}


def test_another_pair_begins_with_nothing_selected(cmp: xb.Comparison) -> None:
    view = Told(cmp, selection={"layer": 1})
    view.pair = 1
    assert view.selection == {}
    assert view.shown.b_title == "eager again"
    assert view.sent[-1]["select"] == {"by": "", "pair": 1, "keys": {}}
    view.take({"by": "me", "pair": 0, "keys": {"phase": 0}})
    assert view.pair == 0
    assert list(view.selection) == ["phase"]


@pytest.mark.parametrize(
    "selection",
    [
        {"colour": "red"},
        {"category": "red"},
        {"layer": [1, 2]},
        {"layer": 1, "position": "before"},
        {"position": "layer"},
    ],
)
def test_what_the_page_cannot_select_is_an_error_and_changes_nothing(
    cmp: xb.Comparison, selection: dict[str, Any]
) -> None:
    view = Told(cmp, selection={"layer": 1})
    with pytest.raises(SelectionError):
        view.selection = selection
    assert view.selection == {"layer": [1]}
    with pytest.raises(SelectionError, match="there are 2"):
        view.pair = 2


def test_nothing_of_it_is_saved(cmp: xb.Comparison) -> None:
    view = Told(cmp, selection={"layer": 1})
    assert {"selection", "pair"}.isdisjoint(view.get_state())
