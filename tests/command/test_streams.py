"""Streams that are closed, full, or that nobody reads change no verdict."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

import xpubreak as xb
from xpubreak.command.main import main

TRACE = str(xb.samples.path("h200-vllm-compiled"))
COMPARED = [str(xb.samples.path(f"h100-vllm-{name}")) for name in ("compiled", "eager")]


@pytest.mark.parametrize(
    ("line", "code", "is_deaf"),
    [
        (["table", TRACE, "--csv", "--quiet", "--fail-if", "backend=torch > 1%"], 1, False),
        (["table", TRACE, "--csv", "--fail-if", "backend=torch > 99%"], 0, False),
        (["report", TRACE, "--fail-if", "backend=torch > 1%"], 1, True),
        (["compare", *COMPARED, "--within", "5%"], 1, False),
        (["table", TRACE, "--fail-if", "layer=99 > 1%"], 2, True),
    ],
)
def test_gates_decide_when_nobody_reads(
    line: list[str], code: int, is_deaf: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as streams:
        for name in ("stdout", "stderr") if is_deaf else ("stdout",):
            read_end, write_end = os.pipe()
            os.close(read_end)
            monkeypatch.setattr(sys, name, streams.enter_context(os.fdopen(write_end, "w")))
        assert main(line) == code
    said = capsys.readouterr()
    assert ("FAILED" in said.err) == (code == 1 and not is_deaf)
    assert said.out == ""


def test_streams_that_are_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    with ExitStack() as streams:
        assert main(["report", TRACE, "-o", str(tmp_path / "r.csv")]) == 0
        assert main(["table", TRACE, "--fail-if", "backend=torch > 1%"]) == 1
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            streams.enter_context(stream)
    assert (tmp_path / "r.csv").stat().st_size


def test_a_process_without_streams(tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m xpubreak report '{TRACE}' -o '{tmp_path}/r.csv' <&- >&- 2>&-"
    assert subprocess.run(["bash", "-c", command], check=False).returncode == 0
    assert (tmp_path / "r.csv").stat().st_size


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_full_disk_is_an_error(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["table", TRACE, "--quiet"]) == 2
    assert "standard output cannot be written (No space left on device)" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize("form", ["csv", "html", "xlsx", "xpb", "perfetto.json.gz"])
def test_a_full_device_is_named(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / f"r.{form}"
    place.symlink_to("/dev/full")
    assert main(["report", TRACE, "--quiet", "-o", str(place)]) == 2
    assert f"{place}: cannot be written (No space left on device)" in capsys.readouterr().err
