"""Engines that were built with a profiler of their own: started and stopped, never probed."""

from __future__ import annotations

import gzip
import json
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from tests.capture.standin_engine import Worker, hook_count, make_engine  # noqa: E402
from xpubreak.capture.vllm.engine_capture import EngineCapture  # noqa: E402
from xpubreak.capture.vllm.window import Window  # noqa: E402
from xpubreak.errors import CaptureError  # noqa: E402

TRACE = json.dumps({"traceEvents": [{"ph": "X", "cat": "cpu_op", "name": "aten::mm", "ts": 1, "dur": 1}]}).encode()


class ProfilerAlreadyActiveError(RuntimeError):
    """As vLLM's."""


class TorchProfilerWrapper:
    """As vLLM's."""

    dump_cpu_time_total = _active = True

    def stop(self):
        self.has_printed = self.dump_cpu_time_total


class Profiled:
    """Gives an engine ``start_profile`` and ``stop_profile``, which writes one trace per rank."""

    def __init__(self, folder, *, ranks=1, extension="", takes_bounds=True, takes_prefix=True, torn=(), **options):
        defaults = {"torch_profiler_with_stack": False, "torch_profiler_record_shapes": True}
        config = SimpleNamespace(profiler="torch", torch_profiler_dir=str(folder), **{**defaults, **options})
        self.folder, self.ranks, self.torn = folder, ranks, torn
        self.workers = [Worker(rank) for rank in range(ranks)]
        self.asked, self.active, self.refuses = [], False, None
        self.llm = make_engine(*self.workers, extension=extension, profiler=config)
        cls = type(self.llm)
        if takes_bounds:
            cls.start_profile = lambda _self, profile_prefix=None, *, delay_iterations=None, max_iterations=None: (
                self.start(profile_prefix, delay_iterations, max_iterations)
            )
        elif takes_prefix:
            cls.start_profile = lambda _self, profile_prefix=None: self.start(profile_prefix)
        else:
            cls.start_profile = lambda _self: self.start(None)
        cls.stop_profile = lambda _self: self.stop()

    def start(self, prefix, *bounds):
        if self.refuses:
            raise self.refuses
        self.asked.append(bounds)
        self.active, self.prefix = True, f"{prefix}_" if prefix else ""
        for worker in self.workers:  # made when it first starts
            worker.profiler = TorchProfilerWrapper()

    def stop(self):
        for worker in self.workers:
            worker.profiler.stop()
        self.active = False
        for rank in range(self.ranks):
            packed = gzip.compress(TRACE)
            path = self.folder / f"{self.prefix}rank{rank}.123.pt.trace.json.gz"
            path.write_bytes(packed[:-9] if rank in self.torn else packed)
        (self.folder / f"{self.prefix}host_1.async_llm.123.pt.trace.json.gz").write_bytes(gzip.compress(TRACE))


def issues(capture, code):
    return [issue.message for issue in capture.issues if issue.code == code]


def test_its_traces_are_taken_from_its_folder(tmp_path):
    (tmp_path / "rank0.1.pt.trace.json").write_bytes(TRACE)  # of another run
    profiled = Profiled(tmp_path, ranks=2)
    with EngineCapture(profiled.llm) as capture:
        assert profiled.active
    assert not profiled.active
    assert [path.name.partition("_llm_")[2] for path in capture.trace_paths[1:]] == ["rank1.123.pt.trace.json.gz"]
    # The front end's operator stands beside the worker's.
    assert len(json.loads(capture.trace_paths[0].read_text())["traceEvents"]) == 2
    assert capture.route == "profiler-config"
    assert profiled.llm.calls == []


@pytest.mark.parametrize(
    ("window", "own", "bounds"),
    [
        (Window(), {}, (0, 16)),
        (Window(None, None), {}, (0, 0)),
        (Window(5, 3), {}, (6, 3)),
        (Window(), {"max_iterations": 9}, (None, None)),
        (Window(None, 4), {"max_iterations": 9}, (0, 4)),
    ],
)
def test_the_window_is_passed_on_and_the_user_s_own_respected(tmp_path, window, own, bounds):
    profiled = Profiled(tmp_path, **own)
    with EngineCapture(profiled.llm, window=window):
        pass
    assert profiled.asked == [bounds]


def test_what_a_version_cannot_do_is_said(tmp_path):
    profiled = Profiled(tmp_path, takes_bounds=False)
    with EngineCapture(profiled.llm) as capture:
        pass
    assert "cannot limit the steps" in issues(capture, "window")[0]


def test_without_prefixes_new_files_are_its_own(tmp_path):
    (tmp_path / "rank0.1.pt.trace.json").write_bytes(TRACE)
    profiled = Profiled(tmp_path, takes_bounds=False, takes_prefix=False)
    with EngineCapture(profiled.llm) as capture:
        pass
    assert capture.ranks == ("rank0.123.pt.trace.json.gz",)


def test_costs_and_options_of_the_config_are_stated(tmp_path):
    profiled = Profiled(tmp_path, torch_profiler_with_stack=True, torch_profiler_use_gzip=True)
    with EngineCapture(profiled.llm, shapes=True) as capture:
        pass
    (cost,) = issues(capture, "profiler-config-cost")
    assert "torch_profiler_with_stack" in cost
    assert "torch_profiler_use_gzip" in cost
    assert issues(capture, "profiler-config-options")[0].startswith("torch_profiler_with_stack of llm")


def test_where_workers_can_be_called_they_get_hooks_and_no_tables(tmp_path):
    profiled = Profiled(tmp_path, extension="xpubreak.capture.vllm.extension.WorkerExtension")
    (worker,) = profiled.workers
    with EngineCapture(profiled.llm) as capture:
        assert hook_count(worker) > 0
    assert hook_count(worker) == 0
    assert not worker.profiler.has_printed
    assert worker.profiler.dump_cpu_time_total
    assert list(vars(worker.profiler)) == ["has_printed"]
    assert issues(capture, "no-module-spans") == []


def test_a_torn_rank_is_left_out_and_named(tmp_path):
    profiled = Profiled(tmp_path, ranks=2, torn=[1])
    with EngineCapture(profiled.llm, timeout_seconds=0.2) as capture:
        pass
    assert len(capture.trace_paths) == 1
    (missing,) = issues(capture, "missing-rank")
    assert missing.startswith("llm: 1 of 2 ranks left no trace (")
    assert "rank1.123.pt.trace.json.gz is incomplete" in missing


def test_a_folder_of_another_machine_is_named(tmp_path):
    profiled = Profiled(tmp_path)
    profiled.llm.llm_engine.vllm_config.profiler_config.torch_profiler_dir = "/no/such/folder"
    with (
        pytest.raises(CaptureError, match="does not see what the worker of llm wrote to /no/such/folder"),
        EngineCapture(profiled.llm),
    ):
        pass


def test_where_only_the_front_end_is_seen_that_is_shown_and_the_others_are_named(tmp_path, monkeypatch):
    """The workers run on another machine, which has a folder of the same name."""
    profiled = Profiled(tmp_path, ranks=2, extension="xpubreak.capture.vllm.extension.WorkerExtension")
    for number, worker in enumerate(profiled.workers):
        start = worker.xpb_start
        worker.xpb_start = lambda *, start=start, number=number, **options: {**start(**options), "host": f"gpu{number}"}
    profiled.ranks = 0  # none of their files is seen here
    with EngineCapture(profiled.llm, timeout_seconds=0.2) as capture:
        pass
    assert capture.ranks == ("front end",)
    assert "Only what the notebook's own process recorded" in issues(capture, "front-end-only")[0]
    (told,) = issues(capture, "folder-not-shared")
    assert f"does not see what dp0_rank0, dp0_rank1 of llm wrote to {tmp_path} on gpu0 and gpu1. Copy xpb" in told
    assert "without a profiler_config" in told


@pytest.mark.parametrize("error", [None, ValueError("mine")])
def test_an_interrupt_while_it_stops_leaves_no_hooks_and_shows_what_is_there(tmp_path, error):
    profiled = Profiled(tmp_path, ranks=2, extension="xpubreak.capture.vllm.extension.WorkerExtension")
    stop = profiled.stop

    def interrupted():
        stop()
        assert [hook_count(worker) for worker in profiled.workers] == [0, 0]  # before the wait
        next(tmp_path.glob("*rank1*")).unlink()  # it is still written
        raise KeyboardInterrupt

    profiled.stop = interrupted
    with pytest.raises(type(error) if error else KeyboardInterrupt), EngineCapture(profiled.llm) as capture:
        if error:
            raise error
    assert len(capture.trace_paths) == 1
    (told,) = issues(capture, "interrupted")
    assert told.startswith("Interrupted while stopping: the traces of 1 of 2 ranks were there.")
    assert f"comes to {tmp_path} and stays there" in told


def test_a_session_of_the_user_goes_on(tmp_path):
    profiled = Profiled(tmp_path)
    profiled.active = True
    profiled.refuses = ProfilerAlreadyActiveError("Profiler is already active")
    with (
        pytest.raises(CaptureError, match="does not start: Profiler is already active"),
        EngineCapture(profiled.llm),
    ):
        pytest.fail("the body ran")
    assert profiled.active
    profiled.llm.llm_engine._profile_session_active = True
    with pytest.raises(CaptureError, match=r"active already; call its stop_profile\(\)"):
        EngineCapture(profiled.llm).check()


def test_the_body_s_exception_passes_and_the_profiler_is_off(tmp_path):
    profiled = Profiled(tmp_path)
    with pytest.raises(ValueError, match="mine"), EngineCapture(profiled.llm) as capture:
        raise ValueError("mine")
    assert not profiled.active
    assert len(capture.trace_paths) == 1
