"""Runs of a cell: before the recording, without it, and under it."""

from __future__ import annotations

import re
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

import xpubreak as xb
from xpubreak.trace import kineto

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("stand_in")]

from xpubreak.capture.capture import Capture  # noqa: E402
from xpubreak.capture.recorder import Recorder, is_profiling  # noqa: E402

AWAITING = "await asyncio.sleep(0)\n"


@pytest.fixture
def ready(notebook):
    notebook.run("import asyncio, torch\nx = torch.ones(2, 4)\nruns = 0")
    return notebook


@pytest.mark.parametrize("wait", ["", AWAITING])
@pytest.mark.parametrize(
    ("line", "runs", "recorded"),
    [
        ("", 1, 1),
        ("--warmup 3", 4, 1),
        ("--repeat 3", 3, 3),
        ("--measure-overhead", 2, 1),
        ("--warmup 2 --measure-overhead --repeat 3", 6, 3),
    ],
)
def test_only_the_runs_that_are_meant_are_recorded(ready, wait, line, runs, recorded):
    out = ready.run(f"%%xpu_breakdown {line}\n{wait}runs += 1\ny = x.sin()\nruns")
    assert ready["runs"] == runs
    assert xb.last.operators == ["aten::sin"] * recorded
    assert out.count(f"Out[2]: {runs}") == 1
    assert len(ready.shown) == 1


@pytest.mark.parametrize("wait", ["", AWAITING])
@pytest.mark.parametrize("line", ["--warmup 1", "--measure-overhead"])
def test_an_exception_before_the_recording_is_the_cell_s_and_nothing_is_shown(ready, wait, line):
    before = xb.last
    out = ready.run(f"%%xpu_breakdown {line}\n{wait}runs += 1\n1 / 0", fails=ZeroDivisionError)
    assert ready["runs"] == 1
    assert "xpubreak/" not in out
    assert "1 / 0" in out
    assert ready.shown == []
    assert xb.last is before
    ready.run("%%xpu_breakdown\nx.sin();")


def test_an_exception_in_a_later_run_shows_the_runs_until_then(ready):
    ready.run("%%xpu_breakdown --repeat 5\nx.sin()\nruns += 1\nif runs == 3:\n    1 / 0", fails=ZeroDivisionError)
    assert ready["runs"] == 3
    assert xb.last.operators == ["aten::sin"] * 3
    assert xb.last.trace.metadata.extra["xpubreak"]["repeat"] == 3, "what comparisons divide by"
    assert len(ready.shown) == 1


def test_the_overhead_is_among_the_issues_and_the_metadata(ready):
    ready.run("%%xpu_breakdown --measure-overhead --warmup 1\nfor _ in range(1000):\n    x.sin()")
    (issue,) = [issue for issue in xb.last.issues if issue.code == "overhead"]
    assert "with the profiler and" in issue.message
    noted = xb.last.trace.metadata.extra["xpubreak"]
    assert noted["overhead"] > 0
    assert (noted["warmup"], noted["repeat"]) == (1, 1)


def test_no_overhead_is_told_where_none_was_measured(ready):
    ready.run("%%xpu_breakdown\nx.sin();")
    assert "overhead" not in [issue.code for issue in xb.last.issues]
    assert "overhead" not in xb.last.trace.metadata.extra["xpubreak"]


def interrupt(source, *, title=None):
    """As the stop button, while a breakdown is made."""
    raise KeyboardInterrupt


@pytest.fixture
def loads():
    """The line that a message gives, run: how many events it reads."""

    def load(said):
        folder, line = re.search(r"The traces stay in (\S+): (xb\.load\(.*?\)) opens them", said).groups()
        assert folder in line
        found = eval(line, {"xb": SimpleNamespace(load=read_kineto)})
        shutil.rmtree(folder)
        return found

    return load


def read_kineto(path):
    trace = kineto.read(Path(path))
    return [trace.name(row) for row in trace.spans]


def test_an_interrupt_while_the_trace_is_read_names_it_and_the_next_cell_works(ready, monkeypatch, loads):
    with monkeypatch.context() as patch:
        patch.setitem(vars(xb), "load", interrupt)
        out = ready.run("%%xpu_breakdown\nx.sin().shape", fails=KeyboardInterrupt)
    assert "Out[2]: torch.Size([2, 4])" in out
    assert ready.shown == []
    assert "xpubreak: Interrupted while classifying." in ready.err
    assert "aten::sin" in loads(ready.err)
    ready.run("%%xpu_breakdown\nx.cos();")
    assert xb.last.operators == ["aten::cos"]


@pytest.mark.parametrize("error", ["1 / 0", "raise KeyboardInterrupt"])
def test_an_interrupt_while_the_trace_of_a_failed_cell_is_read_leaves_the_cell_its_exception(
    ready, monkeypatch, loads, error
):
    with monkeypatch.context() as patch:
        patch.setitem(vars(xb), "load", interrupt)
        kind = KeyboardInterrupt if "Keyboard" in error else ZeroDivisionError
        out = ready.run(f"%%xpu_breakdown\nx.sin()\n{error}", fails=kind)
    assert out.count("Traceback (most recent call last)") == 1
    assert "aten::sin" in loads(ready.err)


@pytest.mark.parametrize("runner", ["%%xpu_breakdown\n", "with xb.profile():\n    "])
def test_whatever_goes_wrong_at_the_end_the_cell_s_exception_counts(ready, monkeypatch, runner):
    leave = Capture.__exit__

    def fail(self, *how):
        leave(self, *how)
        raise RuntimeError("of xpubreak")

    ready.run("import xpubreak as xb")
    with monkeypatch.context() as patch:
        patch.setattr(Capture, "__exit__", fail)
        ready.run(f"{runner}1 / 0", fails=ZeroDivisionError)
    assert ("no breakdown of the part that ran: RuntimeError('of xpubreak')" in ready.err) == runner.startswith("%")


@pytest.mark.parametrize("moment", ["_stop", "export"])
def test_an_interrupt_while_the_recording_ends_shows_it(ready, monkeypatch, moment):
    original = getattr(Recorder, moment)

    def interrupted(self, *arguments):
        signal.raise_signal(signal.SIGINT)
        return original(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, moment, interrupted)
        out = ready.run("%%xpu_breakdown\nx.sin().shape", fails=KeyboardInterrupt)
    assert "Out[2]: torch.Size([2, 4])" in out
    assert len(ready.shown) == 1
    assert xb.last.operators == ["aten::sin"]
    assert not is_profiling(torch)


def test_a_saved_trace_is_what_an_interrupt_names(ready, monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.setitem(vars(xb), "load", interrupt)
        ready.run(f"%%xpu_breakdown --save {tmp_path}/run.json\nx.sin();", fails=KeyboardInterrupt)
    assert f"xb.load('{tmp_path}/run.json') opens them" in ready.err


def test_an_interrupted_block_of_xb_profile_names_its_trace_too(ready, monkeypatch, loads):
    with monkeypatch.context() as patch:
        patch.setitem(vars(xb), "load", interrupt)
        ready.run("import xpubreak as xb\nwith xb.profile() as p:\n    x.sin()", fails=KeyboardInterrupt)
    assert "aten::sin" in loads(ready.err)
    with pytest.raises(xb.CaptureError, match="Interrupted while classifying"):
        _ = ready["p"].breakdown


def test_a_refused_nested_magic_leaves_the_outer_one_at_work(ready):
    nested = "get_ipython().run_cell_magic('xpu_breakdown', '--warmup 1', 'runs += 1')"
    ready.run(f"%%xpu_breakdown\nx.sin()\ntry:\n    {nested}\nexcept Exception as e:\n    error = str(e)\nx.cos();")
    assert "cannot run inside another one" in ready["error"]
    assert ready["runs"] == 0
    assert xb.last.operators == ["aten::sin", "aten::cos"]
