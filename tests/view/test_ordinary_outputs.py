"""Ordinary outputs, in which nothing is private, come out to the letter, and nothing is said of them."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bokeh.embed import components, file_html
from bokeh.io.notebook import load_notebook
from bokeh.plotting import figure
from bokeh.resources import CDN, INLINE
from pygments import highlight
from pygments.formatters import HtmlFormatter, SvgFormatter, Terminal256Formatter
from pygments.lexers import PythonLexer

from tests.view.test_handout import TABLE, notebook
from xpubreak.view import handout
from xpubreak.view.handout import prepare

CODE = "import numpy as np\n\n\ndef half(a, b):  # a/b\n    return a // b + np.sum([x / 2 for x in a])\n" * 9


def frame() -> dict[str, Any]:
    made = pd.DataFrame({"a/b": np.arange(40) / 7, "<name>": ["x & y", "1 < 2"] * 20, "n": ["layer3:1024"] * 40})
    return {"text/html": made.to_html(), "text/plain": repr(made), "application/json": json.loads(made.to_json())}


def plot(inline: bool) -> dict[str, Any]:
    made = figure(title="tokens / s")
    made.scatter(np.arange(900.0), np.arange(900.0) / 7)
    if inline:
        return {"text/html": file_html(made, INLINE)}
    return {"text/html": file_html(made, CDN) + "".join(components(made))}


def loaded(monkeypatch: pytest.MonkeyPatch, resources: Any) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    module = sys.modules[load_notebook.__module__]
    monkeypatch.setattr(module, "publish_display_data", lambda data, *_, **__: shown.append(data))
    load_notebook(resources=resources)
    return shown


def highlighted() -> dict[str, Any]:
    def written(form: Any) -> str:
        return highlight(CODE, PythonLexer(), form)

    page = written(HtmlFormatter(full=True, linenos=True))
    return {"text/html": page, "image/svg+xml": written(SvgFormatter()), "text/plain": written(Terminal256Formatter())}


def assert_same(shown: list[dict[str, Any]]) -> None:
    source = notebook([TABLE, *shown])
    made = prepare(source)
    for output, before in zip(made.notebook["cells"][0]["outputs"], source["cells"][0]["outputs"], strict=True):
        assert output == before
    assert made.problems == ()
    assert made.redacted == ""


def test_tables_plots_and_code(monkeypatch: pytest.MonkeyPatch) -> None:
    assert_same([frame(), plot(inline=False), highlighted(), *loaded(monkeypatch, CDN)])


def test_bokeh_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handout, "TOO_MANY_BYTES", 1 << 30)
    assert_same([plot(inline=True), *loaded(monkeypatch, INLINE)])


@pytest.mark.parametrize("text", ["ab/c " * 8_000, "a/b." * 3_000 + " c", "[1.5, 2/3], " * 5_000, "--x=1;" * 9_000])
def test_lines_of_any_length(text: str) -> None:
    assert_same([{"text/plain": text, "text/html": f"<pre>{text}</pre>", "application/json": {"a": text}}])


@pytest.mark.parametrize("before", ["ab/c, " * 4_000, "ab/c," * 4_000])
def test_behind_much_else_a_path_is_found(before: str) -> None:
    made = prepare(notebook([TABLE, {"text/plain": f"{before} '/home/zqbob/x.py' {before}"}]))
    assert made.notebook["cells"][0]["outputs"][1]["data"]["text/plain"] == f"{before} '…/x.py' {before}"
