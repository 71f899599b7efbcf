"""Compiled loops: what is said when they are missing, or are compiled; where their code is kept."""

from __future__ import annotations

import os
import re
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


@pytest.mark.parametrize(
    ("numba", "words"),
    [
        (None, 'numba is not installed, .* pip install "xpubreak'),
        (
            'raise ImportError("Numba needs NumPy 2.3 or less. Got NumPy 2.5.")',
            "Numba needs NumPy 2.3 or less.*--upgrade",
        ),
        ("import numpy; numpy.no_such_name", "AttributeError: module 'numpy' has no .*--upgrade"),
    ],
    ids=["not installed", "refuses", "breaks"],
)
def test_where_numba_cannot_be_had_it_is_told_once_and_only_where_it_costs(
    numba: str | None, words: str, tmp_path: Path
) -> None:
    (tmp_path / "numba.py").write_text(numba or "")
    hide = (
        "import sys; sys.modules['numba'] = None"
        if numba is None
        else f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    )
    code = f"""{hide}
import numpy, os
from xpubreak.trace import compiled, kineto
assert not compiled.is_worth(compiled.WORTH_EVENTS - 1)
print("quiet", file=sys.stderr)
event = b'{{"ph":"X","cat":"cpu_op","name":"n","pid":1,"tid":1,"ts":%d.5,"dur":1}}'
data = b"[" + b",".join(event % number for number in range(9)) + b" " * (25 * compiled.WORTH_EVENTS) + b"]"
for _ in range(2):
    trace = kineto.read_bytes(data)
    assert not compiled.is_worth_a_walk(2_000_000)
os.environ[compiled.SWITCH] = "1"
print(len(kineto.read_bytes(data).events), int(trace.events.start_ns[-1]))
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    environment.pop(compiled.SWITCH, None)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert ran.stdout.split() == ["9", "8000"], ran.stderr
    before, said = ran.stderr.split("quiet\n")
    assert before == ""
    assert len(said.splitlines()) == 1
    assert re.search(words, said)


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
