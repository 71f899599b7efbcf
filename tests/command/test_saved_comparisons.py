"""Saved comparisons on the command line: what `xpubreak compare` writes, `xpubreak report` reads."""

from __future__ import annotations

from pathlib import Path

import pytest

import xpubreak as xb
from xpubreak.command.main import main

COMPARED = [str(xb.samples.path(f"h100-vllm-{name}")) for name in ("compiled", "eager")]


def test_a_saved_comparison_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "change.xpb"
    assert main(["compare", *COMPARED, "--title", "one", "--title", "two", "-o", str(saved), "--quiet"]) == 0
    assert main(["report", str(saved), "--quiet"]) == 0
    assert capsys.readouterr().out == f"{xb.open(saved).report()}\n"
    outputs = [tmp_path / f"again.{suffix}" for suffix in ("csv", "txt", "xpb")]
    assert main(["report", str(saved), *(word for path in outputs for word in ("-o", str(path)))]) == 0
    assert all(path.stat().st_size for path in outputs)
    capsys.readouterr()
    for line, said in (
        (["report", str(saved), "-o", str(tmp_path / "x.md")], "does not say what to write"),
        (["report", str(saved), "--fail-if", "backend=cpu > 5%"], "--fail-if is for a single run"),
        (["table", str(saved)], "is a saved comparison: give one of its runs"),
        (["compare", str(saved), COMPARED[0]], "is a saved comparison: give one of its runs"),
    ):
        assert main(line) == 2
        assert said in capsys.readouterr().err
