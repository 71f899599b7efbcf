"""``xpubreak compare``: a baseline and what is held against it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xpubreak.errors import XpubreakError

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison

FORMS = (".html", ".png", ".svg", ".csv")


def comparison_output(text: str) -> Path:
    """Name of a file that a comparison can be written to."""
    if Path(text).suffix.lower() not in FORMS:
        raise XpubreakError(f"{Path(text).name!r} does not say what to write: name it {' or '.join(FORMS)}.")
    return Path(text)


def write_comparison(found: Comparison, path: Path) -> None:
    """Write a comparison that was redacted before, or is not to be."""
    suffix = path.suffix.lower()
    if suffix == ".html":
        found.to_html(path, redact=False)
    elif suffix == ".csv":
        found.to_csv(path, redact=False)
    else:
        found.to_image(path, redact=False)
