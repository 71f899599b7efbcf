"""What is free on this machine before a recording."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from xpubreak.capture.estimate import Room


def find_room(folders: Iterable[str]) -> Room:
    """Look how much disk the first of some folders that exists has, or will have, and how much memory is available."""
    for folder in folders:
        if not folder:
            continue
        path = Path(folder).absolute()
        existing = next((parent for parent in (path, *path.parents) if parent.is_dir()), None)
        if existing is not None:
            return Room(shutil.disk_usage(existing).free, available_memory_bytes(), str(path))
    return Room(memory_bytes=available_memory_bytes())


def available_memory_bytes(source: Path = Path("/proc/meminfo")) -> int | None:
    """Memory that can be had without swapping; None where the system does not say."""
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", source.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None
