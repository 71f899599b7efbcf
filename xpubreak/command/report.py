"""Reports: which file name means which form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from xpubreak.breakdown.outfile import write_whole
from xpubreak.command.markdown import markdown
from xpubreak.errors import XpubreakError

_WIDTH = 120

Writer = Callable[[Any, Path], object]
"""Of a breakdown or, for `EITHER`, of a comparison; and where to."""
EITHER: dict[str, Writer] = {
    ".csv": lambda found, path: found.to_csv(path, redact=False),
    ".csv.gz": lambda found, path: found.to_csv(path, redact=False),
    ".xlsx": lambda found, path: found.to_excel(path, redact=False),
    ".html": lambda found, path: found.to_html(path, redact=False),
    ".png": lambda found, path: found.to_image(path, redact=False),
    ".svg": lambda found, path: found.to_image(path, redact=False),
    ".xpb": lambda found, path: found.save(path, redact=False),
    ".txt": lambda found, path: write_whole(path, f"{found.report(_WIDTH)}\n".encode("utf-8", "replace")),
}
"""Of a breakdown and of a comparison alike. What comes here was redacted before, or is not to be."""
_WRITERS: dict[str, Writer] = {
    ".perfetto.json": lambda bd, path: bd.to_perfetto(path, redact=False),
    ".perfetto.json.gz": lambda bd, path: bd.to_perfetto(path, redact=False),
    ".speedscope.json": lambda bd, path: bd.to_speedscope(path, redact=False),
    ".speedscope.json.gz": lambda bd, path: bd.to_speedscope(path, redact=False),
    **EITHER,
    ".md": lambda bd, path: write_whole(path, markdown(bd).encode("utf-8", "replace")),
}


def writer_of(path: str | Path, writers: Mapping[str, Writer] = _WRITERS) -> Writer:
    """Return what writes a file of that name, of all forms of a report or of those given.

    Raises
    ------
    XpubreakError
        The name does not say what it is to be.
    """
    name = Path(path).name.lower()
    found = next((writer for suffix, writer in writers.items() if name.endswith(suffix)), None)
    if found is None:
        is_trace = writers is _WRITERS and name.endswith((".json", ".json.gz"))
        hint = " (.perfetto.json or .speedscope.json)" if is_trace else ""
        raise XpubreakError(f"{Path(path).name!r} does not say what to write{hint}: name it {', '.join(writers)}.")
    return found
