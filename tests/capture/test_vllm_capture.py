"""Recordings of engines: what is in them, and that nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from tests.capture.decoder import content, drawing  # noqa: E402
from tests.capture.recordings import DECODE, PREFILL, assert_untouched, issue, steps  # noqa: E402
from tests.capture.standin_engine import OldWorker, Worker, hook_count, make_engine  # noqa: E402
from xpubreak.capture.vllm.engine_capture import EngineCapture  # noqa: E402
from xpubreak.capture.vllm.window import Window  # noqa: E402
from xpubreak.errors import CaptureError  # noqa: E402


def test_steps_and_modules_have_their_true_names():
    worker = Worker(layer_count=1)
    llm = make_engine(worker)
    with EngineCapture(llm, title="tiny") as capture:
        llm.generate(2)
    (path,) = capture.trace_paths
    assert steps(path) == [PREFILL, DECODE]
    assert (
        drawing(path)
        == [
            "<root>:Decoder",
            "  layers.0:Block",
            "    layers.0.norm:LayerNorm",
            "    layers.0.mlp:Linear",
        ]
        * 2
    )
    stamp = content(path)["xpubreak"]
    assert (stamp["route"], stamp["title"], stamp["device"]) == ("worker-extension", "tiny", "cpu")
    assert capture.route == "worker-extension"
    assert "worker extension" in issue(capture, "vllm-route").message
    assert_untouched(worker)


@pytest.mark.parametrize(
    ("engine", "route"),
    [
        ({}, "worker-extension"),
        ({"extension": "", "core": "InprocClient"}, "in-process"),
        ({"core": "InprocClient"}, "worker-extension"),
    ],
)
def test_every_way_into_the_workers_records_the_same(engine, route):
    llm = make_engine(Worker(), **engine)
    with EngineCapture(llm) as capture:
        llm.generate(3)
    assert steps(capture.trace_paths[0]) == [PREFILL, DECODE, DECODE]
    assert capture.route == route
    is_elsewhere = engine.get("core") != "InprocClient"
    assert ("notebook's own process" in issue(capture, "vllm-route").message) == is_elsewhere


@pytest.mark.parametrize(
    ("window", "drawn"),
    [
        (Window(), "P...."),
        (Window(max_steps=2), "P.   "),
        (Window(0, 1), "P    "),
        (Window(1, 2), " ..  "),
        (Window(3, None), "   .."),
        (Window(4, 9), "    ."),
    ],
)
def test_the_window_is_what_is_recorded(window, drawn):
    llm = make_engine(Worker())
    with EngineCapture(llm, window=window) as capture:
        llm.generate(5)
    expected = [{"P": PREFILL, ".": DECODE}[mark] for mark in drawn.replace(" ", "")]
    assert steps(capture.trace_paths[0]) == expected
    told = [issue.message for issue in capture.issues if issue.code == "window"]
    assert told == (
        [f"{len(expected)} of 5 steps of llm were recorded; --max-steps sets more."] if " " in drawn else []
    )


@pytest.mark.parametrize(("window", "is_held_up"), [(Window(), False), (Window(1, 1), True)])
def test_how_long_the_edges_of_a_window_held_up_the_run_is_known(window, is_held_up):
    llm = make_engine(Worker())
    with EngineCapture(llm, window=window) as capture:
        llm.generate(3)
    assert (capture.switching_ns > 0) == is_held_up


def test_what_stacks_cost_is_said():
    llm = make_engine(Worker())
    with EngineCapture(llm, stacks=True) as capture:
        llm.generate(1)
    assert "python_function" in {event.get("cat") for event in content(capture.trace_paths[0])["traceEvents"]}
    assert "several times the events" in issue(capture, "stacks-cost").message


def test_a_window_behind_the_last_step_says_so():
    worker = Worker()
    llm = make_engine(worker)
    with (
        pytest.raises(CaptureError, match="ran 2 steps, and recording was to begin at step 7"),
        EngineCapture(llm, window=Window(7, 1)),
    ):
        llm.generate(2)
    assert_untouched(worker)


@pytest.mark.parametrize("window", [{"first_step": -1}, {"max_steps": 0}])
def test_windows_that_cannot_be(window):
    with pytest.raises(CaptureError):
        Window(**window)


@pytest.mark.parametrize(
    "idle",
    [
        "execute_context_0(0)_generation_0(0)",
        "execute_0_context_0(sq0sk0sqsq0sqsk0)_generation_0(sq0sk0sqsq0sqsk0)",
        "execute_new_0_cached_0",
    ],
)
def test_idle_iterations_do_not_count(idle):
    worker = Worker()
    llm = make_engine(worker)
    with EngineCapture(llm, window=Window(0, 1)) as capture:
        with worker.annotate_profile(idle):
            pass
        llm.generate(1)
    assert steps(capture.trace_paths[0]) == [PREFILL]


def test_workers_that_do_not_name_their_steps_get_names():
    worker = OldWorker()
    llm = make_engine(worker)
    with EngineCapture(llm) as capture:
        llm.generate(2)
    assert steps(capture.trace_paths[0]) == [PREFILL, DECODE]
    assert "execute_model" not in vars(worker)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_the_exception_of_the_body_passes_and_its_trace_stays(error):
    worker = Worker()
    llm = make_engine(worker)
    with pytest.raises(error) as raised, EngineCapture(llm) as capture:
        llm.generate(1)
        raise error
    assert raised.value.__context__ is None
    assert steps(capture.trace_paths[0]) == [PREFILL]
    assert_untouched(worker)


def test_parts_that_run_compiled_are_left_alone():
    worker = Worker()
    worker.model.layers[0].do_not_compile = False  # as vLLM's decorator sets it on what it compiles
    llm = make_engine(worker)
    with EngineCapture(llm) as capture:
        llm.generate(1)
    assert not any("layers.0" in line for line in drawing(capture.trace_paths[0]))
    assert "attention operators" in issue(capture, "compiled-modules").message


def test_without_modules_there_are_no_hooks():
    worker = Worker()
    llm = make_engine(worker)
    with EngineCapture(llm, modules=False) as capture:
        assert hook_count(worker) == 0
        llm.generate(1)
    assert drawing(capture.trace_paths[0]) == []


def test_two_engines_of_this_process_share_its_profiler():
    workers = Worker(layer_count=1), Worker(layer_count=1)
    first, second = (make_engine(worker, core="InprocClient", extension="") for worker in workers)
    with EngineCapture({"first": first, "second": second}) as capture:
        first.generate(1)
        second.generate(1)
    assert steps(capture.trace_paths[0]) == [PREFILL, PREFILL]
    assert len(drawing(capture.trace_paths[0])) == 8
    assert_untouched(*workers)


def test_progress_is_told_in_stages():
    llm = make_engine(Worker())
    told = []
    with EngineCapture(llm, on_progress=lambda stage, *_: told.append(stage)):
        llm.generate(1)
    assert list(dict.fromkeys(told)) == ["capturing", "stopping", "collecting"]


def test_several_ranks_are_kept_beside_each_other(tmp_path):
    llm = make_engine(Worker())
    with EngineCapture(llm) as capture:
        llm.generate(1)
    (path,) = capture.trace_paths
    assert capture.keep(tmp_path / "run.json") == tmp_path / "run.json"
    capture._found.traces = [("rank0", path), ("rank1", path)]
    assert capture.keep(tmp_path / "run.json.gz") == tmp_path / "run.rank0.json.gz"
    assert gzip.decompress((tmp_path / "run.rank1.json.gz").read_bytes()) == path.read_bytes()


def test_the_traces_go_with_the_capture():
    llm = make_engine(Worker())
    with EngineCapture(llm) as capture:
        llm.generate(1)
    (path,) = capture.trace_paths
    assert json.loads(path.read_text())["traceEvents"]
    del capture
    gc.collect()
    assert not path.exists()


def test_coroutines_need_to_be_awaited():
    worker = Worker()
    llm = make_engine(worker, class_name="AsyncLLM")
    with pytest.raises(CaptureError, match="coroutines"), EngineCapture(llm):
        pytest.fail("the body ran")

    async def record():
        async with EngineCapture(llm) as capture:
            llm.generate(1)
        return capture

    capture = asyncio.run(record())
    assert steps(capture.trace_paths[0]) == [PREFILL]
    assert_untouched(worker)


def test_an_ordinary_engine_can_be_awaited_too():
    llm = make_engine(Worker())

    async def record():
        async with EngineCapture(llm) as capture:
            llm.generate(1)
        return capture

    capture = asyncio.run(record())
    assert steps(capture.trace_paths[0]) == [PREFILL]


@pytest.mark.parametrize("engines", [3, [], {}, {"llm": object()}])
def test_what_is_no_engine_is_refused_by_name(engines):
    with pytest.raises(CaptureError, match="is no vLLM engine"):
        EngineCapture(engines)
