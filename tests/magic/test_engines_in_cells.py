"""Cells over a vLLM engine that computes elsewhere: refused before, or explained after, never an empty breakdown."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

import xpubreak as xb

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("stand_in")]

# vLLM's classes as far as they are looked at; generate() would compute in another process.
ENGINE = """
import torch
def vllm_class(name, **members):
    return type(name, (), {"__module__": "vllm.v1.engine", **members})
def make(core):
    engine = vllm_class("LLMEngine")()
    engine.engine_core = vllm_class(core)()
    llm = vllm_class("LLM", generate=lambda self, prompt: calls.append(prompt))()
    llm.llm_engine = engine
    return llm
calls = []
"""


@pytest.fixture
def ready(notebook):
    notebook.run(ENGINE)
    return notebook


def test_a_cell_that_uses_it_is_refused_before_the_expensive_part(ready):
    ready.run("llm = make('SyncMPClient')")
    ready.run("%%xpu_breakdown\nllm.generate('x')", fails=UsageError)
    assert "The cell was not run. The work of llm (LLM, its engine core is a process of its own)" in ready.err
    assert "VLLM_ENABLE_V1_MULTIPROCESSING" in ready.err
    assert "%xpu_trace" in ready.err
    assert ready["calls"] == []
    assert ready.shown == []


def test_a_function_that_uses_it_is_seen_through(ready):
    ready.run("llm = make('SyncMPClient')\ndef bench():\n    llm.generate('x')")
    ready.run("%%xpu_breakdown\nbench()", fails=UsageError)
    assert ready["calls"] == []


def test_a_cell_without_it_is_recorded_as_ever(ready):
    ready.run("llm = make('SyncMPClient')\nx = torch.ones(3)")
    ready.run("%%xpu_breakdown\nx.sin()")
    assert xb.last.operators == ["aten::sin"]
    assert ready.err == ""


def test_an_engine_in_this_process_is_recorded(ready):
    ready.run("llm = make('InprocClient')")
    ready.run("%%xpu_breakdown\nllm.generate('x')\ntorch.ones(3).sin()")
    assert ready["calls"] == ["x"]
    assert "aten::sin" in xb.last.operators


def test_an_engine_that_the_cell_builds_is_explained_after_the_run(ready):
    before = xb.last
    ready.run("%%xpu_breakdown --into b\nllm = make('SyncMPClient')\nllm.generate('x')\ntorch.ones(3).sin()")
    assert ready["calls"] == ["x"]
    assert ready.shown == []
    assert "xpubreak shows no breakdown of this cell. The work of llm" in ready.err
    assert xb.last is before
    assert "b" not in ready.shell.user_ns


def test_an_empty_recording_beside_an_engine_elsewhere_says_the_likely_cause(ready):
    ready.run("llm = make('SyncMPClient')\nshelf = [llm]")
    ready.run("%%xpu_breakdown\nshelf[0].generate('x')")
    (issue,) = [issue for issue in xb.last.issues if issue.code == "engine-elsewhere"]
    assert "llm (LLM" in issue.message


def test_an_empty_recording_without_an_engine_does_not(ready):
    ready.run("%%xpu_breakdown\n1 + 1")
    assert "engine-elsewhere" not in [issue.code for issue in xb.last.issues]
