"""Processes of this machine: the same rows as without them, none left over, and none that takes the others with it."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import xpubreak as xb
from xpubreak.breakdown import manyranks, workers
from xpubreak.breakdown.workers import WORKERS
from xpubreak.samples import synthesize

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("ranks")
    for rank in range(2):
        synthesize(tp=2, rank=rank, layers=2, decode_steps=1).save(found / f"rank{rank}.json.gz")
    return found


@pytest.fixture(autouse=True)
def cold() -> Iterator[None]:
    WORKERS.end()
    yield
    WORKERS.end()


def children() -> set[int]:
    listed = Path(f"/proc/self/task/{threading.main_thread().native_id}/children").read_text().split()
    return {int(pid) for pid in listed if b"xpubreak.breakdown.worker" in command_of(int(pid))}


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_rows_are_the_same_and_workers_stay_warm(folder: Path) -> None:
    xb.rules.add(name="mine", pattern="gemm_kernel", backend="triton")
    try:
        one, other = xb.load(folder, processes=1, cache=False), xb.load(folder, processes=2, cache=False)
        warm = WORKERS.is_warm
        again = xb.load(folder, processes=2, cache=False)
    finally:
        xb.rules.clear()
    assert warm
    for bd in (other, again):
        for field in fields(one.rows):
            assert np.array_equal(getattr(one.rows, field.name), getattr(bd.rows, field.name)), field.name
        assert list(one.strings) == list(bd.strings)
        assert one.issues == bd.issues
        assert one.report() == bd.report()
        assert "mine" in {evidence.rule for evidence in bd.evidences}


def test_a_file_that_is_no_trace_is_named(folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("no trace")
    bd = xb.load([folder, bad], processes=2, cache=False)
    assert bd.ranks == (0, 1)
    assert any(issue.code == "unreadable-file" and "bad.json" in issue.message for issue in bd.issues)
    with pytest.raises(xb.NotATraceError):
        xb.load([bad, bad], processes=2, cache=False)


def test_without_processes_it_reads_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = xb.load(folder, processes=1, cache=False).totals
    for broken in ("/nowhere/python", "/bin/false", ""):
        WORKERS.end()
        monkeypatch.setattr(sys, "executable", broken)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", ResourceWarning)
            assert xb.load(folder, processes=2, cache=False).totals == expected
            gc.collect()
        assert not [str(warning.message) for warning in told if warning.category is ResourceWarning]


def test_small_traces_are_not_worth_a_process(folder: Path) -> None:
    xb.load(folder)
    assert not WORKERS.is_warm
    assert manyranks.worth([str(folder / "rank0.json.gz")]) == 1


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at /proc")
def test_a_worker_that_is_killed_is_replaced(folder: Path) -> None:
    xb.load(folder, processes=2, cache=False)
    (victim, *_) = children()
    os.kill(victim, signal.SIGKILL)
    bd = xb.load(folder, processes=2, cache=False)
    assert bd.totals == xb.load(folder, processes=1, cache=False).totals
    assert not [issue for issue in bd.issues if issue.code == "failed-rank"]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at /proc")
def test_what_kills_two_workers_is_named_and_not_tried_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = workers._Worker.ask

    def ask(self: workers._Worker, request: dict[str, object]) -> dict[str, object]:
        if "rank1" in str(request["source"]):
            threading.Timer(0.0, os.kill, (self.pid, signal.SIGKILL)).start()
            asked(self, {**request, "source": str(folder / "rank0.json.gz")})
            return self.__class__.ask(self, request) if self._process.poll() is None else {
                "died": self._cause(self._process.wait()), "never_ready": False
            }  # fmt: skip
        return asked(self, request)

    xb.load(folder, processes=2, cache=False)
    monkeypatch.setattr(workers._Worker, "ask", ask)
    bd = xb.load(folder, processes=2, cache=False)
    assert bd.ranks == (0,)
    (issue,) = [issue for issue in bd.issues if issue.code == "failed-rank"]
    assert "signal 9" in issue.example


SCRIPT = """
import sys, xpubreak as xb
print("ran", flush=True)
bd = xb.load(sys.argv[1], processes=2, cache=False)
print(len(bd.ranks), flush=True)
import time
if len(sys.argv) > 2: time.sleep(60)
"""


def test_a_script_without_a_guard_runs_once(folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script), str(folder)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout.split() == ["ran", "2"], done.stderr


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at /proc")
def test_nothing_is_left_when_the_notebook_is_killed(folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder), "stay"], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    while process.stdout.readline().strip() != "2":
        assert process.poll() is None
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    pids = [int(pid) for pid in found if b"xpubreak.breakdown.worker" in command_of(int(pid))]
    assert len(pids) == 2
    process.kill()
    process.wait()
    until = time.monotonic() + 10
    while any(b"xpubreak.breakdown.worker" in command_of(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert not [pid for pid in pids if b"xpubreak.breakdown.worker" in command_of(pid)]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at /proc")
def test_an_interrupt_leaves_no_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = threading.Lock()

    def ask(self: workers._Worker, request: dict[str, object]) -> dict[str, object]:
        if first.acquire(blocking=False):
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)
        return {"died": "", "never_ready": False}

    xb.load(folder, processes=2, cache=False)
    before = children()
    assert len(before) == 2
    monkeypatch.setattr(workers._Worker, "ask", ask)
    before_us = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in jobs of a shell
    began = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            xb.load(folder, processes=2, cache=False)
    finally:
        signal.signal(signal.SIGINT, before_us)
    assert time.monotonic() - began < 30, "workers are not waited for"
    assert not children()
