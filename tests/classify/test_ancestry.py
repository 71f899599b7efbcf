"""Which role has most of the weight below a span, against adding up by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xpubreak.classify.ancestry import NOTHING, dominant_role

Item = tuple[int, int, int]


@st.composite
def work_in_trees(draw: st.DrawFn) -> tuple[list[int], list[Item]]:
    """Last descendant of every node, depth first; and position, role and weight of work at nodes."""
    depths: list[int] = []
    for _ in range(draw(st.integers(0, 12))):
        depths.append(draw(st.integers(0, depths[-1] + 1)) if depths else 0)
    ends = []
    for at, depth in enumerate(depths):
        behind = (later for later in range(at + 1, len(depths)) if depths[later] <= depth)
        ends.append(next(behind, len(depths)) - 1)
    if not ends:
        return [], []
    weights = st.one_of(st.integers(1, 3), st.integers(1, 1 << 58))
    item = st.tuples(st.integers(0, len(ends) - 1), st.integers(0, NOTHING - 1), weights)
    return ends, draw(st.lists(item, max_size=12))


@given(work_in_trees())
def test_it_has_the_largest_sum_and_is_the_first_of_equals(work: tuple[list[int], list[Item]]) -> None:
    ends, items = work
    expected = []
    for position, end in enumerate(ends):
        sums = [0] * NOTHING
        for at, role, weight in items:
            sums[role] += weight if position <= at <= end else 0
        expected.append(sums.index(max(sums)) if max(sums) else NOTHING)
    columns = np.array(items, dtype=np.int64).reshape(-1, 3).T
    assert dominant_role(np.array(ends, dtype=np.int64), *columns).tolist() == expected
