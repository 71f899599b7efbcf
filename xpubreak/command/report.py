"""Reports: which file name means which form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from xpubreak.breakdown.outfile import write_whole
from xpubreak.command.markdown import markdown
from xpubreak.errors import XpubreakError

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_WIDTH = 120

Writer = Callable[["Breakdown", Path], object]
_WRITERS: dict[str, Writer] = {
    ".perfetto.json": lambda bd, path: bd.to_perfetto(path, redact=False),
    ".perfetto.json.gz": lambda bd, path: bd.to_perfetto(path, redact=False),
    ".speedscope.json": lambda bd, path: bd.to_speedscope(path, redact=False),
    ".speedscope.json.gz": lambda bd, path: bd.to_speedscope(path, redact=False),
    ".csv": lambda bd, path: bd.to_csv(path, redact=False),
    ".csv.gz": lambda bd, path: bd.to_csv(path, redact=False),
    ".xlsx": lambda bd, path: bd.to_excel(path, redact=False),
    ".html": lambda bd, path: bd.to_html(path, redact=False),
    ".png": lambda bd, path: bd.to_image(path, redact=False),
    ".svg": lambda bd, path: bd.to_image(path, redact=False),
    ".xpb": lambda bd, path: bd.save(path, redact=False),
    ".txt": lambda bd, path: write_whole(path, f"{bd.report(_WIDTH)}\n".encode("utf-8", "replace")),
    ".md": lambda bd, path: write_whole(path, markdown(bd).encode("utf-8", "replace")),
}
"""What comes here was redacted before, or is not to be."""


def writer_of(path: str | Path) -> Writer:
    """Return what writes a file of that name.

    Raises
    ------
    XpubreakError
        The name does not say what it is to be.
    """
    name = Path(path).name.lower()
    found = next((writer for suffix, writer in _WRITERS.items() if name.endswith(suffix)), None)
    if found is None:
        hint = " (.perfetto.json or .speedscope.json)" if name.endswith((".json", ".json.gz")) else ""
        raise XpubreakError(f"{Path(path).name!r} does not say what to write{hint}: name it {', '.join(_WRITERS)}.")
    return found
