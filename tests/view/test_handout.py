"""A notebook made ready to send: what its readers see stays, what they cannot use goes, what they miss is said."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from time import process_time
from typing import Any

import nbclient
import nbformat
import pytest

from xpubreak.errors import XpubreakError
from xpubreak.view.handout import STATE, WIDGET, Handout, prepare
from xpubreak.view.printed import Printed
from xpubreak.view.share import share

BOKEHJS = 'data-xpubreak="bokehjs"'
LOAD = "import xpubreak as xb\nbd = xb.load(xb.samples.path('h200-vllm-compiled'))"


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real one, run by a real kernel, with the state of its widgets."""
    cells = [f"{LOAD}\nbd", "xb.LayerBars(bd)", "bd.explore(snapshot='none')", "print('plain')", "2 + 2"]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbclient.NotebookClient(made, timeout=120, store_widget_state=True).execute()
    path = tmp_path_factory.mktemp("executed") / "run.ipynb"
    nbformat.write(made, path)
    return path


def notebook(*cells: list[dict[str, Any]], state: dict[str, Any] | None = None) -> dict[str, Any]:
    """One code cell for each list of MIME bundles."""
    made = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "execution_count": number,
            "metadata": {},
            "source": "pass",
            "outputs": [
                {"output_type": "display_data", "metadata": {}, "data": copy.deepcopy(data)} for data in bundles
            ],
        }
        for number, bundles in enumerate(cells, 1)
    ]
    metadata = {} if state is None else {"widgets": {STATE: {"state": state, "version_major": 2, "version_minor": 0}}}
    found = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made}
    nbformat.validate(nbformat.from_dict(found))
    return found


def copy_of(*, bokehjs: bool, parts: str = "") -> dict[str, str]:
    held = f'<script type="text/plain" {BOKEHJS}>QUJD</script>' if bokehjs else ""
    written = f' data-parts="{parts}"' if parts else ""
    code = '<script type="text/plain" data-xpubreak="code" data-version="1">QUJD</script>'
    html = f'<div data-xpubreak-static="u"{written} data-redacted="1"><div data-xpubreak-place></div>{held}{code}</div>'
    return {"text/html": html, "text/plain": "xpubreak explorer, saved copy"}


PICTURE = {"image/png": "iVBORw0KGgo=", "text/plain": "report"}
TABLE = {"text/html": '<div data-xpubreak-static="u" data-redacted="1"><table></table></div>', "text/plain": "report"}
LIVE = {WIDGET: {"model_id": "m"}, "text/html": "<span></span>", "text/plain": "xpubreak explorer"}
SLIDER = {WIDGET: {"model_id": "s"}, "text/plain": "IntSlider(value=0)"}
PLOT = {WIDGET: {"model_id": "p"}, "image/png": "iVBORw0KGgo=", "text/plain": "FigureWidget()"}


def kinds(made: Handout) -> list[list[set[str]]]:
    return [[set(output.get("data", {})) for output in cell["outputs"]] for cell in made.notebook["cells"]]


def test_what_a_kernel_wrote_is_ready_to_send(executed: Path) -> None:
    source = json.loads(executed.read_text(encoding="utf-8"))
    made = prepare(source)
    nbformat.validate(nbformat.from_dict(made.notebook))
    assert made.problems == ()
    assert made.models >= 3
    assert "widgets" not in made.notebook["metadata"]
    assert WIDGET not in json.dumps(made.notebook)
    assert [cell.holds for cell in made.cells] == [("picture", "copy"), ("picture", "copy"), ("table",), (), ()]
    assert made.after_bytes < made.before_bytes
    assert json.dumps(made.notebook).count("data-xpubreak-place") == json.dumps(source).count("data-xpubreak-place")


def test_nothing_else_changes(executed: Path) -> None:
    source = json.loads(executed.read_text(encoding="utf-8"))
    before = copy.deepcopy(source)
    made = prepare(source).notebook
    assert source == before, "the one that was given stays as it is"
    for cell, old in zip(made["cells"], source["cells"], strict=True):
        assert {**cell, "outputs": 0} == {**old, "outputs": 0}, "sources, counts, ids and metadata"
        kept = [output for output in old["outputs"] if WIDGET not in output.get("data", {})]
        assert cell["outputs"] == kept


def test_live_widgets_go_where_something_static_stands_beside() -> None:
    made = prepare(notebook([PICTURE, copy_of(bokehjs=True), LIVE], [TABLE, LIVE], [{**TABLE, **LIVE, **TABLE}]))
    assert made.problems == ()
    assert [len(cell) for cell in kinds(made)] == [2, 1, 1]
    assert not any(WIDGET in output for cell in kinds(made) for output in cell)


def test_what_readers_will_miss_is_said() -> None:
    made = prepare(notebook([PICTURE, copy_of(bokehjs=True), LIVE], [LIVE], [SLIDER], [PLOT], state={"m": {}, "s": {}}))
    assert made.problems == (
        "In [2]: the explorer has neither picture nor table beside it",
        "In [3]: a widget has no static form; its readers see IntSlider(value=0)",
    )
    assert made.models == 2
    assert kinds(made)[3] == [{"image/png", "text/plain"}], "a picture of somebody else's widget is enough"


def test_two_widgets_in_a_cell_need_two_siblings() -> None:
    made = prepare(notebook([copy_of(bokehjs=True), LIVE, LIVE]))
    assert made.problems == ("In [1]: the explorer has neither picture nor table beside it",)


def test_a_bare_object_is_reported() -> None:
    made = prepare(notebook([TABLE], [{"text/plain": "<xpubreak.view.explorer.Explorer object at 0x7f00>"}]))
    assert made.problems == ("In [2]: shows nothing but <xpubreak.view.explorer.Explorer object at 0x7f00>",)


def test_a_notebook_without_a_breakdown_says_so() -> None:
    assert "no breakdown is shown in it" in prepare(notebook([{"text/plain": "4"}])).problems[0]
    assert "no breakdown is shown in it" in prepare(notebook()).problems[0]


def test_lists_of_lines_are_texts() -> None:
    lines = copy_of(bokehjs=True)
    lines["text/html"] = re.split("(?<=>)", lines["text/html"])  # type: ignore[assignment]
    live = {**LIVE, "text/plain": ["xpubreak ", "explorer"]}
    made = prepare(notebook([lines, live]))
    assert made.problems == ()
    assert made.cells[0].holds == ("copy",)


def printing(text: str) -> dict[str, Any]:
    """A notebook whose cell printed a text in every way."""
    source = notebook([{"text/plain": text, "text/html": f"<td title='/x/y'>{text}</td>"}, TABLE])
    source["cells"][0]["outputs"] += [
        {"output_type": "stream", "name": "stdout", "text": [f"{text}\n", "b"]},
        {"output_type": "error", "ename": "E", "evalue": text, "traceback": [f"in {text}"]},
    ]
    return source


def test_printed_texts_are_redacted_unless_told_not_to() -> None:
    source = printing("/home/alice/secret-project/run.json")
    made = prepare(source)
    written = json.dumps(made.notebook, ensure_ascii=False)
    assert "alice" not in written
    assert "secret-project" not in written
    assert written.count("…/run.json") == 5
    assert "<td title='/x/y'>" in written, "markup stays"
    assert made.redacted == "1 path"
    nbformat.validate(nbformat.from_dict(made.notebook))
    kept = prepare(source, redact=False)
    assert kept.redacted == ""
    assert kept.notebook == source


@pytest.mark.parametrize(
    "text", ["max  12.5 µs\n\n  50% 3/4\n", "aten::mm  a/b", "<b> & </b>", "x\r\ny\n", "and/or 1/2"]
)
def test_what_is_not_private_stays_to_the_letter(text: str) -> None:
    source = printing(text)
    assert prepare(source).notebook == {**source, "cells": prepare(source, redact=False).notebook["cells"]}


@pytest.mark.parametrize("part", ["<script", "<", "<style>", "<a ", "<!--", "</", "<script>", '<a x="', "<a b='<"])
def test_markup_that_is_never_closed_takes_no_time(part: str) -> None:
    begun_s = process_time()
    printed = Printed()
    printed.html(part * 16_000)
    assert process_time() - begun_s < 2, "some 0.2 s; as the square of the length, 20 s"


def test_sources_that_name_something_are_reported_and_stay() -> None:
    source = notebook([TABLE])
    source["cells"][0]["source"] = ["bd = xb.load('/home/alice/run')\n", "bd"]
    source["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "Ask bob@example.org."})
    made = prepare(source)
    assert made.notebook["cells"][0]["source"] == source["cells"][0]["source"]
    assert made.problems == (
        "In [1]: its source names a path, host or person, and stays as it is",
        "markdown cell: its source names a path, host or person, and stays as it is",
    )


@pytest.mark.parametrize(
    "content", ["", "no json", "[]", "{}", '{"nbformat": 3, "worksheets": []}', '{"nbformat": 4}', "[" * 100_000]
)
def test_what_is_no_notebook_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(content)
    with pytest.raises(XpubreakError, match=r"no notebook|not 4"):
        share(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.ipynb"]


def test_odd_notebooks_survive() -> None:
    source = notebook([TABLE])
    source["cells"] += [{"cell_type": "raw"}, {"outputs": [None, 3, {}, {"data": 7}]}, None, {"outputs": None}]
    source["metadata"]["widgets"] = None
    assert prepare(source).cells[0].holds == ("table",)


def test_the_file_is_written_beside_and_the_source_is_never_touched(executed: Path, tmp_path: Path) -> None:
    source = tmp_path / "run.ipynb"
    source.write_bytes(executed.read_bytes())
    written = share(source)
    assert written.path == tmp_path / "run-shared.ipynb"
    assert source.read_bytes() == executed.read_bytes()
    nbformat.validate(nbformat.read(written.path, 4))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["run-shared.ipynb", "run.ipynb"]
    link = tmp_path / "link.ipynb"
    link.symlink_to(source)
    for same in (source, link, tmp_path / "." / "run.ipynb"):
        with pytest.raises(XpubreakError, match="is the notebook itself"):
            share(source, same)
    with pytest.raises(XpubreakError, match="is a folder"):
        share(source, tmp_path)
    assert source.read_bytes() == executed.read_bytes()
    assert share(written.path, tmp_path / "again.ipynb").handout.after_bytes == written.handout.after_bytes


def test_half_a_surrogate_can_be_written(tmp_path: Path) -> None:
    source = tmp_path / "x.ipynb"
    source.write_text(json.dumps(notebook([{"text/plain": "\ud800"}, TABLE])))
    assert json.loads(share(source).path.read_text(encoding="utf-8"))["cells"][0]["outputs"][0]["data"] == {
        "text/plain": "\ud800"
    }


def test_the_report_reads(executed: Path, tmp_path: Path) -> None:
    report = share(executed, tmp_path / "out.ipynb").report()
    assert re.match(r".*out\.ipynb: [\d.]+ MB, from run\.ipynb as saved at [\d:]{8} \([\d.]+ MB\)\n", report)
    assert re.search(r"\n  In \[1\]    [\d.]+ MB → [\d.]+ MB +picture and copy\n", report)
    assert re.search(r"\n  In \[3\]    [\d.]+ kB → [\d.]+ kB +table\n", report)
    assert "In [4]" not in report
    assert re.search(r"\n  state of \d+ widget models removed\n", report)


def test_whatever_form_an_output_has_it_is_redacted() -> None:
    place = "/home/bob/run7/trace.json"
    made = notebook([{"text/markdown": f"at {place}", "text/latex": place, "image/svg+xml": f"<text>{place}</text>"}])
    made["metadata"]["papermill"] = {"input_path": place, "parameters": {"traces": [place]}, "duration": 1.5}
    shared = prepare(made)
    assert "bob" not in json.dumps(shared.notebook)
    assert shared.notebook["metadata"]["papermill"]["duration"] == 1.5
    assert shared.redacted == "1 path"
    assert "bob" in json.dumps(prepare(made, redact=False).notebook)


NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_in_the_sources_of_our_notebooks_is_taken_for_private(path: Path) -> None:
    printed = Printed()
    cells = nbformat.read(path, 4).cells
    assert cells
    assert [cell.source for cell in cells if printed.names_something(cell.source)] == []
