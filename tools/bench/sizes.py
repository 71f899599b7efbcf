"""Sizes: the bundle, and a notebook that holds one explorer."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from xpubreak.samples import synthesize
from xpubreak.view.runtime import STATIC

_CELL = """\
import xpubreak as xb
xb.load({path!r}).explore(snapshot={snapshot!r})"""


def bundle_bytes() -> dict[str, int]:
    """Minified code, without BokehJS; and as a server would compress it."""
    found = {}
    for path in sorted(STATIC.glob("*.js")):
        content = path.read_bytes()
        found |= {path.name: len(content), f"{path.name}, gzip": len(gzip.compress(content, 9))}
    return found


def notebook_bytes() -> dict[str, int]:
    """Run a notebook of one explorer, and save it as Jupyter does: with a snapshot, and without one."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        trace = synthesize(layers=12, decode_steps=15).save(Path(folder) / "trace.json")
        kinds = (("notebook", "small", False), ("notebook, no snapshot, widget state stored", "none", True))
        for name, snapshot, stores in kinds:
            cell = nbformat.v4.new_code_cell(_CELL.format(path=str(trace), snapshot=snapshot))
            notebook = nbformat.v4.new_notebook(cells=[cell])
            client = NotebookClient(notebook, timeout=120, store_widget_state=stores)
            client.execute()
            found[name] = len(nbformat.writes(notebook).encode())
    return found
