"""Archives of stored members, read where they lie: mapped, not copied."""

from __future__ import annotations

import io
import mmap
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from xpubreak.errors import NotATraceError


def mapped(source: Path) -> memoryview:
    """The bytes of a file, without reading them yet."""
    try:
        with source.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise NotATraceError(f"{source}: cannot be read ({error.strerror or error}).") from error
    except ValueError as error:
        raise NotATraceError(f"{source} is no saved breakdown: it is empty.") from error


def members(view: memoryview) -> Mapping[str, memoryview]:
    """The stored members of an archive, without copying them."""
    found = {}
    with zipfile.ZipFile(cast("BinaryIO", Viewed(view))) as archive:
        for info in archive.infolist():
            if info.compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"{info.filename} is compressed")
            start = info.header_offset
            name_bytes, extra_bytes = (int.from_bytes(view[start + at : start + at + 2], "little") for at in (26, 28))
            start += 30 + name_bytes + extra_bytes
            found[info.filename] = view[start : start + info.file_size]
    return found


class Viewed(io.RawIOBase):
    """Bytes in memory as a file, not copied.

    Parameters
    ----------
    view
        The bytes.
    """

    def __init__(self, view: memoryview) -> None:
        self._view, self._at = view, 0

    def seekable(self) -> bool:
        """Yes."""
        return True

    def readable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go somewhere."""
        self._at = max(0, offset + (0, self._at, len(self._view))[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Copy what fits."""
        found = self._view[self._at : self._at + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
