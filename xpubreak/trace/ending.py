"""Ending: what stands behind the event array: the rest of its object, and nothing else unless something is wrong."""

from __future__ import annotations

import codecs
import json
import re

from xpubreak.trace.builder import Builder
from xpubreak.trace.heading import EVENTS_KEY
from xpubreak.trace.salvage import decode_each, entries
from xpubreak.trace.scan import Scanner

_BLANKS = b"\xef\xbb\xbf \t\r\n\0"
_EVENT = re.compile(rb'\{\s*(?:"(?:cat|name|pid|tid|ts|dur|id|s)"\s*:\s*[^{}\[\]]{0,2000}?)?"ph"\s*:')
_PAIRS = json.JSONDecoder(strict=False, object_pairs_hook=list)
_EXAMPLE_BYTES = 60


def read_ending(scanner: Scanner, builder: Builder) -> bytes:
    """Judge what follows the array, and take the events that only damage has put there.

    Parameters
    ----------
    scanner
        Which has seen the end of the array.
    builder
        Takes events, and counts what is wrong.

    Returns
    -------
    bytes
        The rest of the object to which the array belongs.
    """
    heading, footer = scanner.heading, scanner.footer
    before = heading.text if heading.is_misplaced else b"{"
    end, is_twice = (0, False) if heading.is_array else _end_of_object(before, footer)
    if is_twice:
        builder.count("second-events")
    behind = footer[max(0, end) :].strip(_BLANKS)
    is_settled = end >= 0 and (not behind or _is_document(behind))
    if behind and is_settled:
        builder.count("second-document", _text(behind))
    elif behind:
        _salvage(behind, scanner, builder, is_valid=end >= 0)
    if scanner.lost_bytes and not (behind and is_settled):
        builder.count("long-ending")
    return footer if end < 0 else footer[:end]


def _end_of_object(before: bytes, footer: bytes) -> tuple[int, bool]:
    """Where the object ends in the footer (−1: it is damaged), and whether it has a second list of events."""
    opened = before.removeprefix(codecs.BOM_UTF8).strip() + b'"traceEvents": []'
    text = (opened + footer).decode("utf-8", "surrogateescape")
    try:
        pairs, end = _PAIRS.raw_decode(text)
    except (ValueError, RecursionError):
        return -1, False
    is_twice = sum(key == "traceEvents" for key, _ in pairs) > 1
    return len(text[:end].encode("utf-8", "surrogateescape")) - len(opened), is_twice


def _is_document(text: bytes) -> bool:
    return text[:1] in (b"{", b"[") and _EVENT.match(text) is None


def _salvage(text: bytes, scanner: Scanner, builder: Builder, *, is_valid: bool) -> None:
    """Take events out of text behind the array: behind a missing quote the array seems to end early."""
    place = scanner.footer_place + scanner.footer.rindex(text)
    other = EVENTS_KEY.search(text)
    if other is not None:
        builder.count("second-document", _text(text[other.start() :]))
        text = text[: other.start()]
    split = Scanner.resume(b" ," + text)
    if split is not None:
        builder.count("broken-event", _text(text))
        builder.add(*decode_each(entries(split[1], place + len(text) - len(split[1])), builder))
    elif is_valid and other is None:
        builder.count("trailing-text", _text(text))


def _text(text: bytes) -> str:
    return text[:_EXAMPLE_BYTES].decode("utf-8", "replace")
