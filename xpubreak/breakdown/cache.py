"""Cache: what was made of a trace, kept beside the hash of its content, so that it opens at once the next time.

Entries are saved breakdowns (`store`): data only, mapped into memory. Nothing here is ever needed: an entry that is
missing, damaged or cannot be written costs the time of reading the trace again, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from xpubreak.breakdown import store
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.rows import Tables
from xpubreak.classify.rule import Rule
from xpubreak.errors import NotATraceError, XpubreakError
from xpubreak.trace.source import mark_of
from xpubreak.version import __version__

FOLDER_VARIABLE, LIMIT_VARIABLE = "XPUBREAK_CACHE_DIR", "XPUBREAK_CACHE_BYTES"
DEFAULT_LIMIT_BYTES = 2 << 30
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
        Made when the first entry is written, for this user's eyes only.
    limit_bytes
        The entries that were not used for the longest time go when all together take more.
    """

    folder: Path
    limit_bytes: int = DEFAULT_LIMIT_BYTES

    @classmethod
    def default(cls) -> Cache | None:
        """The one that this user's environment names; None where a limit of 0 turns it off."""
        limit = os.environ.get(LIMIT_VARIABLE, "")
        limit_bytes = int(limit) if limit.isdigit() else DEFAULT_LIMIT_BYTES
        return cls(_default_folder(), limit_bytes) if limit_bytes else None

    def find(self, path: Path, rules: Sequence[Rule]) -> Tables | None:
        """Return what was made of a trace with these rules of the user before; None where nothing was."""
        entry = self._entry(path, rules)
        found = None if entry is None else _opened(entry)
        return None if found is None else _from_here(found, path)

    def keep(self, path: Path, rules: Sequence[Rule], made: Tables) -> None:
        """Keep what was made of a trace."""
        self._add(path, rules, lambda entry: store.save(Breakdown(made), entry, compress=False))

    def adopt(self, path: Path, rules: Sequence[Rule], saved: Path) -> None:
        """Keep what another process made of a trace and saved; its file stays."""
        self._add(path, rules, lambda entry: _copy(saved, entry))

    def clear(self) -> None:
        """Remove all entries."""
        for path in self._files():
            path.unlink(missing_ok=True)

    def _entry(self, path: Path, rules: Sequence[Rule]) -> Path | None:
        """Where the entry of a trace is or would be; None where there cannot be one."""
        try:
            if path.stat().st_size < LEAST_BYTES or not self._is_safe():
                return None
            content = self._content_hash(path)
        except OSError:
            return None  # reading it will say what is wrong
        # The name of the file counts: it may say which rank a trace is of.
        parts = [content, path.name, _code_fingerprint(), *map(repr, rules)]
        return self.folder / f"{_digest(json.dumps(parts).encode())}.xpb"

    def _is_safe(self) -> bool:
        """Whether the folder, if there is one, is this user's: what others write would be believed."""
        if not hasattr(os, "getuid") or not self.folder.exists():
            return True
        found = self.folder.stat()
        return found.st_uid == os.getuid() and not found.st_mode & 0o022

    def _content_hash(self, path: Path) -> str:
        """Hash of the content; of a file that is known by its place, size and times it is remembered."""
        found = path.stat()
        identity = (str(path.resolve()), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        memo = self.folder / f"{_digest(repr(identity).encode())}.hash"
        with suppress(OSError, ValueError):
            known = memo.read_text(encoding="ascii")
            if len(known) == len(_digest(b"")):
                os.utime(memo)
                return known
        hashed = hashlib.blake2b(digest_size=20)
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                hashed.update(chunk)
        if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > _RACY_NS:
            self._write(memo, hashed.hexdigest().encode("ascii"))
        return hashed.hexdigest()

    def _add(self, path: Path, rules: Sequence[Rule], write: Callable[[Path], object]) -> None:
        entry = self._entry(path, rules)
        # A full disk, a folder that cannot be written: the next time takes as long as this one.
        with suppress(XpubreakError, OSError, ValueError, TypeError, OverflowError):
            if entry is not None:
                self._make_folder()
                write(entry)
                self._make_room(entry)

    def _make_room(self, newest: Path) -> None:
        """Remove entries until the rest fits; the newest one stays if it fits alone."""
        known = []
        for path in self._files():
            try:
                found = path.stat()
            except OSError:
                continue  # another process was quicker
            known.append((path == newest, found.st_mtime_ns, found.st_size, path))
        total_bytes = sum(size for _, _, size, _ in known)
        for _, _, size, path in sorted(known):
            if total_bytes <= self.limit_bytes:
                return
            path.unlink(missing_ok=True)
            total_bytes -= size

    def _files(self) -> list[Path]:
        return [*self.folder.glob("*.xpb"), *self.folder.glob("*.hash")] if self.folder.is_dir() else []

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _write(self, path: Path, content: bytes) -> None:
        with suppress(OSError):
            self._make_folder()
            handle, partial = tempfile.mkstemp(dir=self.folder, prefix=".")
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(partial).replace(path)


def _opened(entry: Path) -> Tables | None:
    if not entry.exists():
        return None
    try:
        found = store.open_saved(entry).tables
        os.utime(entry)
    except (NotATraceError, OSError):
        return None
    return found


def _from_here(tables: Tables, path: Path) -> Tables:
    """The same, said to be from the file that was asked for: it may have been moved."""
    mark = mark_of(path)
    runs = tuple(
        replace(run, metadata=replace(run.metadata, source=str(path), source_mark=mark)) for run in tables.runs
    )
    return replace(tables, runs=runs)


def _copy(saved: Path, entry: Path) -> None:
    """Make a file another name, or a copy where it cannot have one; whole or not at all."""
    partial = entry.with_name(f".{entry.name}.{os.getpid()}.{time.monotonic_ns()}")
    try:
        try:
            os.link(saved, partial)
        except OSError:
            shutil.copyfile(saved, partial)
        partial.replace(entry)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _default_folder() -> Path:
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "xpubreak"


@cache
def _code_fingerprint() -> str:
    """What the result depends on besides the trace: this package's code and registry, by version, sizes and times."""
    root = Path(__file__).resolve().parents[1]
    files = sorted(file for floor in _FLOORS for file in (root / floor).rglob("*") if file.suffix in {".py", ".json"})
    known = [(str(file.relative_to(root)), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return _digest(repr((__version__, store.FORMAT, store.VERSION, known)).encode())


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=20).hexdigest()
