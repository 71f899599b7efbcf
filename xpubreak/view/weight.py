"""What this kernel's outputs weigh in the notebook, cell by cell, and which of them holds BokehJS for all."""

from __future__ import annotations

from typing import Any

from IPython.core.getipython import get_ipython

MANY_BYTES = 10_000_000
"""JupyterLab opens and saves notebooks beyond this slowly, and GitHub shows none of them."""


class Weights:
    """Outputs by cell; a cell that is run again replaces its own."""

    def __init__(self) -> None:
        self._bytes_of: dict[str, int] = {}
        self._run_of: dict[str, int] = {}
        self._carrier: str | None = None
        self._told_bytes = 0

    def carries_bokehjs(self, cell: str) -> bool:
        """Whether a copy in this cell has to hold BokehJS: one for each notebook does."""
        if self._carrier is None:
            self._carrier = cell
        return self._carrier == cell

    def add(self, cell: str, size_bytes: int, run: int | None = None) -> None:
        """Take note of an output; the first of a new run of a cell replaces those of the earlier one."""
        run = execution_count() if run is None else run
        before = self._bytes_of.get(cell, 0) if self._run_of.get(cell) == run else 0
        self._bytes_of[cell], self._run_of[cell] = before + size_bytes, run

    @property
    def total_bytes(self) -> int:
        """Of all cells."""
        return sum(self._bytes_of.values())

    def report(self) -> str:
        """A line for the reader whenever another 10 MB are reached, else nothing."""
        if self.total_bytes < self._told_bytes + MANY_BYTES:
            return ""
        self._told_bytes = self.total_bytes - self.total_bytes % MANY_BYTES
        return (
            f"xpubreak: the {len(self._bytes_of)} breakdowns shown in this notebook take "
            f"{self.total_bytes / 1e6:.0f} MB in its file. Show fewer, or without a saved copy: "
            "bd.explore(snapshot='none'), %%xpu_breakdown --snapshot none."
        )


def current_cell() -> str:
    """An id of the cell that runs: JupyterLab and VS Code send one; elsewhere the number of the run."""
    kernel = getattr(get_ipython(), "kernel", None)
    parent: Any = kernel.get_parent("shell") if kernel is not None else None
    metadata = parent.get("metadata") if isinstance(parent, dict) else None
    cell = metadata.get("cellId") if isinstance(metadata, dict) else None
    return str(cell) if cell else f"run {execution_count()}"


def execution_count() -> int:
    """How often cells have run in this kernel; 0 outside of one."""
    return int(getattr(get_ipython(), "execution_count", 0))
