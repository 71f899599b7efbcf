"""The benchmark of reading: it runs, and measures nothing before all readers agree event by event."""

from __future__ import annotations

import copy
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from xpubreak.trace import kineto
from xpubreak.trace.trace import Trace

pytest.importorskip("numba")
orjson = pytest.importorskip("orjson")
BENCH = Path(__file__).parents[2] / "tools" / "bench"


@pytest.mark.parametrize("stacks", [[], ["--no-stacks"]], ids=["stacks", "plain"])
@pytest.mark.parametrize("flavour", ["cuda", "xpu"])
def test_twenty_thousand_events_are_the_same_to_all_readers(tmp_path: Path, flavour: str, stacks: list[str]) -> None:
    command = [sys.executable, str(BENCH / "reading.py"), "--events", "20000", "--runs", "1", "--flavour", flavour]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    ran = subprocess.run([*command, *stacks], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "are the same with numba, without, and by orjson" in ran.stdout
    assert "× orjson" in ran.stdout


def agreement() -> Any:
    spec = importlib.util.spec_from_file_location("agreement", BENCH / "agreement.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CONTENT: dict[str, Any] = {
    "traceEvents": [
        {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 1, "tid": 1, "ts": 10.0, "dur": 9.5, "args": {}},
        {"ph": "X", "cat": "kernel", "name": "k", "pid": 0, "tid": 7, "ts": 12.001, "dur": 4,
         "args": {"correlation": 3, "External id": 2, "bytes": 16}},
    ]
}  # fmt: skip


def trace_of(content: dict[str, Any]) -> Trace:
    return kineto.read_bytes(orjson.dumps(content))


@pytest.mark.parametrize(
    ("entry", "key", "value"),
    [
        (1, "name", "other"), (1, "ts", 12.002), (1, "dur", 4.001), (1, "cat", "gpu_memcpy"), (0, "tid", 2),
        (1, "correlation", 4), (1, "External id", 5), (1, "bytes", 17),
    ],
)  # fmt: skip
def test_any_difference_is_found(entry: int, key: str, value: Any) -> None:
    module = agreement()
    assert module.agrees_with_json(trace_of(CONTENT), CONTENT) == 2
    other = copy.deepcopy(CONTENT)
    event = other["traceEvents"][entry]
    (event if key in event else event["args"])[key] = value
    with pytest.raises(module.DisagreementError):
        module.agrees_with_json(trace_of(CONTENT), other)
    with pytest.raises(module.DisagreementError):
        module.readers_agree(trace_of(CONTENT), trace_of(other))
    assert module.readers_agree(trace_of(CONTENT), trace_of(CONTENT)) == 2
