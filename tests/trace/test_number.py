"""Decimal text to exact nanoseconds."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpubreak.trace import kineto
from xpubreak.trace.number import MAX_DURATION_NS, duration_ns, to_index, us_to_ns


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        (b"0", 0),
        (b"1.5", 1_500),
        (b"4609930764454.552", 4_609_930_764_454_552),
        (b"1712195495505543.201", 1_712_195_495_505_543_201),  # absolute epoch time: a float would lose 0.25 µs
        (b"-0.5", -500),
        (b"-3", -3_000),
        (b'"12.25"', 12_250),
        (b"1e3", 1_000_000),
        (b"1.5E-2", 15),
        (b"0.0004", 0),
        (b"0.0006", 1),
        (b"7.123456", 7_123),
    ],
)
def test_exact(text: bytes, nanoseconds: int) -> None:
    assert us_to_ns(text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"null",
        b"abc",
        b'""',
        b"1e400",
        b"9" * 30,
        b"\xff",
        b"1.2.3",
        b"1_0",
        b"1_0.5",
        b"+5",
        b'"+5"',
        b'" 5"',
        b"5.",
        b".5",
        b"1e",
        b"-",
        b"--5",
        b"true",
        "٣".encode(),
        "٣.5".encode(),
        b"1e999999999999999999999",
    ],
)
def test_no_finite_time(text: bytes) -> None:
    assert us_to_ns(text) is None


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        (b"9007199254740.992", 1 << 53),
        (b"9007199254740.993", None),
        (b"2.2e15", None),
        (b"-3", -3000),
        (b"NaN", None),
    ],
)
def test_durations_have_a_bound(text: bytes, nanoseconds: int | None) -> None:
    assert duration_ns(text) == nanoseconds


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=3))
def test_agrees_with_decimal(value: Decimal) -> None:
    assert us_to_ns(str(value).encode()) == int(value * 1000)


@pytest.mark.parametrize(
    ("value", "index"),
    [
        (5, 5),
        ("17", 17),
        (3.0, 3),
        (2.5, -1),
        ("x", -1),
        (None, -1),
        (10**30, -1),
        (True, -1),
        (False, -1),
        ("1_0", -1),
        ("+5", -1),
        (" 5", -1),
        ("٣", -1),
        ("-7", -7),
        ("007", 7),
        ("", -1),
        ("1.0", -1),
        (1e16, -1),
        ("9" * 50, -1),
    ],
)
def test_index(value: object, index: int) -> None:
    assert to_index(value) == index


def _times(*durations: float) -> list[dict[str, object]]:
    return [
        {"ph": "X", "cat": "kernel", "name": "k", "pid": 0, "tid": 7, "ts": place, "dur": dur}
        for place, dur in enumerate(durations)
    ]


@pytest.mark.parametrize("count", [5, 1000])  # one by one, and all at once
def test_sums_do_not_overflow_in_silence(count: int) -> None:
    bad = kineto.from_dicts(_times(*[2.2e15] * count, 3))
    assert bad.events.dur_ns.sum() == 3000
    assert [(issue.code, issue.count) for issue in bad.issues if issue.code == "bad-duration"] == [
        ("bad-duration", count)
    ]
    longest = kineto.from_dicts(_times(*[MAX_DURATION_NS // 1000] * count, 3))
    total_ns = sum(longest.events.dur_ns.tolist())
    assert int(longest.events.dur_ns.sum()) == total_ns <= 1 << 58
    codes = [issue.code for issue in longest.issues]
    assert ("bad-duration" in codes) == (count == 1000), "so many that even plausible ones add up to too much"
    assert total_ns == (3000 if count == 1000 else 3000 + count * (MAX_DURATION_NS // 1000) * 1000)


@pytest.mark.parametrize("count", [3, 100])
def test_impossible_sizes_and_ids_are_counted(count: int) -> None:
    args = [{"bytes": 1 << 49}, {"bytes": 1 << 48}, {"correlation": "1_0"}, {"correlation": -1}, {"External id": True}]
    events = [{**event, "args": args[place % 5]} for place, event in enumerate(_times(*[1] * 5 * count))]
    trace = kineto.from_dicts(events)
    assert int(trace.events.bytes.max()) == 1 << 48
    assert [issue.count for issue in trace.issues if issue.code == "bad-id"] == [3 * count]
