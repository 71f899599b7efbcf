"""The strategies make what they say, and make it readable."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings

from tests import strategies
from xpubreak.trace import kineto
from xpubreak.tree.nest import nest

Event = dict[str, Any]


def interval_ns(event: Event) -> tuple[int, int]:
    start = round(event["ts"] * 1000)
    return start, start + round(event["dur"] * 1000)


@given(strategies.nested_spans())
def test_nested_spans_nest(events: list[Event]) -> None:
    for (start, end), (other_start, other_end) in combinations(map(interval_ns, events), 2):
        apart = end <= other_start or other_end <= start
        inside = (start <= other_start and other_end <= end) or (other_start <= start and end <= other_end)
        assert apart or inside


@given(strategies.traces())
@settings(max_examples=50)
def test_traces_are_read_whole(events: list[Event]) -> None:
    trace = kineto.from_dicts(events)
    assert len(trace.events) == sum(event["ph"] == "X" for event in events)


@given(strategies.damaged())
@settings(max_examples=50)
def test_damaged_traces_are_read(events: list[Event]) -> None:
    trace = kineto.from_dicts(events)
    assert len(trace.events) <= len(events)


def has_overlap(events: list[Event]) -> bool:
    trace = kineto.from_dicts(events)
    return nest(trace.events, trace.spans).overlapping > 0


def calls(events: list[Event]) -> set[Any]:
    return {event["args"].get("correlation", -1) for event in events if event.get("cat") == "xpu_runtime"}


def kernels(events: list[Event]) -> set[Any]:
    return {event["args"].get("correlation", -1) for event in events if event.get("cat") == "kernel"}


def has_linked(events: list[Event]) -> bool:
    return bool(kernels(events) & calls(events) - {-1})


def has_unlinked(events: list[Event]) -> bool:
    return bool(kernels(events) - calls(events))


def is_hostile(events: list[Event]) -> bool:
    return any("onerror" in event["name"] for event in events)


@pytest.mark.parametrize("wanted", [has_overlap, has_linked, has_unlinked, is_hostile])
def test_the_cases_that_matter_occur(wanted: Any) -> None:
    quickly = settings(max_examples=300, phases=[Phase.generate], database=None, derandomize=True)
    assert find(strategies.traces(), wanted, settings=quickly)
