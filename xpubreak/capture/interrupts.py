"""Interrupts: what a user presses when something takes too long, as it arrives in a cell."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Jupyter cancels a cell that awaits, and raises in one that does not.
INTERRUPTS = (KeyboardInterrupt, asyncio.CancelledError, SystemExit)


@contextmanager
def interrupts_later() -> Iterator[None]:
    """Hold an interrupt back until the block is left, for what must not be cut short."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pending: list[Any] = []
    try:
        before = signal.signal(signal.SIGINT, lambda *arguments: pending.append(arguments))
    except ValueError:  # not the main interpreter
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pending:
        if callable(before):
            before(*pending[0])
        else:
            raise KeyboardInterrupt
