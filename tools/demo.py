"""Execute notebook 01 and leave the result where a person can open it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "01-first-breakdown.ipynb"
OUT = ROOT / "out"


def main() -> int:
    """Run it; return the exit status."""
    OUT.mkdir(exist_ok=True)
    target = OUT / NOTEBOOK.name
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    print(f"› running {NOTEBOOK.relative_to(ROOT)}: {cells} cells", flush=True)
    started = time.monotonic()
    # State of widgets is not stored: the snapshot in each output does not need it, and it would double the file.
    client = NotebookClient(
        notebook,
        timeout=600,
        store_widget_state=False,
        resources={"metadata": {"path": str(OUT)}},
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        client.execute()
    except CellExecutionError as error:
        nbformat.write(notebook, target)
        print(f"{error}\n\nThe demo failed; the notebook up to that cell is {target}", file=sys.stderr)
        return 1
    nbformat.write(notebook, target)
    print(f"  done in {time.monotonic() - started:.0f} s\n")
    pages = sorted(OUT.glob("*.html"))
    print("Executed notebook:  ", target)
    for page in pages:
        print("Stand-alone HTML:   ", page, f"({page.stat().st_size / 1e6:.1f} MB, opens in any browser, no network)")
    lab = Path(sys.prefix) / "bin" / "jupyter-lab"
    shown = os.path.relpath(lab) if shutil.which(str(lab)) else "jupyter lab"
    print(f"\nTo explore it live:   {shown} {os.path.relpath(target)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
