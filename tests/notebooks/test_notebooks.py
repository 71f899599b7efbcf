"""Every notebook runs from top to bottom in a fresh kernel, as a reader would run it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["01-first-breakdown", "02-saved-traces", "05-your-own-rule"]


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=300, store_widget_state=False, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    for output in outputs:
        assert "Traceback" not in output.get("text", "")
    shown = [output["data"] for output in outputs if "data" in output]
    breakdowns = [data for data in shown if "application/vnd.jupyter.widget-view+json" in data]
    for data in breakdowns:
        assert "text/plain" in data
        assert "text/html" in data, "a reader without the widget sees a table"
    assert len(breakdowns) == {"01-first-breakdown": 4, "02-saved-traces": 1, "05-your-own-rule": 0}[path.stem]
    if path.stem == "01-first-breakdown":
        page = (tmp_path / "first-breakdown.html").read_text(encoding="utf-8")
        assert "Content-Security-Policy" in page
        assert "nvjet_sm90" in page, "the static table is there without scripts"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_committed_without_outputs(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    assert all(not cell.outputs and cell.execution_count is None for cell in cells if cell.cell_type == "code")
