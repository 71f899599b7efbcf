"""User patterns: the same matches as `re`, in linear time."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpubreak.classify.linear import LinearPattern

# Not empty: what \B says of the empty text differs between versions of Python.
TEXT = st.text(alphabet="ab_:<1 ", min_size=1, max_size=12)


@st.composite
def patterns(draw: st.DrawFn, depth: int = 3) -> str:
    atoms = st.sampled_from(
        ["a", "b", "_", ":", ".", r"\w", r"\d", r"\s", "[ab]", "[^a]", "^", "$", r"\b", r"\B", "(?i:A)"]
    )
    if depth == 0:
        return draw(atoms)
    inner = patterns(depth=depth - 1)
    form = draw(st.sampled_from(["atom", "sequence", "either", "star", "plus", "maybe", "counted", "lazy"]))
    if form == "atom":
        return draw(atoms)
    if form == "sequence":
        return draw(inner) + draw(inner)
    if form == "either":
        return f"(?:{draw(inner)}|{draw(inner)})"
    return f"(?:{draw(inner)})" + {"star": "*", "plus": "+", "maybe": "?", "counted": "{1,3}", "lazy": "*?"}[form]


@given(patterns(), TEXT)
def test_it_finds_what_re_finds(pattern: str, text: str) -> None:
    assert LinearPattern(pattern).search(text) == (re.search(pattern, text) is not None)


@pytest.mark.parametrize("pattern", [r"(a|a)*$", r"(a+)+$", r".*a.*a.*a.*a.*ab", r"(a*)*b", r"((a?){20})*c"])
def test_no_pattern_hangs_on_a_hostile_name(pattern: str) -> None:
    start = time.perf_counter()
    LinearPattern(pattern).search("a" * 4096 + "!")
    assert time.perf_counter() - start < 60  # re would need longer than the universe is old


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a", "no regular expression"),
        (r"(a)\1", "backreferences"),
        ("(?=a)", "look-around"),
        ("a{1,4000}", "too large"),
        ("a" * 1001, "longer than"),
        ("(?m)^a", "flags"),
    ],
)
def test_what_cannot_be_matched_in_linear_time_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        LinearPattern(pattern)


@pytest.mark.parametrize("pattern", ["(" * 499 + "a" + ")" * 499, "(?:" * 190 + "a" + ")*" * 190])
def test_deep_nesting_works_or_is_refused(pattern: str) -> None:
    try:
        assert LinearPattern(pattern).search("xax")
    except ValueError as error:
        assert "nested too deeply" in str(error)
