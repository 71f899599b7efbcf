"""The folder of the cache: bounded whatever is killed, nobody else's, and said so where it is not used."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import xpubreak as xb
from xpubreak.breakdown import cachefolder
from xpubreak.breakdown.cache import Cache
from xpubreak.breakdown.cachefolder import DEFAULT_LIMIT_BYTES, FOLDER_VARIABLE, LIMIT_VARIABLE, Folder, bytes_of

LEAST_ENTRY_BYTES = 10_000
NAME = "0123456789abcdef" * 2 + "01234567"
PARTIALS = (f".{NAME}.xpb.0a1b2c3d4e5f", f".{NAME}.xpb.123.456789", f".{NAME}.hash.ab_c12xy")
THEIRS = ("mine.xpb", ".bash_history", ".netrc123", "notes.hash", ".mine.xpb.0a1b2c3d4e5f")


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "run.pt.trace.json.gz"
    shutil.copyfile(xb.samples.path("cpu-vllm-tp2-rank0"), path)
    os.utime(path, (1, 1))
    return path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv(LIMIT_VARIABLE, raising=False)
    monkeypatch.setattr(cachefolder, "_told", set())
    return tmp_path / "cache"


def fill(folder: Path, names: tuple[str, ...], size: int, age_s: float) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"x" * size)
        then = (folder / name).stat().st_mtime - age_s
        os.utime(folder / name, (then, then))


def kept(folder: Path) -> list[Path]:
    return list(folder.glob("*.xpb"))


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("xpubreak:")]


def test_what_killed_writers_left_goes_and_nothing_of_others(trace: Path, folder: Path) -> None:
    fill(folder, PARTIALS, 1000, 3700)
    fill(folder, THEIRS, 1000, 1e7)
    xb.load(trace)
    left = {path.name for path in folder.iterdir()}
    assert not left & set(PARTIALS)
    assert set(THEIRS) <= left
    fill(folder, PARTIALS, 1000, 0)
    Cache(folder).clear()
    assert {path.name for path in folder.iterdir()} == set(THEIRS)


def test_what_is_being_written_stays_and_counts(trace: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    xb.load(trace)
    (entry,) = kept(folder)
    size = entry.stat().st_size
    entry.unlink()
    monkeypatch.setenv(LIMIT_VARIABLE, str(size + 2000))
    older = f"{NAME}.xpb"
    fill(folder, (older,), 1500, 10)
    fill(folder, PARTIALS, 600, 0)
    xb.load(trace)
    assert set(PARTIALS) <= {path.name for path in folder.iterdir()}
    assert not (folder / older).exists(), "with what is being written it would be too much"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners here")
def test_a_folder_that_others_may_write_is_not_used_and_it_is_said_once(
    trace: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    xb.load(trace)
    assert folder.stat().st_mode & 0o777 == 0o700
    (entry,) = kept(folder)
    entry.write_bytes(b"believed, this would be an error")
    folder.chmod(0o775)
    before = sorted(folder.iterdir())
    for _ in range(2):
        assert xb.load(trace).totals.host_ns > 0
    assert sorted(folder.iterdir()) == before
    (line,) = told(capsys)
    assert f"{folder} is not used" in line
    assert "mode 775" in line
    folder.chmod(0o755)
    xb.load(trace)
    assert entry.stat().st_size > LEAST_ENTRY_BYTES


def test_where_nothing_can_be_kept_everything_works_and_it_is_said_once(
    trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "file" / "cache"))
    assert xb.load(trace).totals.host_ns == xb.load(trace).totals.host_ns > 0
    (line,) = told(capsys)
    assert "nothing is kept in the cache folder" in line


def test_an_entry_larger_than_the_limit_is_said_once(
    trace: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(LIMIT_VARIABLE, "10 kB")
    for _ in range(2):
        xb.load(trace)
    assert not kept(folder)
    (line,) = told(capsys)
    assert "it is made again each time" in line


def test_where_it_is_and_how_large(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(LIMIT_VARIABLE, "500MB")
    assert Cache.default() == Cache(tmp_path, 500_000_000)
    monkeypatch.setenv(LIMIT_VARIABLE, "0")
    assert Cache.default() is None
    monkeypatch.delenv(FOLDER_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv(LIMIT_VARIABLE, "")
    assert Cache.default() == Cache(tmp_path / "xpubreak", DEFAULT_LIMIT_BYTES)
    assert not told(capsys)
    monkeypatch.setenv(LIMIT_VARIABLE, "rubbish")
    for _ in range(2):
        assert Cache.default() == Cache(tmp_path / "xpubreak", DEFAULT_LIMIT_BYTES)
    (line,) = told(capsys)
    assert "XPUBREAK_CACHE_BYTES='rubbish' is no size" in line


@pytest.mark.parametrize(
    ("text", "size"),
    [
        *(("12345", 12345), ("12 B", 12), ("500MB", 500_000_000), ("1.5 GiB", 3 << 29), ("2G", 2 << 30)),
        *((" 3 kb ", 3000), ("1TB", 10**12), ("0MB", 0)),
        *(("-1", None), ("1e9", None), ("²", None), ("MB", None), ("5 PB", None), ("1,000", None)),
    ],
)
def test_sizes(text: str, size: int | None) -> None:
    assert bytes_of(text) == size


def test_what_cannot_be_removed_keeps_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses while a file is open, here or in another process."""
    entries = [tmp_path / f"{number:040x}.xpb" for number in range(4)]
    for number, entry in enumerate(entries):
        entry.write_bytes(bytes(100))
        os.utime(entry, (number, number))
    plain = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == entries[0]:
            raise PermissionError("it is open")
        plain(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    Folder(tmp_path, 200).make_room(entries[3])
    assert sorted(tmp_path.iterdir()) == [entries[0], entries[3]]
    Folder(tmp_path, 200).clear()
    assert sorted(tmp_path.iterdir()) == [entries[0]]
