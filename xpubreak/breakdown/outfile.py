"""Files that are written whole or not at all: what was there stays until the new one is complete."""

from __future__ import annotations

import gzip
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from xpubreak.errors import XpubreakError


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a file beside the one that it replaces when the block is left without an exception.

    Parameters
    ----------
    path
        Where to; missing folders are made, ``~`` is the home folder, links are followed.

    Yields
    ------
    binary file, pathlib.Path
        What to write to, and where it will be.

    Raises
    ------
    XpubreakError
        The place cannot be written to.
    """
    target = Path(path).expanduser()
    place = target.resolve() if target.is_symlink() else target
    if place.exists() and not place.is_file():
        if place.is_dir():
            raise XpubreakError(f"{target} is a folder: name a file in it.")
        try:
            with place.open("wb") as device:  # /dev/stdout and the like cannot be replaced
                yield device, target
        except OSError as error:
            raise _not_written(target, error) from error
        return
    partial = place.with_name(f".{place.name[:180]}.{secrets.token_hex(6)}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # Unlike tempfile's, readable by whom files of this user are readable.
        file = os.fdopen(
            os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666), "wb"
        )
    except OSError as error:
        raise _not_written(target, error) from error
    try:
        with file:
            yield file, target
            file.flush()
        partial.replace(place)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _not_written(target, error) from error
        raise


@contextmanager
def packed_file(path: str | os.PathLike[str]) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a file as `whole_file` does; what is written is gzipped where its name ends in ``.gz``."""
    with whole_file(path) as (file, target):
        if target.suffix.lower() == ".gz":
            # Neither name nor time are of any use in there, and would make each file another one.
            with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0, compresslevel=6) as packed:
                yield packed, target  # type: ignore[misc]
        else:
            yield file, target


def write_whole(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file whole or not at all; returns its path."""
    with whole_file(path) as (file, target):
        file.write(content)
    return target


def _not_written(target: Path, error: OSError) -> XpubreakError:
    return XpubreakError(f"{target}: cannot be written ({error.strerror or error}).")
