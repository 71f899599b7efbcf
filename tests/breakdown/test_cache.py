"""The cache: the same breakdown the second time, and never an older or a stranger's one."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xpubreak as xb
from xpubreak.breakdown import cache as cache_module
from xpubreak.breakdown import manyranks
from xpubreak.breakdown.analysis import analyse
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.cache import Cache
from xpubreak.breakdown.cachefolder import FOLDER_VARIABLE, LIMIT_VARIABLE
from xpubreak.breakdown.gather import gather
from xpubreak.breakdown.material import Material
from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.classify.backend import Role
from xpubreak.classify.rule import Rule
from xpubreak.trace import kineto

SAMPLE = xb.samples.path("h200-vllm-compiled")


class Making:
    """Reads a trace and counts how often."""

    def __init__(self, path: Path) -> None:
        self.path, self.times = path, 0

    def __call__(self) -> Tables:
        self.times += 1
        return gather(Material.of(analyse(kineto.read(self.path))))


def tables_of(cache: Cache, path: Path, rules: tuple[Rule, ...], make: Making) -> Tables:
    """Find what was made of a trace, or make it and keep it: as loading does."""
    entry = cache.entry(path, rules)
    assert entry is not None
    found = entry.find()
    if found is None:
        found = make()
        entry.keep(found)
    return found


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "run.pt.trace.json.gz"
    shutil.copyfile(SAMPLE, path)
    os.utime(path, (1, 1))
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def entries(cache: Cache) -> list[Path]:
    return sorted(cache.folder.glob("*.xpb"))


def same(one: Tables, other: Tables) -> bool:
    columns = all(
        np.array_equal(getattr(one.rows, field.name), getattr(other.rows, field.name)) for field in fields(Rows)
    )
    return columns and list(one.strings) == list(other.strings) and one.runs == other.runs


def test_the_second_time_it_is_opened_not_made(cache: Cache, trace: Path) -> None:
    make = Making(trace)
    first, second = tables_of(cache, trace, (), make), tables_of(cache, trace, (), make)
    assert make.times == 1
    assert same(first, second)
    assert Breakdown(first).totals == Breakdown(second).totals
    assert [(issue.code, issue.count) for issue in Breakdown(first).issues] == [
        (issue.code, issue.count) for issue in Breakdown(second).issues
    ]


def test_other_content_is_another_trace(cache: Cache, trace: Path) -> None:
    make = Making(trace)
    tables_of(cache, trace, (), make)
    shutil.copyfile(xb.samples.path("h200-vllm-eager"), trace)
    assert Breakdown(tables_of(cache, trace, (), make)).totals == xb.load(trace).totals
    assert make.times == 2


def test_content_that_changes_within_the_same_moment_is_not_taken_for_the_old_one(cache: Cache, trace: Path) -> None:
    make = Making(trace)
    os.utime(trace)  # just now: its times cannot tell it from what is written next
    tables_of(cache, trace, (), make)
    before = trace.stat()
    content = bytearray(trace.read_bytes())
    content[-1] ^= 1
    with trace.open("r+b") as file:
        file.write(content)
    os.utime(trace, ns=(before.st_atime_ns, before.st_mtime_ns))
    tables_of(cache, trace, (), make)
    assert make.times == 2


def changed(path: Path, how: str) -> None:
    """Other content of the same size, in another file, in the same one, or in the same one with its old time."""
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    content = path.read_bytes()[::-1]
    if how == "replaced":
        path.with_name("new").write_bytes(content)
        path.with_name("new").replace(path)
    else:
        path.write_bytes(content)
    if how == "time kept":
        os.utime(path, ns=times)


@pytest.mark.parametrize("is_new", [False, True], ids=["old", "just written"])
@pytest.mark.parametrize("how", ["replaced", "written", "time kept"])
def test_what_is_made_of_a_trace_that_changed_meanwhile_is_not_kept(
    cache: Cache, how: str, is_new: bool, tmp_path: Path
) -> None:
    made = xb.load(xb.samples.path("cpu-vllm-tp2-rank0"), cache=False)
    saved = made.save(tmp_path / "made.xpb", compress=False, redact=False)
    path = tmp_path / "run.json"
    path.write_bytes(bytes(range(256)) * 256)
    if not is_new:
        os.utime(path, (1, 1))
    for keep in (lambda entry: entry.keep(made.tables), lambda entry: entry.adopt(saved)):
        entry = cache.entry(path, ())
        assert entry is not None
        changed(path, how)
        keep(entry)
        assert not entries(cache)
        assert entry.find() is None
        entry = cache.entry(path, ())
        assert entry is not None
        keep(entry)
        assert len(entries(cache)) == 1, "it has not changed again"
        cache.clear()


def test_where_the_clock_of_files_is_too_coarse_to_tell_content_does(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "_identity", lambda path, _: str(path))
    made = xb.load(xb.samples.path("cpu-vllm-tp2-rank0"), cache=False).tables
    path = tmp_path / "run.json"
    path.write_bytes(bytes(range(256)) * 256)
    entry = cache.entry(path, ())
    assert entry is not None
    changed(path, "written")
    entry.keep(made)
    assert not entries(cache)
    changed(path, "written")
    entry.keep(made)
    assert len(entries(cache)) == 1


@pytest.mark.parametrize("is_cut", [False, True], ids=["replaced by the next run", "finished"])
def test_a_load_after_a_trace_changed_under_the_last_one_shows_what_it_is_now(
    is_cut: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv(LIMIT_VARIABLE, str(1 << 30))
    before, after = (xb.samples.path(f"cpu-vllm-tp2-rank{rank}").read_bytes() for rank in range(2))
    path = tmp_path / "run.json.gz"
    path.write_bytes(after[: len(after) // 2] if is_cut else before)
    read_rank = manyranks.read_rank

    def changing(*what: Any) -> Tables:
        found = read_rank(*what)
        path.with_name("new").write_bytes(after)
        path.with_name("new").replace(path)
        return found

    monkeypatch.setattr(manyranks, "read_rank", changing)
    first = xb.load(path)
    monkeypatch.setattr(manyranks, "read_rank", read_rank)
    second, third = xb.load(path), xb.load(path, cache=False)
    assert second.totals.host_ns == third.totals.host_ns != first.totals.host_ns
    assert second.ranks == third.ranks == (1,)
    assert [issue.code for issue in second.issues] == [issue.code for issue in third.issues]


def test_a_moved_trace_is_known_and_says_where_it_is(cache: Cache, trace: Path, tmp_path: Path) -> None:
    make = Making(trace)
    tables_of(cache, trace, (), make)
    moved = tmp_path / "elsewhere" / trace.name
    moved.parent.mkdir()
    trace.rename(moved)
    assert tables_of(cache, moved, (), make).runs[0].metadata.source == str(moved)
    assert make.times == 1


def test_other_rules_are_another_entry(cache: Cache, trace: Path) -> None:
    make = Making(trace)
    mine = Rule("mine", "nvjet", Role.TRITON)
    for rules in ((), (mine,), (Rule("mine", "nvjet", Role.CPU),), (mine,)):
        tables_of(cache, trace, rules, make)
    assert make.times == 3


def damaged(content: bytes, damage: str) -> bytes:
    if damage == "flipped":  # of all columns, times are the longest
        return content[: len(content) // 2] + bytes([content[len(content) // 2] ^ 4]) + content[len(content) // 2 + 1 :]
    return {"empty": b"", "rubbish": b"rubbish", "cut": content[:2000]}[damage]


@pytest.mark.parametrize("damage", ["empty", "rubbish", "cut", "flipped"])
def test_a_damaged_entry_is_replaced(cache: Cache, trace: Path, damage: str) -> None:
    make = Making(trace)
    first = tables_of(cache, trace, (), make)
    (entry,) = entries(cache)
    entry.write_bytes(damaged(entry.read_bytes(), damage))
    assert same(tables_of(cache, trace, (), make), first)
    assert same(tables_of(cache, trace, (), make), first)
    assert make.times == 2


def test_the_longest_unused_goes_first(cache: Cache, tmp_path: Path) -> None:
    names = ("h200-vllm-compiled", "h200-vllm-eager", "cpu-vllm-eager")
    for age, name in enumerate(names):
        path = xb.samples.path(name)
        tables_of(cache, path, (), Making(path))
        newest = max(entries(cache), key=lambda entry: entry.stat().st_mtime_ns)
        os.utime(newest, (age + 10, age + 10))
    sizes = sum(entry.stat().st_size for entry in entries(cache))
    used = xb.samples.path(names[0])
    tables_of(cache, used, (), Making(used))
    small = Cache(cache.folder, sizes)
    path = xb.samples.path("cpu-vllm-moe")
    tables_of(small, path, (), Making(path))
    make = Making(used)
    tables_of(small, used, (), make)
    assert make.times == 0, "it was used last but one"
    left = sum(entry.stat().st_size for entry in entries(cache))
    assert left <= sizes
    second = Making(xb.samples.path(names[1]))
    tables_of(small, second.path, (), second)
    assert second.times == 1


def test_errors_of_reading_are_the_caller_s_and_nothing_is_kept(cache: Cache, tmp_path: Path) -> None:
    path = tmp_path / "no.json"
    path.write_bytes(b"x" * 100_000)
    with pytest.raises(xb.NotATraceError):
        tables_of(cache, path, (), Making(path))
    assert entries(cache) == []


def _fill(folder: str) -> int:
    make = Making(SAMPLE)
    return Breakdown(tables_of(Cache(Path(folder)), SAMPLE, (), make)).totals.device_ns


def test_processes_that_write_at_once(cache: Cache) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        found = set(pool.map(_fill, [str(cache.folder)] * 6))
    assert found == {xb.load(SAMPLE).totals.device_ns}
    assert len(entries(cache)) == 1
    assert not [path for path in cache.folder.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("processes", [1, 2])
def test_loading_ranks_uses_it_unless_told_not_to(
    processes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv(LIMIT_VARIABLE, str(1 << 30))
    for rank in range(2):
        shutil.copyfile(xb.samples.path(f"cpu-vllm-tp2-rank{rank}"), tmp_path / f"rank{rank}.json.gz")
    plain = xb.load(tmp_path, cache=False)
    assert not (tmp_path / "cache").exists()
    first = xb.load(tmp_path, processes=processes)
    assert len(list((tmp_path / "cache").glob("*.xpb"))) == 2
    monkeypatch.setattr("xpubreak.breakdown.manyranks.read_rank", None)  # nothing is read any more
    second = xb.load(tmp_path)
    assert plain.totals.host_ns == first.totals.host_ns == second.totals.host_ns > 0
    assert plain.by("rank", "backend").equals(second.by("rank", "backend"))
    assert [issue.code for issue in plain.issues] == [issue.code for issue in second.issues]
