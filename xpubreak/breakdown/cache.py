"""Cache: what was made of a trace, kept beside the hash of its content, so that it opens at once the next time.

Entries are saved breakdowns (`store`): data only, mapped into memory, every part of which is held against its checksum
when it is opened. Nothing here is ever needed: an entry that is missing, damaged or cannot be written costs the time of
reading the trace again, and nothing else. A trace that changes while it is read is not kept: what was made of it may be
of neither state.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from xpubreak.breakdown import store
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.cachefolder import DEFAULT_LIMIT_BYTES, Folder, default_folder
from xpubreak.breakdown.rows import Tables
from xpubreak.classify.rule import Rule
from xpubreak.errors import NotATraceError, XpubreakError
from xpubreak.trace.source import mark_in
from xpubreak.version import __version__

LEAST_BYTES = 1 << 15
"""Smaller traces are read as quickly as an entry is opened."""

_CHUNK_BYTES = 1 << 22
_RACY_NS = 2_000_000_000  # a file changed this shortly before it was hashed may change again without its time telling
_FLOORS = ("trace", "tree", "classify", "attribute", "breakdown")


@dataclass(frozen=True)
class Cache:
    """A folder of entries.

    Parameters
    ----------
    folder
        Made when the first entry is written, for this user's eyes only. One that others may write to is not used.
    limit_bytes
        The entries that were not used for the longest time go when all together take more.
    """

    folder: Path
    limit_bytes: int = DEFAULT_LIMIT_BYTES

    @classmethod
    def default(cls) -> Cache | None:
        """The one that this user's environment names; None where a limit of 0 turns it off."""
        found = default_folder()
        return None if found is None else cls(found.path, found.limit_bytes)

    def entry(self, path: Path, rules: Sequence[Rule]) -> Entry | None:
        """Where is kept what is made of a trace, as it is now, with these rules of the user.

        It has to be taken before the trace is read. None where there cannot be one.
        """
        folder = Folder(self.folder, self.limit_bytes)
        try:
            if path.stat().st_size < LEAST_BYTES or not folder.is_safe:
                return None
            state = _state(path, folder)
        except OSError:
            return None  # reading it will say what is wrong
        # The name of the file counts: it may say which rank a trace is of.
        parts = [state.content_hash, path.name, _code_fingerprint(), *map(repr, rules)]
        return Entry(folder, path, state, self.folder / f"{_digest(json.dumps(parts).encode())}.xpb")

    def clear(self) -> None:
        """Remove all entries."""
        Folder(self.folder, self.limit_bytes).clear()


@dataclass(frozen=True)
class _State:
    """A file as it was when it was hashed."""

    identity: tuple[object, ...]
    mark: str
    content_hash: str
    is_racy: bool
    """It may have changed since without its identity telling."""


@dataclass(frozen=True)
class Entry:
    """Where is kept what is made of one state of a trace.

    Parameters
    ----------
    folder
        Of the cache.
    path
        Of the trace.
    state
        Of the trace.
    place
        Of the entry.
    """

    folder: Folder
    path: Path
    state: _State
    place: Path

    def find(self) -> Tables | None:
        """Return what was made before; None where nothing was."""
        found = _opened(self.place)
        return None if found is None else _from_here(found, self.path, self.state.mark)

    def keep(self, made: Tables) -> None:
        """Keep what was made of the trace, unless that has changed."""
        self._add(lambda: store.save(Breakdown(made), self.place, compress=False))

    def adopt(self, saved: Path) -> None:
        """Keep what another process made of the trace and saved, unless that has changed; its file stays."""
        self._add(lambda: _copy(saved, self.place))

    def _add(self, write: Callable[[], object]) -> None:
        if not self._is_unchanged():
            return
        try:
            self.folder.make()
            write()
            self.folder.make_room(self.place)
        except (XpubreakError, OSError, ValueError, TypeError, OverflowError) as error:
            self.folder.say_not_kept(error)  # a full disk, a folder that cannot be written: the next time takes as long

    def _is_unchanged(self) -> bool:
        try:
            if _identity(self.path, self.path.stat()) != self.state.identity:
                return False
            return not self.state.is_racy or _hashed(self.path) == self.state.content_hash
        except OSError:
            return False


def _state(path: Path, folder: Folder) -> _State:
    """Look at a file; the hash of one that is known by its place, size and times is remembered."""
    found = path.stat()
    identity = _identity(path, found)
    memo = f"{_digest(repr(identity).encode())}.hash"
    is_racy = time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) <= _RACY_NS
    with suppress(OSError, ValueError):
        known = (folder.path / memo).read_text(encoding="ascii")
        if len(known) == len(_digest(b"")):
            os.utime(folder.path / memo)
            return _State(identity, mark_in(found), known, is_racy)
    hashed = _hashed(path)
    if not is_racy and _identity(path, path.stat()) == identity:
        folder.put(memo, hashed.encode("ascii"))
    return _State(identity, mark_in(found), hashed, is_racy)


def _identity(path: Path, found: os.stat_result) -> tuple[object, ...]:
    return str(path.resolve()), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _hashed(path: Path) -> str:
    hashed = hashlib.blake2b(digest_size=20)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            hashed.update(chunk)
    return hashed.hexdigest()


def _opened(place: Path) -> Tables | None:
    if not place.exists():
        return None
    try:
        found = store.open_saved(place).tables
        os.utime(place)
    except (NotATraceError, OSError):
        return None
    return found


def _from_here(tables: Tables, path: Path, mark: str) -> Tables:
    """The same, said to be from the file that was asked for: it may have been moved."""
    runs = tuple(
        replace(run, metadata=replace(run.metadata, source=str(path), source_mark=mark)) for run in tables.runs
    )
    return replace(tables, runs=runs)


def _copy(saved: Path, place: Path) -> None:
    """Make a file another name, or a copy where it cannot have one; whole or not at all."""
    partial = place.with_name(f".{place.name}.{os.getpid()}.{time.monotonic_ns()}")
    try:
        try:
            os.link(saved, partial)
        except OSError:
            shutil.copyfile(saved, partial)
        partial.replace(place)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@cache
def _code_fingerprint() -> str:
    """What the result depends on besides the trace: this package's code and registry, by version, sizes and times."""
    root = Path(__file__).resolve().parents[1]
    files = sorted(file for floor in _FLOORS for file in (root / floor).rglob("*") if file.suffix in {".py", ".json"})
    known = [(str(file.relative_to(root)), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return _digest(repr((__version__, store.FORMAT, store.VERSION, known)).encode())


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=20).hexdigest()
