"""The runtime: one widget for each kernel holds the explorer's code and BokehJS, however many explorers there are.

anywidget stores a widget's code once for each instance, in the page and in a saved notebook: views therefore hold one
line that borrows the runtime's, and the runtime a few that ask the kernel for it.
"""

from __future__ import annotations

import gzip
import sys
import threading
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

import anywidget

from xpubreak.view.layers import bokehjs

STATIC = Path(__file__).parent / "static"
LATER = ("timeline", "layers", "details", "roofline", "kernels", "editors")
"""Code that is a file of its own, for it may come later: of parts of an explorer, and what the filters open to be
changed. As in ``js/src/views/later.ts``."""
_FILES = {"code": "runtime.js", **{f"part-{name}": f"part-{name}.js" for name in LATER}}


class Runtime(anywidget.AnyWidget):
    """Holds the code of all views in the page: it and BokehJS go there when asked for, and are never saved."""

    _esm = STATIC / "loader.js"

    def __init__(self) -> None:
        super().__init__()
        self.on_msg(_answer)


def _answer(runtime: Runtime, content: Any, buffers: Any) -> None:
    what = str(content.get("ask")) if isinstance(content, dict) else ""
    if what != "bokehjs" and what not in _FILES:
        return
    try:
        found = compressed_bokehjs() if what == "bokehjs" else compressed(_FILES[what])
    except OSError as error:
        runtime.send({"answer": what, "error": f"{error}; is xpubreak installed completely?"})
        return
    runtime.send({"answer": what}, buffers=[found])


def later_code(parts: Collection[str]) -> list[str]:
    """What of `LATER` an explorer of these parts needs; none are all."""
    needed = {"editors" if part == "filters" else part for part in parts}
    return [name for name in LATER if not parts or name in needed]


@cache
def compressed(file: str) -> bytes:
    """A file of the front end, gzipped; once for each kernel."""
    return gzip.compress((STATIC / file).read_bytes(), 9, mtime=0)


@cache
def boot_script() -> str:
    """What saved copies begin with wherever scripts run, as an element; a test says that it closes no other one."""
    return f"<script>(async()=>{{{(STATIC / 'boot.js').read_text(encoding='utf-8').strip()}}})()</script>"


@cache
def compressed_bokehjs() -> bytes:
    """BokehJS, gzipped; once for each kernel."""
    return gzip.compress(bokehjs(), 9, mtime=0)


_shared: dict[int, Runtime] = {}


def shared_runtime() -> Runtime:
    """The kernel's runtime; a new one where the old one was closed (``Widget.close_all()``)."""
    session = _session()
    known = _shared.get(session)
    if known is None or known.comm is None:
        known = _shared[session] = Runtime()
    return known


def _session() -> int:
    """What ``marimo run`` serves has a session for each reader: threads of one process, each with a page of its own."""
    return threading.get_ident() if "marimo" in sys.modules else 0
