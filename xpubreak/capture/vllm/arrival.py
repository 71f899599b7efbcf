"""Wait until trace files are complete: not for a while, but for their ends."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from xpubreak.capture.vllm.driver import Driver

_POLL_SECONDS = 0.1
_CHUNK_BYTES = 1 << 20
_TAIL_BYTES = 64


def is_complete(path: Path) -> bool:
    """Whether a trace ends as it should: with the end of its JSON object, and of its compressed stream."""
    try:
        with path.open("rb") as file:
            if file.read(2) == b"\x1f\x8b":
                return _unpacked_tail(path).rstrip().endswith(b"}")
            size_bytes = file.seek(0, 2)
            file.seek(max(0, size_bytes - _TAIL_BYTES))
            return file.read().rstrip().endswith(b"}")
    except (OSError, zlib.error):
        return False


def total_bytes(paths: Iterable[Path]) -> int:
    """Their sizes, added up; what is not there counts nothing."""
    return sum(_sizes(paths).values())


async def arrived(
    find: Callable[[], list[Path]],
    driver: Driver,
    *,
    expected: int | None,
    timeout_seconds: float,
    tell: Callable[[int], None] = lambda _bytes: None,
) -> tuple[list[Path], list[Path]]:
    """Wait for files to be there and complete.

    Parameters
    ----------
    find
        Lists those that are there.
    driver
        To wait with.
    expected
        How many there will be; None where that is not known: then those that are there when all are complete.
    timeout_seconds
        How long nothing may change before waiting ends.
    tell
        Called with the number of bytes that are there.

    Returns
    -------
    complete, incomplete : list of Path
        By name.
    """
    complete: dict[Path, int] = {}
    before: dict[Path, int] = {}
    deadline = time.monotonic() + timeout_seconds
    while True:
        sizes = _sizes(find())
        tell(sum(sizes.values()))
        if sizes != before:
            deadline = time.monotonic() + timeout_seconds
        for path, size_bytes in sizes.items():
            # Only what has stopped to grow is read to its end, and that once.
            if complete.get(path) != size_bytes and is_complete(path):
                complete[path] = size_bytes
        whole = [path for path, size_bytes in sizes.items() if complete.get(path) == size_bytes]
        is_all = len(whole) == len(sizes) and bool(whole) if expected is None else len(whole) >= expected
        if is_all or time.monotonic() > deadline:
            return sorted(whole), sorted(set(sizes) - set(whole))
        before = sizes
        await driver.sleep(_POLL_SECONDS)


def _sizes(paths: Iterable[Path]) -> dict[Path, int]:
    """Of those that are there: a writer may rename or remove one at any moment."""
    found = {}
    for path in paths:
        try:
            found[path] = path.stat().st_size
        except OSError:
            continue
    return found


def _unpacked_tail(path: Path) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            tail = (tail + unpacker.decompress(chunk))[-_TAIL_BYTES:]
    return tail if unpacker.eof else b""
