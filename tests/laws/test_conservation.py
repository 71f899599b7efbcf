"""Time is conserved: every nanosecond of every activity and every thread is in some row.

``XPUBREAK_EXTRA_TRACES`` may name a folder of further traces; all below it are checked, too.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings

import xpubreak as xb
from tests.laws import raw
from tests.strategies import damaged, traces
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.trace import kineto

EXTRA = os.environ.get("XPUBREAK_EXTRA_TRACES")
TRACES = [xb.samples.path(name) for name in xb.samples.names()]
TRACES += sorted(Path(EXTRA).rglob("*.json*")) if EXTRA else []


def check(breakdown: Breakdown, device_ns: int, host_ns: int) -> None:
    # A span that overhangs its parent by a rounding nanosecond is clamped: each costs the union at most that one.
    clamped = sum(issue.count for issue in breakdown.issues if issue.code == "rounded-overlap")
    assert breakdown.totals.device_ns == device_ns
    assert host_ns - clamped <= breakdown.totals.host_ns <= host_ns
    facts = breakdown.facts
    assert facts.device_ns.sum() == device_ns
    assert facts.host_ns.sum() == breakdown.totals.host_ns
    assert facts.count.sum() == len(breakdown)
    for dimension in ("backend", "layer", "phase", "step", "kernel", "evidence", "node"):
        assert breakdown.by(dimension)["device_ns"].sum() == device_ns
    coverage = breakdown.coverage
    if breakdown.weight == "device":
        assert coverage.linked_ns + coverage.unlinked_ns == coverage.weight_ns == device_ns
        assert breakdown.kernels["device_ns"].sum() == device_ns


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name.removesuffix(".pt.trace.json.gz"))
def test_real_traces(path: Path) -> None:
    entries = raw.events(path)
    check(xb.load(path), raw.device_ns(entries), raw.host_ns(entries))


@given(traces())
@settings(deadline=None, max_examples=60)
def test_made_up_traces(entries: list[dict[str, object]]) -> None:
    breakdown = xb.load(kineto.from_dicts(entries))
    complete = raw.complete(entries)
    check(breakdown, raw.device_ns(complete), raw.host_ns(complete))


@given(traces())
@settings(deadline=None, max_examples=60)
def test_selecting_each_backend_gives_the_whole_back(entries: list[dict[str, object]]) -> None:
    breakdown = xb.load(kineto.from_dicts(entries))
    parts = [breakdown.select(backend=backend) for backend in breakdown.by("backend")["backend"]]
    assert sum(part.totals.device_ns for part in parts) == breakdown.totals.device_ns
    assert sum(len(part) for part in parts) == len(breakdown)


@given(damaged())
@settings(deadline=None, max_examples=60)
def test_damaged_traces_are_read_as_far_as_they_go(entries: list[dict[str, object]]) -> None:
    trace = kineto.from_dicts(entries)
    breakdown = xb.load(trace)
    assert breakdown.totals.device_ns == trace.events.dur_ns[trace.events.is_activity].sum()
    assert (trace.events.dur_ns >= 0).all()
    readable = sum(entry.get("ph") == "X" for entry in entries)
    left_out = sum(issue.count for issue in trace.issues if issue.code in ("broken-event", "bad-time"))
    assert len(trace.events) >= readable - left_out
    assert breakdown.report()
