"""Selections and gates as they are written on a command line."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpubreak as xb
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.selection import Selection
from xpubreak.command.clauses import read_clauses
from xpubreak.command.gate import read_gate


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("phase=decode", {"phase": "decode"}),
        ("phase=decode,backend=cpu|triton", {"phase": "decode", "backend": ["cpu", "triton"]}),
        (" layer = 0:3 , step=7 ", {"layer": [0, 1, 2], "step": 7}),
        ("layer=-1|4", {"layer": [-1, 4]}),
        ("backend=vllm-xpu-kernels", {"backend": "vllm"}),
        ("text=/a|b, c/", {"text": "/a|b, c/"}),
        ("kernel=foo<int, 4>", {"kernel": "foo<int, 4>"}),
        ("duration_ns=1000:", {"duration_ns": (1000, None)}),
        ("op=''", {"op": ""}),
    ],
)
def test_clauses(text: str, clauses: dict[str, object]) -> None:
    assert read_clauses(text) == Selection.of(**clauses)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("decode", "no clause such as"),
        ("phase=", "no clause such as"),
        ("fase=decode", "no dimension"),
        ("phase=dekode", "there is no 'dekode'"),
        ("layer=x", "a number, or a range"),
        ("layer=3:", "needs both ends"),
        ("layer=5:2", "is empty: 2 is left out"),
        ("layer=2:2", "is empty"),
        ("duration_ns=10:5", "is empty"),
        ("text=/(/", "no regular expression"),
    ],
)
def test_clauses_that_cannot_be_read(text: str, said: str) -> None:
    with pytest.raises(xb.SelectionError, match=said):
        read_clauses(text)


@pytest.mark.parametrize(
    ("text", "sign", "limit", "is_share"),
    [
        ("backend=cpu > 5%", ">", Fraction(5), True),
        ("backend=cpu>=0.1%", ">=", Fraction(1, 10), True),
        ("phase=decode,backend=framework > 2ms", ">", Fraction(2_000_000), False),
        ("kernel=foo<int> < 1.5 µs", "<", Fraction(1500), False),
        ("> 2s", ">", Fraction(2_000_000_000), False),
    ],
)
def test_gates(text: str, sign: str, limit: Fraction, is_share: bool) -> None:
    gate = read_gate(text)
    assert (gate.sign, gate.limit, gate.is_share) == (sign, limit, is_share)


@pytest.mark.parametrize(
    "text",
    ["", "x", "backend=cpu", "backend=cpu > 5", "backend=cpu > five%", "> 5%", "backend=cpu == 5%",
     "__import__('os') > 1%",
     "backend=cpu > 1e9%", "backend=cpu > -1%"],
)  # fmt: skip
def test_conditions_that_cannot_be_read(text: str) -> None:
    with pytest.raises(xb.SelectionError):
        read_gate(text)


@given(st.text(max_size=60))
def test_anything_else_is_refused_in_a_sentence(text: str) -> None:
    try:
        read_gate(text)
    except xb.SelectionError as error:
        assert str(error)


@pytest.fixture(scope="module")
def bd() -> Breakdown:
    return xb.load(xb.samples.path("h200-vllm-compiled"))


@given(st.integers(0, 10_000_000), st.sampled_from([">", ">=", "<", "<="]))
def test_time_is_compared_to_the_nanosecond(bd: Breakdown, limit_ns: int, sign: str) -> None:
    spent_ns = bd.select(backend="triton").totals.device_ns
    expected = {
        ">": spent_ns > limit_ns,
        ">=": spent_ns >= limit_ns,
        "<": spent_ns < limit_ns,
        "<=": spent_ns <= limit_ns,
    }
    assert read_gate(f"backend=triton {sign} {limit_ns}ns").check(bd).is_true == expected[sign]


def test_the_limit_itself(bd: Breakdown) -> None:
    spent_ns = bd.select(backend="triton").totals.device_ns
    assert not read_gate(f"backend=triton > {spent_ns}ns").check(bd).is_true
    assert read_gate(f"backend=triton >= {spent_ns}ns").check(bd).is_true
    assert "29.0 % of the device time" in read_gate("backend=triton > 5%").check(bd).text


def test_a_gate_does_not_pass_for_want_of_data() -> None:
    from xpubreak.trace import kineto

    with pytest.raises(xb.XpubreakError, match="cannot be decided"):
        read_gate("backend=cpu > 5%").check(xb.load(kineto.from_dicts([])))
