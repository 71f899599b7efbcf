"""Rewriting what a notebook holds: outputs, metadata, attachments; texts where they stand, names of entries, too."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from xpubreak.view.encoded import LEAST, holds_folder, is_base64, is_encoded
from xpubreak.view.kinds import Form, form_of
from xpubreak.view.notebookfile import is_text, text_of
from xpubreak.view.printed import Meeting, Printed

_NO_ID = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_ID = 64
"""As nbformat has it."""


def rewrite_notebook(notebook: dict[str, Any], printed: Printed | Meeting) -> None:
    """Rewrite all of a notebook but the sources of its cells."""
    cells = notebook["cells"]
    for at, cell in enumerate(cells):
        if isinstance(cell, dict):
            _rewrite_cell(cell, printed)
        else:
            cells[at] = told(cell, printed)
    _rename_ids(cells, printed)
    for key, value in notebook.items():
        if key != "cells":
            notebook[key] = told(value, printed)  # papermill, for one, notes where it read and wrote
    _rename(notebook, printed)


def rewrite_outputs(outputs: list[Any], printed: Printed | Meeting) -> None:
    """Rewrite the outputs of a cell, whatever they are: also such as nbformat does not know."""
    for at, output in enumerate(outputs):
        if not isinstance(output, dict):
            outputs[at] = told(output, printed)
            continue
        for key, value in output.items():
            if key == "data" and isinstance(value, dict):
                output[key] = _bundle(value, printed)
            elif key == "traceback" and isinstance(value, list):
                output[key] = [printed.text(text_of(line)) for line in value]
            elif key in ("text", "evalue") and is_text(value):
                _change(output, key, printed.text)
            else:
                output[key] = told(value, printed)
        if output.get("output_type") == "error" and not isinstance(output.get("traceback"), list):
            output["traceback"] = [output["traceback"]] if isinstance(output.get("traceback"), str) else []
        _rename(output, printed)


def told(value: Any, printed: Printed | Meeting) -> Any:
    """Rewrite a value of JSON: its texts, and what its entries are called; what is encoded stays."""
    if isinstance(value, dict):
        made = {}
        for name, item in value.items():
            made[name] = item if name.startswith("image/") and _is_picture(item) else told(item, printed)
        return _renamed(made, printed)
    if isinstance(value, list):
        for at, item in enumerate(value):
            value[at] = told(item, printed)
        return value
    is_kept = not isinstance(value, str) or (is_encoded(value) and not holds_folder(value))
    return value if is_kept else printed.text(value)


def _rewrite_cell(cell: dict[str, Any], printed: Printed | Meeting) -> None:
    for key, value in cell.items():
        if key == "outputs" and isinstance(value, list):
            rewrite_outputs(value, printed)
        elif key == "attachments" and isinstance(value, dict):
            bundles = {
                name: _bundle(item, printed) if isinstance(item, dict) else told(item, printed)
                for name, item in value.items()
            }
            cell[key] = _renamed(bundles, printed)
        elif key not in ("source", "id"):
            cell[key] = told(value, printed)
    _rename(cell, printed)


def _bundle(data: dict[str, Any], printed: Printed | Meeting) -> dict[str, Any]:
    """Rewrite what is shown in one form or another: programs, and what we do not know, stay."""
    for kind, value in data.items():
        form = form_of(kind)
        if kind.startswith("image/") and _is_picture(value):
            continue
        if form in (Form.MARKUP, Form.TEXT) and is_text(value):
            _change(data, kind, printed.html if form == Form.MARKUP else printed.text)
        elif form in (Form.MARKUP, Form.TEXT, Form.JSON):
            data[kind] = told(value, printed)
    return _renamed(data, printed)


def _rename_ids(cells: list[Any], printed: Printed | Meeting) -> None:
    """Rewrite names of cells, which nbformat allows few letters, and each once."""
    named = [cell for cell in cells if isinstance(cell, dict) and isinstance(cell.get("id"), str)]
    taken = {cell["id"] for cell in named}
    for cell in named:
        written = printed.text(cell["id"])
        if written == cell["id"]:
            continue
        stem = _NO_ID.sub("-", written)[: _LONGEST_ID - 8] or "cell"
        form, number = stem, 1
        while form in taken:
            number += 1
            form = f"{stem}-{number}"
        taken.add(form)
        cell["id"] = form


def _is_picture(value: Any) -> bool:
    """Whether this is base64, whose lines may look like paths."""
    lines = value if isinstance(value, list) else [value]
    return all(isinstance(line, str) and is_base64(line) for line in lines) and (
        sum(map(len, lines)) >= LEAST or not holds_folder("".join(lines))
    )


def _rename(entries: dict[str, Any], printed: Printed | Meeting) -> None:
    """Rewrite what entries are called, in the same dictionary."""
    made = _renamed(entries, printed)
    if made is not entries:
        entries.clear()
        entries.update(made)


def _renamed(entries: dict[str, Any], printed: Printed | Meeting) -> dict[str, Any]:
    """Rewrite what entries are called; two never get one name."""
    written = {name: printed.text(name) for name in entries}
    taken = {name for name, other in written.items() if name == other}
    if len(taken) == len(entries):
        return entries
    made = {}
    for name, item in entries.items():
        form, number = written[name], 1
        while form != name and form in taken:
            number += 1
            form = f"{written[name]} ({number})"
        taken.add(form)
        made[form] = item
    return made


def _change(holder: dict[str, Any], key: str, rewrite: Callable[[str], str]) -> None:
    before = text_of(holder.get(key))
    after = rewrite(before)
    if after != before:
        holder[key] = after
