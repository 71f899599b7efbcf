"""Where a trace comes from: bytes of a file, plain or gzipped, in bounded chunks."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import BinaryIO

from xpubreak.errors import Issue, NotATraceError

try:
    from isal import igzip, isal_zlib
except ImportError:
    igzip = None

CHUNK_BYTES = 1 << 22
ALWAYS_BYTES = 1 << 30
MOST_TIMES = 100
"""What a compressed file may unpack to in any case, and how many times its size. Traces take 3 to 19 times as much; a
file that was made to fill the memory, some hundred to a thousand times."""
_DAMAGE: tuple[type[Exception], ...] = (EOFError, zlib.error, gzip.BadGzipFile)
if igzip is not None:
    _DAMAGE = (*_DAMAGE, isal_zlib.error)  # type: ignore[arg-type]
_GZIP_MAGIC = b"\x1f\x8b"


def mark_of(path: Path) -> str:
    """Text that changes when a file does: its size and age; empty where it cannot be looked at."""
    try:
        return mark_in(path.stat())
    except OSError:
        return ""


def mark_in(found: os.stat_result) -> str:
    """The same, of a file that was looked at."""
    return f"{found.st_size} {found.st_mtime_ns}"


def read_chunks(
    source: Path | bytes, report: Callable[[Issue], None], skip_bytes: int = 0
) -> Generator[bytes, None, None]:
    """Yield the decompressed content in chunks of at most `CHUNK_BYTES`.

    A damaged or truncated gzip stream yields what it holds and reports one issue; one that unpacks to far more than any
    trace does, what came before that.

    Parameters
    ----------
    source
        A file, or its content.
    report
        Takes the issues that were found on the way.
    skip_bytes
        Of the decompressed content, from its beginning.

    Raises
    ------
    NotATraceError
        The file does not exist, is a folder or cannot be read.
    """
    with _open(source) as raw:
        is_gzip = raw.read(2) == _GZIP_MAGIC
        raw.seek(0 if is_gzip else skip_bytes)
        stream: BinaryIO = _unzip(raw) if is_gzip else raw
        read_bytes = 0 if is_gzip else skip_bytes
        try:
            while chunk := stream.read(CHUNK_BYTES):
                read_bytes += len(chunk)
                if is_gzip and read_bytes > max(ALWAYS_BYTES, MOST_TIMES * raw.tell()):
                    report(_too_large(read_bytes, raw.tell()))
                    return
                if read_bytes > skip_bytes:
                    yield chunk[max(0, len(chunk) - (read_bytes - skip_bytes)) :]
        except _DAMAGE as error:
            # GzipFile.read loses nothing that it already returned; what is left in its buffer is at most one chunk.
            remainder = _salvage(source, max(read_bytes, skip_bytes))
            if remainder:
                yield remainder
            report(
                Issue(
                    "damaged-gzip",
                    "error",
                    "The compressed file is damaged or cut off; the events up to that point are shown. "
                    "Copy the file again, or let the profiler finish writing it.",
                    example=str(error),
                )
            )


def _too_large(read_bytes: int, compressed_bytes: int) -> Issue:
    return Issue(
        "endless-gzip",
        "error",
        f"The compressed file unpacks to more than {MOST_TIMES} times its size, as no trace does; the events up to "
        "that point are shown. Unpack it yourself, and load what comes out, if you trust it.",
        example=f"{compressed_bytes:,} bytes became {read_bytes:,}",
    )


def _unzip(raw: BinaryIO) -> BinaryIO:
    """Decompress by isal where it is installed (the ``fast`` extra): four times as fast as zlib."""
    return igzip.IGzipFile(fileobj=raw) if igzip else gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]


def _open(source: Path | bytes) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        return source.open("rb")
    except OSError as error:
        raise NotATraceError(f"{source}: cannot be read ({error.strerror or error}).") from error


def _salvage(source: Path | bytes, skip_bytes: int) -> bytes:
    """Decompress byte by byte what a failed `GzipFile.read` swallowed; at most one chunk."""
    unpacker = zlib.decompressobj(wbits=31)
    done_bytes = 0
    found = bytearray()
    with _open(source) as raw:
        while compressed := raw.read(1 << 12):
            try:
                while compressed:
                    piece = unpacker.decompress(compressed, CHUNK_BYTES)
                    compressed = unpacker.unconsumed_tail
                    _keep(piece, done_bytes, skip_bytes, found)
                    done_bytes += len(piece)
                    if unpacker.eof:
                        compressed = unpacker.unused_data
                        unpacker = zlib.decompressobj(wbits=31)
            except zlib.error:
                break
            if len(found) > CHUNK_BYTES:
                break
    return bytes(found)


def _keep(piece: bytes, done_bytes: int, skip_bytes: int, found: bytearray) -> None:
    if done_bytes + len(piece) > skip_bytes:
        found += piece[max(0, skip_bytes - done_bytes) :]
