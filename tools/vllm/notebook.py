"""Run notebooks/04-vllm.ipynb here and keep it with its outputs: notebook.py [TARGET].

What vLLM's processes write to standard error is left out, and so are the widgets, which are gone with the kernel: what
is kept are the pictures and copies that need no kernel.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "04-vllm.ipynb"
_WIDGET = "application/vnd.jupyter.widget-view+json"


def main(target: Path = NOTEBOOK) -> None:
    """Execute in an empty folder, write the notebook."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        NotebookClient(
            notebook, timeout=600, kernel_name="python3", store_widget_state=False, resources=resources
        ).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = [kept for output in cell.outputs if (kept := _kept(output)) is not None]
    nbformat.write(notebook, target)
    print(target)


def _kept(output: Any) -> Any:
    if output.output_type == "stream" and output.name == "stderr":
        return None
    return None if _WIDGET in output.get("data", {}) else output


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))
