"""A parser to compare with: Python's json and decimal, and no speed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from typing import Any

_EXACT = Context(prec=2000)
_LIMIT_NS = 1 << 61
_LONGEST_NS = 1 << 53
_MOST_BYTES = 1 << 48
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"-?[0-9]{1,40}")

Row = tuple[int, int, str, int, int, int]
"""Start (ns, absolute), duration (ns), name, correlation, external id, bytes."""


@dataclass(frozen=True)
class Expected:
    """What a text says.

    Parameters
    ----------
    rows
        Complete events with a finite start, of the first list up to what is damaged, sorted.
    is_whole
        Nothing is damaged up to the end of the text.
    codes
        Issues that must be told, of `CODES`, where it is whole.
    """

    rows: list[Row]
    is_whole: bool
    codes: frozenset[str] = frozenset()


CODES = frozenset({"second-document", "second-events"})


class _Real(Decimal):
    """Written with a point or an exponent."""


_DECODER = json.JSONDecoder(
    parse_float=lambda text: _decimal(text, _Real), parse_int=lambda text: _decimal(text, Decimal)
)
_BLANKS = " \t\n\r"


def expected_of(data: bytes) -> Expected | None:
    """Read the first list of events at the top of the first document; None where there is none, or damage before it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    place = _blank_end(text, 0)
    try:
        if text[place : place + 1] == "[":
            rows, end = _list(text, place)
            codes = frozenset[str]()
        else:
            rows, end, codes = _object(text, place)
    except (ValueError, RecursionError):
        return None
    end = end if end < 0 else _blank_end(text, end)
    if end < 0 or end == len(text):
        return Expected(rows, end >= 0, codes)
    try:
        _DECODER.raw_decode(text, end)
    except (ValueError, RecursionError):
        return Expected(rows, is_whole=False)
    return Expected(rows, text[end] in "{[", codes | {"second-document"})


def _object(text: str, place: int) -> tuple[list[Row], int, frozenset[str]]:
    """Rows of the first list, the end of the object (−1: damaged behind the list), and what is odd."""
    rows: list[Row] | None = None
    keys = []
    try:
        place = _expect(text, place, "{")
        while True:
            key, place = _DECODER.raw_decode(text, place)
            if not isinstance(key, str):
                raise ValueError("no key")
            place = _expect(text, _blank_end(text, place), ":")
            if key == "traceEvents" and rows is None and text[place : place + 1] == "[":
                rows, place = _list(text, place)
                if place < 0:
                    return rows, -1, frozenset()
            else:
                _, place = _DECODER.raw_decode(text, place)
                keys.append((key, rows is not None))
            place = _blank_end(text, place)
            if text[place : place + 1] == "}":
                break
            place = _expect(text, place, ",")
    except (ValueError, RecursionError):
        if rows is None:
            raise
        return rows, -1, frozenset()
    if rows is None:
        raise ValueError("no list")
    return rows, place + 1, frozenset({"second-events"} if ("traceEvents", True) in keys else ())


def _list(text: str, place: int) -> tuple[list[Row], int]:
    """Rows up to the end of the list, or up to damage: then the place is −1."""
    rows = []
    try:
        place = _expect(text, place, "[")
        while text[place : place + 1] != "]" or rows:
            event, place = _DECODER.raw_decode(text, place)
            rows.append(event)
            place = _blank_end(text, place)
            if text[place : place + 1] == "]":
                break
            place = _expect(text, place, ",")
        place += 1
    except (ValueError, RecursionError):
        place = -1
    return sorted(row for event in rows for row in _rows(event)), place


def _rows(event: Any) -> list[Row]:
    if not isinstance(event, dict) or event.get("ph") != "X":
        return []
    start_ns, dur_ns = _ns(event.get("ts")), _ns(event.get("dur"))
    if start_ns is None:
        return []
    name, args = event.get("name"), event.get("args")
    args = args if isinstance(args, dict) else {}
    size = _index(args.get("bytes"))
    return [
        (
            start_ns,
            dur_ns if dur_ns is not None and 0 <= dur_ns <= _LONGEST_NS else 0,
            "" if name is None else str(name),
            _index(args.get("correlation")),
            _index(args.get("External id")) or -1,
            size if size <= _MOST_BYTES else -1,
        )
    ]


def _blank_end(text: str, place: int) -> int:
    while place < len(text) and text[place] in _BLANKS:
        place += 1
    return place


def _expect(text: str, place: int, char: str) -> int:
    if text[place : place + 1] != char:
        raise ValueError(f"no {char}")
    return _blank_end(text, place + 1)


def _decimal(text: str, kind: type[Decimal]) -> Decimal:
    try:
        return kind(text)
    except InvalidOperation:  # an exponent beyond all bounds
        return kind("NaN")


def _ns(value: Any) -> int | None:
    if isinstance(value, str):
        value = _decimal(value, Decimal) if _NUMBER.fullmatch(value) else None
    if not isinstance(value, Decimal) or not value.is_finite() or value.adjusted() > 30:
        return None
    if value.adjusted() < -30:
        return 0
    found = int(value.scaleb(3, _EXACT).to_integral_value(context=_EXACT))
    return found if abs(found) < _LIMIT_NS else None


def _index(value: Any) -> int:
    """Whole numbers, also in quotes; those with a point or an exponent as far as doubles are exact."""
    if isinstance(value, str):
        value = Decimal(value) if _INTEGER.fullmatch(value) else None
    elif isinstance(value, _Real):
        real = float(value)
        value = Decimal(real) if real.is_integer() and abs(real) <= 1 << 53 else None
    if not isinstance(value, Decimal) or not value.is_finite():
        return -1
    return int(value) if abs(value) < _LIMIT_NS else -1
