"""``xpubreak compare``: a baseline and what is held against it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xpubreak.command.report import EITHER, writer_of

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison


def comparison_output(text: str) -> Path:
    """Name of a file that a comparison can be written to."""
    writer_of(text, EITHER)
    return Path(text)


def write_comparison(found: Comparison, path: Path) -> None:
    """Write a comparison that was redacted before, or is not to be."""
    writer_of(path, EITHER)(found, path)
