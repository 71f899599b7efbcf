"""No name of a stranger becomes markup, script, a formula or an order to a terminal, whatever is made of it."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PIL import Image

import xpubreak as xb
from tests import hostile
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.command.main import main
from xpubreak.command.markdown import markdown
from xpubreak.view.copy import copy_html
from xpubreak.view.show import mimebundle

HARMLESS = {"div", "span", "strong", "table", "tr", "td", "th", "img"}


@pytest.fixture(scope="module")
def bd() -> Breakdown:
    return hostile.breakdown()


def acts(text: str) -> list[str]:
    return [letter for letter in hostile.FORBIDDEN if letter in text]


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_corpus_is_in_the_breakdown(bd: Breakdown) -> None:
    kernels = set(bd.kernels["name"])
    assert len(kernels) == len(set(hostile.NAMES))
    assert {"=1+1", hostile.MARKUP[0], "\x1b[31mred"} <= kernels


def test_text_report(bd: Breakdown) -> None:
    for text in (bd.report(), bd.report(60), str(bd.explain("pwned"))):
        assert not acts(text)
        assert "\r" not in text


@pytest.mark.parametrize("arguments", [[], ["--top", "1000"], ["--by", "span", "op", "module"], ["--csv"], ["--json"]])
def test_table_of_the_command(
    bd: Breakdown, arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bd.save(tmp_path / "run.xpb")
    capsys.readouterr()
    assert main(["table", str(path), *arguments]) == 0
    written = capsys.readouterr()
    assert not acts(written.out + written.err)
    assert "\r" not in written.out
    if "--csv" in arguments:
        check_cells([cell for row in csv.reader(io.StringIO(written.out)) for cell in row])


def test_report_of_the_command(bd: Breakdown, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = bd.save(tmp_path / "run.xpb")
    assert main(["report", str(path)]) == 0
    assert main(["report", str(path), "-o", str(tmp_path / "a.txt")]) == 0
    written = capsys.readouterr()
    assert not acts(written.out + written.err + (tmp_path / "a.txt").read_text(encoding="utf-8"))


def check_cells(cells: list[str]) -> None:
    assert any("1+1" in cell for cell in cells)
    for cell in cells:
        assert not acts(cell)
        assert cell.lstrip()[:1] not in tuple("=+@＝＋－＠\t\r"), cell
        assert not cell.startswith("-") or float(cell) < 0, "a minus begins numbers only"


@pytest.mark.parametrize("table", [None, "ops", "steps", "issues", "summary", "kernel", ("op", "span")])
def test_csv(bd: Breakdown, table: Any, tmp_path: Path) -> None:
    path = bd.to_csv(tmp_path / "a.csv", table)
    content = path.read_bytes().decode("utf-8")
    assert "\r" not in content
    rows = list(csv.reader(io.StringIO(content)))
    assert len({len(row) for row in rows}) == 1
    cells = [cell for row in rows for cell in row]
    check_cells([*cells, "1+1"])
    elsewhere = [cell for row in csv.reader(io.StringIO(content), delimiter=";") for cell in row[1:]]
    check_cells([*elsewhere, "1+1"])
    if table is None:
        place = rows[0].index("device_ns")
        assert [int(row[place]) for row in rows[1:]] == bd.kernels["device_ns"].tolist(), "numbers stay numbers"


@pytest.mark.parametrize("engine", ["xlsxwriter", "openpyxl"])
def test_excel(bd: Breakdown, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xpubreak.breakdown.spreadsheet._ENGINES", (engine,))
    book = openpyxl.load_workbook(bd.to_excel(tmp_path / "a.xlsx"))
    assert book.sheetnames == ["summary", "backend", "layer", "kernels", "steps", "issues"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "b"}, "no formula, no error"
    assert not any(cell.hyperlink for cell in cells)
    check_cells([cell.value for cell in cells if isinstance(cell.value, str)])
    sheet = book["kernels"]
    head = [cell.value for cell in sheet[1]]
    column = sheet.iter_cols(head.index("device_ns") + 1, head.index("device_ns") + 1, 2, values_only=True)
    assert list(next(column)) == bd.kernels["device_ns"].tolist()


def test_page(bd: Breakdown, tmp_path: Path) -> None:
    text = bd.to_html(tmp_path / "a.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script([^>]*)>", text)
    packed_as = ("meta", "columns", "events-meta", "events", "later", "bokehjs")
    ours = [f' type="text/plain" data-xpubreak="{name}"' for name in packed_as]
    assert scripts == [*ours, ' type="module"'], "none of them a stranger's"
    outside = re.sub(r"<script.*?</script>|<style.*?</style>", "", text, flags=re.DOTALL)
    for tag, attributes in Tags(outside).found:
        assert tag in HARMLESS | {"html", "head", "meta", "title", "body", "main"}, tag
        assert not any(name.startswith("on") for name in attributes)
    assert not acts(outside)
    packed = re.findall(r'<script type="text/plain" data-xpubreak="meta">([^<]*)</script>', text)
    meta = json.loads(gzip.decompress(base64.b64decode(packed[0])))
    assert any("1+1" in name for name in meta["meta"]["strings"]), "as data, where the page writes it as text"


def test_saved_copy_and_what_a_notebook_shows(bd: Breakdown) -> None:
    data, _ = mimebundle(bd)
    copy = re.sub(r"<script.*?</script>", "", copy_html(bd), flags=re.DOTALL)
    for text in (data["text/html"], copy):
        assert {tag for tag, _ in Tags(text).found} <= HARMLESS
        assert not any(name.startswith("on") for _, attributes in Tags(text).found for name in attributes)
    saved = json.dumps(data)
    assert not acts(json.loads(saved)["text/plain"])
    assert not acts(json.loads(saved)["text/html"])


def test_svg_and_png(bd: Breakdown, tmp_path: Path) -> None:
    text = bd.to_image(tmp_path / "a.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not tags & {"script", "foreignObject", "image", "a", "use", "style", "animate"}, tags
    for element in root.iter():
        assert not any(name.lower().startswith("on") or "href" in name for name in element.attrib)
    assert not acts(text)
    with Image.open(bd.to_image(tmp_path / "a.png")) as image:
        image.load()
        assert not acts("".join(str(value) for value in image.info.values() if isinstance(value, str)))


def test_markdown(bd: Breakdown) -> None:
    text = markdown(bd)
    assert not acts(text)
    assert not re.search(r"<[a-zA-Z/!]|\]\(|!\[|@\w", re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)), "only in code"
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {5, 6}, "no cells of a stranger's"


def every_text(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (key, *every_text(item))]
    if isinstance(value, list):
        return [text for item in value for text in every_text(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("form", ["perfetto", "speedscope"])
def test_traces_for_others(bd: Breakdown, form: str, tmp_path: Path) -> None:
    content = getattr(bd, f"to_{form}")(tmp_path / "a.json").read_bytes()
    assert content.isascii()
    texts = every_text(json.loads(content))
    assert any("1+1" in text for text in texts)
    for text in texts:
        assert not acts(text)
        assert "\n" not in text
        text.encode("utf-8")


def test_saved_file_comes_back_as_it_was(bd: Breakdown, tmp_path: Path) -> None:
    again = xb.open(bd.save(tmp_path / "a.xpb", redact=False))
    assert again.kernels["name"].tolist() == bd.kernels["name"].tolist()
