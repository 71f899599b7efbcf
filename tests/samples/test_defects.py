"""Defects: each breaks what it says and leaves the truth true."""

from __future__ import annotations

from typing import Any

import pytest

from xpubreak import samples
from xpubreak.samples.defects import DEFECTS, is_activity
from xpubreak.samples.engine import HOSTILE_NAMES
from xpubreak.trace import kineto
from xpubreak.trace.trace import Trace
from xpubreak.tree.launches import Launches, Link, link
from xpubreak.tree.nest import nest


def broken(defect: str, **arguments: Any) -> samples.SyntheticTrace:
    return samples.synthesize(defects=(defect,), **arguments)


def launches_of(trace: samples.SyntheticTrace) -> tuple[Trace, Launches]:
    read = kineto.read_bytes(trace.to_bytes())
    return read, link(read, nest(read.events, read.spans))


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_truth_stays_about_the_activities(defect: str) -> None:
    trace = broken(defect, mode="graph" if defect == "graph-hides-kernels" else "eager")
    recorded = [event for event in trace.events if is_activity(event)]
    assert [(e["name"], e.get("tid", -1), round(e["ts"] * 1000), round(e["dur"] * 1000)) for e in recorded] == [
        (a.name, a.queue, a.start_ns, a.dur_ns) for a in trace.truth.activities
    ]
    read = kineto.read_bytes(trace.to_bytes())
    rows = read.activities
    assert [(read.name(row), int(read.events.dur_ns[row])) for row in rows] == [
        (a.name, a.dur_ns) for a in trace.truth.by_track()
    ]


def test_replays_hide_their_kernels() -> None:
    hidden, seen = broken("graph-hides-kernels", mode="graph").truth, samples.synthesize(mode="graph").truth
    assert [a.start_ns for a in hidden.activities] == [a.start_ns for a in seen.activities if a.link != "graph"]


def test_no_kernels() -> None:
    trace = broken("no-kernels")
    assert trace.truth.activities == ()
    read = kineto.read_bytes(trace.to_bytes())
    assert "no-kernel-records" in {issue.code for issue in read.issues}


def test_identical_durations() -> None:
    durations: dict[int, set[str]] = {}
    for activity in broken("identical-durations").truth.activities:
        durations.setdefault(activity.dur_ns, set()).add(activity.name)
    assert sorted(len(names) for dur_ns, names in durations.items() if dur_ns in (90_319, 88_017, 61_105)) == [2, 2, 4]


def test_unlinked() -> None:
    trace = broken("unlinked")
    _, launches = launches_of(trace)
    expected = {"runtime": Link.RUNTIME, "external-id": Link.EXTERNAL_ID, "none": Link.NONE}
    assert launches.link.tolist() == [expected[a.link] for a in trace.truth.by_track()]
    assert {a.link for a in trace.truth.activities} == set(expected)


def test_clock_skew() -> None:
    _, launches = launches_of(broken("clock-skew"))
    assert "clock-skew" in {issue.code for issue in launches.issues}


def test_truncated() -> None:
    trace, whole = broken("truncated"), samples.synthesize()
    assert 0 < len(trace.truth.activities) < len(whole.truth.activities)
    assert not trace.to_bytes().endswith(b"}]}")
    read = kineto.read_bytes(trace.to_bytes())
    assert "truncated-file" in {issue.code for issue in read.issues}
    assert len(read.activities) == len(trace.truth.activities)


def test_missing_thread() -> None:
    read = kineto.read_bytes(broken("missing-tid").to_bytes())
    assert "missing-thread" in {issue.code for issue in read.issues}


def test_duplicate_correlations_lead_to_the_same_operator() -> None:
    trace = broken("duplicate-correlation")
    doubled = [a for a in trace.truth.activities if a.link == "duplicate"]
    assert len(doubled) > 4
    read, launches = launches_of(trace)
    assert "duplicate-correlation" in {issue.code for issue in launches.issues}
    assert [read.name(op) if op >= 0 else "" for op in launches.op.tolist()] == [a.op for a in trace.truth.by_track()]


def test_hostile_names_are_kept_as_they_are() -> None:
    trace = broken("hostile-names")
    hostile = [a for a in trace.truth.activities if a.role == "unattributed"]
    assert {a.name for a in hostile} == set(HOSTILE_NAMES)
    read = kineto.read_bytes(trace.to_bytes())
    assert all(read.strings.find(name) >= 0 for name in HOSTILE_NAMES)


def test_twins_are_no_activities() -> None:
    trace, whole = broken("scope-twins"), samples.synthesize()
    assert trace.truth == whole.truth
    assert len(trace.events) > len(whole.events) + 300
