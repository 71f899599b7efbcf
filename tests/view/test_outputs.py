"""Three outputs for each view, and what they weigh."""

from __future__ import annotations

import re
from typing import Any

import pytest

import xpubreak as xb
from tests.view import fake
from xpubreak.errors import XpubreakError
from xpubreak.view import outputs
from xpubreak.view.weight import MANY_BYTES, Weights

WIDGET = "application/vnd.jupyter.widget-view+json"
VIEWS = ("Explorer", "FlameGraph", "Timeline", "LayerBars", "KernelTable", "Filters", "Details")
OBJECT = re.compile(r"<[\w.]+ object at 0x|Loading widget|[A-Z]\w+\(.*=.*\)")


@pytest.fixture(autouse=True)
def weights(monkeypatch: pytest.MonkeyPatch) -> Weights:
    """As of a fresh kernel."""
    fresh = Weights()
    monkeypatch.setattr(outputs, "_weights", fresh)
    return fresh


@pytest.fixture(scope="module")
def bd() -> xb.Breakdown:
    return xb.load(xb.samples.path("h200-vllm-compiled"))


@pytest.mark.parametrize("name", VIEWS)
def test_picture_copy_and_widget_of_every_view(bd: xb.Breakdown, name: str) -> None:
    from xpubreak.view import explorer

    view = getattr(explorer, name)(bd, title="a run", selection={"layer": [1]})
    [(picture, size), (copy, _), (live, _)] = outputs.outputs_of(view)
    assert set(picture) == {"image/png", "text/plain"}
    assert picture["image/png"].startswith(b"\x89PNG")
    assert size["image/png"]["width"] == 1120, "half its pixels: sharp on screens of today"
    assert set(copy) == {"text/html", "text/plain"}
    assert f'data-xpubreak-static="{view.uid}"' in copy["text/html"]
    assert 'data-selection="{&quot;layer&quot;:[1]}"' in copy["text/html"]
    parts = re.search(r'data-parts="([^"]*)"', copy["text/html"])
    assert (parts.group(1).split() if parts else []) == list(view.parts)
    assert live[WIDGET]["model_id"] == view.model_id
    for data in (picture, copy, live):
        assert not OBJECT.search(data["text/plain"]), "what a host shows that knows nothing else"
    assert "data-xpubreak-plain" in copy["text/html"]


def test_a_picture_is_told_by_its_end(bd: xb.Breakdown) -> None:
    import base64

    [(picture, _), (copy, _), _] = outputs.outputs_of(bd.explore())
    [tail] = re.findall(r'data-xpubreak-picture="([^"]*)"', copy["text/html"])
    assert base64.b64encode(picture["image/png"]).decode().endswith(tail)
    assert len(tail) >= 32


def test_none_leaves_a_table(bd: xb.Breakdown) -> None:
    [(table, _), (live, _)] = outputs.outputs_of(bd.explore(snapshot="none"))
    assert "<table" in table["text/html"]
    assert table["text/html"].count("<script") == 1, "it hides what JupyterLab writes for a widget that is gone"
    assert WIDGET in live


def test_full_holds_what_small_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(outputs.BUDGETS_BYTES, "small", 300_000)
    bd = xb.load(xb.samples.path("h200-transformers"))
    small, full = (
        outputs.outputs_of(xb.FlameGraph(bd, snapshot=snapshot))[1][0]["text/html"] for snapshot in ("small", "full")
    )
    assert 'data-xpubreak="events"' in full
    assert 'data-xpubreak="events"' not in small
    assert "no single events" in small


def test_another_word_is_refused(bd: xb.Breakdown) -> None:
    with pytest.raises(XpubreakError, match=r"snapshot='big': it is one of none, small, full"):
        bd.explore(snapshot="big")


def test_the_first_cell_holds_bokehjs_for_all(bd: xb.Breakdown, monkeypatch: pytest.MonkeyPatch) -> None:
    def holds(cell: str) -> bool:
        monkeypatch.setattr(outputs, "current_cell", lambda: cell)
        return 'data-xpubreak="bokehjs"' in outputs.outputs_of(xb.LayerBars(bd))[1][0]["text/html"]

    assert [holds(cell) for cell in ("a", "b", "a")] == [True, False, True], "also when it is run again"


def test_a_notebook_that_grows_says_so_once_for_ten_megabytes() -> None:
    weights = Weights()
    weights.add("a", MANY_BYTES - 1, run=1)
    assert weights.report() == ""
    weights.add("b", 1, run=2)
    assert "the 2 breakdowns shown in this notebook take 10 MB" in weights.report()
    assert weights.report() == ""
    weights.add("c", MANY_BYTES, run=3)
    assert "snapshot='none'" in weights.report()


def test_cells_that_run_again_weigh_once() -> None:
    weights = Weights()
    for run in (1, 2, 3):
        weights.add("a", 1000, run=run)
        weights.add("a", 500, run=run)
    assert weights.total_bytes == 1500


def test_the_size_is_reported_after_the_widget(weights: Weights, bd: xb.Breakdown) -> None:
    weights.add("another cell", MANY_BYTES, run=1)
    shown: list[Any] = outputs.outputs_of(bd.explore())
    assert WIDGET in shown[2][0]
    assert re.search("the 2 breakdowns .* take 1[01] MB in its file", shown[3][0]["text/plain"])


def test_hostile_names_are_in_no_output_as_markup() -> None:
    bd = fake.decoder(4, hostile=True)
    bd.title = '</script><img src=x onerror="window.__pwned=1">'
    [(picture, _), (copy, _), (live, _)] = outputs.outputs_of(xb.Details(bd))
    assert b"onerror" not in picture["image/png"].replace(b"Description", b"").split(b"IDAT")[-1]
    assert "<img" not in copy["text/html"]
    assert "onerror" not in str(live)
