"""What lies above and below a span, against following it up by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.classify.situations import traced
from xpubreak.classify.ancestry import (
    FELL_BACK,
    IN_FALLBACK,
    NO_FALLBACK,
    NOTHING,
    TO_CPU,
    dominant_role,
    trace_ancestry,
)

Item = tuple[int, int, int]


@st.composite
def trees(draw: st.DrawFn) -> list[int]:
    """Depths of nodes, depth first."""
    depths: list[int] = []
    for _ in range(draw(st.integers(0, 12))):
        depths.append(draw(st.integers(0, depths[-1] + 1)) if depths else 0)
    return depths


@st.composite
def work_in_trees(draw: st.DrawFn) -> tuple[list[int], list[Item]]:
    """Last descendant of every node, depth first; and position, role and weight of work at nodes."""
    depths, ends = draw(trees()), []
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


NAMED = st.sampled_from([("cpu_op", TO_CPU), ("cpu_op", "aten::mm"), ("user_annotation", TO_CPU)])


@given(st.data())
def test_what_calls_the_transfer_to_the_host_fell_back_and_all_below_it_is_in_the_fallback(data: st.DataObject) -> None:
    depths, events = data.draw(trees()), []
    for at, depth in enumerate(depths):
        end = next((later for later in range(at + 1, len(depths)) if depths[later] <= depth), len(depths))
        category, name = data.draw(NAMED)
        # Depth keeps apart the ends of spans that end together.
        times = {"ts": 100 * at, "dur": 100 * (end - at) - depth - 1}
        events.append({"ph": "X", "cat": category, "name": name, "pid": 1, "tid": 1} | times)
    trace, context = traced(events)
    around: list[list[int]] = []
    for parent in context.host_parent.tolist():
        around.append([parent, *around[parent]] if parent >= 0 else [])
    assert [len(above) for above in around] == depths
    fell_back = set()
    for event, above in zip(events, around, strict=True):
        if event["cat"] == "cpu_op" and event["name"] == TO_CPU:
            fell_back.update([outer for outer in above if events[outer]["cat"] == "cpu_op"][:1])
    expected = [
        IN_FALLBACK if fell_back.intersection(above) else FELL_BACK if at in fell_back else NO_FALLBACK
        for at, above in enumerate(around)
    ]
    assert trace_ancestry(trace, context).fallback.tolist() == expected
