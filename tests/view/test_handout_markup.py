"""Markup of other programs: what its tags divide is rewritten all the same, and what cannot be is told."""

from __future__ import annotations

import base64
import json
from html.parser import HTMLParser
from time import process_time

import pytest

from tests.view.test_handout import TABLE, notebook
from xpubreak.view.handout import prepare
from xpubreak.view.markup import pieces, runs
from xpubreak.view.printed import Printed

PLACE = "/home/zqbob/x.py"


def shared(markup: str, kind: str = "text/html") -> tuple[str, tuple[str, ...]]:
    made = prepare(notebook([TABLE, {kind: markup}]))
    return made.notebook["cells"][0]["outputs"][1]["data"][kind], made.problems


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/home/<b>zqbob</b>/x.py", "…/x.py<b></b>"),
        ("<pre><span class=s>/home/</span><span>zqbob</span>/x.py</pre>",
         "<pre><span class=s>…/x.py</span><span></span></pre>"),
        ("a &lt; <i>/home/</i>zqbob/x.py &amp; b", "a &lt; <i>…/x.py</i> &amp; b"),
        ("/home/<wbr>zqbob/<!-- - --><wbr>x.py", "…/x.py<wbr><!-- - --><wbr>"),
        ("<b>node7</b>:29500 and <i>node7</i>", "<b>host-1</b>:29500 and <i>host-1</i>"),
        ("see <b>/home/zqbob/x.py</b> and <i>/home/zqbob/y.py</i>", "see <b>…/x.py</b> and <i>…/y.py</i>"),
        ("<td>/home/zqbob/x.py</td><td>/home/zqbob/y.py</td>", "<td>…/x.py</td><td>…/y.py</td>"),
        ("<code>a\n/home/</code>zqbob/x.py\nb<b>c</b>", "<code>a\n…/x.py</code>\nb<b>c</b>"),
        ("&#47;home&#47;zqbob&sol;x.py", "…/x.py"),
        (f"<title>{PLACE}</title>", "<title>…/x.py</title>"),
        (f"<!-- a > {PLACE} --><p>b</p>", "<!-- a > …/x.py --><p>b</p>"),
        ("<!--/home/zqbob--><p>b</p>", "<!--…/--><p>b</p>"),
    ],
)  # fmt: skip
def test_what_tags_divide_is_rewritten_where_it_begins(before: str, after: str) -> None:
    assert shared(before) == (after, ())


@pytest.mark.parametrize("kind", ["image/svg+xml", "application/xhtml+xml"])
def test_in_other_markup_too(kind: str) -> None:
    written, problems = shared("<text><tspan>/home/</tspan><tspan>zqbob</tspan>/x.py</text>", kind)
    assert (written, problems) == ("<text><tspan>…/x.py</tspan><tspan></tspan></text>", ())
    assert shared(f"<a><![CDATA[{PLACE}]]></a>", kind) == ("<a><![CDATA[…/x.py]]></a>", ())


@pytest.mark.parametrize(
    "markup",
    [
        "<td>/home/</td><td>zqbob</td>", "<iframe srcdoc='<p>/home/zqbob/x</p>'></iframe>",
        "<iframe srcdoc='/data/&lt;b>zqbob&lt;/b>/x'></iframe>", f"<style>/* {PLACE} */</style>", f"<p id='{PLACE}'>",
        f"<p {PLACE}>", f"</p {PLACE}>", f"<?xml-stylesheet href='{PLACE}'?>", f"<!DOCTYPE a SYSTEM '{PLACE}'>",
        f"<p title='a > {PLACE}'>x</p>", "<p title='&#47;home&#47;zqbob'>", "<a href='%2Fhome%2Fzqbob'>x</a>",
        "<a href='data:text/plain,%2Fhome%2Fzqbob'>x</a>", "<a href='data:text/plain,node7%3A29500'>x</a>",
        f"<a href='data:text/plain;base64,{base64.b64encode(PLACE.encode()).decode()}'>x</a>",
        '<script type="application/json">{"a": "\\u002fhome\\u002fzqbob"}</script>',
        "<script>a = '\\x2fhome\\x2fzqbob'</script>",
        '<script type="application/json">{"at": "node7:29500"}</script>',
        "<script>env = {MASTER_ADDR: 'node7'}</script>",
        "&amp;#47;home&amp;#47;zqbob",
    ],
)  # fmt: skip
def test_what_is_not_rewritten_is_told_with_its_cell(markup: str) -> None:
    written, problems = shared(markup)
    assert written == markup or "zqbob" in written
    [problem] = problems
    assert problem.startswith("In [1]: ")
    assert " a path, host or person" in problem


@pytest.mark.parametrize(
    "markup",
    [
        "<p title='a > b'>1 < 2 <b>/ 3</b></p>", "<!-- a > b --><!--> c <!---> d", "<!-- never closed <b>",
        "<p title='never>closed",
        "<script>if (a < b) c = '</p>'</script><b>x</b>", "<![CDATA[ a > b ]]>", "<a b=\"'>\" c>x</a>",
        "<iframe srcdoc='<script>a = b /x; c = /x/y</script>'></iframe>", "a <3 b > c",
        "<style>a > b { c: url(d/e) }</style>", "<p title=\">\n'\">x</p>",
    ],
)  # fmt: skip
def test_pieces_are_all_of_it_and_stay(markup: str) -> None:
    assert "".join(pieces(markup)) == markup
    assert shared(markup) == (markup, ())


@pytest.mark.parametrize(
    "markup", ["<p title='a > b'>c<b>d</b></p>", "<!-- a > b -->c<br>d", "<p a=\"'\" b='\"'>c</p>d"]
)
def test_texts_are_those_that_a_browser_sees(markup: str) -> None:
    class Texts(HTMLParser):
        seen = ""

        def handle_data(self, data: str) -> None:
            self.seen += data

    parser = Texts()
    parser.feed(markup)
    parser.close()
    assert "".join(list(pieces(markup))[::2]) == parser.seen


def test_cells_of_tables_are_read_apart() -> None:
    parts = list(pieces("<td>a<b>b</b></td><td>c</td>d<br>e"))
    assert [[parts[at] for at in run] for run in runs(parts)] == [["a", "b"], ["c"], ["d"], ["e"]]


@pytest.mark.parametrize(
    "part", ['<a b="x>" ', "<a b='", "<!--", "<![CDATA[", "<b>/home/</b>", "<a b='>", "<i>a </i>", "&#47;<b>"]
)
def test_markup_takes_time_in_proportion_to_its_length(part: str) -> None:
    begun_s = process_time()
    markup = Printed().html(part * 16_000)
    Printed().markup_names_something(markup)
    assert process_time() - begun_s < 6, "about a second; as the square of the length, minutes"


def test_texts_in_json_that_tags_or_escapes_divide_are_told() -> None:
    for text in (
        "/home/<b>zqbob</b>/x",
        "\\u002fhome\\u002fzqbob",
        "&#47;home&#47;zqbob",
        "data:text/plain,node7%3A29500",
    ):
        made = prepare(notebook([TABLE, {"application/vnd.plotly.v1+json": {"data": [{"hovertext": text}]}}]))
        [problem] = made.problems
        assert problem.startswith("In [1]: tags or escapes divide a path, host or person in its application/vnd.plotly")


def test_an_attachment_is_markup_or_encoded_as_an_output_is() -> None:
    picture = base64.b64encode(f"<svg><a href='{PLACE}'/></svg>".encode()).decode()
    made = notebook([TABLE])
    bundle = {"image/svg+xml": picture}
    made["cells"].append(
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "", "attachments": {"a": bundle}}
    )
    prepared = prepare(made)
    assert prepared.notebook["cells"][1]["attachments"] == {"a": bundle}
    [problem] = prepared.problems
    assert problem.startswith("markdown cell: attributes, styles or scripts of its image/svg+xml")
    bundle["image/svg+xml"] = "<svg><text>/home/<tspan>zqbob</tspan>/x</text></svg>"
    assert "zqbob" not in json.dumps(prepare(made).notebook)
