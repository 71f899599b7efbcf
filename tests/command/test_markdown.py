"""Names in Markdown reports are code to whoever renders them: GitHub makes links and mentions of any other text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

import xpubreak as xb
from tests import hostile
from xpubreak.breakdown.text import clip
from xpubreak.command.markdown import cell, code, markdown

LINKS = (
    "www.evil.com",
    "http://evil.com/x",
    "see https://evil.com.",
    "bob@evil.com",
    "mailto:bob@evil.com",
    "xmpp:foo@bar.baz",
    "@octocat",
    "#12",
    "GH-12",
    "octo/repo#3",
    "0d1c8f24e0b2c1b1b5f0c4d5e6f708192a3b4c5d",
    ":shrimp:",
    "$`x`$",
)
EDGES = (
    "`",
    "``",
    "```",
    "`x`",
    "a`b``c",
    "` `",
    "|",
    "||",
    "a\\|b",
    "\\",
    "a\\",
    "`|`",
    " x ",
    " ",
    "   ",
    " a",
    "a ",
    "",
)
NAMES = (*LINKS, *EDGES, *hostile.NAMES)
PARSER = MarkdownIt("commonmark").enable("table")
"""GFM is this and links in text, which code is not: https://github.github.com/gfm/#autolinks-extension-."""


def inline(text: str) -> Iterator[Token]:
    for block in PARSER.parse(text):
        assert block.type not in {"fence", "code_block", "html_block"}
        yield from block.children or ()


def shown(name: str) -> str:
    return clip(name, 120).replace("\u2028", "\N{REPLACEMENT CHARACTER}").replace("\u2029", "\N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize("form", ["### {}", "- **warning**: {}", "{}", "{} · synthetic", "selected: {}"])
def test_a_name_is_one_piece_of_code(form: str) -> None:
    for name in NAMES:
        found = list(inline(form.format(code(name))))
        assert [part.content for part in found if part.type == "code_inline"] == [shown(name) or "–"]
        rest = "".join(part.content for part in found if part.type == "text")
        assert rest in {"", "warning: ", " · synthetic", "selected: "}, name


def test_a_name_is_one_cell() -> None:
    head = [("text", "kernel"), ("text", "backend")]
    for name in NAMES:
        found = list(inline(f"| kernel | backend |\n| --- | --- |\n| {cell(name)} | cpu |"))
        row = [("code_inline", shown(name) or "–"), ("text", "cpu")]
        assert [(part.type, part.content) for part in found] == head + row


def test_the_rest_of_a_report_is_ours() -> None:
    bd = hostile.breakdown()
    parts = list(inline(markdown(bd.select(text=["/.*/", "e"]))))
    assert {part.type for part in parts} <= {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
    rest = " ".join(part.content for part in parts if part.type == "text")
    assert not set(rest) & set("@#<>[]`\\/$~|"), rest
    assert "www" not in rest


def test_warnings_are_whole() -> None:
    bd = xb.load(xb.samples.path("h200-torch-graph"))
    said = [issue.message for issue in bd.issues if issue.severity != "info"]
    assert max(map(len, said)) > 120
    assert all(f"`{message}`" in markdown(bd) for message in said)
