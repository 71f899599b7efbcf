"""Sections of an ELF file: as much of the format as reading symbols and string literals needs.

Source: System V ABI, chapter 4 (64-bit little endian), https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
"""

from __future__ import annotations

import struct
from typing import BinaryIO

_HEADER_BYTES = 64
_SECTION = struct.Struct("<IIQQQQIIQQ")  # name, type, flags, address, offset, size, link, info, alignment, entry size
_NOBITS = 8


class NotElfError(ValueError):
    """The file is no 64-bit little-endian ELF file."""


def read_sections(file: BinaryIO, wanted: frozenset[str]) -> dict[str, bytes]:
    """Read sections by name.

    Parameters
    ----------
    file
        Seekable binary file.
    wanted
        Names, e.g. ``{".rodata", ".tgtsym"}``; absent ones are left out of the result.

    Raises
    ------
    NotElfError
        Where the file is something else, or cut off.
    """
    file.seek(0)
    header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or header[:6] != b"\x7fELF\x02\x01":
        raise NotElfError("not a 64-bit little-endian ELF file")
    (table_offset,) = struct.unpack_from("<Q", header, 40)
    entry_bytes, count, names_index = struct.unpack_from("<HHH", header, 58)
    file.seek(table_offset)
    table = file.read(entry_bytes * count)
    if entry_bytes < _SECTION.size or len(table) < entry_bytes * count or names_index >= count:
        raise NotElfError("the section table is cut off")
    entries = [_SECTION.unpack_from(table, index * entry_bytes) for index in range(count)]

    def content(entry: tuple[int, ...]) -> bytes:
        file.seek(entry[4])
        return b"" if entry[1] == _NOBITS else file.read(entry[5])

    names = content(entries[names_index])
    named = ((names[entry[0] : names.index(b"\0", entry[0])].decode(), entry) for entry in entries)
    return {name: content(entry) for name, entry in named if name in wanted}
