"""No name of a stranger acts in what is made of a comparison for terminals and spreadsheets; numbers stay numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import xpubreak as xb
from tests import hostile
from tests.test_hostile_names import acts, check_cells
from xpubreak.command.main import main

SHEETS = ["totals", "backend", "category", "phase", "layer", "kernels", "ops", "steps", "notes"]


@pytest.fixture(scope="module")
def cmp() -> xb.Comparison:
    return xb.compare(hostile.breakdown(), hostile.breakdown(), titles=["=1+1", "\x1b[31mred"])


def test_report(cmp: xb.Comparison) -> None:
    assert not acts(cmp.report())


@pytest.mark.parametrize("dimensions", [(), ("kernel",), ("op", "backend")])
def test_csv(cmp: xb.Comparison, dimensions: tuple[str, ...], tmp_path: Path) -> None:
    content = cmp.to_csv(tmp_path / "a.csv", *dimensions).read_bytes().decode("utf-8")
    assert "\r" not in content
    rows = list(csv.reader(io.StringIO(content)))
    assert len({len(row) for row in rows}) == 1
    check_cells([*(cell for row in rows for cell in row), *(["1+1"] if "op" in dimensions else [])])
    place = rows[0].index("a_total_ns")
    frame = cmp.by(*dimensions) if dimensions else cmp.kernels
    assert [int(row[place]) for row in rows[1:]] == frame["a_total_ns"].tolist()


def test_csv_in_gzip(cmp: xb.Comparison, tmp_path: Path) -> None:
    plain, packed = cmp.to_csv(tmp_path / "a.csv"), cmp.to_csv(tmp_path / "a.csv.gz")
    assert packed.read_bytes()[:2] == b"\x1f\x8b"
    assert pd.read_csv(packed).equals(pd.read_csv(plain))


@pytest.mark.parametrize("engine", ["xlsxwriter", "openpyxl"])
def test_excel(cmp: xb.Comparison, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xpubreak.breakdown.spreadsheet._ENGINES", (engine,))
    book = openpyxl.load_workbook(cmp.to_excel(tmp_path / "a.xlsx"))
    assert book.sheetnames == SHEETS
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "b"}, "no formula, no error"
    assert not any(cell.hyperlink for cell in cells)
    check_cells([cell.value for cell in cells if isinstance(cell.value, str)])
    assert column(book["kernels"], "a_total_ns") == cmp.kernels["a_total_ns"].tolist()
    assert column(book["backend"], "b_total_ns") == cmp.by("backend")["b_total_ns"].tolist()


def column(sheet: Any, name: str) -> list[Any]:
    at = [cell.value for cell in sheet[1]].index(name) + 1
    return list(next(sheet.iter_cols(at, at, 2, values_only=True)))


def test_of_several_runs_each_is_held_against_the_baseline(tmp_path: Path) -> None:
    eager, compiled = (xb.samples.path(f"h100-vllm-{name}") for name in ("eager", "compiled"))
    target = tmp_path / "a.xlsx"
    assert main(["compare", str(eager), str(compiled), str(eager), "-o", str(target), "--quiet"]) == 0
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["overview", *SHEETS]
    assert len(column(book["overview"], "run")) == 2


def test_the_command_saves_all_of_it(tmp_path: Path) -> None:
    eager, compiled = (xb.samples.path(f"h100-vllm-{name}") for name in ("eager", "compiled"))
    assert main(["compare", str(eager), str(compiled), "-o", str(tmp_path / "a.xpb"), "--quiet"]) == 0
    expected = xb.compare(xb.load(eager), xb.load(compiled)).kernels
    assert xb.open(tmp_path / "a.xpb").kernels["delta_ns"].tolist() == expected["delta_ns"].tolist()
