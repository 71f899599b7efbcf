"""Keep the profiler's progress lines out of the notebook.

Since torch 2.12 or so Kineto prints ``USDT:… profiler_start`` and ``STAGE:… Completed Stage: …`` to file descriptor 2
at every start and stop, which Jupyter shows as red output. ``KINETO_LOG_LEVEL`` would silence its errors too, so the
lines are held back and all but those two kinds are passed on.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

_PROGRESS = re.compile(r"^(?:USDT|STAGE):\d{4}-.*$\n?", re.MULTILINE)
_STDERR_FD = 2


@contextlib.contextmanager
def without_progress_lines() -> Iterator[None]:
    """Hold back what is written to file descriptor 2; afterwards pass on all but Kineto's progress lines."""
    with contextlib.ExitStack() as cleanup:
        try:
            held = cleanup.enter_context(tempfile.TemporaryFile())
            kept_fd = os.dup(_STDERR_FD)
        except OSError:  # no descriptor 2, or no room for the file: then let it print
            yield
            return
        cleanup.callback(_pass_on, held, kept_fd)
        os.dup2(held.fileno(), _STDERR_FD)
        yield


def _pass_on(held: IO[bytes], kept_fd: int) -> None:
    os.dup2(kept_fd, _STDERR_FD)
    os.close(kept_fd)
    held.seek(0)
    rest = _PROGRESS.sub("", held.read().decode("utf-8", "replace"))
    if rest.strip():
        sys.stderr.write(rest)
