"""A thread reads ahead: everything comes as it would without it, and nothing of the thread stays."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing

import pytest

from tests.trace.test_fast import assert_same, both
from xpubreak.trace import ahead, kineto, source
from xpubreak.trace.ahead import one_thread, read_ahead
from xpubreak.trace.builder import Builder
from xpubreak.trace.scan import Scanner
from xpubreak.trace.trace import Trace

PIECES = [bytes([number]) * 8 for number in range(50)]


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK_BYTES", 8)
    monkeypatch.setattr(ahead, "processors", lambda: 2)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Generator[None, None, None]:
    yield
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("xpubreak-ahead")]


def made(pieces: list[bytes], error: BaseException | None = None) -> Generator[bytes, None, None]:
    yield from pieces
    if error is not None:
        raise error


def nothing(piece: bytes) -> None:
    """Prepare nothing."""


def test_pieces_come_in_order() -> None:
    assert list(read_ahead(made(PIECES), nothing)) == [(piece, None) for piece in PIECES]
    assert list(read_ahead(made([]), nothing)) == []


def test_what_waits_is_prepared_and_little_waits() -> None:
    begun: list[int] = []

    def counted() -> Generator[bytes, None, None]:
        for number, piece in enumerate(PIECES):
            begun.append(number)
            yield piece

    found = []
    for number, (piece, ready) in enumerate(read_ahead(counted(), bytes.hex)):
        time.sleep(0.002)
        assert max(begun) - number <= 5
        assert ready in (None, piece.hex())
        found.append((piece, ready))
    assert [piece for piece, _ in found] == PIECES
    assert sum(ready is not None for _, ready in found) > 10  # this end is the slower one


def test_errors_come_behind_what_was_read() -> None:
    with closing(read_ahead(made(PIECES, OSError("gone")), nothing)) as pieces:
        assert [next(pieces)[0] for _ in PIECES] == PIECES
        with pytest.raises(OSError, match="gone"):
            next(pieces)


def test_ends_when_nobody_wants_more() -> None:
    pieces = made(PIECES)
    with closing(read_ahead(pieces, nothing)) as found:
        next(found)
    with pytest.raises(StopIteration):  # closed, and the file with it
        next(pieces)


def test_reads_without_threads_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert [piece for piece, _ in read_ahead(made(PIECES), nothing)] == PIECES


def test_one_processor_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "processors", lambda: 1)
    for _ in read_ahead(made(PIECES), nothing):
        assert threading.active_count() == 1 or not any(t.name == "xpubreak-ahead" for t in threading.enumerate())


def test_beside_others_nothing_is_read_ahead() -> None:
    def threads_while_reading() -> int:
        with closing(read_ahead(made(PIECES), nothing)) as pieces:
            next(pieces)
            return sum(thread.name == "xpubreak-ahead" for thread in threading.enumerate())

    with one_thread():
        assert threads_while_reading() == 0
    assert threads_while_reading() == 1


EVENT = (
    '{{"ph": "X", "cat": "cpu_op", "name": "n{0}", "pid": 1, "tid": {1}, "ts": {0}.5, "dur": 1, '
    '"args": {{"of": [1,\n {{"ph": "X"}}], "text": "}}, {{"}}}}'
)


@pytest.mark.parametrize("chunk_bytes", [8, 90, 500])
def test_what_looks_like_an_event_within_another_misleads_nobody(
    chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    monkeypatch.setattr(source, "CHUNK_BYTES", chunk_bytes)
    text = f'{{"traceEvents": [{",".join(EVENT.format(number, number % 3) for number in range(60))}]}}'
    assert len(json.loads(text)["traceEvents"]) == 60
    fast, other = both(text.encode(), monkeypatch)
    assert_same(fast, other)
    assert isinstance(fast, Trace)
    assert len(fast.events) == 60


def test_cut_off_files_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK_BYTES", 500)
    text = f'{{"traceEvents": [{",".join(EVENT.format(number, 1) for number in range(400))}]}}'
    whole = gzip.compress(text.encode())
    fast, other = both(whole[: len(whole) // 2], monkeypatch)
    assert_same(fast, other)
    assert isinstance(fast, Trace)
    assert {issue.code for issue in fast.issues} >= {"damaged-gzip", "truncated-file"}
    assert 0 < len(fast.events) < 400


def test_what_is_no_trace_leaves_no_thread() -> None:
    with pytest.raises(kineto.NotATraceError):
        kineto.read_bytes(b"no trace at all, " * 100)


@pytest.mark.parametrize("chunk_bytes", [90, 500, 5000])
def test_all_may_be_scanned_ahead(chunk_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setattr(source, "CHUNK_BYTES", chunk_bytes)
    monkeypatch.setattr(kineto, "read_ahead", lambda pieces, prepare: ((piece, prepare(piece)) for piece in pieces))
    text = f'{{"traceEvents": [{",".join(EVENT.format(number, number % 3) for number in range(60))}], "rank": 3}}'
    fast, other = both(text.encode(), monkeypatch)
    assert_same(fast, other)


def test_a_reader_may_be_given_up_while_the_thread_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks at it: what is asked in between makes it go."""
    asked: list[object] = []

    def one_by_one(
        pieces: Generator[bytes, None, None], prepare: Callable[[bytes], object]
    ) -> Generator[tuple[bytes, None], None, None]:
        cells = dict(zip(prepare.__code__.co_freevars, prepare.__closure__ or (), strict=True))
        plain = Scanner.has_events_array

        def gives_up(scanner: Scanner) -> bool:
            kept, cells["fast"].cell_contents = cells["fast"].cell_contents, None
            given_up.append(kept)
            return True

        for piece in pieces:
            given_up: list[object] = []
            monkeypatch.setattr(Scanner, "has_events_array", property(gives_up))
            asked.append(prepare(piece))
            monkeypatch.setattr(Scanner, "has_events_array", plain)
            cells["fast"].cell_contents = given_up[0]
            yield piece, None

    monkeypatch.setattr(kineto, "read_ahead", one_by_one)
    text = json.dumps({"traceEvents": [{"ph": "X", "name": "a", "pid": 1, "tid": 1, "ts": 1, "dur": 1}]})
    assert len(kineto.read_bytes(text.encode()).events) == 1
    assert set(asked) == {None}


def test_what_was_scanned_ahead_behind_an_empty_rest_is_read_whole() -> None:
    """The head of a trace may end right at the border of two pieces."""
    jitreader = pytest.importorskip("xpubreak.trace.jitreader")
    events = [{"ph": "X", "cat": "cpu_op", "name": f"n{i}", "pid": 1, "tid": 1, "ts": i, "dur": 1} for i in range(5)]
    text = ("\n" + ",\n".join(map(json.dumps, events)) + "]}")[1:].encode() + bytes(100)
    builder = Builder()
    reader = jitreader.JitReader(builder)
    scanned = reader.scan_ahead(text)
    assert scanned.start > 0
    reader.feed(text, len(text), scanned)
    assert len(builder.finish()[0]) == 5
