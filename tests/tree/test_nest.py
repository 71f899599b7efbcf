"""Nesting: pictures, and laws against brute force."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xpubreak.trace import compiled, kineto
from xpubreak.trace.trace import Trace
from xpubreak.tree.calltree import build
from xpubreak.tree.launches import link
from xpubreak.tree.nest import CLAMP_NS, Nesting, nest


def spans(*intervals: tuple[str, float, float], tid: int = 1) -> list[dict[str, Any]]:
    """(name, start µs, end µs) of one thread."""
    return [
        {"ph": "X", "cat": "cpu_op", "name": name, "pid": 1, "tid": tid, "ts": start, "dur": round(end - start, 3)}
        for name, start, end in intervals
    ]


def nested(events: list[dict[str, Any]]) -> tuple[Trace, Nesting]:
    trace = kineto.from_dicts(events)
    return trace, nest(trace.events, trace.spans)


def drawn(trace: Trace, nesting: Nesting) -> list[str]:
    """Each span indented below its parent, with self and total time in µs."""
    return [
        f"{'  ' * depth}{trace.name(row)} self {self_ns / 1000:g} total {total_ns / 1000:g}"
        for row, depth, self_ns, total_ns in zip(
            nesting.rows, nesting.depth, nesting.self_ns, nesting.total_ns, strict=True
        )
    ]


def test_children_lie_in_the_innermost_span_that_contains_them() -> None:
    # a |----------|
    # b  |--||-|
    # c   |-|
    assert drawn(*nested(spans(("a", 0, 10), ("b", 1, 4), ("c", 2, 4), ("d", 4, 6)))) == [
        "a self 5 total 10",
        "  b self 1 total 3",
        "    c self 2 total 2",
        "  d self 2 total 2",
    ]


def test_threads_do_not_nest_in_each_other() -> None:
    assert drawn(*nested(spans(("a", 0, 10)) + spans(("b", 1, 2), tid=2))) == [
        "a self 10 total 10",
        "b self 1 total 1",
    ]


def test_equal_spans_nest_in_the_order_of_the_file() -> None:
    assert drawn(*nested(spans(("outer", 0, 3), ("inner", 0, 3)))) == ["outer self 0 total 3", "  inner self 3 total 3"]


def test_a_zero_length_span_at_the_end_of_another_lies_behind_it() -> None:
    assert drawn(*nested(spans(("a", 0, 3), ("tick", 3, 3)))) == ["a self 3 total 3", "tick self 0 total 0"]
    assert drawn(*nested(spans(("a", 0, 3), ("tick", 2, 2)))) == ["a self 3 total 3", "  tick self 0 total 0"]


def test_where_spans_overlap_each_instant_belongs_to_the_later_one() -> None:
    # a |------|          a owns 0–5, b owns 5–12: the union, once
    # b      |-------|
    _, nesting = pair = nested(spans(("a", 0, 8), ("b", 5, 12)))
    assert drawn(*pair) == ["a self 5 total 5", "b self 7 total 7"]
    assert (nesting.overlapping, nesting.clamped) == (1, 0)


def test_a_rounding_nanosecond_is_clamped() -> None:
    trace, nesting = nested(spans(("a", 0, 5), ("b", 1, 5.001), ("c", 5, 6)))
    assert drawn(trace, nesting) == ["a self 1 total 5", "  b self 4 total 4", "c self 1 total 1"]
    assert (nesting.clamped, nesting.overlapping) == (1, 0)
    _, nesting = nested(spans(("a", 0, 5.001), ("b", 5, 6)))
    assert nesting.parent.tolist() == [-1, -1]
    assert (nesting.clamped, nesting.overlapping) == (1, 0)


def test_a_hundred_thousand_deep_does_not_recurse() -> None:
    count = 100_000
    trace, nesting = nested(spans(*((f"f{i % 7}", i / 1000, 200 - i / 1000) for i in range(count))))
    assert nesting.depth.max() == count - 1
    assert nesting.subtree_end[0] == count - 1
    assert nesting.self_ns.sum() == trace.events.dur_ns[0]


INTERVALS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40), st.integers(0, 12)), max_size=40)


def of(intervals: list[tuple[int, int, int]]) -> list[dict[str, Any]]:
    # Even times: overlaps of one nanosecond would be clamped.
    return [event for tid, start, length in intervals for event in spans(("s", start, start + length), tid=tid)]


@settings(deadline=None)  # the first example may compile
@given(INTERVALS)
def test_parents_equal_brute_force(intervals: list[tuple[int, int, int]]) -> None:
    trace, nesting = nested(of(intervals))
    events = trace.events
    start, end, track = events.start_ns.tolist(), events.end_ns.tolist(), events.track.tolist()
    for i, row in enumerate(nesting.rows.tolist()):
        # The innermost earlier span that contains this one, unless a later-started one has taken over from it.
        around = [
            j
            for j in range(i)
            if track[j] == track[row]
            and start[j] <= start[row]
            and end[row] <= end[j]
            and not _over(start, end, j, row)
        ]
        around = [
            j for j in around if not any(track[k] == track[j] and start[k] < end[j] < end[k] for k in range(j + 1, i))
        ]
        assert nesting.parent[i] == max(around, default=-1)


def _over(start: list[int], end: list[int], j: int, row: int) -> bool:
    return end[j] <= start[row] and not start[j] == end[j] == start[row] == end[row]


@settings(deadline=None)  # the first example may compile
@given(INTERVALS)
def test_self_times_add_up_to_the_union(intervals: list[tuple[int, int, int]]) -> None:
    trace, nesting = nested(of(intervals))
    events = trace.events
    for track in range(len(trace.tracks)):
        mine = events.track == track
        instants = np.zeros(60_000, dtype=bool)
        for start, end in zip(events.start_ns[mine], events.end_ns[mine], strict=True):
            instants[start:end] = True
        assert nesting.self_ns[mine].sum() == instants.sum()
    assert (nesting.self_ns >= 0).all()


@settings(deadline=None)
@given(INTERVALS)
def test_without_times_it_is_the_same_nesting(intervals: list[tuple[int, int, int]]) -> None:
    trace, timed = nested(of(intervals))
    untimed = nest(trace.events, trace.spans, is_timed=False)
    assert not len(untimed.self_ns)
    for name in ("rows", "parent", "depth", "subtree_end", "position", "clamped", "overlapping"):
        assert np.array_equal(getattr(timed, name), getattr(untimed, name)), name


@settings(deadline=None)  # the first example may compile
@given(INTERVALS)
def test_subtrees_are_ranges(intervals: list[tuple[int, int, int]]) -> None:
    _, nesting = nested(of(intervals))
    for i in range(len(nesting)):
        descendants = [j for j in range(len(nesting)) if i in nesting.ancestors(j)]
        assert descendants == list(range(i + 1, int(nesting.subtree_end[i]) + 1))
        assert nesting.total_ns[i] == nesting.self_ns[i : nesting.subtree_end[i] + 1].sum()


def test_the_clamp_is_one_nanosecond() -> None:
    assert CLAMP_NS == 1
    _, nesting = nested(spans(("a", 0, 5), ("b", 1, 5.002)))
    assert (nesting.clamped, nesting.overlapping) == (0, 1)


@settings(deadline=None)
@given(INTERVALS)
def test_compiled_loops_give_the_same(intervals: list[tuple[int, int, int]]) -> None:
    pytest.importorskip("numba")
    trace = kineto.from_dicts(of(intervals))
    found = []
    with pytest.MonkeyPatch.context() as patch:
        for switch in ("0", "1"):
            patch.setenv(compiled.SWITCH, switch)
            nesting = nest(trace.events, trace.spans)
            tree, node = build(trace.events, trace.events.name, nesting, link(trace, nesting))
            found.append([*vars(nesting).values(), *vars(tree).values(), node])
    for plain, fast in zip(*found, strict=True):
        assert np.array_equal(plain, fast)
