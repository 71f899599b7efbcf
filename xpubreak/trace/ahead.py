"""Ahead: what is to be read next is made ready by a thread while what there is is being worked on.

Decompressing and scanning let go of Python's lock, so on a machine with two processors they take place side by side.
What is waited for is less, for the same processor time; where others want the processors, it costs a seventh more.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from queue import SimpleQueue
from typing import TypeVar

from xpubreak.trace import source

Ready = TypeVar("Ready")

_ROOM = 3
"""Pieces that wait at most: memory stays bounded, whatever the size of the file."""
_in_one_thread = ContextVar("_in_one_thread", default=False)


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it nothing is read ahead: other traces are read beside this one, and need the processors."""
    token = _in_one_thread.set(True)
    try:
        yield
    finally:
        _in_one_thread.reset(token)


def processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_ahead(
    pieces: Generator[bytes, None, None], prepare: Callable[[bytes], Ready | None]
) -> Generator[tuple[bytes, Ready | None], None, None]:
    """Yield pieces, read by a thread of their own where there is a processor for it.

    Parameters
    ----------
    pieces
        As of `source.read_chunks`: a first one that is shorter than a chunk is all there is. What they raise is raised
        here.
    prepare
        Called by the other thread with pieces that would only wait otherwise, because others wait already.

    Yields
    ------
    tuple
        A piece, in order, and what was prepared of it; None where that is left to do.
    """
    first = next(pieces, None)
    if first is None:
        return
    is_worth = len(first) >= source.CHUNK_BYTES and processors() > 1 and not _in_one_thread.get()
    ahead = _Ahead(pieces, prepare) if is_worth else None
    if ahead is None or not ahead.start():
        yield first, None
        for piece in pieces:
            yield piece, None
        return
    try:
        yield first, None
        yield from ahead
    finally:
        ahead.stop()


class _Ahead(Iterator[tuple[bytes, Ready | None]]):
    """A thread and what it made."""

    def __init__(self, pieces: Generator[bytes, None, None], prepare: Callable[[bytes], Ready | None]) -> None:
        self._pieces = pieces
        self._prepare = prepare
        self._made: SimpleQueue[tuple[bytes, Ready | None] | BaseException] = SimpleQueue()
        self._room = threading.Semaphore(_ROOM)
        self._left = self._taken = 0  # pieces that were not prepared: each number is written by one thread
        self._is_stopped = False
        # Nothing waits for it when the process ends: it may be within a call to a file system that is gone.
        self._thread = threading.Thread(target=self._run, name="xpubreak-ahead", daemon=True)

    def start(self) -> bool:
        """Begin; False where threads cannot be had: there are none in Pyodide, and limits elsewhere."""
        try:
            self._thread.start()
        except (RuntimeError, OSError):
            return False
        return True

    def stop(self) -> None:
        """End after the piece in hand, a hundredth of a second later."""
        self._is_stopped = True
        self._room.release()
        self._thread.join()

    def __next__(self) -> tuple[bytes, Ready | None]:
        found = self._made.get()
        if isinstance(found, BaseException):
            raise found
        self._taken += found[1] is None
        self._room.release()
        return found

    def _run(self) -> None:
        try:
            for piece in self._pieces:
                ready = self._prepare(piece) if self._left > self._taken else None
                self._left += ready is None
                self._made.put((piece, ready))
                self._room.acquire()
                if self._is_stopped:
                    return
            self._made.put(StopIteration())
        except BaseException as error:  # noqa: BLE001 - it is raised where the pieces are asked for
            self._made.put(error)
        finally:
            self._pieces.close()
