"""``%xpu_trace``."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

import xpubreak as xb


@pytest.fixture
def sources(monkeypatch):
    """What ``xb.load`` is asked for."""
    asked = []

    class Loaded:
        def redacted(self):
            return self

        def report(self):
            return "report"

        def __len__(self):
            return 1

        def __repr__(self):
            return f"<loaded {asked[-1]}>"

    def load(source, *, title=None):
        asked.append((source, title))
        return Loaded()

    monkeypatch.setitem(vars(xb), "load", load)
    return asked


def test_a_path_is_opened_shown_and_remembered(notebook, sources):
    assert "Out[" not in notebook.run("%xpu_trace run7/ --into run7")
    assert sources == [("run7/", None)]
    assert notebook.shown == ["<loaded ('run7/', None)>"]
    assert notebook["run7"] is xb.last


def test_several_paths_are_one_run(notebook, sources):
    notebook.run("%xpu_trace rank0.json 'rank 1.json' --title TP2")
    assert sources == [(["rank0.json", "rank 1.json"], "TP2")]


def test_python_values_expand(notebook, sources):
    notebook.run("path = '/traces/run7'")
    notebook.run("%xpu_trace {path}")
    notebook.run("%xpu_trace $path")
    assert [source for source, _ in sources] == ["/traces/run7"] * 2


def test_quiet_and_no_show(notebook, sources):
    assert notebook.run("%xpu_trace a.json --quiet") == "report\n"
    assert notebook.run("%xpu_trace a.json --no-show") == ""
    assert notebook.shown == []


def test_what_is_no_trace_is_a_usage_error_without_a_traceback(notebook, monkeypatch):
    def load(source, *, title=None):
        raise xb.NotATraceError("a.json: cannot be read (No such file or directory).")

    monkeypatch.setitem(vars(xb), "load", load)
    out = notebook.run("%xpu_trace a.json", fails=UsageError)
    assert out == ""
    assert "UsageError: a.json: cannot be read" in notebook.err


def test_help_and_missing_path(notebook, sources):
    assert notebook.run("%xpu_trace -h").startswith("usage: %xpu_trace")
    notebook.run("%xpu_trace", fails=UsageError)
    assert "required: PATH" in notebook.err
    assert sources == []
