"""Traces that are elsewhere: ``s3://``, ``gs://``, ``memory://`` and whatever else fsspec reaches."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xpubreak.errors import NotATraceError

_COPY_BYTES = 1 << 22


def is_url(text: str) -> bool:
    """Whether something is a URL, not a path of this machine."""
    return "://" in text


def filesystem(url: str) -> tuple[Any, str]:
    """Return the fsspec file system of a URL, and the path in it.

    Raises
    ------
    NotATraceError
        fsspec, or what it needs for this kind of URL, is not installed.
    """
    try:
        import fsspec  # noqa: PLC0415 - an extra, needed for URLs only
    except ImportError:
        raise NotATraceError(f"{url}: reading URLs needs fsspec: pip install 'xpubreak[cluster]'.") from None
    try:
        found, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError, OSError) as error:
        raise NotATraceError(f"{url}: {error}") from error
    return found, str(path)


def list_urls(url: str, suffixes: tuple[str, ...]) -> list[str]:
    """List the files that a URL of a file, folder or glob pattern stands for, by name.

    Raises
    ------
    NotATraceError
        Nothing is there, or it cannot be looked at.
    """
    files, path = filesystem(url)
    try:
        if any(character in path for character in "*?["):
            found = [name for name in files.glob(path) if not files.isdir(name)]
        elif files.isdir(path):
            found = [name for name in files.ls(path, detail=False) if str(name).endswith(suffixes)]
        elif files.exists(path):
            found = [path]
        else:
            found = []
    except Exception as error:
        # Every file system has errors of its own: botocore's, google's, aiohttp's …
        raise NotATraceError(f"{url}: cannot be listed ({type(error).__name__}: {error}).") from error
    if not found:
        raise NotATraceError(f"{url}: no trace is there ({', '.join('*' + suffix for suffix in suffixes)}).")
    return sorted(str(files.unstrip_protocol(name)) for name in found)


@contextmanager
def local_copy(source: str) -> Iterator[Path]:
    """Give a file of this machine with what is at a path or URL; a copy is removed afterwards.

    Raises
    ------
    NotATraceError
        It cannot be fetched.
    """
    if not is_url(source):
        yield Path(source)
        return
    files, path = filesystem(source)
    with tempfile.TemporaryDirectory(prefix="xpubreak-fetched-") as folder:
        target = Path(folder) / ("trace.json.gz" if path.endswith(".gz") else "trace.json")
        try:
            with files.open(path, "rb") as remote, target.open("wb") as local:
                shutil.copyfileobj(remote, local, _COPY_BYTES)
        except Exception as error:
            raise NotATraceError(f"{source}: cannot be fetched ({type(error).__name__}: {error}).") from error
        yield target


def fingerprint(source: str) -> str:
    """Text that changes when a file does: its size and age, or what its store knows instead.

    Raises
    ------
    NotATraceError
        It is not there.
    """
    if not is_url(source):
        try:
            found = Path(source).stat()
        except OSError as error:
            raise NotATraceError(f"{source}: cannot be read ({error.strerror or error}).") from error
        return f"{found.st_size} {found.st_mtime_ns}"
    files, path = filesystem(source)
    try:
        info = files.info(path)
    except Exception as error:
        raise NotATraceError(f"{source}: cannot be read ({type(error).__name__}: {error}).") from error
    marks = [str(info[key]) for key in ("ETag", "etag", "md5Hash", "LastModified", "mtime", "created") if info.get(key)]
    return " ".join([str(info.get("size")), *marks])
