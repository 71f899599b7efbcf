"""What a handout does not rewrite: attributes and scripts of HTML, programs, texts that something divides, our own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from xpubreak.view.drawn import NAMING, UNSAID, states_in
from xpubreak.view.encoded import decoded, is_base64, is_encoded
from xpubreak.view.kinds import Form, form_of
from xpubreak.view.markup import shown
from xpubreak.view.notebookfile import is_text, text_of, texts_in
from xpubreak.view.plain import REDACTED
from xpubreak.view.printed import Printed

MARK = "data-xpubreak-static"
_COPIED = re.compile(r'data-xpubreak-picture="([^"]{1,99})"')
_DIVIDED = "tags or escapes divide a path, host or person in its {}, which stays as it is"
_TOLD = {
    NAMING: "a picture in it was drawn with names: draw it again without --no-redact or redact=False",
    UNSAID: "a picture in it does not say whether names were left out when it was drawn: draw it again",
}


def left_as_is(outputs: list[Any], printed: Printed) -> list[str]:
    """What is not rewritten, where it names something; and what we showed without leaving names out."""
    found: list[str] = []
    for output in outputs:
        if not isinstance(output, dict):
            found += _spelled("output", output, printed)
            continue
        data = output.get("data")
        for kind, value in data.items() if isinstance(data, dict) else ():
            found += _left_in(kind, value, printed)
        others = {key: value for key, value in output.items() if key != "data" or not isinstance(value, dict)}
        found += _spelled("output", others, printed)
    found += _parted(outputs, printed)
    return list(dict.fromkeys(found))


def left_beside(holder: Mapping[str, Any], printed: Printed) -> list[str]:
    """What is not rewritten of a cell or a notebook, besides sources and outputs."""
    found: list[str] = []
    for key, value in holder.items():
        if key == "attachments" and isinstance(value, dict):
            bundles = [item for item in value.values() if isinstance(item, dict)]
            found += [left for item in bundles for kind, text in item.items() for left in _left_in(kind, text, printed)]
        elif key not in ("source", "cells") and not (key == "outputs" and isinstance(value, list)):
            found += _spelled(key, value, printed)
    return list(dict.fromkeys(found))


def _left_in(kind: str, value: Any, printed: Printed) -> Iterator[str]:
    form = form_of(kind)
    text = text_of(value) if is_text(value) else "\n".join(texts_in(value))
    if form == Form.MARKUP:
        what = "HTML" if kind == "text/html" else kind
        text = decoded(text) if is_base64(text) else text
        if MARK in text and REDACTED not in text:
            yield "what it shows is not marked as redacted: run it again without --no-redact"
        if printed.markup_names_something(text):
            yield f"attributes, styles or scripts of its {what} name a path, host or person, and stay as they are"
        seen = shown(text)
        if printed.spells_something(seen) or (kind.startswith("image/") and printed.names_something(seen)):
            yield _DIVIDED.format(what)
    elif form == Form.PROGRAM or (form == Form.UNKNOWN and not _is_binary(kind, text)):
        if printed.code_names_something(text) or (form == Form.UNKNOWN and printed.names_something(text)):
            yield f"its {kind} names a path, host or person, and stays as it is"
    elif form in (Form.TEXT, Form.JSON):
        yield from _spelled(kind, value, printed)


def _spelled(what: str, value: Any, printed: Printed) -> Iterator[str]:
    """What was rewritten, and names something all the same."""
    texts = [text_of(value)] if is_text(value) else list(texts_in(value))
    if any(printed.spells_something(text) for text in texts if not is_base64(text)):
        yield _DIVIDED.format(what)


def _is_binary(kind: str, text: str) -> bool:
    return is_encoded(text) or (kind.startswith(("image/", "audio/", "video/")) and is_base64(text))


def _parted(outputs: list[Any], printed: Printed) -> Iterator[str]:
    """What was printed piece by piece: a stream may go on in the next output."""
    said: dict[str, list[str]] = {}
    for output in outputs:
        if isinstance(output, dict) and output.get("output_type") == "stream":
            said.setdefault(str(output.get("name")), []).append(text_of(output.get("text")))
    spells = printed.spells_something
    if any(len(texts) > 1 and spells("".join(texts)) and not any(map(spells, texts)) for texts in said.values()):
        yield "a path, host or person is printed piece by piece, in more than one output, which stays as it is"


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
