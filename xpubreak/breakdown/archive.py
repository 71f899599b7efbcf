"""Archives of stored members, read where they lie: mapped, not copied, and held against their checksums."""

from __future__ import annotations

import io
import mmap
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from xpubreak.errors import NotATraceError

try:
    from isal.isal_zlib import crc32  # several times as fast
except ImportError:
    from zlib import crc32


def mapped(source: Path) -> memoryview:
    """The bytes of a file, without reading them yet."""
    try:
        with source.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise NotATraceError(f"{source}: cannot be read ({error.strerror or error}).") from error
    except ValueError as error:
        raise NotATraceError(f"{source} is no saved breakdown: it is empty.") from error


class Members(Mapping[str, memoryview]):
    """The stored members of an archive, without copying them.

    Each is held against its checksum when it is first asked for, which raises `ValueError` where a bit has changed: a
    number that is damaged looks like any other.

    Parameters
    ----------
    view
        The archive.
    """

    def __init__(self, view: memoryview) -> None:
        self._found: dict[str, tuple[memoryview, int]] = {}
        self._checked: set[str] = set()
        with zipfile.ZipFile(cast("BinaryIO", Viewed(view))) as archive:
            for info in archive.infolist():
                if info.compress_type != zipfile.ZIP_STORED:
                    raise ValueError(f"{info.filename} is compressed")
                start = info.header_offset
                name_bytes, extra_bytes = (
                    int.from_bytes(view[start + at : start + at + 2], "little") for at in (26, 28)
                )
                start += 30 + name_bytes + extra_bytes
                self._found[info.filename] = view[start : start + info.file_size], info.CRC

    def __getitem__(self, name: str) -> memoryview:
        content, checksum = self._found[name]
        if name not in self._checked:
            if crc32(content) != checksum:
                raise ValueError(f"{name} is not what was written, by its checksum")
            self._checked.add(name)
        return content

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


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
