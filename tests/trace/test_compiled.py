"""Compiled loops: what is said when they are missing, or are compiled; where their code is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from xpubreak.trace import compiled

_READ = """\
import sys
from importlib import util
sys.path.insert(0, {root!r})
from xpubreak.trace import kineto
event = b'{{"ph":"X","cat":"cpu_op","name":"n","pid":1,"tid":1,"ts":%d.5,"dur":1}}'
trace = kineto.read_bytes(b"[" + b",".join(event % number for number in range({events})) + b"]")
print(len(trace.events), int(trace.events.start_ns[-1]))
"""


def test_numba_s_absence_is_told_once_and_only_where_it_costs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(compiled.SWITCH, raising=False)
    monkeypatch.setattr(compiled, "_is_there", lambda: False)
    compiled._say_what_is_missing.cache_clear()
    assert not compiled.is_worth(compiled.WORTH_EVENTS - 1)
    assert capsys.readouterr().err == ""
    for _ in range(2):
        assert not compiled.is_worth(compiled.WORTH_EVENTS)
    assert capsys.readouterr().err.count('pip install "xpubreak[fast]"') == 1


def test_compiled_code_needs_no_folder_that_can_be_written(tmp_path: Path) -> None:
    """A package of root's, a home that is not there: then it is compiled in each process."""
    pytest.importorskip("numba")
    root = Path(__file__).resolve().parents[2]
    package = tmp_path / "readonly" / "xpubreak"
    package.mkdir(parents=True)
    for path in (root / "xpubreak").rglob("*.py"):
        target = package / path.relative_to(root / "xpubreak")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (package / "trace" / "__pycache__").write_text("no folder can be made here")
    home = tmp_path / "home"
    home.write_text("nor here")
    environment = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "XPUBREAK_FAST": "1", "PATH": ""}
    code = _READ.format(root=str(package.parent), events=3)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert ran.stdout.split() == ["3", "2000"], ran.stderr
