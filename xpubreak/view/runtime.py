"""The runtime: one widget for each kernel holds the explorer's code and BokehJS, however many explorers there are.

anywidget stores a widget's code once for each instance, in the page and in a saved notebook: explorers therefore hold
one line that borrows the runtime's.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import Any

import anywidget

from xpubreak.view.layers import bokehjs

STATIC = Path(__file__).parent / "static"


class Runtime(anywidget.AnyWidget):
    """Holds the code of all explorers; BokehJS goes to the browser when it asks, and is never saved."""

    _esm = STATIC / "runtime.js"

    def __init__(self) -> None:
        super().__init__()
        self.on_msg(_answer)


def _answer(runtime: Runtime, content: Any, buffers: Any) -> None:
    if isinstance(content, dict) and content.get("ask") == "bokehjs":
        runtime.send({"answer": "bokehjs"}, buffers=[compressed_bokehjs()])


@cache
def compressed_bokehjs() -> bytes:
    """BokehJS, gzipped; once for each kernel."""
    return gzip.compress(bokehjs(), 6)


_shared: list[Runtime] = []


def shared_runtime() -> Runtime:
    """The kernel's runtime; a new one where the old one was closed (``Widget.close_all()``)."""
    if _shared and _shared[0].comm is None:
        _shared.clear()
    if not _shared:
        _shared.append(Runtime())
    return _shared[0]
