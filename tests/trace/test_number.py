"""Decimal text to exact nanoseconds."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpubreak.trace.number import to_index, us_to_ns


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
    "text", [b"", b"NaN", b"Infinity", b"-Infinity", b"null", b"abc", b'""', b"1e400", b"9" * 30, b"\xff", b"1.2.3"]
)
def test_no_finite_time(text: bytes) -> None:
    assert us_to_ns(text) is None


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=3))
def test_agrees_with_decimal(value: Decimal) -> None:
    assert us_to_ns(str(value).encode()) == int(value * 1000)


@pytest.mark.parametrize(
    ("value", "index"), [(5, 5), ("17", 17), (3.0, 3), (2.5, -1), ("x", -1), (None, -1), (10**30, -1), (True, 1)]
)
def test_index(value: object, index: int) -> None:
    assert to_index(value) == index
