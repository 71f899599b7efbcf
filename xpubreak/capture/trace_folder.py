"""The private folder of a recording, and copies of what is in it."""

from __future__ import annotations

import glob
import gzip
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from xpubreak.errors import CaptureError

_GZIP_LEVEL = 1  # level 9, gzip's default, takes eight times as long for a tenth less
_GZIP_MAGIC = b"\x1f\x8b"
_SUFFIXES = (".json", ".json.gz")

_removals: dict[Path, weakref.finalize[..., Any]] = {}  # of the private folders of this process


def make_folder(owner: Any) -> Path:
    """Make a folder readable by this user only, which vanishes with its owner.

    Raises
    ------
    CaptureError
        It cannot be made.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="xpubreak-"))
    except OSError as error:
        raise CaptureError(f"There is no folder for the trace: {error}. Set TMPDIR to one with room.") from error
    _removals[folder] = weakref.finalize(owner, _remove, folder)
    return folder


def _remove(folder: Path) -> None:
    _removals.pop(folder, None)
    shutil.rmtree(folder, ignore_errors=True)


def leave(paths: Iterable[Path]) -> None:
    """Let traces, or a folder of them, lie where they are, also when the recording they are of has gone."""
    for path in paths:
        for folder in (path, *path.parents):
            removal = _removals.pop(folder, None)
            if removal is not None:
                removal.detach()


def rescue(paths: Sequence[Path]) -> str:
    """Let traces lie where they are, and say where that is, with the one line that opens them."""
    leave(paths)
    return f"The traces stay in {paths[0].parent}: xb.load({_together(paths)!r}) opens them."


def _together(paths: Sequence[Path]) -> str | list[str]:
    """By their folder where it holds nothing else, or by what their names begin with."""
    folder = paths[0].parent
    if len(paths) == 1 or any(path.parent != folder for path in paths):
        return str(paths[0]) if len(paths) == 1 else [str(path) for path in paths]
    if {path for path in folder.iterdir() if path.name.endswith(_SUFFIXES)} == set(paths):
        return str(folder)
    beginning = os.path.commonprefix([path.name for path in paths])  # noqa: RUF071 - of names, not of folders
    pattern = f"{glob.escape(beginning)}*"
    if set(folder.glob(pattern)) != set(paths):
        return [str(path) for path in paths]
    return str(Path(glob.escape(str(folder))) / pattern)


def open_trace(path: Path) -> IO[bytes]:
    """Open a trace, compressed or not, to read its text."""
    with path.open("rb") as file:
        is_packed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    return gzip.open(path, "rb") if is_packed else path.open("rb")  # type: ignore[return-value]


def copy_trace(source: Path, target: Path) -> None:
    """Copy a trace, compressed where the target's name ends in ``.gz``, else plain.

    Raises
    ------
    CaptureError
        It cannot be written there.
    """
    try:
        with source.open("rb") as file:
            is_packed = file.read(2) == _GZIP_MAGIC
        if is_packed == (target.suffix == ".gz"):
            shutil.copyfile(source, target)
        elif is_packed:
            with gzip.open(source, "rb") as packed, target.open("wb") as plain:
                shutil.copyfileobj(packed, plain, 1 << 20)
        else:
            with source.open("rb") as plain, gzip.open(target, "wb", _GZIP_LEVEL) as packed:
                shutil.copyfileobj(plain, packed, 1 << 20)
    except OSError as error:
        raise CaptureError(f"The trace could not be saved as {target}: {error.strerror or error}.") from error


def copy_traces(sources: Sequence[Path], target: Path) -> tuple[Path, ...]:
    """Copy the traces of all ranks: one to the target itself, several to names with ``.rank0`` and so on.

    Raises
    ------
    CaptureError
        They cannot be written there.
    """
    if len(sources) == 1:
        copy_trace(sources[0], target)
        return (target,)
    stem, dot, suffix = target.name.partition(".json")
    targets = tuple(target.with_name(f"{stem}.rank{rank}{dot}{suffix}") for rank in range(len(sources)))
    for source, to in zip(sources, targets, strict=True):
        copy_trace(source, to)
    return targets
