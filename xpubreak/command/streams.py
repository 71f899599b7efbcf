"""Standard streams of any kind: closed ones, and those whose reader has gone, change no exit code."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from xpubreak.breakdown.text import clip
from xpubreak.errors import XpubreakError

_LONGEST_NOTE = 600


def open_streams() -> None:
    """Put something in the place of closed streams, which services and ``>&-`` leave as None."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(nowhere, "r" if name == "stdin" else "w", encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without these letters is no reason to fail


def show(text: str) -> None:
    """Write to standard output; whoever has read enough of it changes nothing about what follows."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
    except OSError as error:
        _silence(sys.stdout)
        raise XpubreakError(f"standard output cannot be written ({error.strerror or error}).") from error


def note(what: str, text: str) -> None:
    """Say something on standard error, on a line of its own, where anybody is there to be told."""
    hint(f"xpubreak: {what}: {clip(text, _LONGEST_NOTE)}\n")


def hint(text: str) -> None:
    """Write to standard error as it is."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _silence(sys.stderr)


def settle() -> None:
    """Write what is left, as Python does at exit, where a failure would become the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # a ValueError where it has been closed
            _silence(stream)


def _silence(stream: TextIO) -> None:
    """What is still held back, and all that comes, goes nowhere: Python flushes once more at exit."""
    with suppress(OSError, ValueError):  # not every stream of a caller's is a file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
