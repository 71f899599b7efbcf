"""When something fails: the user's own error is theirs once, and the engine is left as it was."""

from __future__ import annotations

import gc
import socket
import weakref
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from tests.capture.recordings import PREFILL, assert_untouched, issue, steps  # noqa: E402
from tests.capture.standin_engine import Worker, WorkerElsewhere, hook_count, make_engine  # noqa: E402
from xpubreak.capture.recorder import is_profiling  # noqa: E402
from xpubreak.capture.vllm import engine_session  # noqa: E402
from xpubreak.capture.vllm.engine_capture import EngineCapture  # noqa: E402
from xpubreak.errors import CaptureError  # noqa: E402


def test_a_worker_that_cannot_start_stops_all():
    good, bad = Worker(0), Worker(1)
    bad.get_model = lambda: (_ for _ in ()).throw(RuntimeError("no model"))
    llm = make_engine(good, bad)
    with (
        pytest.raises(CaptureError, match="does not start in worker dp0_rank1: RuntimeError: no model"),
        EngineCapture(llm),
    ):
        pytest.fail("the body ran")
    assert_untouched(good, bad)
    assert llm.calls == ["xpb_start", "xpb_stop"]


def test_beside_vllm_s_own_profiler_it_is_refused():
    worker = Worker()
    worker.profiler = type("TorchProfilerWrapper", (), {"_active": True})()
    llm = make_engine(worker)
    with pytest.raises(CaptureError, match="own profiler is active"), EngineCapture(llm):
        pytest.fail("the body ran")
    assert hook_count(worker) == 0


def test_one_engine_is_recorded_once_at_a_time():
    llm = make_engine(Worker())
    with EngineCapture(llm) as outer:
        with pytest.raises(CaptureError, match="being recorded already"), EngineCapture({"llm": llm}):
            pytest.fail("the body ran")
        with pytest.raises(CaptureError, match="being recorded already"):
            EngineCapture(llm).check()
        llm.generate(1)
    assert steps(outer.trace_paths[0]) == [PREFILL]
    with EngineCapture(llm) as again:
        llm.generate(1)
    assert steps(again.trace_paths[0]) == [PREFILL]
    with pytest.raises(CaptureError, match="records once"), again:
        pytest.fail("the body ran")


def test_what_a_killed_kernel_left_behind_is_cleared_away():
    worker = Worker()
    llm = make_engine(worker)
    left = EngineCapture(llm)
    left.__enter__()
    left._release()  # the kernel was restarted: nothing here knows of it
    with EngineCapture(llm) as capture:
        llm.generate(1)
    assert steps(capture.trace_paths[0]) == [PREFILL]
    assert_untouched(worker)


def test_an_engine_that_is_deleted_meanwhile_is_not_kept_alive():
    llm = make_engine(Worker(), core="InprocClient")
    model = weakref.ref(llm.workers[0].model)
    with EngineCapture(llm) as capture:
        llm.generate(1)
        del llm
        gc.collect()
        assert model() is None
    assert steps(capture.trace_paths[0]) == [PREFILL]
    assert "the trace ends there" in issue(capture, "engine-gone").message
    assert not is_profiling(torch)


def test_of_an_engine_elsewhere_that_is_deleted_there_is_no_trace():
    worker = Worker()
    llm = make_engine(worker)
    with (
        pytest.raises(CaptureError, match="llm was deleted while it was recorded; its trace went too"),
        EngineCapture(llm),
    ):
        del llm
        gc.collect()
    worker.xpb_stop(keep=False)  # its process would be gone


def dying(worker, after):
    llm = make_engine(worker)
    call = type(llm).collective_rpc

    def collective_rpc(self, method, **options):
        if method == after:
            raise RuntimeError("EngineCore died")
        return call(self, method, **options)

    type(llm).collective_rpc = collective_rpc
    return llm


def test_an_engine_that_dies_is_told_about_once():
    worker = Worker()
    llm = dying(worker, "xpb_stop")
    with (
        pytest.raises(CaptureError, match="llm failed before its recording ended: EngineCore died"),
        EngineCapture(llm),
    ):
        llm.generate(1)
    worker.xpb_stop(keep=False)


def test_the_body_s_exception_comes_before_a_dead_engine():
    worker = Worker()
    llm = dying(worker, "xpb_stop")
    with pytest.raises(ValueError, match="mine"), EngineCapture(llm) as capture:
        raise ValueError("mine")
    with pytest.raises(CaptureError, match="EngineCore died"):
        _ = capture.trace_paths
    worker.xpb_stop(keep=False)


def test_a_folder_that_the_worker_does_not_see_is_no_obstacle(monkeypatch):
    options = engine_session.EngineSession._options

    def elsewhere(self):
        return {**options(self), "token": "a file of another machine"}

    monkeypatch.setattr(engine_session.EngineSession, "_options", elsewhere)
    monkeypatch.setattr("xpubreak.capture.vllm.workers._CHUNK_BYTES", 1000)
    worker = Worker()
    llm = make_engine(worker)
    told = []
    with EngineCapture(llm, on_progress=lambda *progress: told.append(progress)) as capture:
        llm.generate(1)
    (path,) = capture.trace_paths
    assert steps(path) == [PREFILL]
    assert llm.calls.count("xpb_read") > 2
    assert ("collecting", path.stat().st_size, path.stat().st_size) in told
    assert_untouched(worker)


def test_a_disk_that_is_full_here_is_told_beside_what_there_is(monkeypatch):
    """The traces of workers that see the folder are shown; one that has to be brought over is missed."""
    options = engine_session.EngineSession._options
    monkeypatch.setattr(
        engine_session.EngineSession, "_options", lambda self: {**options(self), "token": "of another machine"}
    )

    async def full(self, driver, reply):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(engine_session.EngineSession, "_fetch", full)
    worker = Worker()
    llm = make_engine(worker)
    with pytest.raises(ValueError, match="mine") as raised, EngineCapture(llm) as capture:
        llm.generate(1)
        raise ValueError("mine")
    assert raised.value.__context__ is None
    with pytest.raises(CaptureError, match=r"no trace of dp0_rank0: it could not be brought here.*No space left"):
        _ = capture.trace_paths
    assert_untouched_but_unread(worker)


def test_an_engine_that_dies_while_a_trace_is_brought_over_is_told_with_its_place(monkeypatch):
    options = engine_session.EngineSession._options
    monkeypatch.setattr(
        engine_session.EngineSession, "_options", lambda self: {**options(self), "token": "of another machine"}
    )
    worker = Worker()
    llm = dying(worker, "xpb_read")
    with pytest.raises(CaptureError) as told, EngineCapture(llm):
        llm.generate(1)
    assert "no trace of dp0_rank0: it could not be brought here" in str(told.value)
    assert "EngineCore died. It was written to /" in str(told.value)
    assert f" on {socket.gethostname()}, and stays there" in str(told.value)
    assert_untouched_but_unread(worker)


def test_a_rank_that_says_nothing_is_told_with_its_place():
    """As where a worker dies while it writes: the others are shown."""
    first, dying_one = Worker(0), WorkerElsewhere(1)
    llm = make_engine(first, dying_one)

    def die(**_options):
        raise RuntimeError("worker died")

    dying_one.xpb_stop = die
    with EngineCapture(llm) as capture:
        llm.generate(1)
    assert capture.ranks == ("rank0",)
    assert "worker died" in issue(capture, "engine-failed").message
    missing = issue(capture, "missing-rank").message
    assert missing.startswith("llm: 1 of 2 ranks left no trace (dp0_rank1, which was to write /")
    assert missing.endswith("dp0_rank1.json on gpu1).")


def assert_untouched_but_unread(worker):
    """The trace is still there to be read, by nobody; the next session does away with it."""
    assert vars(worker).pop("_xpb_session_unread").path.exists()
    assert_untouched(worker)


def test_a_disk_that_is_full_before_anything_is_written_is_a_sentence(monkeypatch):
    worker = Worker()
    llm = make_engine(worker)
    capture = EngineCapture(llm)

    def touch(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "touch", touch)
    with pytest.raises(CaptureError, match=r"No space left on device\. Make room there, or set TMPDIR"), capture:
        pytest.fail("the body ran")
    assert_untouched(worker)


def test_a_rank_that_cannot_write_is_missing_and_the_others_are_shown(monkeypatch):
    def export(self, path):
        raise CaptureError("The trace could not be written completely: 0 MB are free.")

    llm = make_engine(Worker())
    with monkeypatch.context() as patch, EngineCapture(llm) as capture:
        patch.setattr("xpubreak.capture.recorder.Recorder.export", export)
        with pytest.raises(CaptureError, match="no trace of dp0_rank0: The trace could not be written completely"):
            capture.__exit__(None, None, None)
    assert not is_profiling(torch)
