"""What is selected on the page of a comparison, in Python: by name, both ways, and never saved."""

from __future__ import annotations

from threading import Thread
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


def click(view: ComparisonExplorer, number: int = 1, pair: int = 0, **keys: int) -> None:
    view.take({"by": "me", "number": number, "pair": pair, "keys": keys})


def key_of(cmp: xb.Comparison, name: str, label: str) -> int:
    return next(row["key"] for row in pairs_of(cmp)[0][name] if row["label"] == label)


def test_a_click_is_heard_and_told_to_all_views(cmp: xb.Comparison) -> None:
    view = Told(cmp)
    heard: list[Any] = []
    view.observe(lambda change: heard.append(change.new), "selection")
    key = key_of(cmp, "category", "attention")
    click(view, 3, category=key)
    assert view.selection == {"category": ["attention"]}
    assert heard == [{"category": ["attention"]}]
    assert view.sent[-1] == {"select": {"by": "me", "number": 3, "pair": 0, "keys": {"category": key}}}
    a, b = view.selected
    assert a.totals.device_ns == cmp.a.select(category="attention").totals.device_ns
    assert b.totals.device_ns == cmp.b.select(category="attention").totals.device_ns
    view.selection = {}
    assert view.sent[-1] == {"select": {"by": "", "number": 0, "pair": 0, "keys": {}}}, "that was Python"


def test_what_an_observer_makes_of_a_click_is_what_views_are_told(cmp: xb.Comparison) -> None:
    view = Told(cmp)
    view.observe(lambda change: view.set_trait("selection", {**change.new, "phase": ["decode"]}), "selection")
    click(view, category=key_of(cmp, "category", "attention"))
    assert view.selection == {"category": ["attention"], "phase": ["decode"]}
    assert set(view.sent[-1]["select"]["keys"]) == {"category", "phase"}


def test_an_observer_that_raises_keeps_nobody_from_being_told(cmp: xb.Comparison) -> None:
    view = Told(cmp)

    def fails(_: Any) -> None:
        raise RuntimeError("mine")

    view.observe(fails, "selection")
    with pytest.raises(RuntimeError):
        click(view, layer=2)
    assert view.sent[-1]["select"]["keys"] == keys_of(cmp, view.selection) == {"layer": 2}


@pytest.mark.parametrize(("pair", "keys"), [(7, {}), (-1, {}), (0, {"layer": 10**6}), (0, {"colour": 1})])
def test_a_message_that_names_nothing_changes_nothing(cmp: xb.Comparison, pair: int, keys: dict[str, int]) -> None:
    view = Told(cmp, selection={"layer": 1})
    with pytest.raises((LookupError, SelectionError)):
        click(view, pair=pair, **keys)
    assert (view.pair, view.selection) == (0, {"layer": [1]})
    assert view.sent[-1]["select"]["keys"] == keys_of(cmp, {"layer": 1}), "the page goes back to it"


def test_the_kernel_ends_with_what_was_told_last_whoever_selects(cmp: xb.Comparison) -> None:
    """Widgets hear in threads of their own while cells run."""
    view = Told(cmp)
    names = [row["key"] for row in pairs_of(cmp)[0]["layer"]]

    def clicks() -> None:
        for number in range(40):
            click(view, number, layer=names[number % len(names)])

    other = Thread(target=clicks)
    other.start()
    for number in range(40):
        view.selection = {"category": ["attention"]} if number % 2 else {}
    other.join()
    assert view.sent[-1]["select"]["keys"] == keys_of(cmp, view.selection)


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


def test_another_pair_keeps_what_it_has_too(cmp: xb.Comparison) -> None:
    view = Told(cmp, selection={"layer": 1})
    view.pair = 1
    assert view.shown.b_title == "eager again"
    assert view.selection == {"layer": [1]}
    view.selection = {"op": "aten::mm"}
    click(view, pair=0)
    assert (view.pair, view.selection) == (0, {})
    view.selection = {"kernel": next(match.label for match in cmp.matched.axes.kernels if match.b and not match.a)}
    view.pair = 1
    assert view.selection == {}, "eager has no such kernel"
    assert view.sent[-1]["select"] == {"by": "", "number": 0, "pair": 1, "keys": {}}


def test_names_of_one_run_will_do(cmp: xb.Comparison) -> None:
    renamed = next(match for match in cmp.matched.axes.kernels if match.a and match.b and set(match.a) != set(match.b))
    view = Told(cmp)
    for name in (*renamed.a, *renamed.b, renamed.label):
        view.selection = {"kernel": name}
        assert view.selection == {"kernel": [renamed.label]}
    view.selection = {"backend": "vllm-cuda-kernels"}
    assert view.selection == {"backend": ["vllm"]}


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
