"""The trace of a front end becomes host tracks of a worker's, at the right time, with no ties to its kernels."""

from __future__ import annotations

import gzip
import json

import pytest

from xpubreak.capture.vllm.front_end import merge
from xpubreak.trace import kineto


def span(name, ts, pid, **args):
    return {"ph": "X", "cat": "cpu_op", "name": name, "ts": ts, "dur": 5.0, "pid": pid, "tid": pid, "args": args}


def write(path, events, base_ns=1_000_000_000, **keys):
    text = json.dumps({"schemaVersion": 1, "baseTimeNanoseconds": base_ns, **keys, "traceEvents": events}).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_its_spans_stand_beside_the_worker_s(tmp_path, suffix):
    worker = write(tmp_path / f"w.json{suffix}", [span("aten::mm", 20.0, 1, **{"External id": 7})])
    front = write(
        tmp_path / f"f.json{suffix}", [span("tokenize", 3.0, 2, **{"External id": 7, "n": 1})], base_ns=1_000_010_000
    )
    assert merge(worker, [front], tmp_path / "both.json")
    events = json.loads((tmp_path / "both.json").read_text())["traceEvents"]
    assert [(event["name"], event["ts"], event["args"]) for event in events] == [
        ("tokenize", 13.0, {"n": 1}),
        ("aten::mm", 20.0, {"External id": 7}),
    ]
    assert len(kineto.read(tmp_path / "both.json").spans) == 2


def test_the_base_may_stand_behind_the_events(tmp_path):
    worker = tmp_path / "w.json"
    worker.write_text(json.dumps({"traceEvents": [span("aten::mm", 20.0, 1)], "baseTimeNanoseconds": 5000}))
    front = write(tmp_path / "f.json", [span("tokenize", 1.0, 2)], base_ns=6000)
    assert merge(worker, [front], tmp_path / "both.json")
    assert json.loads((tmp_path / "both.json").read_text())["traceEvents"][0]["ts"] == 2.0


@pytest.mark.parametrize(
    "events", [[], [{"ph": "M", "name": "process_name", "pid": 1, "args": {"name": "python"}}]], ids=["none", "names"]
)
def test_a_front_end_with_nothing_but_names_is_left_out(tmp_path, events):
    worker = write(tmp_path / "w.json", [span("aten::mm", 20.0, 1)])
    assert not merge(worker, [write(tmp_path / "f.json", events)], tmp_path / "both.json")
    assert not (tmp_path / "both.json").exists()


def test_a_damaged_front_end_is_left_out(tmp_path):
    worker = write(tmp_path / "w.json", [span("aten::mm", 20.0, 1)])
    (tmp_path / "f.json").write_text('{"traceEvents": [{')
    whole = write(tmp_path / "whole.json.gz", [span("tokenize", float(i), 2) for i in range(500)]).read_bytes()
    (tmp_path / "torn.json.gz").write_bytes(whole[: len(whole) // 2])
    fronts = [tmp_path / name for name in ("f.json", "missing.json", "torn.json.gz")]
    assert not merge(worker, fronts, tmp_path / "both.json")
