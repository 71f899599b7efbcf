"""What a person at a terminal sees while something takes long; nobody else sees anything."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

from xpubreak.breakdown.text import clip

_BEGINS_SECONDS, _PAUSE_SECONDS = 0.4, 0.2
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Waiting:
    """A line on standard error, where that is a terminal, that is gone afterwards.

    Parameters
    ----------
    what
        Is being done.
    is_shown
        Whether to show anything at all.
    """

    def __init__(self, what: str, *, is_shown: bool = True) -> None:
        self._what = clip(what, 70)
        self._is_shown = is_shown and sys.stderr.isatty()
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Waiting:
        if self._is_shown:
            self._thread = threading.Thread(target=self._tick, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()

    def _tick(self) -> None:
        began = time.monotonic()
        if self._is_over.wait(_BEGINS_SECONDS):
            return
        number = 0
        while not self._is_over.wait(_PAUSE_SECONDS):
            frame = _FRAMES[number % len(_FRAMES)]
            sys.stderr.write(f"\r\x1b[K{frame} {self._what} … {time.monotonic() - began:.0f} s")
            sys.stderr.flush()
            number += 1
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
