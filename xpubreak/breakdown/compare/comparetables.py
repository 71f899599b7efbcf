"""Comparisons for spreadsheets: CSV and Excel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from xpubreak.breakdown.outfile import packed_file
from xpubreak.breakdown.spreadsheet import issues, safe, write_workbook

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison


def write_csv(cmp: Comparison, path: str | os.PathLike[str], dimensions: tuple[str, ...] = ()) -> Path:
    """Write a table; see `Comparison.to_csv`."""
    frame = safe(cmp.by(*dimensions) if dimensions else cmp.kernels)
    with packed_file(path) as (file, target):
        frame.to_csv(file, index=False, encoding="utf-8", lineterminator="\n")
    return target


def write_excel(cmp: Comparison, path: str | os.PathLike[str]) -> Path:
    """Write a workbook; see `Comparison.to_excel`."""
    tables = [("totals", cmp.totals), *((name, cmp.by(name)) for name in ("backend", "category", "phase", "layer"))]
    tables += [("kernels", cmp.kernels), ("ops", cmp.ops), ("steps", cmp.steps), ("notes", issues(cmp.notes))]
    if len(cmp.runs) > 2:
        tables.insert(0, ("overview", cmp.overview))
    return write_workbook(path, tables)
