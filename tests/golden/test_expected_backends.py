"""Backends of real traces, against expectations that were written by hand, name by name."""

from __future__ import annotations

import importlib
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from xpubreak.classify.backend import NO_ROLE, Backends, Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.classify.context import Context
from xpubreak.classify.engine import classify
from xpubreak.samples import captured
from xpubreak.trace import kineto
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace
from xpubreak.tree.launches import link
from xpubreak.tree.nest import nest

GPU_TRACES = ("h200-vllm-eager", "h200-vllm-compiled", "h200-transformers", "h200-torch-graph")
CPU_TRACES = tuple(name for name in captured.names() if name.startswith("cpu-"))
toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


@cache
def classified(name: str) -> tuple[Trace, Backends]:
    trace = kineto.read(captured.path(name))
    spans = nest(trace.events, trace.spans)
    found = link(trace, spans)
    host = (spans.rows, spans.parent)
    context = Context(found.activity, found.launch, found.op, found.span, found.link, found.is_graph, *host)
    return trace, classify(trace, context)


def expected(name: str, table: str) -> dict[str, str]:
    text = (Path(__file__).parent / f"expected_backends_{name}.toml").read_text(encoding="utf-8")
    entries: dict[str, str] = toml.loads(text)[table]
    return entries


@cache
def compiled(key: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, key.split("…"))), re.DOTALL)


def matching(entries: dict[str, str], name: str) -> list[str]:
    return [key for key in entries if compiled(key).fullmatch(name)]


@pytest.mark.parametrize("name", GPU_TRACES)
def test_every_device_activity(name: str) -> None:
    trace, backends = classified(name)
    entries = expected(name, "kernels")
    rows: dict[str, list[int]] = {}
    for row in trace.activities.tolist():
        rows.setdefault(trace.name(row), []).append(row)
    keys = {kernel: matching(entries, kernel) for kernel in rows}
    assert {kernel: found for kernel, found in keys.items() if len(found) != 1} == {}
    assert sorted(key for found in keys.values() for key in found) == sorted(entries)
    got = {
        found[0]: " / ".join(
            sorted({f"{Role(backends.role[row]).key} {CATEGORIES[backends.category[row]]}" for row in rows[kernel]})
        )
        for kernel, found in keys.items()
    }
    assert got == entries


def test_every_operator_of_the_cpu_traces() -> None:
    entries = expected("cpu", "operators")
    seen: dict[str, set[str]] = {}
    for name in CPU_TRACES:
        trace, backends = classified(name)
        for row in trace.spans[trace.events.kind[trace.spans] == Kind.OPERATOR].tolist():
            seen.setdefault(trace.name(row), set()).add(Role(backends.role[row]).key)
    got: dict[str, set[str]] = {}
    for operator, roles in seen.items():
        (key,) = matching(entries, operator)
        got.setdefault(key, set()).update(roles)
    assert {key: " ".join(sorted(roles)) for key, roles in got.items()} == entries


@pytest.mark.parametrize("name", captured.names())
def test_every_activity_and_span_has_a_role_and_evidence_and_nothing_else_has(name: str) -> None:
    trace, backends = classified(name)
    covered = trace.events.is_activity | trace.events.is_span
    assert ((backends.role != NO_ROLE) == covered).all()
    assert ((backends.evidence >= 0) == covered).all()


@pytest.mark.parametrize("name", GPU_TRACES)
def test_the_only_host_compute_of_vllm_is_a_max_over_a_host_tensor(name: str) -> None:
    trace, backends = classified(name)
    on_host = {trace.name(row) for row in trace.spans.tolist() if backends.role[row] == Role.CPU}
    assert on_host == ({"aten::max"} if name.startswith("h200-vllm") else set())
