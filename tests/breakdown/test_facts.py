"""Grouping and sums are those of the definition, whatever way is taken for speed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xpubreak.breakdown.facts import group_by, sum_by
from xpubreak.breakdown.timeline import _side_by_side

# Narrow ones are counted with a table; the widest together do not fit into 63 bits and have to be sorted first.
WIDTHS = st.sampled_from((1, 3, 300, 1 << 31, 1 << 40))


@st.composite
def columns(draw: st.DrawFn) -> list[np.ndarray]:
    length = draw(st.integers(0, 12))
    found = []
    for width in draw(st.lists(WIDTHS, min_size=1, max_size=5)):
        values = draw(st.lists(st.integers(-1, width - 2), min_size=length, max_size=length))
        found.append(np.array(values, dtype=np.int64))
    return found


@given(columns())
def test_groups_are_the_distinct_rows_in_order(given_columns: list[np.ndarray]) -> None:
    first, group = group_by(given_columns)
    rows = list(zip(*(column.tolist() for column in given_columns), strict=True))
    distinct = sorted(set(rows))
    assert [rows[i] for i in first.tolist()] == distinct
    assert [distinct[i] for i in group.tolist()] == rows


def test_many_groups_of_wide_columns() -> None:
    numbers = np.random.default_rng(1).integers(0, 1 << 40, 100_000)
    first, group = group_by([numbers, numbers[::-1], numbers % 7])
    assert len(first) == 100_000
    assert np.array_equal(numbers[first][group], numbers)
    assert np.all(np.diff(numbers[first]) >= 0)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.one_of(st.integers(-9, 9), st.integers(-(1 << 59), 1 << 59))), max_size=8)
)
def test_sums_are_exact(items: list[tuple[int, int]]) -> None:
    group, values = (np.array([item[i] for item in items], dtype=np.int64) for i in (0, 1))
    expected = [sum(value for at, value in items if at == g) for g in range(5)]
    assert sum_by(group, values, 5).tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), max_size=12))
def test_what_overlaps_lies_side_by_side_in_the_first_free_row(items: list[tuple[int, int]]) -> None:
    start, dur = (np.array([item[i] for item in items], dtype=np.int64) for i in (0, 1))
    place = _side_by_side(start, dur).tolist()
    free_from: dict[int, int] = {}
    for i in np.argsort(start, kind="stable").tolist():
        row = next(row for row in range(len(items)) if free_from.get(row, 0) <= start[i])
        assert place[i] == row
        free_from[row] = int(start[i] + dur[i])
