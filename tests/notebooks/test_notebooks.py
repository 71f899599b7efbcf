"""Every notebook runs from top to bottom in a fresh kernel, as a reader would run it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
OVER_VLLM = FOLDER / "04-vllm.ipynb"
"""Needs vLLM: `tests/vllm` runs it. It is kept with its outputs, since few readers have the hardware at hand."""
NOTEBOOKS = sorted(set(FOLDER.glob("*.ipynb")) - {OVER_VLLM})


VIEWS = {"01-first-breakdown": 4, "02-saved-traces": 3, "03-compare": 1, "05-your-own-rule": 0, "06-explorer": 4}
"""How many views each of them shows."""


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == list(VIEWS)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=600, startup_timeout=300, store_widget_state=False, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    for output in outputs:
        assert "Traceback" not in output.get("text", "")
    shown = [output["data"] for output in outputs if "data" in output]
    widgets = [data for data in shown if "application/vnd.jupyter.widget-view+json" in data]
    breakdowns = [data for data in widgets if data["text/plain"].startswith("xpubreak ")]
    for data in breakdowns:
        assert "text/plain" in data
        assert "text/html" in data, "a reader without the widget sees a table"
    assert len(breakdowns) == VIEWS[path.stem]
    if path.stem == "06-explorer":
        assert len(widgets) == len(breakdowns) + 2, "a label and a slider"
        assert len(nbformat.writes(notebook)) < 150_000, "four views without a snapshot"
    if path.stem == "02-saved-traces":
        assert {"compiled.html", "compiled.png", "compiled.svg"} <= {made.name for made in tmp_path.iterdir()}
    if path.stem == "01-first-breakdown":
        page = (tmp_path / "first-breakdown.html").read_text(encoding="utf-8")
        assert "Content-Security-Policy" in page
        assert "nvjet_sm90" in page, "the static table is there without scripts"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_committed_without_outputs(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    assert all(not cell.outputs and cell.execution_count is None for cell in cells if cell.cell_type == "code")


def test_the_one_over_vllm_is_committed_with_the_outputs_of_one_run() -> None:
    cells = [cell for cell in nbformat.read(OVER_VLLM, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    shown = [output.data for output in outputs if output.output_type == "display_data"]
    # Two cells, each with a picture and a copy; widgets are gone with their kernel.
    assert [min(set(data) - {"text/plain"}) for data in shown] == ["image/png", "text/html"] * 2
    assert all("data-xpubreak-static" in data["text/html"] for data in shown[1::2])
    text = str(cells)
    assert "/root/" not in text
    assert "/home/" not in text
