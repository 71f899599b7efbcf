"""Kinds of outputs: whether what a MIME type names is markup, text, JSON, a program, or not known to us."""

from __future__ import annotations

from enum import Enum

WIDGET = "application/vnd.jupyter.widget-view+json"
_LOADERS = ("bokehjs_load", "bokehjs_exec", "holoviews_load", "holoviews_exec")
"""JavaScript, though they are called JSON."""
_XML = frozenset(("text/html", "text/xml", "application/xml", "application/xhtml"))
_PLAIN = frozenset((
    "bibtex", "csv", "diff", "dot", "graphql", "ini", "json-lines", "json-seq", "jsonl", "jsonlines", "julia", "latex",
    "log", "markdown", "ndjson", "patch", "plain", "properties", "python", "r", "rst", "sh", "shellscript", "sql",
    "tex", "toml", "tsv", "yaml", "yml",
))  # fmt: skip
"""What is text by nature, whatever stands before its slash, and whether an ``x-`` stands behind it."""


class Form(Enum):
    """What a text of some kind is written in."""

    MARKUP = "markup"
    TEXT = "text"
    JSON = "json"
    PROGRAM = "program"
    WIDGET = "widget"
    UNKNOWN = "unknown"


def form_of(kind: str) -> Form:
    """What a MIME type says of its content; its parameters (``; charset=utf-8``) say nothing."""
    base = kind.partition(";")[0].strip().lower()
    family, _, name = base.partition("/")
    stem, _, suffix = name.removeprefix("x-").rpartition("+")
    if base == WIDGET:
        return Form.WIDGET
    if suffix.endswith(("javascript", "ecmascript")) or any(loader in stem for loader in _LOADERS):
        return Form.PROGRAM
    if suffix == "xml" or f"{family}/{stem or suffix}" in _XML:
        return Form.MARKUP
    if suffix in _PLAIN or name.startswith("vnd.code.notebook."):
        return Form.TEXT
    if suffix.endswith("json"):
        return Form.JSON
    return Form.TEXT if family == "text" else Form.UNKNOWN
