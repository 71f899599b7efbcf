"""What a handout cannot rewrite: attributes and scripts of HTML, programs, texts that colours divide, our copies."""

from __future__ import annotations

from typing import Any

from xpubreak.view.notebookfile import text_of
from xpubreak.view.plain import REDACTED
from xpubreak.view.printed import Printed

MARK = "data-xpubreak-static"
MARKUP = ("text/html", "image/svg+xml")
SCRIPT = "text/javascript"


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
            elif (kind == SCRIPT or kind.startswith("application/")) and printed.code_names_something(text):
                found.append(f"its {kind} names a path, host or person, and stays as it is")
        traceback = output.get("traceback") if output.get("output_type") == "error" else None
        lines = [text_of(line) for line in traceback] if isinstance(traceback, list) else []
        if printed.names_something("\n".join([text_of(output.get("text")), *lines])):
            found.append("colours divide a path, host or person in what it printed, which stays as it is")
    return list(dict.fromkeys(found))
