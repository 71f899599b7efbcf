"""Rewriting what a notebook holds: outputs, metadata, attachments; texts where they stand, names of entries, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpubreak.view.encoded import LEAST, holds_folder, is_base64, is_encoded
from xpubreak.view.notebookfile import text_of
from xpubreak.view.printed import Meeting, Printed
from xpubreak.view.remains import MARKUP, SCRIPT

WIDGET = "application/vnd.jupyter.widget-view+json"


def rewrite_outputs(outputs: list[Any], printed: Printed | Meeting) -> None:
    """Rewrite the outputs of a cell."""
    for output in outputs:
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        if output.get("output_type") == "stream":
            _change(output, "text", printed.text)
        elif output.get("output_type") == "error":
            _change(output, "ename", printed.text)
            _change(output, "evalue", printed.text)
            lines = output.get("traceback")
            output["traceback"] = [printed.text(text_of(line)) for line in lines] if isinstance(lines, list) else []
        elif isinstance(data, dict):
            for kind in list(data):
                if kind in MARKUP:
                    _change(data, kind, printed.html)
                elif kind.startswith("text/") and kind != SCRIPT:
                    _change(data, kind, printed.text)
                elif kind.endswith("json") and kind != WIDGET:
                    data[kind] = told(data[kind], printed)
            output["data"] = _renamed(data, printed)
        if isinstance(output.get("metadata"), dict):
            output["metadata"] = told(output["metadata"], printed)


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


def _is_picture(value: Any) -> bool:
    """Whether this is base64, whose lines may look like paths."""
    lines = value if isinstance(value, list) else [value]
    return all(isinstance(line, str) and is_base64(line) for line in lines) and (
        sum(map(len, lines)) >= LEAST or not holds_folder("".join(lines))
    )


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
