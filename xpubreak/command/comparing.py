"""``xpubreak compare``: a baseline and what is held against it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from xpubreak.errors import XpubreakError

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison

_WRITERS: dict[str, Callable[[Comparison, Path], object]] = {
    ".html": lambda found, path: found.to_html(path, redact=False),
    ".png": lambda found, path: found.to_image(path, redact=False),
    ".svg": lambda found, path: found.to_image(path, redact=False),
    ".csv": lambda found, path: found.to_csv(path, redact=False),
    ".csv.gz": lambda found, path: found.to_csv(path, redact=False),
    ".xlsx": lambda found, path: found.to_excel(path, redact=False),
    ".xpb": lambda found, path: found.save(path, redact=False),
}


def comparison_output(text: str) -> Path:
    """Name of a file that a comparison can be written to."""
    if not any(text.lower().endswith(suffix) for suffix in _WRITERS):
        raise XpubreakError(f"{Path(text).name!r} does not say what to write: name it {' or '.join(_WRITERS)}.")
    return Path(text)


def write_comparison(found: Comparison, path: Path) -> None:
    """Write a comparison that was redacted before, or is not to be."""
    write = next(write for suffix, write in _WRITERS.items() if path.name.lower().endswith(suffix))
    write(found, path)
