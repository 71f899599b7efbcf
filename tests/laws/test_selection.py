"""Selections commute, intersect and survive JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xpubreak as xb
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.selection import Selection
from xpubreak.trace.events import Kind


@pytest.fixture(scope="module")
def breakdown() -> Breakdown:
    return xb.load(xb.samples.path("h200-vllm-compiled"))


def ranges(largest: int) -> st.SearchStrategy[list[tuple[int, int | None]]]:
    end = st.integers(0, largest)
    return st.lists(st.tuples(end, st.none() | end), max_size=3)


CLAUSES = st.fixed_dictionaries(
    {},
    optional={
        "backend": st.sets(st.sampled_from(["vllm", "torch", "triton", "framework"])),
        "phase": st.sets(st.sampled_from(["prefill", "decode", ""])),
        "layer": st.sets(st.integers(-1, 6)),
        "category": st.sets(st.sampled_from(["gemm", "norm", "attention"])),
        "text": st.sampled_from(["gemm", "/^void/", "fused", "nvjet"]),
        "row": st.sets(st.integers(0, 4000)),
        "duration_ns": ranges(60_000),
        "time_ns": ranges(40_000_000),
        "under": st.sets(st.integers(0, 340), max_size=2),
    },
)


@given(CLAUSES, CLAUSES)
@settings(max_examples=60, deadline=None)
def test_selecting_twice_is_selecting_both(breakdown: Breakdown, a: dict[str, Any], b: dict[str, Any]) -> None:
    one, other = Selection.of(**a), Selection.of(**b)
    assert breakdown.select(one).select(other) == breakdown.select(one & other)
    assert breakdown.select(one).select(other) == breakdown.select(other).select(one)
    assert breakdown.select(one).select(one) == breakdown.select(one)


@given(CLAUSES)
def test_json_round_trip(clauses: dict[str, Any]) -> None:
    selection = Selection.of(**clauses)
    assert Selection.from_json(selection.to_json()) == selection


@given(CLAUSES)
@settings(max_examples=40, deadline=None)
def test_a_selection_and_its_rest_are_the_whole(breakdown: Breakdown, clauses: dict[str, Any]) -> None:
    part = breakdown.select(**clauses)
    frame = breakdown.kernels
    chosen = part.kernels
    assert chosen["device_ns"].sum() <= frame["device_ns"].sum()
    for name in ("backend", "phase", "category"):
        column = {"backend": "role"}.get(name, name)
        if name in clauses:
            assert set(chosen[column]) <= set(clauses[name])


@given(ranges(60_000))
@settings(max_examples=40, deadline=None)
def test_durations_are_those_of_single_rows(breakdown: Breakdown, given_ranges: list[tuple[int, int | None]]) -> None:
    chosen = breakdown.select(duration_ns=given_ranges)
    fits = [
        any(low <= ns and (high is None or ns < high) for low, high in given_ranges) for ns in _durations(breakdown)
    ]
    assert chosen.row_numbers.tolist() == [number for number, fit in enumerate(fits) if fit]


@pytest.mark.parametrize("name", ["kernel", "op", "module", "name"])
def test_names_select_the_rows_that_have_them(breakdown: Breakdown, name: str) -> None:
    texts = breakdown.dimension_texts(name)
    for wanted in (set(texts[:1]), set(texts[::400]), {""}, {"no such name"}):
        chosen = breakdown.select(**{name: wanted})
        assert chosen.row_numbers.tolist() == [i for i, text in enumerate(texts) if text in wanted]


def test_time_touches_what_ran_in_part(breakdown: Breakdown) -> None:
    start_ns, end_ns = breakdown.timeline.start_ns, breakdown.timeline.start_ns + breakdown.rows.total_ns
    middle = int(start_ns[500] + breakdown.rows.total_ns[500] // 2)
    chosen = breakdown.select(time_ns=(middle, middle + 1)).row_numbers
    assert 500 in chosen
    assert chosen.tolist() == [i for i in range(len(breakdown)) if start_ns[i] <= middle < end_ns[i]]


def test_under_is_a_call_with_everything_inside_it(breakdown: Breakdown) -> None:
    tree = breakdown.nodes
    for node in range(len(tree)):
        inside = [number for number, at in enumerate(breakdown.rows.node.tolist()) if node in tree.path(at)]
        assert breakdown.select(under=node).row_numbers.tolist() == inside
    assert len(breakdown.select(under=len(tree))) == 0
    assert breakdown.select(under=[]) == breakdown


@pytest.mark.parametrize("value", ["0", -1, [0, -1]])
def test_what_is_no_node_is_refused(value: Any) -> None:
    with pytest.raises(xb.SelectionError, match="under"):
        Selection.of(under=value)


def test_the_operator_of_a_row_is_the_innermost_one_of_its_call_path(breakdown: Breakdown) -> None:
    tree, strings = breakdown.nodes, breakdown.strings
    for node, op in set(zip(breakdown.rows.node.tolist(), breakdown.dimension_texts("op"), strict=True)):
        operators = [strings.text(tree.name[at]) for at in tree.path(node) if tree.kind[at] == Kind.OPERATOR]
        assert op == (operators or [""])[-1]


@pytest.mark.parametrize("value", ["5", 5, [1], [(1, 2, 3)], [("a", "b")], (1, "x"), (0, float("nan"))])
def test_what_is_no_range_is_refused(value: Any) -> None:
    with pytest.raises(xb.SelectionError, match="duration_ns"):
        Selection.of(duration_ns=value)


def _durations(breakdown: Breakdown) -> list[int]:
    return breakdown.rows.total_ns.tolist()
