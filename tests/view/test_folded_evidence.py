"""Evidence in a folded copy selects what it says that it selects, to the nanosecond."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xpubreak as xb
from xpubreak.attribute.label import PHASES
from xpubreak.breakdown.selection import Selection
from xpubreak.classify.backend import ROLES_BY_KEY
from xpubreak.classify.category import CATEGORIES
from xpubreak.units import format_ns
from xpubreak.view.findingwire import pack_findings
from xpubreak.view.foldedevidence import shown_evidence
from xpubreak.view.reduce import Reduced, reduced

SAMPLES = ("h200-vllm-compiled", "h200-torch-graph", "h200-transformers")
FRACS = (1e-6, 1e-4, 1e-3, 1e-2, 2.0)


@cache
def loaded(name: str) -> xb.Breakdown:
    return xb.load(xb.samples.path(name))


def selected_ns(less: Reduced, bd: xb.Breakdown, clauses: dict[str, list[Any]]) -> int:
    """Device time that clauses select in a copy, as the page does it."""
    facts = less.facts
    texts = [*bd.strings, "(smaller)"]
    mask = np.ones(len(facts), dtype=bool)
    for name, values in clauses.items():
        if name == "kernel":
            mask &= np.array([texts[i] in values for i in facts.name.tolist()], dtype=bool)
        elif name in ("node", "layer"):
            mask &= np.isin(getattr(facts, name), values)
        elif name == "backend":
            mask &= np.isin(facts.role, [ROLES_BY_KEY[value] for value in values])
        elif name == "category":
            mask &= np.isin(facts.category, [CATEGORIES.index(value) for value in values])
        else:
            assert name == "phase"
            codes = [255 if value == "" else PHASES.index(value) for value in values]
            mask &= np.isin(facts.phase, codes)
    return int(facts.device_ns[mask].sum())


@st.composite
def evidences(draw: Any, bd: xb.Breakdown) -> Selection:
    """Of kernels, of call paths that have device time, and of both with a backend or a phase."""
    busy = bd.facts.device_ns > 0
    clauses: dict[str, Any] = {}
    if draw(st.booleans()):
        names = sorted({bd.strings.text(i) for i in bd.facts.name[busy].tolist()})
        clauses["kernel"] = draw(st.lists(st.sampled_from(names), min_size=1, max_size=12))
    if not clauses or draw(st.booleans()):
        nodes = np.unique(bd.facts.node[busy & (bd.facts.node >= 0)]).tolist()
        if nodes:
            clauses["node"] = draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=12))
    if draw(st.booleans()):
        clauses["phase"] = draw(st.sampled_from(["decode", "prefill"]))
    return Selection.of(**clauses)


@given(st.data(), st.sampled_from(SAMPLES), st.sampled_from(FRACS))
@settings(max_examples=40, deadline=None)
def test_what_is_selected_is_what_the_note_says(data: st.DataObject, name: str, frac: float) -> None:
    bd = loaded(name)
    less = reduced(bd, frac)
    evidence = data.draw(evidences(bd))
    whole_ns = bd.select(evidence).totals.device_ns
    shown = shown_evidence(bd, evidence, less)
    found_ns = selected_ns(less, bd, shown.clauses) if shown.clauses else 0
    if not shown.note:
        assert found_ns == whole_ns
    elif whole_ns and shown.clauses:
        assert found_ns == shown.own_ns + shown.others_ns
        assert shown.own_ns <= whole_ns
        assert "all of its time" in shown.note or format_ns(whole_ns) in shown.note


def test_names_that_are_all_folded_give_way_to_their_kind() -> None:
    bd = loaded("h200-vllm-compiled")
    smallest = bd.by("kernel").sort_values("device_ns")["kernel"].tolist()[:2]
    shown = shown_evidence(bd, Selection.of(kernel=smallest), reduced(bd, 2.0))
    assert "kernel" not in shown.clauses
    assert {"backend", "category"} & set(shown.clauses)
    assert "of which" in shown.note


@pytest.mark.parametrize("clauses", [{"layer": [1, 2]}, {"phase": ["decode"], "backend": ["torch"]}, {}])
def test_exact_dimensions_stay(clauses: dict[str, Any]) -> None:
    bd = loaded("h200-vllm-compiled")
    shown = shown_evidence(bd, Selection.of(**clauses), reduced(bd, 2.0))
    assert shown.clauses == Selection.of(**clauses).to_json()
    assert shown.note == ""


def test_single_rows_and_searches_give_way_to_their_kind() -> None:
    bd = loaded("h200-vllm-compiled")
    for evidence in (Selection.of(row=[5, 9]), Selection.of(text="norm"), Selection.of(duration_ns=(0, 2_000))):
        shown = shown_evidence(bd, evidence, reduced(bd, 1e-6))
        assert not {"row", "text", "duration_ns"} & set(shown.clauses)
        assert shown.note


def test_findings_of_a_folded_copy_say_so() -> None:
    bd = loaded("h200-transformers")
    items = pack_findings(bd, reduced(bd, 2.0))["items"]
    named = [item for item in pack_findings(bd)["items"] if {"node", "kernel", "op"} & set(item["evidence"])]
    assert named, "the sample has some"
    for item in items:
        assert not {"node", "kernel", "op"} & set(item["evidence"]), item
        assert bool(item.get("folded")) == (item["key"] in {one["key"] for one in named})
