"""What a handout cannot rewrite: attributes and scripts of HTML, programs, texts that colours divide, our own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from xpubreak.view.drawn import NAMING, UNSAID, states_in
from xpubreak.view.notebookfile import text_of, texts_in
from xpubreak.view.plain import REDACTED
from xpubreak.view.printed import Printed

MARK = "data-xpubreak-static"
MARKUP = ("text/html", "image/svg+xml")
SCRIPT = "text/javascript"
_COPIED = re.compile(r'data-xpubreak-picture="([^"]{1,99})"')
_TOLD = {
    NAMING: "a picture in it was drawn with names: draw it again without --no-redact or redact=False",
    UNSAID: "a picture in it does not say whether names were left out when it was drawn: draw it again",
}


def left_as_is(outputs: list[Any], printed: Printed) -> list[str]:
    """What cannot be rewritten, where it names something; and what we showed without leaving names out."""
    found: list[str] = []
    for output in outputs:
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        for kind, value in data.items() if isinstance(data, dict) else ():
            text = text_of(value)
            if kind in MARKUP:
                if MARK in text and REDACTED not in text:
                    found.append("what it shows is not marked as redacted: run it again without --no-redact")
                if printed.markup_names_something(text):
                    found.append("attributes or scripts of its HTML name a path, host or person, and stay as they are")
            elif (kind == SCRIPT or kind.startswith("application/")) and printed.code_names_something(
                text if isinstance(value, str) else "\n".join(texts_in(value))
            ):
                found.append(f"its {kind} names a path, host or person, and stays as it is")
        traceback = output.get("traceback") if output.get("output_type") == "error" else None
        lines = [text_of(line) for line in traceback] if isinstance(traceback, list) else []
        if printed.names_something("\n".join([text_of(output.get("text")), *lines])):
            found.append("colours divide a path, host or person in what it printed, which stays as it is")
    return list(dict.fromkeys(found))


def pictures_told(cell: Mapping[str, Any]) -> list[str]:
    """What our pictures in a cell say of names in them, where no copy beside them has said it.

    A copy knows the picture that it was shown with: one that says nothing itself is judged by its copy.
    """
    bundles = list(_bundles(cell))
    copies = [text_of(bundle.get("text/html")) for bundle in bundles]
    copied = {tail: REDACTED in html for html in copies for tail in _COPIED.findall(html)}
    found = [
        _TOLD[state]
        for bundle in bundles
        for kind, value in bundle.items()
        if kind.startswith(("image/", "text/"))
        for state, encoded in states_in(kind, text_of(value))
        if state in _TOLD and (encoded[-64:] not in copied or (state == NAMING and copied[encoded[-64:]]))
    ]
    return list(dict.fromkeys(found))


def _bundles(cell: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    outputs, attachments = cell.get("outputs"), cell.get("attachments")
    for output in outputs if isinstance(outputs, list) else ():
        if isinstance(output, dict) and isinstance(output.get("data"), dict):
            yield output["data"]
    yield from (
        item for item in (attachments.values() if isinstance(attachments, dict) else ()) if isinstance(item, dict)
    )
    if cell.get("cell_type") == "markdown":
        yield {"text/markdown": text_of(cell.get("source"))}
