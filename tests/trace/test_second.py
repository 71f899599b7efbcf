"""More than one list of events in a file: one is read, the others are told of, and nothing is mixed."""

from __future__ import annotations

import gzip
import importlib.util

import pytest

from tests.trace.laws import assert_same, read
from xpubreak.trace import heading, source
from xpubreak.trace.trace import Trace

WAYS = ("1", "0") if importlib.util.find_spec("numba") else ("0",)
EVENT = '{"ph":"X","cat":"cpu_op","name":"n%d","pid":1,"tid":1,"ts":%d,"dur":1}'


def listed(*numbers: int) -> str:
    return "[" + ",".join(EVENT % (number, number) for number in numbers) + "]"


def document(text: str, *lists: str) -> str:
    """Put lists into a text, each where an @ stands."""
    for one in lists:
        text = text.replace("@", one, 1)
    return text


def read_both(text: str | bytes) -> tuple[list[str], dict[str, str], Trace]:
    found = [read(text if isinstance(text, bytes) else text.encode(), way) for way in WAYS]
    assert_same(found[0], found[-1])
    trace = found[0]
    assert isinstance(trace, Trace), trace
    names = [trace.name(row) for row in range(len(trace.events))]
    return names, {issue.code: issue.severity for issue in trace.issues}, trace


FIRST = '{"traceEvents":' + listed(1, 2, 3) + ',"distributedInfo":{"rank":5}}'


@pytest.mark.parametrize("between", ["", "\n", "\r\n\ufeff"])
@pytest.mark.parametrize(
    "second", [document('{"a":[1],"traceEvents":@}', listed(4, 5)), document('{"traceEvents":@}', listed(4))]
)
def test_a_second_document_is_told_of_and_left_out(between: str, second: str) -> None:
    names, issues, trace = read_both(FIRST + between + second)
    assert names == ["n1", "n2", "n3"]
    assert issues == {"second-document": "error"}
    assert trace.metadata.rank == 5, "what the first one says behind its events counts"
    packed = gzip.compress(FIRST.encode()) + gzip.compress(second.encode())
    assert read_both(packed)[:2] == (names, issues)


def test_a_second_array() -> None:
    assert read_both(listed(1, 2) + listed(3, 4))[:2] == (["n1", "n2"], {"second-document": "error"})


def test_members_of_one_document_are_one() -> None:
    text = FIRST.encode()
    for cut in range(0, len(text), 7):
        names, issues, _ = read_both(gzip.compress(text[:cut]) + gzip.compress(text[cut:]))
        assert (names, issues) == (["n1", "n2", "n3"], {})


def test_the_key_twice() -> None:
    text = document('{"traceEvents":@,"traceEvents":@}', listed(1), listed(2, 3))
    assert read_both(text)[:2] == (["n1"], {"second-events": "error"})


@pytest.mark.parametrize("chunk_bytes", [13, 1 << 22])
def test_only_the_list_of_the_file_itself_counts(chunk_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK_BYTES", chunk_bytes)
    text = r'{"meta":{"s":"]}\"{","traceEvents":@},"traceEvents":@,"config":{"traceEvents":@},"dropped":@}'
    names, issues, _ = read_both(document(text, listed(1), listed(2, 3), listed(4, 5), listed(6, 7)))
    assert (names, issues) == (["n2", "n3"], {})


def test_a_list_within_something_else_is_read_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    text = document('{"a":{"traceEvents":@},"b":{"traceEvents":@},"c":@}', listed(1, 2), listed(3, 4), listed(5))
    assert read_both(text)[:2] == (["n1", "n2"], {"misplaced-events": "error"})
    monkeypatch.setattr(heading, "MAX_HEADER_BYTES", 20)
    monkeypatch.setattr(source, "CHUNK_BYTES", 100)
    assert read_both(text)[0] == ["n1", "n2"], "more than that is not waited for"


def test_damage_before_the_list_costs_what_stands_there() -> None:
    names, issues, _ = read_both(document('{"a":[{"id":0},"traceEvents":@,"b":1}', listed(1, 2)))
    assert names == ["n1", "n2"]
    assert issues == {"misplaced-events": "error", "damaged-metadata": "warning"}


@pytest.mark.parametrize("is_array", [False, True])
def test_an_array_that_seems_to_end_early_goes_on(is_array: bool) -> None:
    """Behind a missing quote brackets in names count."""
    events = listed(1, 2, 3, 4, 5).replace('"n2"', 'n2]}}]"')
    names, issues, _ = read_both(events if is_array else document('{"traceEvents":@}', events))
    assert names[0] == "n1"
    assert names[-2:] == ["n4", "n5"]
    assert "broken-event" in issues
    assert "second-document" not in issues


@pytest.mark.parametrize(
    ("lost", "code"),
    [
        ('"', "second-document"),
        ("}", "second-document"),
        ("]", "second-document"),
        (":1}]}", "second-document"),
        ('"n3"', "second-document"),
        ("]}", "truncated-file"),  # the second one is an entry of the first one's list, and no event
        ("}]", "truncated-file"),
    ],
)
def test_damage_at_the_end_of_the_first_does_not_let_the_second_in(lost: str, code: str) -> None:
    first = '{"traceEvents":' + listed(1, 2, 3) + "}"
    at = first.rindex(lost)
    text = first[:at] + first[at + len(lost) :] + '{"traceEvents":' + listed(*range(4, 40)) + "}"
    names, issues, _ = read_both(text)
    assert {"n1", "n2"} <= set(names) <= {"n1", "n2", "n3"}
    assert issues[code] == "error"


def test_a_long_event_without_end_does_not_let_the_second_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xpubreak.trace.scan.RESYNC_BYTES", 1000)
    first = '{"traceEvents":' + listed(1, 2, 3) + "}"
    text = first.replace('"n3"', 'n3"') + '{"traceEvents":' + listed(*range(4, 400)) + "}"
    trace = read(text.encode(), "0")
    assert isinstance(trace, Trace)
    assert [trace.name(row) for row in range(len(trace.events))] == ["n1", "n2"]
    assert "second-document" in [issue.code for issue in trace.issues]


def test_text_behind_the_end_is_told_of() -> None:
    names, issues, trace = read_both(FIRST + "garbage")
    assert (names, issues) == (["n1", "n2", "n3"], {"trailing-text": "warning"})
    assert trace.metadata.rank == 5
    assert read_both(FIRST + "\n\0\0\0\n")[1] == {}


def test_what_stands_behind_the_events_and_is_damaged_is_told_of() -> None:
    names, issues, _ = read_both('{"traceEvents":' + listed(1) + ',"distributedInfo":{"rank":5')
    assert (names, issues) == (["n1"], {"damaged-metadata": "warning"})


def test_a_very_long_ending_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xpubreak.trace.scan.MAX_HEADER_BYTES", 50)
    assert "long-ending" in read_both(document('{"traceEvents":@,"a":"@"}', listed(1), "x" * 99))[1]


def test_a_byte_order_mark_costs_nothing() -> None:
    text = document('\ufeff{"distributedInfo":{"rank":3},"traceEvents":@}', listed(1))
    names, issues, trace = read_both(text)
    assert (names, issues, trace.metadata.rank) == (["n1"], {}, 3)


@pytest.mark.parametrize("text", ['{"distributedInfo":{"rank":3},"traceEvents":@}', "@"])
def test_blanks_before_a_trace_may_be_any_number(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK_BYTES", 1000)
    whole = " \n" * 5000 + document(text, listed(1, 2))
    names, issues, trace = read_both(whole)
    assert (names, issues) == (["n1", "n2"], {})
    assert [whole[place:].startswith('{"ph"') for place in trace.events.offset.tolist()] == [True, True]
    blank = heading.Heading()
    assert [blank.feed(b" " * 1000) for _ in range(3)] == [None] * 3
    assert not blank._held, "a file of nothing else takes no memory"
