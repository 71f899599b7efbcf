"""The command as people and CI jobs run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import xpubreak as xb
from xpubreak.command.main import main

TRACE = str(xb.samples.path("h200-vllm-compiled"))
ALL = ("html", "png", "svg", "xpb", "xlsx", "csv", "csv.gz", "perfetto.json", "speedscope.json.gz", "txt", "md")


def test_every_form_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = [str(tmp_path / f"run.{suffix}") for suffix in ALL]
    assert main(["report", TRACE, "--title", "T1", *(word for path in outputs for word in ("-o", path))]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"run.{suffix}" for suffix in ALL)
    assert all(Path(path).stat().st_size for path in outputs)
    said = capsys.readouterr()
    assert said.out == ""
    assert "warning: 26.7 % of the device time is attributed by an ambiguous name" in said.err
    again = xb.open(tmp_path / "run.xpb")
    assert again.title == "T1"
    assert again.totals == xb.load(TRACE).totals
    assert "| torch-cuda-ops | 2.53 ms |" in (tmp_path / "run.md").read_text(encoding="utf-8")


def test_the_text_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", TRACE, "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.out == f"{xb.load(TRACE).redacted().report()}\n"
    assert said.err == ""


@pytest.mark.parametrize(
    ("conditions", "code", "said"),
    [
        (["backend=cpu > 5%"], 0, "passed: backend=cpu > 5%: 0.0 %"),
        (["backend=triton > 5%"], 1, "FAILED: backend=triton > 5%: 29.0 %"),
        (["backend=cpu > 5%", "phase=decode > 2ms"], 1, "FAILED: phase=decode > 2ms: 3.22 ms"),
        (["backend=triton < 50%"], 1, "FAILED"),
    ],
)
def test_gates(conditions: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", TRACE, *(word for text in conditions for word in ("--fail-if", text))]) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("error", [RuntimeError("odd"), MemoryError("10 GiB"), AssertionError("never")])
@pytest.mark.parametrize("is_asked_for", [False, True])
def test_a_crash_is_not_a_gate_that_is_true(
    error: Exception, is_asked_for: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("xpubreak.command.inputs.load", fail)
    monkeypatch.setenv("XPUBREAK_DEBUG", "1" if is_asked_for else "")
    assert main(["table", TRACE, "--fail-if", "backend=cpu > 5%"]) == 2
    said = capsys.readouterr().err
    assert f"xpubreak: error: {type(error).__name__}: {error}" in said
    assert ("Traceback" in said) == is_asked_for


def test_gates_are_of_what_is_selected(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", TRACE, "--select", "backend=triton", "--fail-if", "backend=triton < 100%"]) == 0


def test_table_as_json_and_csv(capsys: pytest.CaptureFixture[str]) -> None:
    bd = xb.load(TRACE).select(phase="decode")
    arguments = ["table", TRACE, "--select", "phase=decode", "--by", "layer", "backend"]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert sum(row["device_ns"] for row in found["rows"]) == bd.totals.device_ns == found["totals"]["device_ns"]
    assert main([*arguments, "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "layer,backend,role,device_ns,host_ns,count,share"
    assert len(lines) == 1 + len(bd.by("layer", "backend"))


def test_table_says_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", TRACE, "--top", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert lines[-1].startswith("and 55 more rows")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "no-such-file.json"], "cannot be read"),
        (["table", __file__], "is no trace"),
        (["report", TRACE, "-o", "run.json"], ".perfetto.json or .speedscope.json"),
        (["report", TRACE, "-o", "run"], "does not say what to write"),
        (["table", TRACE, "--by", "colour"], "invalid choice"),
        (["table", TRACE, "--fail-if", "backend=cpu > 5"], "no condition"),
        (["table", TRACE, "--select", "phase=dekode"], "there is no 'dekode'"),
        (["table", TRACE, "--rules", "no-such-file.toml"], "cannot be read"),
        (["table", TRACE, "--top", "0"], "no count"),
        ([], "required"),
        (["share", __file__], "no notebook"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = int(str(ended.code))
    assert code == 2
    written = capsys.readouterr()
    assert said in written.err
    assert "Traceback" not in written.err
    assert written.out == ""


def test_rules_hold_for_this_call_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "mine"\npattern = "nvjet"\nbackend = "vllm"\n', encoding="utf-8")
    before = xb.rules.list
    assert main(["table", TRACE, "--rules", str(rules), "--by", "backend", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["role"] for row in rows} >= {"vllm"}
    assert xb.rules.list == before
    saved = xb.load(TRACE).save(tmp_path / "a.xpb")
    assert main(["table", str(saved), "--rules", str(rules)]) == 2
    assert "give the trace instead" in capsys.readouterr().err


def test_private_names_are_left_out_unless_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = tmp_path / "run.json"
    span = {"ph": "X", "cat": "cpu_op", "name": "load /home/bob/acme/x", "pid": 1, "tid": 1, "ts": 0, "dur": 5}
    trace.write_text(json.dumps({"traceEvents": [span]}), encoding="utf-8")
    assert main(["table", str(trace)]) == 0
    said = capsys.readouterr()
    assert "acme" not in said.out
    assert "left out: 1 path (…/x); --no-redact keeps it" in said.err
    assert main(["table", str(trace), "--no-redact"]) == 0
    said = capsys.readouterr()
    assert "/home/bob/acme/x" in said.out
    assert "left out" not in said.err


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "xpubreak", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]


def test_as_a_process_without_a_notebook(tmp_path: Path) -> None:
    done = run("table", TRACE, "--by", "backend", env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0
    assert "torch-cuda-ops" in done.stdout
    assert "| IPython\n" not in done.stderr
    assert "| ipywidgets\n" not in done.stderr


def test_a_reader_that_has_read_enough(tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m xpubreak table '{TRACE}' --csv --by node layer step kernel | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_interrupted(tmp_path: Path) -> None:
    target = tmp_path / "nobody-reads.html"
    os.mkfifo(target)  # opening it for writing waits for a reader
    command = [sys.executable, "-m", "xpubreak", "report", TRACE, "-o", str(target)]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    assert "warning" in child.stderr.readline(), "the trace has been read"
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said


def test_what_cannot_be_read_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", str(tmp_path)]) == 2
    assert "a folder without trace files" in capsys.readouterr().err
    closed = tmp_path / "no" / "such.html"
    (tmp_path / "no").write_text("a file", encoding="utf-8")
    assert main(["report", TRACE, "-o", str(closed)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = str(xb.samples.path("h200-vllm-eager"))
    assert main(["compare", other, TRACE, "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.out == f"{xb.compare(xb.load(other), xb.load(TRACE)).redacted().report()}\n"
    outputs = [str(tmp_path / name) for name in ("c.html", "c.csv")]
    assert main(["compare", other, TRACE, "-o", outputs[0], "-o", outputs[1]]) == 0
    assert all(Path(path).stat().st_size for path in outputs)
    assert main(["compare", TRACE]) == 2
    assert "needs two runs" in capsys.readouterr().err


def test_compare_takes_parts_titles_and_a_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    eager, compiled = (str(xb.samples.path(f"h100-vllm-{name}")) for name in ("eager", "compiled"))
    line = ["compare", eager, compiled, "--title", "one", "--title", "two", "--select", "phase=decode"]
    assert main([*line, "--within", "1%"]) == 0, "the compiled run is faster"
    said = capsys.readouterr()
    assert "one" in said.out and "two" in said.out
    assert "passed" in said.err
    back = ["compare", compiled, eager, "--within", "5%", "-o", str(tmp_path / "c.png")]
    assert main(back) == 1
    assert "FAILED" in capsys.readouterr().err
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG"), "written all the same"
    assert main(["compare", eager, compiled, "--title", "one"]) == 2
    assert "give one for each" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["compare", eager, compiled, "--within", "much"])
    assert "no limit" in capsys.readouterr().err
    assert main(["compare", eager, compiled, "--allow", "other-model"]) == 2
    assert "there is no --within" in capsys.readouterr().err
