"""Patterns are found in small letters where `re` finds them in any."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpubreak.classify.anycase import AnyCase
from xpubreak.classify.category import _NAME_PATTERNS, name_category

PATTERNS = [(category, pattern._as_written) for category, pattern in _NAME_PATTERNS]
LINES = Path(__file__).with_name("kernel-names.tsv").read_text(encoding="utf-8").splitlines()
KNOWN = [name for line in LINES for name in line.split("\t")]
WORDS = sorted({word for _, pattern in PATTERNS for word in re.findall(r"\w+", pattern.pattern)})


def by_re(name: str) -> str:
    return next((category for category, pattern in PATTERNS if pattern.search(name)), "")


def test_known_names_have_the_same_category() -> None:
    assert len(KNOWN) > 100
    for name in KNOWN:
        assert name_category.__wrapped__(name) == by_re(name) or name.startswith(("triton_", "cpp", "graph_")), name


@given(
    st.lists(st.one_of(st.sampled_from(WORDS), st.text("aAkKsSiIKſİ_:<(0 é", max_size=3)), max_size=5), st.booleans()
)
def test_so_have_any_others(parts: list[str], is_upper: bool) -> None:
    name = "X" + "".join(part.upper() if is_upper else part.swapcase() for part in parts)
    lowered = name.lower()
    for (_, together), (_, written) in zip(_NAME_PATTERNS, PATTERNS, strict=True):
        assert together.is_in(name, lowered) == (written.search(name) is not None)


def test_what_small_letters_would_turn_around_is_refused() -> None:
    with pytest.raises(ValueError, match="capital"):
        AnyCase(r"(?i)a\Bnorm")
