"""Rows say what the trace and the floors say, event by event, and nothing else is kept for them."""

from __future__ import annotations

import weakref

import numpy as np
import pytest
from hypothesis import given, settings

import xpubreak as xb
from tests.strategies import traces
from xpubreak.breakdown.analysis import Analysis, analyse
from xpubreak.breakdown.gather import gather
from xpubreak.breakdown.material import Material
from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.trace import kineto
from xpubreak.trace.columns import NONE


def check(analysis: Analysis) -> Rows:
    tables = gather(Material.of(analysis))
    rows, events, launches = tables.rows, analysis.trace.events, analysis.launches
    first = len(launches.activity)
    assert rows.event.tolist() == [*launches.activity.tolist(), *analysis.spans.rows.tolist()]
    for name in ("start_ns", "name", "kind", "track", "bytes", "shapes", "dtypes", "offset"):
        assert np.array_equal(getattr(rows, name), getattr(events, name)[rows.event]), name
    for name in ("role", "category", "confidence", "evidence"):
        assert np.array_equal(getattr(rows, name), getattr(analysis.backends, name)[rows.event]), name
    for name in ("layer", "step", "position", "phase"):
        assert np.array_equal(getattr(rows, name), getattr(analysis.labels, name)[rows.event]), name
    assert np.array_equal(rows.total_ns, events.dur_ns[rows.event])
    assert rows.device_ns.tolist() == [*events.dur_ns[launches.activity].tolist(), *[0] * len(analysis.spans)]
    assert rows.host_ns.tolist() == [*[0] * first, *analysis.spans.self_ns.tolist()]
    assert rows.depth.tolist() == [*[0] * first, *analysis.spans.depth.tolist()]
    assert rows.link.tolist() == [*launches.link.tolist(), *[255] * len(analysis.spans)]
    assert (rows.stream[first:] == NONE).all()
    assert rows.stream[:first].tolist() == [analysis.trace.tracks[track].stream for track in rows.track[:first]]
    row_of = {event: row for row, event in enumerate(rows.event.tolist())} | {NONE: NONE}
    assert rows.launch[:first].tolist() == [row_of[event] for event in launches.launch.tolist()]
    assert (rows.launch[first:] == NONE).all()
    began_ns = [int(events.start_ns[event]) if event >= 0 else NONE for event in launches.launch.tolist()]
    assert rows.launch_ns.tolist() == [*began_ns, *[NONE] * len(analysis.spans)]
    launched_ns = dict.fromkeys(row_of.values(), 0)
    for activity, op in enumerate(launches.op.tolist()):
        launched_ns[row_of[op]] += int(rows.device_ns[activity])
    assert rows.launched_ns.tolist() == [launched_ns[row] for row in range(len(rows))]
    check_texts(tables, analysis)
    return rows


def check_texts(tables: Tables, analysis: Analysis) -> None:
    rows, texts = tables.rows, tables.strings
    assert np.array_equal(rows.node, analysis.node[rows.event])
    modules = [*analysis.labels.modules, ""]
    assert [texts.text(name) for name in rows.module.tolist()] == [
        modules[module] for module in analysis.labels.module[rows.event].tolist()
    ]
    is_span = ~rows.is_activity
    called = np.append(analysis.tree.name, NONE)[rows.node]
    assert np.array_equal(rows.display[is_span], np.where(rows.node >= 0, called, rows.name)[is_span])


@pytest.mark.parametrize("name", xb.samples.names())
def test_captured_traces(name: str) -> None:
    check(analyse(kineto.read(xb.samples.path(name))))


@given(traces())
@settings(deadline=None, max_examples=60)
def test_made_up_traces(entries: list[dict[str, object]]) -> None:
    check(analyse(kineto.from_dicts(entries)))


def test_a_trace_of_nothing() -> None:
    assert len(check(analyse(kineto.from_dicts([])))) == 0


def test_nothing_of_the_trace_is_kept_that_rows_have_or_do_not_need() -> None:
    trace = kineto.read(xb.samples.path("h200-transformers"))
    analysis = analyse(trace)
    columns = trace.events.correlation, trace.events.hint, analysis.context.parent
    unneeded = [weakref.ref(column) for column in columns]
    material = Material.of(analysis)
    del trace, analysis, columns
    assert [column() for column in unneeded] == [None] * 3
    gather(material)
    assert set(material.of_event) == {"external_id"}
