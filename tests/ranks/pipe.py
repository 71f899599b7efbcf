"""A trace that a reader waits for: it can be met, and killed, while it reads."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import TracebackType

BOUND_S = 60
"""Generous: on a quiet machine it takes some seconds."""


class Pipe:
    """A named pipe in the place of a trace.

    Parameters
    ----------
    path
        Where.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._end = -1
        os.mkfifo(path)

    def __enter__(self) -> Pipe:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def give(self, content: bytes) -> None:
        """Let the reader have a whole trace."""
        os.set_blocking(self._end, True)
        with os.fdopen(os.dup(self._end), "wb") as file:
            file.write(content)
        self._close()

    def _close(self) -> None:
        if self._end >= 0:
            os.close(self._end)
            self._end = -1

    def wait_for_reader(self) -> int:
        """Return the process that reads; it does not get anything until this end is closed."""
        until = time.monotonic() + BOUND_S
        while time.monotonic() < until:
            try:
                if self._end < 0:
                    self._end = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)  # fails as long as nobody reads
            except OSError:
                pass
            for pid in self.readers():
                return pid
            time.sleep(0.02)
        raise TimeoutError(f"nobody reads {self._path}")

    def wait_for_none(self) -> None:
        """Return when nobody reads any more."""
        until = time.monotonic() + BOUND_S
        while self.readers():
            if time.monotonic() > until:
                raise TimeoutError(f"{self._path} is still read")
            time.sleep(0.02)

    def readers(self) -> list[int]:
        """Processes, but for this one, that have it open."""
        found = []
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            try:
                pid = int(link.parts[2])
                if pid != os.getpid() and link.readlink() == self._path:
                    found.append(pid)
            except OSError:
                pass  # gone meanwhile, or not ours
        return found
