"""Nesting all events at once gives what the walk over them gives: rounding errors, overlaps, instants and all."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xpubreak.tree.atonce import nest_at_once
from xpubreak.tree.jumps import depths, enclosing, innermost_before, nearest
from xpubreak.tree.nest import CLAMP_NS, _walk

Interval = tuple[int, int, int]
ANY = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 12)), max_size=40)


CLAMPED_TWICE: list[Interval] = [
    *((0, 0, 4), (0, 0, 0), (0, 1, 2), (0, 1, 2), (0, 1, 1), (0, 2, 3), (0, 2, 3), (0, 3, 3), (0, 3, 0), (0, 4, 2)),
    *((1, 1, 2), (1, 1, 1), (1, 5, 3)),
]


@st.composite
def rounded(draw: st.DrawFn) -> list[Interval]:
    """A tree, two levels deep or more, whose borders are off by up to a nanosecond."""
    found: list[Interval] = []
    wrong = st.integers(-1, 1)

    def grow(start: int, end: int, levels: int) -> None:
        found.append((0, max(0, start + draw(wrong)), max(0, end - start + draw(wrong))))
        cuts = sorted(draw(st.lists(st.integers(start, end), max_size=4))) if levels else []
        for low, high in itertools.pairwise(cuts):
            grow(low, high, levels - 1)

    grow(5, draw(st.integers(10, 60)), 3)
    return found


@settings(deadline=None, max_examples=300)
@given(st.one_of(ANY, rounded()))
@example([(0, 0, 4), (0, 3, 9)])  # begins a nanosecond before its elder ends
@example([(0, 0, 10), (0, 1, 4), (0, 4, 7)])  # does, and overhangs their parent
@example([(0, 5, 0), (0, 5, 0), (0, 5, 0), (1, 5, 0)])
@example(CLAMPED_TWICE)
def test_equals_the_walk(intervals: list[Interval]) -> None:
    rows = sorted(intervals, key=lambda one: (one[0], one[1], -one[2]))
    track, start_ns, dur_ns = np.array(rows, dtype=np.int64).reshape(len(rows), 3).T
    ends = (start_ns + dur_ns).copy()
    lists = [start_ns.tolist(), ends.tolist(), track.tolist()]
    blank = [[0] * len(rows) for _ in range(4)]
    counts = _walk(*lists, *blank)
    found, clamped, overlapping = nest_at_once(start_ns, ends, track, _walk, CLAMP_NS)
    assert [one.tolist() for one in found] == blank[:3]
    assert ends.tolist() == lists[1]
    assert (clamped, overlapping) == counts


def test_walks_up_a_tree() -> None:
    # 0 ┬ 1 ┬ 2        4 ─ 5
    #   │   └ 3
    parent = np.array([-1, 0, 1, 1, -1, 4])
    assert depths(parent).tolist() == [0, 1, 2, 2, 0, 1]
    assert nearest(parent, np.array([True, False, False, True, False, False])).tolist() == [0, 0, 0, 3, -1, -1]


def test_what_is_open_at_an_instant() -> None:
    # |------|  |--|
    #  |-|-|
    start_ns, end_ns = np.array([0, 1, 3, 9]), np.array([7, 3, 5, 12])
    before = innermost_before(np.zeros(4, dtype=np.int64))
    assert enclosing(start_ns, end_ns, before).tolist() == [-1, 0, 0, -1]
