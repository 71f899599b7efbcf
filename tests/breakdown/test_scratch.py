"""What processes hand each other lies in memory where there is room, elsewhere on a disk, and nowhere afterwards."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from xpubreak.breakdown import scratch
from xpubreak.breakdown.scratch import free_memory_bytes, scratch_folder


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "disk"))
    (tmp_path / "disk").mkdir()
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(scratch, "_MEMORY", tmp_path / "memory")
    return tmp_path / "memory"


def place_of(expected_bytes: int | None) -> str:
    with scratch_folder(expected_bytes) as folder:
        (folder / "part").write_bytes(b"columns")
        name = folder.parent.name
    assert not folder.exists()
    return name


def test_in_memory_where_there_is_room_twice(memory: Path) -> None:
    room = min(shutil.disk_usage(memory).free, free_memory_bytes())
    assert place_of(room // 4) == "memory"
    assert place_of(2 * room) == "disk"


def test_a_container_with_little_memory_for_files(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(scratch.shutil, "disk_usage", lambda place: usage._replace(free=64 << 20))
    assert place_of(33 << 20) == "disk"
    assert place_of(31 << 20) == "memory"


def test_on_a_disk_where_it_has_to_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert place_of(None) == "disk"
    monkeypatch.setattr(scratch, "_MEMORY", tmp_path / "windows")
    assert place_of(1) == "disk"


def test_where_the_user_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert place_of(1) == "disk"
