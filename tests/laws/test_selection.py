"""Selections commute, intersect and survive JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xpubreak as xb
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.selection import Selection


@pytest.fixture(scope="module")
def breakdown() -> Breakdown:
    return xb.load(xb.samples.path("h200-vllm-compiled"))


CLAUSES = st.fixed_dictionaries(
    {},
    optional={
        "backend": st.sets(st.sampled_from(["vllm", "torch", "triton", "framework"])),
        "phase": st.sets(st.sampled_from(["prefill", "decode", ""])),
        "layer": st.sets(st.integers(-1, 6)),
        "category": st.sets(st.sampled_from(["gemm", "norm", "attention"])),
        "text": st.sampled_from(["gemm", "/^void/", "fused", "nvjet"]),
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
