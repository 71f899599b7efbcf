"""The scanner finds the same entries however the file is cut into chunks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpubreak.errors import NotATraceError
from xpubreak.trace import scan
from xpubreak.trace.scan import Scanner

NASTY = st.text(alphabet='ab"\\{}[]:,\n\té\N{RIGHT-TO-LEFT OVERRIDE}', max_size=12)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {"ph": st.just("X"), "name": NASTY, "args": st.dictionaries(NASTY, st.lists(NASTY), max_size=2)}
    )
)


def entries(data: bytes, size: int) -> tuple[list[bytes], Scanner]:
    scanner = Scanner()
    found = [
        batch.text[start:end]
        for at in range(0, len(data), size)
        for batch in scanner.feed(data[at : at + size])
        for start, end in batch.spans
    ]
    return found, scanner


@given(EVENTS, st.integers(1, 40), st.booleans(), st.sampled_from([None, 2]))
def test_entries_do_not_depend_on_chunks(events: list[object], size: int, is_array: bool, indent: int | None) -> None:
    document = events if is_array else {"a": {"b": [1]}, "traceEvents": events, "traceName": "x]}"}
    found, scanner = entries(json.dumps(document, indent=indent).encode(), size)
    assert [json.loads(text) for text in found] == events
    assert scanner.is_complete
    assert scanner.finish() == b""


@given(EVENTS, st.integers(1, 40), st.data())
def test_truncation_loses_at_most_the_last_entry(events: list[object], size: int, data: st.DataObject) -> None:
    text = json.dumps({"traceEvents": events}).encode()
    cut = data.draw(st.integers(len(b'{"traceEvents": ['), len(text)))
    found, scanner = entries(text[:cut], size)
    assert [json.loads(entry) for entry in found] == events[: len(found)]
    assert scanner.is_complete == (cut > text.rindex(b"]"))
    assert len(found) == len(events) or not scanner.is_complete


@pytest.mark.parametrize("text", [b"hello", b"\x00\x01", b"<html>", b'"traceEvents"', b"12"])
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(NotATraceError):
        entries(text, 100)


def test_an_oversized_entry_is_skipped_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_EVENT_BYTES", 5_000)
    monkeypatch.setattr(scan, "RESYNC_BYTES", 1_000)
    events = [{"ph": "X", "name": "a"}, {"ph": "X", "name": "x" * 20_000}, {"ph": "X", "name": "b"}]
    found, scanner = entries(json.dumps(events).encode(), 700)
    assert [json.loads(text)["name"] for text in found] == ["a", "b"]
    assert scanner.oversized == 1


def test_a_missing_quote_costs_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "RESYNC_BYTES", 200)
    good = [{"ph": "X", "name": f"n{i}", "ts": i} for i in range(50)]
    lines = [json.dumps(event) for event in good]
    lines[3] = '{"ph": "X", "name": "broken, "ts": 3}'
    found, _ = entries(("[\n" + ",\n".join(lines) + "\n]").encode(), 64)
    readable = []
    for text in found:
        try:
            readable.append(json.loads(text)["name"])
        except ValueError:
            continue
    assert len(readable) >= 40, "damage is local"
    assert readable[:3] == ["n0", "n1", "n2"]
    assert readable[-1] == "n49"
