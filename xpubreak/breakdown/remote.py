"""Traces that are elsewhere: ``s3://``, ``gs://``, ``memory://`` and whatever else fsspec reaches."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from xpubreak.breakdown.access import NO_OPTIONS, Access
from xpubreak.errors import NotATraceError
from xpubreak.trace.source import mark_in

_COPY_BYTES = 1 << 22
_CHECKSUMS = ("ETag", "etag", "md5Hash", "Content-MD5", "Digest")
_TIMES = ("LastModified", "Last-Modified", "mtime", "modify", "created")
_DENIED = (401, 403, "401", "403")


def is_url(text: str) -> bool:
    """Whether something is a URL, not a path of this machine."""
    return "://" in text


def place_of(source: str) -> str:
    """The same text for one place, however a path of this machine is spelt."""
    return source if is_url(source) else str(Path(source).resolve())


def filesystem(url: str, access: Access = NO_OPTIONS) -> tuple[Any, str]:
    """Return the fsspec file system of a URL, and the path in it.

    Raises
    ------
    NotATraceError
        fsspec, or what it needs for this kind of URL, is not installed, or wants other options.
    """
    try:
        import fsspec  # noqa: PLC0415 - an extra, needed for URLs only
    except ImportError:
        raise NotATraceError(f"{url}: reading URLs needs fsspec: pip install 'xpubreak[cluster]'.") from None
    _forget_clients(fsspec, url)
    try:
        found, path = fsspec.core.url_to_fs(url, **access.of(url))
    except Exception as error:  # noqa: BLE001 - clients raise what they like
        # Clients are made here, and complain each in their own way of credentials and options.
        raise NotATraceError(trouble(url, "cannot be reached", error, access)) from access.cause(error)
    return found, str(path)


_environments: dict[str, dict[str, str]] = {}
"""What clients of each kind of URL have found their addresses and credentials in."""


def _forget_clients(fsspec: Any, url: str) -> None:
    """Clients are kept by fsspec: after a change of the environment, as a message told it, they would not heed it."""
    kind = url.partition("://")[0].rpartition("::")[2]
    if _environments.get(kind, os.environ) != os.environ:
        with suppress(Exception):  # not installed, or unknown: what follows says so
            fsspec.get_filesystem_class(kind).clear_instance_cache()
    _environments[kind] = dict(os.environ)


def trouble(url: str, what: str, error: Exception, access: Access = NO_OPTIONS) -> str:
    """Say what went wrong with a URL, and what to do.

    Parameters
    ----------
    url
        Which.
    what
        What could not be done.
    error
        Of fsspec or the client below it: every file system has errors of its own.
    access
        How it was reached: what the error says of that is left out.
    """
    kind = type(error).__name__
    said = " ".join(access.hidden(str(error)).split()).rstrip(".")
    said = f"{kind}: {said}" if said and said != "None" else kind
    if not is_url(url):
        return f"{url}: {what} ({said})."
    if isinstance(error, ImportError):
        package = getattr(error, "name", None) or {"s3": "s3fs", "gs": "gcsfs"}.get(url.split("://", maxsplit=1)[0])
        how = f"pip install {package}" if package else "install what is named"
        return f"{url}: {what} ({said}): {how}, where this runs and where workers run."
    if isinstance(error, PermissionError) or "Credential" in kind or "Forbidden" in said or _code(error) in _DENIED:
        hint = (
            "Access was denied or credentials were not found: set those of fsspec in the environment of whoever reads, "
            "workers included, or give storage_options={…}."
        )
    elif isinstance(error, FileNotFoundError):
        hint = "Nothing is there: look at the names of bucket and folder."
    elif isinstance(error, ConnectionError | TimeoutError) or "Connect" in kind or "Timeout" in kind:
        hint = "The server does not answer: look at the address (endpoint_url) and the network of whoever reads."
    else:
        return f"{url}: {what} ({said})."
    return f"{url}: {what} ({said}). {hint}"


def list_urls(url: str, suffixes: tuple[str, ...], access: Access = NO_OPTIONS) -> list[str]:
    """List the files that a URL of a file, folder or glob pattern stands for, by name.

    Raises
    ------
    NotATraceError
        Nothing is there, or it cannot be looked at.
    """
    files, path = filesystem(url, access)
    files.invalidate_cache()  # what was listed before, perhaps hours ago, is remembered
    try:
        if any(character in path for character in "*?["):
            found = [name for name in files.glob(path) if not files.isdir(name)]
            if not found:
                files.ls(_fixed_part(path))  # a glob says nothing where a folder cannot be looked into
        elif files.isdir(path):
            found = [name for name in files.ls(path, detail=False) if str(name).endswith(suffixes)]
        else:
            found = [path] if files.info(path) else []
    except Exception as error:  # noqa: BLE001 - clients raise what they like
        raise NotATraceError(trouble(url, "cannot be listed", error, access)) from access.cause(error)
    if not found:
        raise NotATraceError(f"{url}: no trace is there ({', '.join('*' + suffix for suffix in suffixes)}).")
    return sorted(str(files.unstrip_protocol(name)) for name in found)


def _fixed_part(pattern: str) -> str:
    """The folder before the first part with a wild card."""
    first = min(place for character in "*?[" if (place := pattern.find(character)) >= 0)
    return pattern[:first].rpartition("/")[0]


def _code(error: Exception) -> Any:
    """Status of an HTTP answer, as gcsfs and aiohttp keep it."""
    return getattr(error, "code", None) or getattr(error, "status", None)


@contextmanager
def local_copy(source: str, access: Access = NO_OPTIONS) -> Iterator[Path]:
    """Give a file of this machine with what is at a path or URL; a copy is removed afterwards.

    Raises
    ------
    NotATraceError
        It cannot be fetched.
    """
    if not is_url(source):
        yield Path(source)
        return
    files, path = filesystem(source, access)
    with tempfile.TemporaryDirectory(prefix="xpubreak-fetched-") as folder:
        target = Path(folder) / ("trace.json.gz" if path.endswith(".gz") else "trace.json")
        try:
            with files.open(path, "rb") as remote, target.open("wb") as local:
                shutil.copyfileobj(remote, local, _COPY_BYTES)
        except Exception as error:  # noqa: BLE001 - clients raise what they like
            raise NotATraceError(trouble(source, "cannot be fetched", error, access)) from access.cause(error)
        yield target


def fingerprint(source: str, access: Access = NO_OPTIONS, *, is_listed: bool = False) -> str:
    """Text that changes when a file does: its size and checksum, or its age where there is none.

    Stores tell the time of a file to the millisecond in a listing and to the second by itself: of those that have
    checksums the time is not used.

    Parameters
    ----------
    source
        Path or URL.
    access
        How URLs are reached.
    is_listed
        `list_urls` has just listed it: what that said will do.

    Raises
    ------
    NotATraceError
        It is not there.
    """
    if not is_url(source):
        try:
            return mark_in(Path(source).stat())
        except OSError as error:
            raise NotATraceError(f"{source}: cannot be read ({error.strerror or error}).") from error
    files, path = filesystem(source, access)
    if not is_listed:
        files.invalidate_cache(path)
    try:
        info = files.info(path)
    except Exception as error:  # noqa: BLE001 - clients raise what they like
        raise NotATraceError(trouble(source, "cannot be read", error, access)) from access.cause(error)
    for keys in (_CHECKSUMS, _TIMES):
        marks = [str(info[key]).strip('"') for key in keys if info.get(key)]
        if marks:
            return " ".join([str(info.get("size")), *marks])
    return f"{info.get('size')} {secrets.token_hex(8)}"  # nobody can tell: it counts as changed
