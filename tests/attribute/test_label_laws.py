"""Laws of labels: whatever the trace, every event has a place, and its labels agree with each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from tests.attribute.labelled import Labelled, label_trace
from tests.strategies import damaged, traces
from xpubreak import samples
from xpubreak.attribute.label import NO_PHASE, POSITIONS
from xpubreak.trace.kineto import from_dicts, read

LAYER, OUTSIDE = POSITIONS.index("layer"), POSITIONS.index("outside")


def check(found: Labelled) -> None:
    labels, count = found.labels, len(found.trace.events)
    columns = (labels.step, labels.phase, labels.layer, labels.module, labels.position)
    assert {len(column) for column in columns} == {count}
    assert not any(column.flags.writeable for column in columns)
    assert ((labels.step >= -1) & (labels.step < len(labels.steps))).all()
    assert ((labels.module >= -1) & (labels.module < len(labels.modules))).all()
    assert ((labels.phase == NO_PHASE) == (labels.step < 0)).all()
    assert ((labels.layer >= 0) == (labels.position == LAYER)).all()
    assert (labels.position[(labels.step < 0) & (labels.layer < 0)] == OUTSIDE).all()
    assert [step.index for step in labels.steps] == list(range(len(labels.steps)))
    starts = [step.start_ns for step in labels.steps]
    assert starts == sorted(starts)
    for step in labels.steps:
        assert step.start_ns <= step.end_ns
        rows = np.flatnonzero(labels.step == step.index)
        assert (labels.phase[rows] == step.phase).all()
    assert (labels.layer_count == 0) == (labels.layer_source == "none")
    assert all(0 <= row < count and name for row, name in labels.path_names(found.trace).items())


@settings(deadline=None, max_examples=60)
@given(traces())
def test_labels_of_any_trace(events: list[dict[str, object]]) -> None:
    check(label_trace(from_dicts(events)))


@settings(deadline=None, max_examples=60)
@given(damaged())
def test_labels_of_damaged_traces(events: list[dict[str, object]]) -> None:
    check(label_trace(from_dicts(events)))


@pytest.mark.parametrize("name", samples.names())
def test_labels_of_captured_traces(name: str) -> None:
    check(label_trace(read(samples.path(name))))
