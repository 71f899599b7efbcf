"""Outputs of every kind and form, and what stands beside them: rewritten as what they are, or told; never silence."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from tests.view.test_handout import TABLE, notebook
from xpubreak.view.handout import prepare
from xpubreak.view.kinds import Form, form_of

PLACE = "/home/zqbob/x.py"
SAID = f"at: {PLACE}\nMASTER_ADDR=node7\nnode7 was slow\n"
WRITTEN = "at: …/x.py\nMASTER_ADDR=host-1\nhost-1 was slow\n"


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-yaml", "application/yaml", "application/toml", "application/x-latex", "text/latex",
        "text/csv",
        "application/sql", "application/x-sql", "application/x-ndjson",
        "application/x-python", "application/vnd.a+yaml",
        "text/plain; charset=utf-8", "text/x-anything", "application/vnd.code.notebook.stderr", "application/json-seq",
    ],
)  # fmt: skip
def test_what_is_text_by_nature_is_rewritten_as_text(kind: str) -> None:
    made = prepare(notebook([TABLE, {kind: SAID}]))
    assert made.notebook["cells"][0]["outputs"][1]["data"] == {kind: WRITTEN}
    assert made.problems == ()


@pytest.mark.parametrize("kind", ["application/vnd.acme+json", "application/geo+json", "application/json"])
def test_values_of_json_are_rewritten_whatever_they_are_called(kind: str) -> None:
    made = prepare(notebook([TABLE, {kind: {"a": [SAID]}}]))
    assert made.notebook["cells"][0]["outputs"][1]["data"] == {kind: {"a": [WRITTEN]}}


@pytest.mark.parametrize("kind", ["application/xml", "text/xml", "application/gml+xml"])
def test_xml_is_markup(kind: str) -> None:
    made = prepare(notebook([TABLE, {kind: f"<a>{PLACE}</a><b>1 &lt; 2</b>"}]))
    assert made.notebook["cells"][0]["outputs"][1]["data"] == {kind: "<a>…/x.py</a><b>1 &lt; 2</b>"}
    [problem] = prepare(notebook([TABLE, {kind: f"<a b='{PLACE}'/>"}])).problems
    assert problem.startswith(f"In [1]: attributes, styles or scripts of its {kind} name a path, host or person")


@pytest.mark.parametrize(
    "kind",
    [
        "application/javascript", "text/javascript", "application/vnd.google.colaboratory.module+javascript",
        "application/vnd.bokehjs_load.v0+json", "application/vnd.acme", "chemical/x-pdb", "image/png",
    ],
)  # fmt: skip
@pytest.mark.parametrize("said", [f"a = '{PLACE}'", "a = 'node7:29500'", "a = {MASTER_ADDR: 'node7'}"])
def test_programs_and_what_nobody_knows_stay_and_are_told(kind: str, said: str) -> None:
    made = prepare(notebook([TABLE, {kind: said}]))
    assert made.notebook["cells"][0]["outputs"][1]["data"] == {kind: said}
    assert made.problems == (f"In [1]: its {kind} names a path, host or person, and stays as it is",)


def test_what_nobody_knows_is_told_of_as_text_is_and_programs_of_what_is_sure() -> None:
    said = "a = b /data/zq/x; c"
    assert prepare(notebook([TABLE, {"application/vnd.acme": said}])).problems
    assert prepare(notebook([TABLE, {"application/javascript": said}])).problems == ()
    assert prepare(notebook([TABLE, {"application/pdf": "AB+/cd/ef" * 20, "audio/wav": "AB//cd"}])).problems == ()


def test_a_host_that_is_known_from_elsewhere_is_told_of_in_programs() -> None:
    made = prepare(notebook([TABLE, {"text/plain": "[node7]:29500"}, {"application/javascript": "go('node7')"}]))
    assert made.problems == ("In [1]: its application/javascript names a path, host or person, and stays as it is",)


def test_forms_of_kinds() -> None:
    assert form_of("TEXT/HTML; charset=utf-8") == Form.MARKUP
    assert form_of("application/vnd.jupyter.widget-view+json") == Form.WIDGET
    assert form_of("application/vnd.vegalite.v5+json") == Form.JSON
    assert form_of("application/x-ndjson") == Form.TEXT
    assert form_of("") == form_of("latex/") == form_of("application/octet-stream") == Form.UNKNOWN


STREAM = {"output_type": "stream", "name": "stdout", "text": "x"}
SHOWN = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "x"}}


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "pyout", "text": PLACE, "data": {"text/plain": PLACE}}, {"text": PLACE}, PLACE, [PLACE],
        {"output_type": "update_display_data", "data": {"text/html": PLACE}, "transient": {"display_id": PLACE}},
        {"output_type": "execute_input", "code": PLACE}, {**SHOWN, "text": PLACE}, {**SHOWN, PLACE: 1},
        {**SHOWN, "transient": {"display_id": PLACE}}, {**STREAM, "name": PLACE}, {**STREAM, "text": {"a": PLACE}},
        {**STREAM, "data": {"text/plain": PLACE}}, {**SHOWN, "data": [PLACE]}, {**SHOWN, "metadata": {"a": PLACE}},
        {"output_type": "error", "ename": "E", "evalue": "e", "traceback": PLACE},
        {"output_type": "error", "ename": PLACE, "evalue": PLACE, "traceback": [[PLACE]]},
    ],
)  # fmt: skip
def test_outputs_that_nbformat_does_not_know_are_rewritten_too(output: Any) -> None:
    made = notebook([TABLE])
    made["cells"][0]["outputs"].append(output)
    shared = prepare(made)
    assert "zqbob" not in json.dumps(shared.notebook)
    assert shared.problems == ()


@pytest.mark.parametrize(
    "change",
    [
        {"name": PLACE}, {"metadata": {"tags": [PLACE], "name": "node7:29500"}}, {PLACE: 1},
        {"execution_count": PLACE},
        {"outputs": {"a": PLACE}}, {"attachments": [PLACE]}, {"cell_type": "markdown"}, {"metadata": PLACE},
    ],
)  # fmt: skip
def test_what_cells_hold_beside_is_rewritten(change: dict[str, Any]) -> None:
    made = notebook([TABLE], [{"text/plain": PLACE}])
    made["cells"][1].update(change)
    made["cells"].append(PLACE)
    made["extra"] = {PLACE: PLACE}
    shared = json.dumps(prepare(made).notebook)
    assert "zqbob" not in shared
    assert "node7" not in shared


def test_names_of_cells_stay_names_of_cells() -> None:
    made = notebook([TABLE], [TABLE], [TABLE])
    for cell, name in zip(made["cells"], ("node7-x", "host-1-x", "nid001234"), strict=True):
        cell["id"] = name
    made["cells"][0]["outputs"].append({**STREAM, "text": "[nid001234]:29500 and connected to [node7-x]:29500"})
    shared = prepare(made).notebook
    nbformat.validate(nbformat.from_dict(shared))
    ids = [cell["id"] for cell in shared["cells"]]
    assert len(set(ids)) == 3
    assert ids[1] == "host-1-x"
    assert "nid001234" not in ids


@pytest.mark.parametrize(
    "text",
    [
        "/home/\x1b[Kzqbob/x", "\x1b[1mnode7\x1b[0m:29500", "/home/z\x08qbob/x", "/home\u200b/zqbob/x",
        "/ho\u00adme/zqbob/x",
        f"\x1b]8;;file://{PLACE}\x1b\\link\x1b]8;;\x1b\\", f"\x1b]8;id=1;file://{PLACE}\x07link",
    ],
)  # fmt: skip
def test_orders_to_a_terminal_hide_nothing(text: str) -> None:
    made = notebook([TABLE])
    made["cells"][0]["outputs"].append({**STREAM, "text": text})
    shared = prepare(made)
    written = json.dumps(shared.notebook)
    assert "qbob" not in written
    assert "node7" not in written
    assert shared.problems == ()
    assert written.count("\\u001b") == json.dumps(text).count("\\u001b"), "each order stays"


def test_what_is_printed_piece_by_piece_is_told() -> None:
    made = notebook([TABLE])
    said = [{**STREAM, "text": "/home/"}, {**STREAM, "name": "stderr", "text": "x"}, {**STREAM, "text": "zqbob/x"}]
    made["cells"][0]["outputs"] += said
    assert prepare(made).problems == (
        "In [1]: a path, host or person is printed piece by piece, in more than one output, which stays as it is",
    )


def test_a_path_that_an_overwritten_line_divides_is_told() -> None:
    made = notebook([TABLE])
    made["cells"][0]["outputs"] += [{**STREAM, "text": "/home/\rzqbob/x"}]
    assert len(prepare(made).problems) == 1


@pytest.mark.parametrize("said", ["\\u002fhome\\u002fzqbob", "&#47;home&#47;zqbob"])
def test_other_spellings_are_told_wherever_they_are(said: str) -> None:
    made = notebook([TABLE, {"text/plain": said}])
    made["cells"][0].update(source=said, metadata={"a": said})
    made["metadata"]["a"] = said
    assert [problem.partition(" names a ")[0].partition(" a path")[0] for problem in prepare(made).problems] == [
        "In [1]: its source",
        "In [1]: tags or escapes divide",
        "In [1]: tags or escapes divide",
        "the notebook: tags or escapes divide",
    ]
