"""Kineto's progress lines are dropped, everything else on file descriptor 2 arrives."""

from __future__ import annotations

import os

import pytest

from xpubreak.capture.noise import without_progress_lines

PROGRESS = b"USDT:2026-11-23 23:31:22 94:94 Handler.cpp:52] profiler_start\nSTAGE:2026-11-23 Completed Stage: Warm Up\n"


def test_only_progress_lines_are_dropped(capfd):
    with without_progress_lines():
        os.write(2, b"ERROR:2026-11-23 CUPTI failed\n" + PROGRESS + b"mine\n")
    assert capfd.readouterr().err == "ERROR:2026-11-23 CUPTI failed\nmine\n"


def test_what_was_held_back_arrives_when_the_body_fails(capfd):
    with pytest.raises(ValueError, match="x"), without_progress_lines():
        os.write(2, b"before\n")
        raise ValueError("x")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "before\nafter\n"


def test_without_room_for_it_the_lines_are_printed(monkeypatch, capfd):
    def fail():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", fail)
    with without_progress_lines():
        os.write(2, PROGRESS)
    assert capfd.readouterr().err == PROGRESS.decode()
