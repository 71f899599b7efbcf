"""A condition over what is not there is a typo until somebody says otherwise: it does not pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import xpubreak as xb
from xpubreak.command.main import main
from xpubreak.errors import NotATraceError

TRACE = str(xb.samples.path("cpu-vllm-eager"))
LAYERS = xb.load(TRACE).layer_count


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ("kernel=nonexistent > 5%", "kernel=nonexistent"),
        ("span=nonexistent > 5%", "span=nonexistent"),
        ("op=_C::onednn_mm|_C::onednn_nn > 5%", "op=_C::onednn_nn"),
        ("module=no.such > 0ns", "module=no.such"),
        ("text=/no such/ > 0ns", "text=/no such/"),
        ("layer=99 > 0ns", "layer=99"),
        (f"layer=0:{LAYERS + 1} > 99%", f"layer={LAYERS}"),
        ("layer=1000:2000 > 0ns", "layer=1000|1001|1002 and 997 more"),
        ("step=77777 > 0ns", "step=77777"),
        ("rank=9 > 0ns", "rank=9"),
        ("under=99999999 > 0ns", "under=99999999"),
    ],
)
def test_a_condition_over_nothing_does_not_pass(condition: str, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", TRACE, "--fail-if", condition]) == 2
    said = capsys.readouterr()
    assert f"error: --fail-if {condition!r} cannot be decided: {what} matches nothing in this profile" in said.err
    assert said.out == ""
    assert main(["table", TRACE, "--fail-if", condition, "--allow-missing"]) in (0, 1)
    assert f"warning: {what} matches nothing in this profile" in capsys.readouterr().err


@pytest.mark.parametrize(
    "condition",
    [
        "backend=triton > 5%",
        "backend=collectives > 0ns",
        "category=attention,phase=mixed > 0ns",
        "duration_ns=1000000000000: > 0ns",
        "kernel='' < 0ns",
        "layer=-1 > 100%",
        f"layer=0:{LAYERS} > 100%",
        "op=_C::onednn_mm > 100%",
    ],
)
def test_what_is_known_may_take_no_time(condition: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", TRACE, "--fail-if", condition]) == 0
    said = capsys.readouterr().err
    assert "passed" in said
    assert "matches nothing" not in said


def test_a_selection_that_matches_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    selected = ["table", TRACE, "--select", "op=aten::lnear"]
    assert main(selected) == 0
    assert "warning: op=aten::lnear matches nothing in this profile" in capsys.readouterr().err
    assert main([*selected, "--fail-if", "backend=cpu > 5%"]) == 2
    assert "--select cannot be decided" in capsys.readouterr().err
    assert main(["table", TRACE, "--select", "layer=0", "--select", "layer=1", "--fail-if", "> 0ns"]) == 2
    assert "of which nothing is left" in capsys.readouterr().err
    assert main(["compare", TRACE, TRACE, "--select", "layer=99", "--within", "5%"]) == 2
    assert "layer=99 matches nothing" in capsys.readouterr().err


def test_what_was_selected_away_is_there_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", TRACE, "--select", "layer=0", "--fail-if", "layer=1 > 0ns"]) == 0


def test_an_empty_profile_passes_no_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text(json.dumps({"traceEvents": []}), encoding="utf-8")
    for condition in ("backend=cpu > 5%", "> 1ms", "backend=cpu < 5%"):
        assert main(["table", str(empty), "--fail-if", condition]) == 2
        assert main(["table", str(empty), "--fail-if", condition, "--allow-missing"]) == 2
    assert "cannot be decided" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["", "  "])
def test_a_path_that_is_empty_is_not_the_current_folder(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.json").write_bytes(Path(xb.samples.path("cpu-vllm-eager")).read_bytes())
    monkeypatch.chdir(tmp_path)
    assert main(["table", path, "--fail-if", "backend=cpu > 5%"]) == 2
    assert "The path is empty" in capsys.readouterr().err
    with pytest.raises(NotATraceError, match="empty"):
        xb.load(path)
