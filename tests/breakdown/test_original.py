"""The args of an event: read again from the trace, those of this event or none."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import xpubreak as xb
from tests import strategies
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.redact import redact
from xpubreak.errors import DetailError, SelectionError
from xpubreak.trace import compiled, kineto, source

SAMPLES = xb.samples.names()
KERNEL = {"name": "gemm", "cat": "kernel", "args": {"grid": [4, 1, 1], "registers": 96, "note": "<b>µ</b>"}}
OP = {"name": "aten::mm", "cat": "cpu_op", "args": {"Ev Idx": 12}}


def complete(event: dict[str, Any], at: int = 0, **fields: Any) -> dict[str, Any]:
    return {"ph": "X", "pid": 0, "tid": 7, "ts": at, "dur": 2.5, **event, **fields}


def write(path: Path, events: list[dict[str, Any]], pack: Callable[[bytes], bytes] = bytes, **top_level: Any) -> Path:
    path.write_bytes(pack(json.dumps({**top_level, "traceEvents": events}).encode()))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "t.json", [complete(KERNEL), complete(OP, 5, pid=1)])


def load(path: Path | list[Path]) -> Breakdown:
    return xb.load(path, cache=False, processes=1)


def frozen(event: dict[str, Any]) -> str:
    return json.dumps(event, sort_keys=True)


def assert_all_found(bd: Breakdown, events: list[dict[str, Any]]) -> None:
    """Every row gives an event of the file, each of them once, and the row's own."""
    found = [bd.event(row) for row in range(len(bd.tables.rows))]
    assert not Counter(map(frozen, found)) - Counter(map(frozen, events))
    for row, event in enumerate(found):
        assert event["name"] == bd.strings.text(int(bd.tables.rows.name[row]))
        assert event.get("args", {}) == bd.args(row)


def test_args_are_those_of_the_row(path: Path) -> None:
    bd = load(path)
    assert [bd.args(row) for row in bd.row_numbers] == [KERNEL["args"], OP["args"]]
    (row,) = bd.select(text="aten::mm").row_numbers
    assert bd.args(row) == OP["args"]
    assert bd.event(row) == complete(OP, 5, pid=1)


@pytest.mark.parametrize("way", ["0", "1"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=strategies.traces(), indent=st.sampled_from([None, 1]), is_packed=st.booleans())
def test_every_row_of_any_trace(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, events: list[Any], indent: int | None, is_packed: bool
) -> None:
    if way == "1":
        pytest.importorskip("numba")
    monkeypatch.setenv(compiled.SWITCH, way)
    text = json.dumps({"traceEvents": events}, indent=indent, ensure_ascii=is_packed).encode()
    path = tmp_path / "any.json"
    path.write_bytes(gzip.compress(text) if is_packed else text)
    assert_all_found(load(path), events)


@pytest.mark.parametrize("way", ["0", "1"])
@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "1":
        pytest.importorskip("numba")
    monkeypatch.setenv(compiled.SWITCH, way)
    path = Path(xb.samples.path(name))
    bd, text = load(path), gzip.decompress(path.read_bytes())
    rows = bd.tables.rows
    events = [event for event in json.loads(text)["traceEvents"] if event.get("ph") == "X"]
    known = Counter(map(frozen, events))
    decoder, found = json.JSONDecoder(), Counter[str]()
    whole = text.decode("latin-1")  # a character for each byte
    for row, offset in enumerate(rows.offset.tolist()):
        _, end = decoder.raw_decode(whole, offset)
        event = json.loads(text[offset:end])
        assert event["name"] == bd.strings.text(int(rows.name[row]))
        found[frozen(event)] += 1
    assert not found - known
    for row in np.linspace(0, len(rows) - 1, 5).astype(int) if len(rows) else ():  # each decompresses the file
        assert frozen(bd.event(row)) in known


@pytest.mark.parametrize("chunk_bytes", [50, 333])
def test_chunks_and_gzip_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk_bytes: int) -> None:
    monkeypatch.setattr(source, "CHUNK_BYTES", chunk_bytes)
    events = [complete(KERNEL, 3 * at, args={"text": "x" * at, "at": at}) for at in range(40)]
    halves = lambda text: gzip.compress(text[:999]) + gzip.compress(text[999:])  # noqa: E731
    assert_all_found(load(write(tmp_path / "t.json.gz", events, halves, schemaVersion=1)), events)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["json", "gz"])
def test_a_truncated_file(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    events = [complete(KERNEL, 3 * at, args={"at": os.urandom(200).hex()}) for at in range(500)]
    path = write(tmp_path / "t.json", events, lambda text: pack(text)[:-20_000])
    bd = load(path)
    assert {"truncated-file", "damaged-gzip"} & {issue.code for issue in bd.issues}
    assert 10 < len(bd.tables.rows) < 500
    assert [bd.event(row) for row in range(len(bd.tables.rows))] == events[: len(bd.tables.rows)]


def test_an_event_behind_a_broken_one(tmp_path: Path) -> None:
    broken, whole = json.dumps(complete(OP))[:-30] + '"x', json.dumps(complete(KERNEL))
    path = tmp_path / "t.json"
    path.write_text('{"traceEvents": [' + ",\n".join([whole, broken, whole]) + "]}")
    bd = load(path)
    assert "broken-event" in {issue.code for issue in bd.issues}
    assert [bd.args(row) for row in bd.row_numbers] == [KERNEL["args"]] * len(bd)
    assert len(bd) == 2


def test_several_ranks_each_have_their_own_file(tmp_path: Path) -> None:
    paths = [
        write(
            tmp_path / f"rank{rank}.json",
            [complete(OP, pid=1), complete(KERNEL, args={"rank": rank})],
            distributedInfo={"rank": rank, "world_size": 2},
        )
        for rank in (0, 1)
    ]
    bd = load(paths)
    kernels = bd.select(text="gemm").row_numbers
    assert [bd.args(row) for row in kernels] == [{"rank": 0}, {"rank": 1}]


def test_a_saved_breakdown_and_the_cache_find_the_trace_again(tmp_path: Path) -> None:
    path = tmp_path / "run.json.gz"
    shutil.copyfile(xb.samples.path("h200-vllm-compiled"), path)
    bd = xb.load(path)
    expected = bd.event(100)
    assert xb.open(bd.save(tmp_path / "run.xpb", redact=False)).event(100) == expected
    moved = path.rename(tmp_path / "moved.json.gz")
    os.utime(moved, (1, 1))
    assert xb.load(moved).event(100) == expected  # from the cache, by content
    with pytest.raises(DetailError, match="gone"):
        bd.event(100)
    assert bd.event(100, source=moved) == expected


def test_a_rank_from_a_data_set(tmp_path: Path, path: Path) -> None:
    bd = xb.load(path, store=tmp_path / "store")
    with pytest.raises(DetailError, match=r"bd\.detail"):
        bd.args(0)
    assert bd.detail(0).args(0) == KERNEL["args"]


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(path.read_bytes().replace(b"96", b"97")),
        lambda path: path.write_bytes(path.read_bytes() + b" "),
        lambda path: path.write_bytes(b""),
    ],
    ids=["same size", "longer", "empty"],
)
def test_a_changed_trace_gives_nothing(path: Path, change: Callable[[Path], Any]) -> None:
    os.utime(path, (1, 1))
    bd = load(path)
    change(path)
    with pytest.raises(DetailError, match="has changed since it was read"):
        bd.args(0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"\x1f\x8b\x08 damaged",
        b"{" * 400,
        b"[" * 100_000,
        json.dumps({"traceEvents": [complete(KERNEL, 1), complete(OP, 6)]}).encode(),
        json.dumps({"traceEvents": [complete(KERNEL, name="gemn"), complete(OP, 6)]}).encode(),
        json.dumps({"traceEvents": [complete(KERNEL, dur=2.6), complete(OP, 6)]}).encode(),
        json.dumps({"schemaVersion": 1, "traceEvents": [complete(KERNEL)]}).encode(),
    ],
    ids=["empty", "text", "gzip", "braces", "brackets", "other time", "other name", "other duration", "other place"],
)
def test_another_trace_gives_nothing(tmp_path: Path, path: Path, content: bytes) -> None:
    bd, other = load(path), tmp_path / "other.json"
    other.write_bytes(content)
    with pytest.raises(DetailError, match=r"other\.json"):
        bd.args(0, source=other)


def test_a_trace_that_is_gone_or_no_file(tmp_path: Path, path: Path) -> None:
    bd = load(path)
    path.unlink()
    with pytest.raises(DetailError, match="is gone"):
        bd.args(0)
    path.mkdir()
    with pytest.raises(DetailError, match="no file"):
        bd.args(0)
    os.mkfifo(tmp_path / "pipe")  # would wait for ever
    with pytest.raises(DetailError, match="no file"):
        bd.args(0, source=tmp_path / "pipe")


def test_traces_from_memory_have_no_file(path: Path) -> None:
    made, from_bytes = kineto.from_dicts([complete(KERNEL)]), kineto.read_bytes(path.read_bytes(), str(path))
    for trace in (made, from_bytes):
        with pytest.raises(DetailError, match="from memory"):
            xb.load(trace).args(0)
    assert xb.load(from_bytes).args(0, source=path) == KERNEL["args"]
    assert xb.load(kineto.read(path)).args(0) == KERNEL["args"]


def test_a_redacted_breakdown_leads_nowhere(tmp_path: Path, path: Path) -> None:
    redacted = redact(load(path)).breakdown
    for bd in (redacted, xb.open(redacted.save(tmp_path / "redacted.xpb"))):
        for where in (None, path):
            with pytest.raises(DetailError, match="redacted"):
                bd.args(0, source=where)
        assert not bd.metadata.source_mark


def test_a_stranger_cannot_make_this_machine_fetch_anything(path: Path) -> None:
    bd = load(path)
    for url in ("http://127.0.0.1:9/x", "memory://x", "file:///etc/passwd"):
        runs = tuple(replace(run, metadata=replace(run.metadata, source=url)) for run in bd.tables.runs)
        with pytest.raises(DetailError, match="only if you say so"):
            Breakdown(replace(bd.tables, runs=runs)).args(0)


def test_a_url_that_is_named_is_fetched(path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    fsspec.filesystem("memory").pipe_file("/original/t.json", path.read_bytes())
    bd = xb.load("memory://original/t.json")
    with pytest.raises(DetailError, match="only if you say so"):
        bd.args(0)
    assert bd.args(0, source="memory://original/t.json") == KERNEL["args"]
    with pytest.raises(DetailError, match="cannot be read any more"):
        bd.args(0, source="memory://original/none.json")


@pytest.mark.parametrize("row", [-1, 2, 10**30])
def test_no_such_row(path: Path, row: int) -> None:
    with pytest.raises(SelectionError, match="has 2 rows"):
        load(path).args(row)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ("null", {}),
        ("[1]", {}),
        ('{"a": NaN}', None),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"a": "\\ud800"}', {"a": "\ud800"}),
        ('{"__proto__": {"a": "</script>"}}', {"__proto__": {"a": "</script>"}}),
        ('{"a": "raw\ttab"}', {"a": "raw\ttab"}),
    ],
)
def test_odd_args(tmp_path: Path, args: str, expected: Any) -> None:
    path = tmp_path / "t.json"
    event = json.dumps(complete(OP)).replace(json.dumps(OP["args"]), args)
    path.write_text('{"traceEvents": [' + event + "]}")
    found = load(path).args(0)
    assert found == expected or (expected is None and found["a"] != found["a"])


@pytest.mark.parametrize("args", ['{"a": ' + "9" * 5000 + "}", '{"a": ' + "[" * 50_000 + "]" * 50_000 + "}"])
def test_args_that_nothing_can_decode(tmp_path: Path, args: str) -> None:
    path = tmp_path / "t.json"
    event = json.dumps(complete(OP)).replace(json.dumps(OP["args"]), args)
    path.write_text('{"traceEvents": [' + event + ", " + json.dumps(complete(KERNEL)) + "]}")
    bd = load(path)
    for row in bd.row_numbers:  # what cannot be decoded may be no row at all
        name = bd.strings.text(int(bd.rows.name[row]))
        if name == "gemm":
            assert bd.args(row) == KERNEL["args"]
        else:
            with pytest.raises(DetailError, match="too deeply or hold too long a number"):
                bd.args(row)
