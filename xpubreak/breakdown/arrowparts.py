"""Arrow tables in a stranger's file: read only when what they unpack to is in proportion to the file.

A compressed buffer of Arrow says in its first 8 bytes how long it is when unpacked, and is given that much memory at
once (https://arrow.apache.org/docs/format/Columnar.html#compression): a file of kilobytes can ask for terabytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pyarrow as pa

MOST_TIMES = 400
"""Columns of one value shrink more than this, whole tables of a breakdown some 5 to 30 times."""
ALWAYS_BYTES = 1 << 26
"""What a part may take whatever its size: small ones may shrink as much as they like."""
_WORTH_THREADS_BYTES = 1 << 25
"""Unpacking less than this takes a few milliseconds, and waking a thread for each processor no less."""
_MAGIC = b"ARROW1\0\0"
_RECORD_BATCH, _SCHEMA = "record batch", "schema"


def read_table(part: memoryview) -> pa.Table:
    """Read an Arrow IPC file of one record batch; not copied where it is not compressed.

    Raises
    ------
    ValueError
        It is none, holds several, or would unpack to far more than it is.
    """
    if bytes(part[: len(_MAGIC)]) != _MAGIC:
        raise ValueError("is no Arrow file")
    # As a stream, from message to message: the index at the end of a file may name one batch a million times.
    stream = pa.py_buffer(part[len(_MAGIC) :])
    kinds: list[str] = []
    unpacked_bytes = 0
    for message in pa.ipc.MessageReader.open_stream(pa.BufferReader(stream)):
        kinds.append(message.type)
        if message.type == _RECORD_BATCH and message.body is not None:
            unpacked_bytes += sum(_unpacked_bytes(bytes(memoryview(message.metadata)), memoryview(message.body)))
    if kinds not in ([_SCHEMA, _RECORD_BATCH], [_SCHEMA]):
        raise ValueError(f"holds {', '.join(kinds[:4]) or 'nothing'}, not one table")
    check_unpacked(unpacked_bytes, len(part))
    options = pa.ipc.IpcReadOptions(use_threads=unpacked_bytes >= _WORTH_THREADS_BYTES)
    return pa.ipc.open_stream(pa.BufferReader(stream), options=options).read_all()


def check_unpacked(unpacked_bytes: int, part_bytes: int) -> None:
    """Raise ``ValueError`` where a part would unpack to far more than it is."""
    if unpacked_bytes > max(ALWAYS_BYTES, MOST_TIMES * part_bytes):
        raise ValueError(
            f"would unpack {part_bytes:,} bytes to {unpacked_bytes:,}: no breakdown does, and memory may not suffice"
        )


def _unpacked_bytes(metadata: bytes, body: memoryview) -> Iterator[int]:
    """Length of each buffer of a record batch, from the FlatBuffers of its message (Arrow's Message.fbs)."""
    batch = _table_at(metadata, _field(metadata, _root(metadata), 2))
    compression, buffers = _field(metadata, batch, 3), _field(metadata, batch, 2)
    if not compression or not buffers:
        return
    start = buffers + _unsigned(metadata, buffers)
    for number in range(_unsigned(metadata, start)):
        offset, length = struct.unpack_from("<qq", metadata, start + 4 + 16 * number)
        if length < 0 or offset < 0 or offset + length > len(body):
            raise ValueError("a column lies outside of its table")
        if length >= 8:
            (unpacked,) = struct.unpack_from("<q", body, offset)
            yield length if unpacked < 0 else unpacked  # −1: left as it is


def _root(data: bytes) -> int:
    return _table_at(data, 0)


def _table_at(data: bytes, place: int) -> int:
    return place + _unsigned(data, place)


def _field(data: bytes, table: int, number: int) -> int:
    """Where a field of a table lies, 0 where it is left out."""
    (back,) = struct.unpack_from("<i", data, table)
    size, entry = struct.unpack_from("<H", data, table - back)[0], 4 + 2 * number
    if entry + 2 > size:
        return 0
    (offset,) = struct.unpack_from("<H", data, table - back + entry)
    return table + offset if offset else 0


def _unsigned(data: bytes, place: int) -> int:
    (value,) = struct.unpack_from("<I", data, place)
    return int(value)
