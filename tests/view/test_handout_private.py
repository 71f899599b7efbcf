"""Wherever a notebook names somebody, a handout leaves it out or says that it is there."""

from __future__ import annotations

import json
import re

import pytest

from tests.view.test_handout import TABLE, notebook
from xpubreak.view.handout import prepare

PLACE = "/home/zqbob/run7/trace.json"


def test_wherever_a_notebook_holds_it_it_is_redacted() -> None:
    plotly = {"data": [{"name": PLACE, "y": {"bdata": "AB+/" * 40}}]}
    made = notebook([{"application/json": {"at": PLACE}, "application/vnd.plotly.v1+json": plotly, "text/plain": "x"}])
    made["cells"][0]["outputs"][0]["metadata"] = {"from": PLACE}
    made["cells"][0]["metadata"] = {"papermill": {"exception": f"at {PLACE}"}}
    made["cells"][0]["outputs"].append({"output_type": "error", "ename": f"E {PLACE}", "evalue": "", "traceback": []})
    made["cells"].append({
        "cell_type": "markdown", "id": "m", "metadata": {"p": PLACE}, "source": "", "attachments": {
            "a.txt": {"text/plain": PLACE, "image/png": "AB+/" * 40}
        },
    })  # fmt: skip
    shared = prepare(made)
    written = json.dumps(shared.notebook)
    assert "zqbob" not in written
    assert written.count("AB+/" * 40) == 2, "what is encoded stays"
    assert shared.problems == ("no breakdown is shown in it: run it, save it, and share it then",)


VEGA = "application/vnd.vegalite.v5+json"


@pytest.mark.parametrize("place", ["output", "metadata of an output", "cell", "notebook", "kind", "attachment"])
@pytest.mark.parametrize("name", [PLACE, "MASTER_ADDR=zqbob7", "zqbob-3.cluster.local", f"at {PLACE}"])
def test_names_of_entries_are_redacted_as_values_are(place: str, name: str) -> None:
    entries = {name: 1, "rows": [{name: 2, "c": 3}]}
    shown = {VEGA: {"datasets": entries}} if place == "output" else {f"text/{name}": "x"} if place == "kind" else {}
    made = notebook([TABLE, {"text/plain": "x", **shown}])
    if place == "metadata of an output":
        made["cells"][0]["outputs"][1]["metadata"] = entries
    elif place == "attachment":
        made["cells"].append({"cell_type": "markdown", "id": "m", "metadata": {}, "source": "", "attachments": entries})
    else:
        {"cell": made["cells"][0], "notebook": made}.get(place, {})["metadata"] = entries
    shared = prepare(made)
    assert "zqbob" not in json.dumps(shared.notebook)
    assert shared.redacted
    assert shared.problems == ()
    if place == "output":
        written = shared.notebook["cells"][0]["outputs"][1]["data"][VEGA]["datasets"]
        assert list(written.values()) == [1, [{next(iter(written)): 2, "c": 3}]], "in their order"


def test_entries_never_get_one_name() -> None:
    names = ("…/trace.json", PLACE, "/home/eve/x/trace.json", "…/trace.json (2)")
    shared = prepare(notebook([TABLE, {"application/json": {name: at for at, name in enumerate(names)}}]))
    written = shared.notebook["cells"][0]["outputs"][1]["data"]["application/json"]
    assert list(written.values()) == [0, 1, 2, 3]
    assert "zqbob" not in str(written)


def test_entries_of_what_is_not_rewritten_are_told() -> None:
    made = notebook([TABLE])
    made["cells"][0]["outputs"][0]["data"]["application/vnd.acme"] = {"a": [{PLACE: 1}]}
    shared = prepare(made)
    assert shared.problems == ("In [1]: its application/vnd.acme names a path, host or person, and stays as it is",)


@pytest.mark.parametrize(
    "text",
    [
        f"loaded {PLACE} and the tokenizer from /home/zqbob/data then wrote it all to /mnt/zqbob/out " * 2,
        f"data: read 5 files, from {PLACE}", f"data:,{PLACE}", f"data:text/plain,{PLACE}",
        "data:text/plain,%2Fhome%2Fzqbob%2Fx", "ab/home/zqbob/" + "secret" * 30,
    ],
)  # fmt: skip
def test_prose_is_not_taken_for_what_is_encoded(text: str) -> None:
    shared = prepare(notebook([TABLE, {"application/json": {"log": text}}]))
    assert "zqbob" not in json.dumps(shared.notebook)


@pytest.mark.parametrize(
    "text",
    [
        "AB+/cd/ef" * 20, "\n".join(["AB+/cd/ef" * 8] * 3), "/9j/4AAQ/ab/cd+/" * 9, "data:image/png;base64,AB+/cd/ef==",
        "data:image/svg+xml;charset=utf-8,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E/a/b",
    ],
)  # fmt: skip
def test_what_is_encoded_stays(text: str) -> None:
    made = notebook([TABLE, {"application/json": {"y": text}, "text/html": f'<img src="{text}">'}])
    made["cells"][0]["attachments"] = {"a.jpg": {"image/jpeg": text, "image/png": text.splitlines(keepends=True)}}
    shared = prepare(made)
    assert shared.notebook["cells"][0]["outputs"][1]["data"]["application/json"] == {"y": text}
    if not text.startswith("data:"):
        assert shared.notebook["cells"][0]["attachments"] == made["cells"][0]["attachments"]
    else:
        assert shared.problems == (), "nor is it told"


@pytest.mark.parametrize(
    "data",
    [
        {"text/html": f'<a title="data: {PLACE}">x</a>'},
        {"text/html": f"<img src='data:text/plain,{PLACE}'>"},
        {"text/html": f'<a href="{PLACE}">x</a>'},
        {"text/html": f"<p title='{PLACE}'>x"},
        {"text/html": f"<script>var at = '{PLACE}'</script>"},
        {"text/html": f"<style>a {{ background: url({PLACE}) }}</style>"},
        {"text/html": f"<p style='background: url({PLACE})'>"},
        {"application/javascript": f"at = '{PLACE}'"},
        {"text/html": f'<div data-xpubreak-static="x" data-redacted="1"></div><script>at = "{PLACE}"</script>'},
    ],
)
def test_what_cannot_be_rewritten_is_told(data: dict[str, str]) -> None:
    shared = prepare(notebook([TABLE, data]))
    assert shared.notebook["cells"][0]["outputs"][1]["data"] == data
    [problem] = shared.problems
    assert re.match(r"In \[1\]: .* names? a path, host or person, and stays? as", problem)


@pytest.mark.parametrize(
    "markup",
    [
        '<svg xmlns="http://www.w3.org/2000/svg"><path d="M1/2"/></svg>', "<script>a = b /home; c = /x/y</script>",
        '<img src="data:image/png;base64,AB//CD+/home/x">', '<table border="1" class="dataframe"><td>1</td></table>',
        '<a href="https://github.com/pytorch/pytorch">x</a>', "<style>a { background: url(/img/x/y) }</style>",
    ],
)  # fmt: skip
def test_what_names_nothing_is_not_told(markup: str) -> None:
    assert prepare(notebook([TABLE, {"text/html": markup}])).problems == ()


def test_a_path_that_colours_divide_is_rewritten_where_it_begins() -> None:
    made = notebook([TABLE])
    line = "File \x1b[1;32m/home/\x1b[0mzqbob/q.py\x1b[1m:7\x1b[0m"
    made["cells"][0]["outputs"].append({"output_type": "error", "ename": "E", "evalue": "", "traceback": [line]})
    shared = prepare(made)
    assert shared.notebook["cells"][0]["outputs"][1]["traceback"] == ["File \x1b[1;32m…/q.py\x1b[0m\x1b[1m:7\x1b[0m"]
    assert shared.problems == ()
    assert shared.redacted == "1 path"


def test_what_was_shown_without_redaction_is_told() -> None:
    bare = {"text/html": TABLE["text/html"].replace(' data-redacted="1"', ""), "text/plain": PLACE}
    shared = prepare(notebook([bare]))
    assert shared.problems == ("In [1]: what it shows is not marked as redacted: run it again without --no-redact",)
    assert "zqbob" not in json.dumps(shared.notebook)


def test_our_mark_keeps_nothing_of_others() -> None:
    markup = f'<div data-xpubreak-static="x" data-redacted="1"></div><p>{PLACE}</p>'
    assert "zqbob" not in json.dumps(prepare(notebook([{"text/html": markup, "text/plain": PLACE}])).notebook)


@pytest.mark.parametrize("snapshot", ["none", "small"])
@pytest.mark.parametrize("redact", [False, True])
def test_views_say_whether_they_are_redacted(snapshot: str, redact: bool) -> None:
    import xpubreak as xb
    from xpubreak.view.comparison.widget import bundles
    from xpubreak.view.show import outputs_of

    bd = xb.load(xb.samples.path("h200-torch-graph"))
    views = (
        outputs_of(bd, snapshot=snapshot, redact=redact),
        bundles(xb.compare(bd, bd), snapshot=snapshot, redact=redact),
    )
    for shown in views:
        [saved] = [data["text/html"] for data, _ in shown if "data-xpubreak-static" in data.get("text/html", "")]
        made = notebook([{"text/html": saved, "text/plain": "report"}])
        shared = prepare(made)
        assert [problem for problem in shared.problems if "not marked as redacted" in problem] == [
            "In [1]: what it shows is not marked as redacted: run it again without --no-redact"
        ] * (not redact)
        assert len(shared.problems) == (not redact), "our own scripts and attributes name nothing"
        written = shared.notebook["cells"][0]["outputs"][0]["data"]["text/html"]
        assert written.partition("data-xpubreak-place")[0] == saved.partition("data-xpubreak-place")[0]


def test_a_host_that_one_cell_names_is_left_out_of_all() -> None:
    made = notebook([TABLE], [{"text/plain": "node7 was slow, layer7 was not"}])
    said = "connected to [node7]:29500\nMASTER_ADDR=gpu12\nnode_name = conv2d\n"
    made["cells"][0]["outputs"].append({"output_type": "stream", "name": "stdout", "text": said})
    made["cells"][0]["outputs"].append({"output_type": "stream", "name": "stdout", "text": "gpu12: conv2d took 3 ms"})
    shared = json.dumps(prepare(made).notebook)
    assert "node7" not in shared
    assert "host-1 was slow, layer7 was not" in shared
    assert "conv2d took 3 ms" in shared


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["\x1b[31mconnect to [node7]\x1b[0m:29500"]},
        {"output_type": "error", "ename": "E", "evalue": "connect to [node7]:29500", "traceback": []},
        {"output_type": "execute_result", "data": {"text/plain": "'MASTER_ADDR=node7'"}, "metadata": {}},
        {"output_type": "display_data", "data": {"text/html": "<td>tcp://node7:29500</td>"}, "metadata": {}},
        {"output_type": "display_data", "data": {"application/json": {"at": "node7:29500"}}, "metadata": {}},
    ],
)
def test_wherever_a_cell_names_it(output: dict[str, object]) -> None:
    made = notebook([TABLE, {"text/plain": "node7 was slow"}, {"text/html": "<b>node7</b>: graph.node7.weight"}])
    made["cells"][0]["outputs"].append(output)
    shared = json.dumps(prepare(made).notebook)
    assert "host-1 was slow" in shared
    assert "<b>host-1</b>: graph.node7.weight" in shared
    assert json.dumps(prepare(made, redact=False).notebook).count("node7") == 4
