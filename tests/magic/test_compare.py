"""``%%xpu_breakdown --compare``, over real recordings of torch in a real shell."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

import xpubreak as xb

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

CELL = "for _ in range(8):\n    model(x)"


@pytest.fixture
def ready(notebook):
    notebook.run("import torch\nmodel = torch.nn.Sequential(torch.nn.Linear(64, 64))\nx = torch.ones(8, 64)")
    notebook.run(f"%%xpu_breakdown --device cpu --into eager --no-show\n{CELL}")
    return notebook


def test_the_comparison_with_a_variable_is_shown(ready):
    ready.run(f"%%xpu_breakdown --device cpu --into again --compare eager\n{CELL}")
    (text,) = ready.shown
    assert text.splitlines()[:2] == ["A  eager", "B  again"]
    assert "compared:" in text
    assert isinstance(ready["again"], xb.Breakdown)
    assert xb.last is ready["again"]


def test_the_report_of_a_quiet_one(ready):
    out = ready.run(f"%%xpu_breakdown --device cpu --quiet --title second --compare eager\n{CELL}")
    assert "B  second" in out
    assert ready.shown == []


def test_a_saved_baseline(ready, tmp_path):
    path = ready["eager"].save(tmp_path / "eager.xpb")
    out = ready.run(f"%%xpu_breakdown --device cpu --quiet --compare {path}\n{CELL}")
    assert "compared:" in out


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("eagr", "Breakdowns here: eager"),
        ("x", "holds Tensor, not a Breakdown"),
        ("nowhere.xpb", "cannot be read"),
    ],
)
def test_a_wrong_baseline_is_told_before_the_cell_runs(ready, name, says):
    ready.run("runs = 0")
    ready.run(f"%%xpu_breakdown --device cpu --compare {name}\nruns += 1", fails=UsageError)
    assert ready["runs"] == 0
    assert says in str(ready.result.error_in_exec or ready.result.error_before_exec)


def test_repeats_are_compared_per_run_of_the_cell(ready):
    for name, repeat in (("once", 1), ("more", 4)):
        ready.run(f"%%xpu_breakdown --device cpu --into {name} --repeat {repeat} --no-show\n(x @ x.T).relu().sum()")
    cmp = xb.compare(ready["once"], ready["more"])
    assert cmp.matched.pairing.per == "run"
    row = cmp.by("backend").iloc[0]
    assert row["b_ns"] == row["b_total_ns"] / 4
    assert row["a_ns"] == row["a_total_ns"]
    assert "other-repeat" in {note.code for note in cmp.notes}
    (note,) = (note for note in cmp.notes if note.code == "no-common-steps")
    assert "record_function" in note.message


def test_the_advice_on_steps_works(ready):
    steps = "for n in range(8):\n    with torch.profiler.record_function(f'ProfilerStep#{n}'):\n        model(x)"
    for name in ("one", "two"):
        ready.run(f"%%xpu_breakdown --device cpu --into {name} --no-show\n{steps}")
    assert xb.compare(ready["one"], ready["two"]).matched.pairing.is_testable
