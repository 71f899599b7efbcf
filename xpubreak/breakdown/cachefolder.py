"""The folder of the cache: whose it may be, what in it is ours, and how much it may take."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FOLDER_VARIABLE, LIMIT_VARIABLE = "XPUBREAK_CACHE_DIR", "XPUBREAK_CACHE_BYTES"
DEFAULT_LIMIT_BYTES = 2 << 30

# Whatever else lies in a folder that a user names is theirs.
_OURS = re.compile(r"[0-9a-f]{40}\.(xpb|hash)")
_PARTIAL = re.compile(r"\.[0-9a-f]{40}\.(xpb|hash)\.[0-9a-z_.]+")
_ABANDONED_S = 3600.0
"""Nobody writes to a file for so long: its process was killed."""
_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(?:([kmgt])(i?b)?|b)?\s*", re.IGNORECASE)
_told: set[str] = set()


@dataclass(frozen=True)
class Folder:
    """A folder of entries (``.xpb``) and of what is known of traces (``.hash``).

    Parameters
    ----------
    path
        Made when something is put there, for this user's eyes only.
    limit_bytes
        What was not used for the longest time goes when all together takes more.
    """

    path: Path
    limit_bytes: int

    @property
    def is_safe(self) -> bool:
        """Whether the folder, if there is one, is this user's: what others write would be believed."""
        if not hasattr(os, "getuid") or not self.path.exists():
            return True
        found = self.path.stat()
        if found.st_uid != os.getuid():
            self._say_unused("it is another user's", "Name one of your own")
        elif found.st_mode & 0o022:
            self._say_unused(f"others may write to it (mode {found.st_mode & 0o777:o})", "chmod go-w, or name another")
        else:
            return True
        return False

    def make(self) -> None:
        """Make it, where it is not there."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, name: str, content: bytes) -> None:
        """Write a small file, whole or not at all; where that cannot be, it is not there."""
        with suppress(OSError):
            self.make()
            handle, partial = tempfile.mkstemp(dir=self.path, prefix=f".{name}.")
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(partial).replace(self.path / name)

    def make_room(self, newest: Path) -> None:
        """Remove what killed processes left, then entries until the rest fits; the newest one if it fits alone."""
        known, total_bytes = [], 0
        now = time.time()
        for path in self._files():
            try:
                found = path.stat()
                if not _is_partial(path):
                    known.append((path == newest, found.st_mtime_ns, found.st_size, path))
                elif now - found.st_mtime > _ABANDONED_S:
                    path.unlink()
                    continue
            except OSError:
                continue  # another process was quicker
            total_bytes += found.st_size
        for is_newest, _, size, path in sorted(known):
            if total_bytes <= self.limit_bytes:
                return
            if is_newest and size > self.limit_bytes:
                say_once(
                    f"what was made of a trace takes {size / 1e6:,.1f} MB, the cache may take "
                    f"{self.limit_bytes / 1e6:,.1f} ({LIMIT_VARIABLE}): it is made again each time."
                )
            with suppress(OSError):  # on Windows, what is open stays: others go in its place
                path.unlink(missing_ok=True)
                total_bytes -= size

    def clear(self) -> None:
        """Remove all that is ours, and nothing else."""
        for path in self._files():
            with suppress(OSError):  # as above
                path.unlink(missing_ok=True)

    def say_not_kept(self, error: Exception) -> None:
        """Say that something could not be kept, and why."""
        say_once(f"nothing is kept in the cache folder {self.path}: {error}")

    def _say_unused(self, why: str, advice: str) -> None:
        say_once(f"the cache folder {self.path} is not used: {why}. {advice} ({FOLDER_VARIABLE}).")

    def _files(self) -> Iterator[Path]:
        with suppress(OSError):
            for path in list(self.path.iterdir()):
                if _OURS.fullmatch(path.name) or _is_partial(path):
                    yield path


def _is_partial(path: Path) -> bool:
    return _PARTIAL.fullmatch(path.name) is not None


def default_folder() -> Folder | None:
    """The one that this user's environment names; None where a limit of 0 turns it off."""
    text = os.environ.get(LIMIT_VARIABLE, "")
    limit_bytes = bytes_of(text) if text.strip() else DEFAULT_LIMIT_BYTES
    if limit_bytes is None:
        say_once(f"{LIMIT_VARIABLE}={text[:40]!r} is no size such as 500MB or 2GiB: the cache may take 2 GiB.")
        limit_bytes = DEFAULT_LIMIT_BYTES
    return Folder(_default_path(), limit_bytes) if limit_bytes else None


def bytes_of(text: str) -> int | None:
    """A size as people write it: ``1000``, ``500MB``, ``1.5 GiB``, ``2G`` (by 1024, as in ``du``); None for none."""
    found = _SIZE.fullmatch(text)
    if found is None:
        return None
    number, letter, unit = found.groups()
    base = 1000 if unit and len(unit) == 1 else 1024
    return int(float(number) * base ** ("kmgt".index(letter.lower()) + 1 if letter else 0))


def say_once(text: str) -> None:
    """Tell the user, once for a process: what does not work as it was asked for does so at each load."""
    if text not in _told:
        _told.add(text)
        sys.stderr.write(f"xpubreak: {text}\n")


def _default_path() -> Path:
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
