"""The life of a recording: what is in it, what becomes of it, and what happens when something fails."""

from __future__ import annotations

import gc
import gzip
import signal
import stat
import subprocess
import sys
import textwrap
import threading

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from tests.capture.decoder import content, names, prompt  # noqa: E402
from xpubreak.capture import recorder as recorder_module  # noqa: E402
from xpubreak.capture.capture import Capture  # noqa: E402
from xpubreak.capture.recorder import Recorder, is_profiling  # noqa: E402
from xpubreak.errors import CaptureError  # noqa: E402


def test_a_recording_holds_what_ran_and_nothing_else():
    prompt().sin()
    with Capture(device="cpu") as capture:
        prompt().cos()
    prompt().tan()
    operators = names(capture.trace_path, "cpu_op")
    assert "aten::cos" in operators
    assert not {"aten::sin", "aten::tan"} & set(operators)
    assert not is_profiling(torch)


@pytest.mark.parametrize("shapes", [True, False])
def test_shapes_are_recorded_on_demand(shapes):
    with Capture(device="cpu", shapes=shapes) as capture:
        prompt().cos()
    (cos,) = [event for event in content(capture.trace_path)["traceEvents"] if event["name"] == "aten::cos"]
    assert cos["args"].get("Input Dims") == ([[2, 8]] if shapes else None)


@pytest.mark.parametrize("stacks", [True, False])
def test_python_frames_are_recorded_on_demand(stacks):
    with Capture(device="cpu", stacks=stacks) as capture:
        prompt().cos()
    assert bool(names(capture.trace_path, "python_function")) == stacks


def test_threads_that_the_body_starts_are_recorded():
    with Capture(device="cpu") as capture:
        thread = threading.Thread(target=lambda: torch.ones(3).cos())
        thread.start()
        thread.join()
    assert "aten::cos" in names(capture.trace_path, "cpu_op")


def test_the_trace_says_which_versions_and_operators_there_were():
    with Capture(device="cpu", title='a "title" \\ é') as capture:
        prompt()
    stamp = content(capture.trace_path)["xpubreak"]
    assert stamp["versions"]["torch"] == torch.__version__
    assert stamp["operators"] == []
    assert (stamp["requested_device"], stamp["device"]) == ("cpu", "cpu")
    assert stamp["title"] == "a 'title' / ?"


def test_operators_that_the_body_registers_are_in_the_stamp():
    with Capture(device="cpu") as capture:
        library = torch.library.Library("_xpu_C", "FRAGMENT")
        library.define("fp8_gemm(Tensor a) -> Tensor")
    library._destroy()
    assert content(capture.trace_path)["xpubreak"]["operators"] == ["_xpu_C::fp8_gemm"]


def test_the_trace_is_private_and_goes_with_the_capture(tmp_path):
    with Capture(device="cpu") as capture:
        prompt().cos()
    path = capture.trace_path
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    plain, packed = capture.keep(tmp_path / "t.json"), capture.keep(tmp_path / "t.json.gz")
    expected = path.read_bytes()
    del capture
    gc.collect()
    assert not path.parent.exists()
    assert plain.read_bytes() == gzip.decompress(packed.read_bytes()) == expected


def test_a_copy_that_cannot_be_kept_says_so(tmp_path):
    with Capture(device="cpu") as capture:
        prompt()
    with pytest.raises(CaptureError, match=r"could not be saved as .*No such file"):
        capture.keep(tmp_path / "missing" / "t.json")


def test_the_exception_of_the_body_passes_and_its_trace_stays():
    with pytest.raises(ValueError, match="mine") as raised, Capture(device="cpu") as capture:
        prompt().cos()
        raise ValueError("mine")
    assert raised.value.__context__ is None
    assert "aten::cos" in names(capture.trace_path, "cpu_op")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_passes_and_its_trace_stays(error):
    with pytest.raises(error), Capture(device="cpu") as capture:
        prompt().cos()
        raise error
    assert "aten::cos" in names(capture.trace_path, "cpu_op")
    assert not is_profiling(torch)


@pytest.mark.parametrize("moment", ["_synchronise", "_stop", "export"])
@pytest.mark.parametrize("error", [None, ValueError("mine"), KeyboardInterrupt()])
def test_an_interrupt_at_the_end_keeps_the_trace_and_the_first_exception(monkeypatch, moment, error):
    """A signal, as Jupyter's stop button sends it; Python hears of it when the profiler's own code returns."""
    original = getattr(Recorder, moment)

    def interrupted(self, *arguments):
        signal.raise_signal(signal.SIGINT)
        return original(self, *arguments)

    capture = Capture(device="cpu")
    with pytest.raises(type(error) if error else KeyboardInterrupt) as raised, capture:
        prompt().cos()
        monkeypatch.setattr(Recorder, moment, interrupted)
        if error:
            raise error
    assert error is None or raised.value is error
    assert "aten::cos" in names(capture.trace_path, "cpu_op")
    assert not is_profiling(torch)


@pytest.mark.parametrize("where", ["here", "in another thread"])
def test_beside_another_profiler_it_is_refused_and_the_other_one_goes_on(where):
    started, finish = threading.Event(), threading.Event()

    def profile():
        with torch.profiler.profile():
            started.set()
            finish.wait(10)

    thread = threading.Thread(target=profile)
    if where == "here":
        finish.set()
    thread.start()
    started.wait(10)
    if where == "here":
        thread.join()
        with (
            torch.profiler.profile() as other,
            pytest.raises(CaptureError, match="already active"),
            Capture(device="cpu"),
        ):
            pytest.fail("the body ran")
        assert other.events() is not None
    else:
        with pytest.raises(CaptureError, match="already active"), Capture(device="cpu"):
            pytest.fail("the body ran")
        finish.set()
        thread.join()
    with Capture(device="cpu") as capture:
        prompt().cos()
    assert "aten::cos" in names(capture.trace_path, "cpu_op")


def test_a_profiler_that_does_not_start_is_a_clear_error(monkeypatch):
    monkeypatch.setattr(recorder_module, "_warmed_up", {"cpu"})

    def fail(self):
        raise RuntimeError("CUPTI_ERROR_INSUFFICIENT_PRIVILEGES")

    monkeypatch.setattr(torch.profiler.profile, "start", fail)
    with pytest.raises(CaptureError, match="does not start: CUPTI_ERROR_INSUFFICIENT"), Capture(device="cpu"):
        pytest.fail("the body ran")


def write_half(self, path):
    """As Kineto on a full disk: a torn file, no exception."""
    from pathlib import Path

    Path(path).write_text('{"traceEvents": [{"ph": "X", "na')


def test_a_trace_that_is_cut_off_is_a_clear_error(monkeypatch):
    monkeypatch.setattr(torch.profiler.profile, "export_chrome_trace", write_half)
    with (
        pytest.raises(CaptureError, match=r"not be written completely to .*MB are free.*TMPDIR"),
        Capture(device="cpu"),
    ):
        prompt()
    assert not is_profiling(torch)


def test_the_body_s_exception_comes_before_a_failed_export(monkeypatch):
    monkeypatch.setattr(torch.profiler.profile, "export_chrome_trace", write_half)
    with pytest.raises(ValueError, match="mine"), Capture(device="cpu") as capture:
        raise ValueError("mine")
    with pytest.raises(CaptureError, match="not be written completely"):
        _ = capture.trace_path


def test_a_file_system_that_is_full_is_noticed(tmp_path):
    """The real thing: a process that may not write more than 2 kB to a file."""
    script = textwrap.dedent("""
        import resource, signal, torch
        from xpubreak.capture.capture import Capture
        from xpubreak.errors import CaptureError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            with Capture(device="cpu"):
                torch.ones(3).cos()
                resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))
        except CaptureError as error:
            print(error)
    """)
    environment = {"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert "could not be written completely" in done.stdout


def test_there_is_no_trace_before_the_end_and_no_second_run():
    capture = Capture(device="cpu")
    with pytest.raises(CaptureError, match="before the `with` block has been left"):
        _ = capture.trace_path
    with capture:
        prompt()
    with pytest.raises(CaptureError, match="records once"), capture:
        pytest.fail("the body ran")


def test_a_device_that_fails_does_not_leave_the_profiler_on(monkeypatch):
    def fail(self):
        raise RuntimeError("device lost")

    capture = Capture(device="cpu")
    with pytest.raises(RuntimeError, match="device lost"), capture:
        monkeypatch.setattr(Recorder, "_synchronise", fail)
    assert not is_profiling(torch)


def test_the_profiler_s_progress_lines_stay_out(capfd):
    with Capture(device="cpu"):
        prompt()
    captured = capfd.readouterr()
    assert captured.err == ""
