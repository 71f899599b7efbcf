"""The notebook over vLLM runs from top to bottom in a fresh kernel."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04-vllm.ipynb"


def test_it_runs(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    folder = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(
        notebook,
        timeout=600,
        startup_timeout=300,
        kernel_name="python3",
        store_widget_state=False,
        resources=folder,
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = [output["data"] for output in outputs if output.output_type == "display_data"]
    assert len(shown) == 2 * 3  # picture, saved copy, widget
    for picture, copy, widget in (shown[:3], shown[3:]):
        assert "image/png" in picture
        assert "xpubreak" in copy["text/html"]
        assert "application/vnd.jupyter.widget-view+json" in widget
    assert "vllm-cpu-kernels" in shown[0]["text/plain"]
    values = [output["data"]["text/plain"] for output in outputs if output.output_type == "execute_result"]
    assert "(4, 'module-spans')" in values
    assert (tmp_path / "vllm.html").stat().st_size > 100_000
