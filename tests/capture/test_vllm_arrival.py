"""Waiting for files: until they end, not for a while. The clock is played by the files' writer."""

from __future__ import annotations

import gzip

import pytest

from xpubreak.capture.vllm import arrival
from xpubreak.capture.vllm.driver import run_through

WHOLE = b'{"traceEvents": [{"ph": "X"}]}\n'


class Writer:
    """Plays the driver: whenever there is waiting, the next piece is written, and a second passes."""

    def __init__(self, folder, pieces, monkeypatch):
        self.folder, self.pieces, self.seconds = folder, list(pieces), 0.0
        monkeypatch.setattr(arrival.time, "monotonic", lambda: self.seconds)

    def find(self):
        return sorted(self.folder.glob("*.json*"))

    async def sleep(self, _seconds):
        self.seconds += 1
        if self.pieces:
            name, piece = self.pieces.pop(0)
            if piece:
                with (self.folder / name).open("ab") as file:
                    file.write(piece)

    def wait(self, expected, timeout_seconds=5):
        told = []
        complete, torn = run_through(
            arrival.arrived(self.find, self, expected=expected, timeout_seconds=timeout_seconds, tell=told.append)
        )
        return [path.name for path in complete], [path.name for path in torn], told


@pytest.fixture
def writer(tmp_path, monkeypatch):
    return lambda *pieces: Writer(tmp_path, pieces, monkeypatch)


def test_a_file_counts_when_it_ends_as_json(writer):
    writing = writer(("a.json", WHOLE[:10]), ("a.json", WHOLE[10:20]), ("a.json", WHOLE[20:]), ("b.json", WHOLE))
    assert writing.wait(1) == (["a.json"], [], [0, 10, 20, len(WHOLE)])


def test_a_compressed_file_counts_when_its_stream_ends(writer):
    packed = gzip.compress(WHOLE * 100)
    writing = writer(("a.json.gz", packed[:30]), ("a.json.gz", packed[30:-4]), ("a.json.gz", packed[-4:]))
    assert writing.wait(1)[:2] == (["a.json.gz"], [])
    assert writing.pieces == []


def test_all_ranks_are_waited_for(writer):
    writing = writer(("a.json", WHOLE), ("", b""), ("", b""), ("b.json", WHOLE))
    assert writing.wait(2)[:2] == (["a.json", "b.json"], [])


def test_as_long_as_anything_grows_there_is_no_end_of_patience(writer):
    pieces = [("a.json", b" " * 3)] * 40 + [("a.json", WHOLE)]
    assert writer(*pieces).wait(1, timeout_seconds=2)[0] == ["a.json"]


def test_what_never_comes_is_not_waited_for_for_ever(writer):
    writing = writer(("a.json", WHOLE), ("b.json", WHOLE[:5]))
    assert writing.wait(2)[:2] == (["a.json"], ["b.json"])
    assert writing.seconds < 20


def test_without_a_number_all_that_are_there_have_to_be_complete(writer):
    writing = writer(("a.json", WHOLE[:5]), ("b.json", WHOLE), ("a.json", WHOLE[5:]))
    assert writing.wait(None)[:2] == (["a.json", "b.json"], [])


def test_nothing_expected_is_no_wait(writer):
    writing = writer()
    assert writing.wait(0)[:2] == ([], [])
    assert writing.seconds == 0


@pytest.mark.parametrize("content", [b"", b"{", b"\x1f\x8b", b"\x1f\x8bnonsense nonsense", WHOLE[:-4]])
def test_what_is_not_complete(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    assert not arrival.is_complete(path)
    assert not arrival.is_complete(tmp_path / "missing.json")
