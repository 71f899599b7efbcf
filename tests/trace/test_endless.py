"""A small file that unpacks to more than any trace does is read so far, and not until the memory is full."""

from __future__ import annotations

import gzip

import pytest

from tests.trace.test_fast import assert_same, both
from xpubreak.trace import source
from xpubreak.trace.trace import Trace

EVENT = b'{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":1.0,"dur":1.0,"args":{"stream":7}},'
BOMB = gzip.compress(b'{"traceEvents":[' + EVENT * 200_000 + EVENT[:-1] + b"]}", 9)


def test_it_is_read_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK_BYTES", 1 << 16)
    monkeypatch.setattr(source, "ALWAYS_BYTES", 1 << 20)
    monkeypatch.setattr(source, "MOST_TIMES", 30)
    fast, other = both(BOMB, monkeypatch)
    assert isinstance(fast, Trace)
    assert_same(fast, other)
    assert {issue.code for issue in fast.issues} >= {"endless-gzip", "truncated-file"}
    assert (1 << 20) / len(EVENT) - 1000 < len(fast.events) < 200_000


def test_what_is_small_may_be_as_dense_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_TIMES", 2)
    fast, _ = both(BOMB, monkeypatch)
    assert isinstance(fast, Trace)
    assert len(fast.events) == 200_001
    assert {issue.code for issue in fast.issues} == {"device-guessed"}


def test_plain_files_are_as_large_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "ALWAYS_BYTES", 0)
    monkeypatch.setattr(source, "MOST_TIMES", 0)
    fast, _ = both(gzip.decompress(BOMB), monkeypatch)
    assert isinstance(fast, Trace)
    assert len(fast.events) == 200_001
