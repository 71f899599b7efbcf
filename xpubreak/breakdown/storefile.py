"""One file of a store: written where others may look, on a disk or behind a URL."""

from __future__ import annotations

import json
import secrets
import zlib
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_CHECKSUM = "checksum"
_ROWS_PER_GROUP = 1 << 18
_BUCKETS = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oss"}
"""Stores without folders, whose clients would take the wish for one as the wish for a bucket, and make it."""


def read_table(files: Any, path: str) -> pa.Table:
    """Read a Parquet file."""
    with files.open(path, "rb") as file:
        return pq.ParquetFile(file, page_checksum_verification=True).read()


def write_table(files: Any, path: str, table: pa.Table) -> None:
    """Write a Parquet file."""
    _make_folder(files, path.rpartition("/")[0])
    with files.open(path, "wb") as file:
        pq.write_table(table, file, compression="zstd", row_group_size=_ROWS_PER_GROUP, write_page_checksum=True)


def sealed(content: dict[str, Any]) -> bytes:
    """JSON that holds its checksum: a digit that is damaged is a digit like any other."""
    return json.dumps({**content, _CHECKSUM: _checksum(content)}).encode()


def unsealed(text: bytes) -> dict[str, Any]:
    """What `sealed` wrote; earlier versions wrote no checksum.

    Raises
    ------
    ValueError
        It is something else, or damaged.
    """
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("is no mapping")
    checksum = found.pop(_CHECKSUM, None)
    if checksum is not None and checksum != _checksum(found):
        raise ValueError("is not what was written, by its checksum")
    return found


def _checksum(content: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(content).encode())


def put(files: Any, path: str, content: bytes) -> None:
    """Write a small file at once: object stores do, elsewhere it is renamed into its place."""
    folder, _, name = path.rpartition("/")
    _make_folder(files, folder)
    if getattr(files, "local_file", False) or "file" in _protocols(files):
        partial = f"{folder}/.{name}.{secrets.token_hex(4)}"
        files.pipe_file(partial, content)
        files.mv(partial, path)
    else:
        files.pipe_file(path, content)


def _make_folder(files: Any, path: str) -> None:
    if _BUCKETS.isdisjoint(_protocols(files)):
        files.makedirs(path, exist_ok=True)


def _protocols(files: Any) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)
