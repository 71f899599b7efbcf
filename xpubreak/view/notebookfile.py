"""Notebook files: read, checked, and written beside the original, never over it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xpubreak.breakdown.outfile import write_whole
from xpubreak.errors import XpubreakError


def read_notebook(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a notebook as JSON.

    Raises
    ------
    XpubreakError
        It cannot be read, or is no JSON object.
    """
    source = Path(path).expanduser()
    try:
        found = json.loads(source.read_bytes())
    except OSError as error:
        raise XpubreakError(f"{source}: cannot be read ({error.strerror or error}).") from None
    except (ValueError, RecursionError) as error:
        raise XpubreakError(f"{source} is no notebook: {error}.") from None
    if not isinstance(found, dict):
        raise XpubreakError(f"{source} is no notebook: it holds a JSON {type(found).__name__}, not an object.")
    return found


def write_notebook(notebook: Mapping[str, Any], path: str | os.PathLike[str], source: str | os.PathLike[str]) -> Path:
    """Write a notebook as Jupyter does, whole or not at all, and never over the one that it was made from.

    Raises
    ------
    XpubreakError
        ``path`` is the source, or cannot be written to.
    """
    target, origin = Path(path).expanduser(), Path(source).expanduser()
    if target.exists() and origin.exists() and target.samefile(origin):
        raise XpubreakError(f"{target} is the notebook itself: name another file, it is left as it is.")
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    try:
        content = text.encode()
    except UnicodeEncodeError:  # half a surrogate pair is legal in JSON, not in UTF-8
        content = json.dumps(notebook, indent=1, sort_keys=True).encode()
    return write_whole(target, content + b"\n")


def beside(source: str | os.PathLike[str]) -> Path:
    """Where the handout of a notebook goes: ``run.ipynb`` becomes ``run-shared.ipynb``."""
    path = Path(source).expanduser()
    return path.with_name(f"{path.stem}-shared{path.suffix or '.ipynb'}")


def saved_at(source: str | os.PathLike[str]) -> str:
    """When a file was written last, as a clock says it."""
    return time.strftime("%H:%M:%S", time.localtime(Path(source).expanduser().stat().st_mtime))


def size_bytes(value: Any) -> int:
    """What a value takes as JSON in a notebook."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def text_of(value: Any) -> str:
    """Multi-line text of a notebook: a text, or a list of lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def is_text(value: Any) -> bool:
    """Whether a value is such a text."""
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(part, str) for part in value))


def texts_in(value: Any) -> Iterator[str]:
    """Each text in a value of JSON, what entries are called among them."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            left += [*item, *item.values()]
        elif isinstance(item, list):
            left += item
