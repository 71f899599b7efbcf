"""Which engines a cell is about, and what is told about those that cannot be recorded; the recording is a stand-in."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

import xpubreak as xb
from tests.magic.standin import StandInEngines
from xpubreak.capture.vllm import engine_capture, server_capture
from xpubreak.capture.vllm.engine_capture import EngineCapture
from xpubreak.capture.vllm.window import Window

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("stand_in")]

# vLLM's classes as far as they are looked at; generate() would compute in another process.
ENGINE = """
import asyncio, torch
from types import SimpleNamespace
def vllm_class(name, **members):
    return type(name, (), {"__module__": "vllm.v1.engine", **members})
def make(core="SyncMPClient", layers=4):
    engine = vllm_class("LLMEngine")()
    engine.engine_core = vllm_class(core)()
    engine.vllm_config = SimpleNamespace(
        model_config=SimpleNamespace(hf_config=SimpleNamespace(num_hidden_layers=layers), enforce_eager=True)
    )
    llm = vllm_class("LLM", generate=lambda self, prompt: calls.append(prompt) or torch.ones(3).sin())()
    llm.llm_engine = engine
    return llm
calls = []
llm, other = make(), make()
"""


@pytest.fixture
def ready(notebook, monkeypatch):
    monkeypatch.setattr(engine_capture, "EngineCapture", StandInEngines)
    monkeypatch.setattr(StandInEngines, "made", [])
    notebook.run(ENGINE)
    return notebook


@pytest.fixture
def unreachable(monkeypatch):
    monkeypatch.setattr(StandInEngines, "refuse", "llm cannot be reached.")


def recorded():
    return [list(made.engines) for made in StandInEngines.made]


@pytest.mark.parametrize(
    ("line", "body", "engines"),
    [
        ("", "llm.generate('x')", ["llm"]),
        ("", "[e.generate('x') for e in (llm, other)]", ["llm", "other"]),
        ("", "bench()", ["llm"]),
        ("--llm other", "bench()", ["other"]),
        ("--llm box.inner --llm llm", "box", ["box.inner", "llm"]),
    ],
)
def test_engines_are_those_of_the_line_else_those_that_the_code_names(ready, line, body, engines):
    ready.run("def bench():\n    llm.generate('x')\nbox = SimpleNamespace(inner=other)")
    ready.run(f"%%xpu_breakdown {line}\n{body};")
    assert recorded() == [engines]


def test_a_server_is_recorded_instead_of_the_engines_at_hand(ready, monkeypatch, tmp_path):
    asked = []

    class StandInServer(StandInEngines):
        def __init__(self, url, *, trace_dir, window, on_progress, **rest):
            asked.append((url, trace_dir, window))
            super().__init__(
                url, device="cpu", stacks=False, shapes=False, modules=False, title="", window=window, on_progress=None
            )

    monkeypatch.setattr(server_capture, "ServerCapture", StandInServer)
    ready.run(
        f"%%xpu_breakdown --server http://localhost:8000 --trace-dir {tmp_path} --max-steps 3\nllm.generate('x');"
    )
    assert asked == [("http://localhost:8000", tmp_path, Window(None, 3))]
    assert [made.engines for made in StandInEngines.made] == ["http://localhost:8000"]


def test_an_engine_in_this_process_is_an_engine_too(ready):
    ready.run("llm = make('InprocClient')")
    ready.run("%%xpu_breakdown\nllm.generate('x');")
    assert recorded() == [["llm"]]
    assert "aten::sin" in xb.last.operators


def test_a_cell_without_engines_is_recorded_as_ever(ready):
    ready.run("%%xpu_breakdown\ntorch.ones(3).cos();")
    assert recorded() == []
    assert "aten::cos" in xb.last.operators


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--llm nothing", "there is no variable nothing"),
        ("--llm box.outer", "a SimpleNamespace has no attribute outer"),
        ("--llm calls", "a list is no vLLM engine"),
        ("--max-steps 3 --server http://localhost:1 --llm llm", "not allowed with argument --server"),
    ],
)
def test_a_wrong_name_is_a_usage_error(ready, line, words):
    ready.run("box = SimpleNamespace()")
    ready.run(f"%%xpu_breakdown {line}\nllm.generate('x')", fails=UsageError)
    assert words in ready.err
    assert ready["calls"] == []


@pytest.mark.parametrize(
    ("line", "window"),
    [
        ("", Window(None, 16)),
        ("--repeat 3", Window(None, 48)),
        ("--max-steps 5 --repeat 3", Window(None, 5)),
        ("--max-steps 0", Window(None, None)),
        ("--steps 4:12", Window(4, 8)),
        ("--steps :12", Window(0, 12)),
    ],
)
def test_windows(ready, line, window):
    ready.run(f"%%xpu_breakdown {line}\nllm.generate('x');")
    assert [made.window for made in StandInEngines.made] == [window]


@pytest.mark.parametrize("line", ["--steps 0:3", "--max-steps 3"])
def test_a_window_without_an_engine_is_a_mistake(ready, line):
    ready.run(f"%%xpu_breakdown {line}\nran = True", fails=UsageError)
    assert "--llm NAME says which one is meant" in ready.err
    assert "ran" not in ready.shell.user_ns


def test_what_will_not_fit_is_refused_with_the_arithmetic_unless_forced(ready, monkeypatch):
    ready.run("llm = make('InprocClient', layers=10_000)")
    with monkeypatch.context() as patch:
        patch.setattr(engine_capture, "EngineCapture", EngineCapture)
        for line in ("", "--warmup 1"):
            ready.run(f"%%xpu_breakdown {line}\nllm.generate('x')", fails=UsageError)
            assert "The cell was not run. llm: 10000 layers make about" in ready.err
            assert "--force" in ready.err
    assert ready["calls"] == []
    ready.run("%%xpu_breakdown --force\nllm.generate('x');")
    assert [made.rest["force"] for made in StandInEngines.made] == [True]


def test_what_cannot_be_recorded_is_refused_before_anything_runs(ready, unreachable):
    ready.run("%%xpu_breakdown --warmup 2 --measure-overhead\nllm.generate('x')", fails=UsageError)
    assert "The cell was not run. llm cannot be reached." in ready.err
    assert ready["calls"] == []
    assert ready.shown == []


def test_an_engine_that_the_cell_builds_is_explained_after_the_run(ready):
    before = xb.last
    ready.run("%%xpu_breakdown --into b\nnew = make()\nnew.generate('x');")
    assert ready["calls"] == ["x"]
    assert ready.shown == []
    assert "xpubreak shows no breakdown of this cell. The work of new (LLM) happens in another process" in ready.err
    assert "build it in a cell of its own, above" in ready.err
    assert xb.last is before
    assert "b" not in ready.shell.user_ns


def test_an_empty_recording_beside_an_engine_elsewhere_says_the_likely_cause(ready):
    ready.run("shelf = [make()]\nhidden = shelf[0]\ndel llm, other")
    ready.run("%%xpu_breakdown\nshelf[0]")
    (issue,) = [issue for issue in xb.last.issues if issue.code == "engine-elsewhere"]
    assert "hidden (LLM" in issue.message


def test_an_empty_recording_without_an_engine_does_not(ready):
    ready.run("del llm, other")
    ready.run("%%xpu_breakdown\n1 + 1")
    assert "engine-elsewhere" not in [issue.code for issue in xb.last.issues]


def test_a_cell_may_delete_its_engine(ready):
    ready.run("import weakref; gone = weakref.ref(llm)")
    ready.run("%%xpu_breakdown\nllm.generate('x')\nStandIn = None\ndel llm")
    StandInEngines.made.clear()
    assert ready.run("import gc; gc.collect(); print(gone())") == "None\n"


def test_the_extension_goes_in_and_out_with_the_magics_unless_told_not_to(notebook, monkeypatch):
    from xpubreak.magic import magics

    calls = []
    monkeypatch.setattr(magics, "install_extension", lambda: calls.append("in"))
    monkeypatch.setattr(magics, "remove_extension", lambda: calls.append("out"))
    notebook.run("%reload_ext xpubreak")
    assert calls[-1] == "in"
    notebook.run("%unload_ext xpubreak")
    assert calls[-1] == "out"
    calls.clear()
    monkeypatch.setenv("XPUBREAK_VLLM_EXTENSION", "0")
    notebook.run("%load_ext xpubreak")
    assert "in" not in calls
