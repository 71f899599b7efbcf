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
