"""Loops that are compiled where numba is installed (the ``fast`` extra), and run as they are where it is not."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import Any

SWITCH = "XPUBREAK_FAST"
"""Environment variable: ``0`` never uses numba, ``1`` always; else it depends on how much there is to do."""

WORTH_EVENTS = 60_000
"""Fewer events take less time without numba than numba takes to load."""
_WORTH_ROWS = 1_000_000
_LONG_S = 2.5


def is_worth(events: int) -> bool:
    """Whether numba is there, and so many events are worth loading it."""
    switch = os.environ.get(SWITCH, "")
    if switch == "0":
        return False
    if not _is_there():
        if events >= WORTH_EVENTS:
            _say_what_is_missing()
        return False
    return switch == "1" or events >= WORTH_EVENTS or "numba" in sys.modules


def is_worth_a_walk(rows: int) -> bool:
    """Whether numba is there, and loaded, or one walk over so many rows is worth loading it."""
    return is_worth(rows) and rows > 0 and ("numba" in sys.modules or rows >= _WORTH_ROWS)


@cache
def _is_there() -> bool:
    return find_spec("numba") is not None


@cache
def _say_what_is_missing() -> None:
    sys.stderr.write(
        "xpubreak: numba is not installed, so large traces take five times as long. To have it: "
        'pip install "xpubreak[fast]"\n'
    )


@cache
def compile_loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function over arrays; the machine code is kept beside the package, or in the user's cache."""
    return announcing(kept(function))


def announcing(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """Say so if the first call takes long, which is when a function is compiled."""
    is_ready = False

    def run(*arguments: Any) -> Any:
        nonlocal is_ready
        if is_ready:  # a timer is a thread, and thousands of calls are made
            return compiled(*arguments)
        with announced():
            found = compiled(*arguments)
        is_ready = True
        return found

    return run


def kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile by numba, and keep the machine code where there is a folder for it; else once in each process."""
    from numba import njit  # noqa: PLC0415 - takes half a second, and is not always there

    try:
        compiled: Callable[..., Any] = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither beside the package nor in the user's cache can anything be written
        compiled = njit(nogil=True)(function)
    return compiled


_is_announced = False


@contextmanager
def announced() -> Iterator[None]:
    """Say, once, that something is being compiled if it takes long for the first time."""
    if _is_announced:
        yield
        return
    timer = threading.Timer(_LONG_S, _announce)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _announce() -> None:
    global _is_announced  # noqa: PLW0603 - one message in a process
    if not _is_announced:
        _is_announced = True
        sys.stderr.write("xpubreak: compiling the trace reader, once for this installation …\n")
