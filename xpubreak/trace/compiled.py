"""Loops that are compiled where numba is installed (the ``fast`` extra), and run as they are where it is not."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

SWITCH = "XPUBREAK_FAST"
"""Environment variable: ``0`` never uses numba, ``1`` always; else it depends on how much there is to do."""

WORTH_EVENTS = 60_000
"""Fewer events take less time without numba than numba takes to load."""
_WORTH_ROWS = 1_000_000
_LONG_S = 2.5
_COST = "so large traces take five times as long"


def is_worth(events: int) -> bool:
    """Whether so many events are worth loading numba, and it can be loaded: from then on it is."""
    switch = os.environ.get(SWITCH, "")
    if switch == "0" or not (switch == "1" or events >= WORTH_EVENTS or "numba" in sys.modules):
        return False
    trouble = _trouble()
    if trouble and events >= WORTH_EVENTS:
        _say(trouble)
    return not trouble


def is_worth_a_walk(rows: int) -> bool:
    """Whether numba is there, and loaded, or one walk over so many rows is worth loading it."""
    return rows > 0 and ("numba" in sys.modules or rows >= _WORTH_ROWS) and is_worth(rows)


@cache
def _trouble() -> str:
    """Why numba cannot be had, and what to do; empty where it is loaded.

    That it is installed does not say that it can be imported: after an update of numpy it often cannot.
    """
    try:
        if find_spec("numba") is None:
            return f'numba is not installed, {_COST}. To have it: pip install "xpubreak[fast]"'
        import_module("numba")
    except Exception as error:  # noqa: BLE001 - whatever keeps it from being imported, there is another way
        return (
            f"numba cannot be imported ({type(error).__name__}: {error}), {_COST}. "
            'To update it: pip install --upgrade "xpubreak[fast]"'
        )
    return ""


@cache
def _say(trouble: str) -> None:
    sys.stderr.write(f"xpubreak: {trouble}\n")


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
