"""Wheels of PyPI: downloaded once with pip, identified by their checksum."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# The machine that builds the registry need not be able to install what it reads: Linux wheels of any age are taken.
_PLATFORMS = ("manylinux2014", "manylinux_2_28", "manylinux_2_31", "manylinux_2_34", "manylinux_2_35", "manylinux_2_39")


@dataclass(frozen=True)
class Wheel:
    """One downloaded wheel."""

    path: Path
    sha256: str

    @property
    def source(self) -> dict[str, str]:
        """As it is stamped into the registry."""
        return {"file": self.path.name, "sha256": self.sha256}

    def names(self, suffix: str) -> list[str]:
        """Sorted members whose name ends in `suffix`."""
        with zipfile.ZipFile(self.path) as archive:
            return sorted(name for name in archive.namelist() if name.endswith(suffix))

    def texts(self, suffix: str) -> Iterator[tuple[str, str]]:
        """Name and text of every member whose name ends in `suffix`, sorted."""
        with zipfile.ZipFile(self.path) as archive:
            for name in self.names(suffix):
                yield name, archive.read(name).decode("utf-8", "replace")

    @contextmanager
    def extracted(self, name: str) -> Iterator[BinaryIO]:
        """Seekable copy of a member: a zip's own members cannot be read from the end."""
        with tempfile.TemporaryFile() as file, zipfile.ZipFile(self.path) as archive:
            with archive.open(name) as member:
                shutil.copyfileobj(member, file)
            yield file


def fetch(project: str, version: str, cache: Path) -> Wheel:
    """Take a wheel from the cache folder, or download it there with pip.

    Raises
    ------
    FileNotFoundError
        Where pip finds no such wheel.
    """
    cache.mkdir(parents=True, exist_ok=True)
    pattern = f"{project.replace('-', '_')}-{version}-*.whl"
    if not (found := sorted(cache.glob(pattern))):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
        command += ["--only-binary", ":all:", "--python-version", "312", "--dest", str(cache)]
        command += [option for name in _PLATFORMS for option in ("--platform", f"{name}_x86_64")]
        subprocess.run([*command, f"{project}=={version}"], check=False)
        found = sorted(cache.glob(pattern))
    if not found:
        raise FileNotFoundError(f"no wheel of {project} {version}")
    with found[0].open("rb") as file:
        return Wheel(found[0], hashlib.file_digest(file, "sha256").hexdigest())
