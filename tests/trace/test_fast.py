"""Compiled or not, a trace reads the same: real ones, and ones that somebody has damaged."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import xpubreak as xb
from tests.trace.laws import assert_places_lead_back
from xpubreak.trace import compiled, kineto, plainreader, source
from xpubreak.trace.trace import Trace

pytest.importorskip("numba")
SAMPLES = xb.samples.names()
CHARACTERS = b'{}[]",:\\ \n\t0123456789.eE+-truefalsn\x00\x7f\xff\xc3\xa9Xd/u'


def both(data: bytes | Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Trace | str, Trace | str]:
    found: list[Trace | str] = []
    for switch in ("1", "0"):
        monkeypatch.setenv(compiled.SWITCH, switch)
        try:
            found.append(kineto.read_bytes(data) if isinstance(data, bytes) else kineto.read(data))
        except xb.NotATraceError as error:
            found.append(str(error))
    return found[0], found[1]


def assert_same(one: Trace | str, other: Trace | str) -> None:
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    for field in fields(one.events):
        assert np.array_equal(getattr(one.events, field.name), getattr(other.events, field.name)), field.name
    assert list(one.strings) == list(other.strings)
    assert one.tracks == other.tracks
    assert one.metadata == other.metadata
    # Which of several broken entries is the example may differ.
    assert [replace(issue, example="") for issue in one.issues] == [
        replace(issue, example="") for issue in other.issues
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_read_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_same(*both(Path(xb.samples.path(name)), monkeypatch))


def damaged(seed: int) -> bytes:
    """A dozen real events, written in one of three ways, with a few bytes changed, lost, added or copied."""
    chance = random.Random(seed)
    whole = json.loads(gzip.decompress(Path(xb.samples.path("h200-torch-graph")).read_bytes()))
    whole["traceEvents"] = chance.sample(whole["traceEvents"], 12)
    way = chance.choice([(None, (",", ":")), (1, (", ", ": ")), (None, (" , ", " : "))])
    text = bytearray(json.dumps(whole, indent=way[0], separators=way[1]).encode())
    start = text.index(b"traceEvents")
    for _ in range(chance.choice([0, 1, 1, 2, 3, 6])):
        place = chance.randrange(start, len(text))
        what = chance.randrange(4)
        if what == 0:
            text[place] = chance.choice(CHARACTERS)
        elif what == 1:
            del text[place : place + chance.choice([1, 2, 5, 40])]
        elif what == 2:
            text[place:place] = bytes(chance.choices(CHARACTERS, k=chance.choice([1, 3])))
        else:
            other = chance.randrange(start, len(text))
            text[place:place] = text[other : other + chance.choice([3, 10, 60])]
    if chance.random() < 0.1:
        del text[chance.randrange(start, len(text)) :]
    return bytes(text)


@pytest.mark.parametrize("chunk_bytes", [7, 333, 1 << 22])
def test_damaged_traces_read_the_same(chunk_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK_BYTES", chunk_bytes)
    for seed in range(chunk_bytes, chunk_bytes + 60):
        data = damaged(seed)
        fast, other = both(data, monkeypatch)
        assert_same(fast, other)
        if not isinstance(fast, str):
            assert_places_lead_back(fast, data)


@pytest.mark.parametrize("piece_bytes", [150, 700, 50_000])
def test_pieces_that_are_decoded_at_once_make_no_difference(piece_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plainreader, "PIECE_BYTES", piece_bytes)
    for seed in range(60):
        assert_same(*both(damaged(seed), monkeypatch))
    assert_same(*both(Path(xb.samples.path("h200-vllm-compiled")), monkeypatch))


ODD = {
    "exponents": {"ts": "1.5e3", "dur": "2E0"},
    "many decimals": {"ts": "1.0004999", "dur": "0.0005"},
    "numbers in quotes": {"ts": '"12.5"', "dur": '"3"'},
    "no finite number": {"ts": "NaN"},
    "absolute times": {"ts": "1763983275123456.789", "dur": "0.001"},
    "negative": {"ts": "-3.25", "dur": "-1"},
    "escapes": {"name": r'"a\"b\\c\u00e9"'},
    "beyond ASCII": {"name": '"µ-kernel ×2"', "cat": '"kernel"'},
    "a number for a name": {"name": "17"},
    "twice the same key": {"name": '"one", "name": "two"'},
    "thread in words": {"tid": '"stream 7"', "pid": '"5"'},
    "nothing": {"pid": "null", "args": "null"},
    "nested arguments": {"args": '{"a": {"b": [1, {"c": "}"}]}, "correlation": 4, "Input Dims": [[2, 3], []]}'},
    "arguments of other types": {
        "args": '{"correlation": "12", "External id": 0, "bytes": 1e3, "kernel_backend": true}'
    },
}


@pytest.mark.parametrize("what", ODD)
def test_odd_events_read_the_same(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {"ph": '"X"', "cat": '"cpu_op"', "name": '"aten::mm"', "pid": "5", "tid": "9", "ts": "1.5", "dur": "2.25"}
    plain["args"] = '{"External id": 3, "correlation": 3}'
    events = [plain, plain | ODD[what], plain | {"ts": "9"}]
    texts = ["{" + ", ".join(f'"{key}": {value}' for key, value in event.items()) + "}" for event in events]
    one, other = both(f'{{"traceEvents": [{",".join(texts)}]}}'.encode(), monkeypatch)
    assert_same(one, other)
    assert isinstance(one, Trace)
    assert len(one.events) + sum(issue.count for issue in one.issues if issue.code == "bad-time") == 3


def test_mostly_odd_traces_go_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trace whose every time has an exponent costs no more than without the compiled reader."""
    event = '{{"ph":"X","cat":"cpu_op","name":"n{0}","pid":1,"tid":1,"ts":{0}e0,"dur":1e0}}'
    text = f"[{','.join(event.format(i) for i in range(5000))}]".encode()
    one, other = both(text, monkeypatch)
    assert_same(one, other)
    assert isinstance(one, Trace)
    assert len(one.events) == 5000
