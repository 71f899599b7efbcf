"""Scratch: a folder for what processes hand each other, in memory where there is room for it.

Columns of a million events take 65 MB. Written to a disk they cost a good part of the time of reading the trace, for
bytes that nobody wants a second later.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of this user's own is made in it
_VARIABLES = ("TMPDIR", "TEMP", "TMP")
_COPIES = 2
"""Columns are there twice while ranks are put together."""


@contextmanager
def scratch_folder(expected_bytes: int | None) -> Iterator[Path]:
    """Make a folder, and remove it with all that is in it.

    Parameters
    ----------
    expected_bytes
        What will be written there; None for a folder on a disk.

    Yields
    ------
    pathlib.Path
        In memory where there is room for it twice, and nobody chose a place (``TMPDIR``); otherwise where temporary
        files go. In a container memory for files is often 64 MB.
    """
    place = str(_MEMORY) if expected_bytes is not None and _is_in_memory(expected_bytes * _COPIES) else None
    with tempfile.TemporaryDirectory(prefix="xpubreak-ranks-", dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def free_memory_bytes() -> int:
    """What processes of this machine may still take."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return 8 << 30  # not Linux: what a small laptop has


def _is_in_memory(wanted_bytes: int) -> bool:
    if any(os.environ.get(name) for name in _VARIABLES) or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return False
    with suppress(OSError):
        return wanted_bytes <= min(shutil.disk_usage(_MEMORY).free, free_memory_bytes())
    return False
