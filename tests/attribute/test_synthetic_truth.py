"""Labels against the truth of synthetic XPU traces, activity by activity."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attribute.labelled import Labelled, label_trace
from xpubreak.attribute.label import PHASES, POSITIONS
from xpubreak.samples import synthesize
from xpubreak.samples.truth import Activity
from xpubreak.trace.kineto import read_bytes


def compare(**arguments: Any) -> tuple[Labelled, list[tuple[Activity, Activity]]]:
    """Label a synthetic trace; return the activities (as labelled, as they are) whose labels are wrong."""
    sample = synthesize(layers=arguments.pop("layers", 3), decode_steps=2, **arguments)
    found = label_trace(read_bytes(sample.to_bytes()))
    labels, wrong = found.labels, []
    for truth, row in zip(sample.truth.by_track(), found.launches.activity.tolist(), strict=True):
        phase = int(labels.phase[row])
        seen = (
            int(labels.step[row]),
            PHASES[phase] if phase < len(PHASES) else "",
            int(labels.layer[row]),
            POSITIONS[labels.position[row]],
        )
        if seen != (truth.step, truth.phase, truth.layer, truth.position):
            wrong.append((seen, truth))
    return found, wrong


@pytest.mark.parametrize("tp", [1, 2])
@pytest.mark.parametrize("moe", [False, True])
@pytest.mark.parametrize("mode", ["eager", "compiled", "graph"])
def test_every_label_of_every_activity(mode: str, moe: bool, tp: int) -> None:
    found, wrong = compare(mode=mode, moe=moe, tp=tp, mixed_steps=1)
    assert wrong == []
    assert found.labels.layer_source == "repeats"
    assert found.phases == ["prefill", "mixed", "decode", "decode"]


@pytest.mark.parametrize("layers", [1, 2, 9])
def test_any_number_of_layers(layers: int) -> None:
    found, wrong = compare(layers=layers, mode="graph")
    assert (wrong, found.labels.layer_count) == ([], layers)


@pytest.mark.parametrize(
    ("how", "source"), [({"stacks": True}, "nn-module-frames"), ({"module_spans": True}, "module-spans")]
)
def test_better_sources_say_the_same(how: dict[str, bool], source: str) -> None:
    found, wrong = compare(**how)
    assert (wrong, found.labels.layer_source) == ([], source)
    assert found.labels.module_source == source


@pytest.mark.parametrize(
    "defect", ["clock-skew", "missing-tid", "duplicate-correlation", "hostile-names", "scope-twins"]
)
def test_defects_that_change_no_label(defect: str) -> None:
    assert compare(mode="graph", defects=[defect])[1] == []


def test_of_activities_without_launch_only_those_outside_of_annotations_are_lost() -> None:
    found, wrong = compare(defects=["unlinked"])
    assert wrong
    assert all(truth.link == "none" and not truth.in_annotation and seen[0] == -1 for seen, truth in wrong)
    assert {"step-by-device-annotation", "activities-outside-steps"} <= found.codes


def test_steps_whose_kernels_are_hidden_have_no_layers_and_that_is_said() -> None:
    found, wrong = compare(mode="graph", defects=["graph-hides-kernels"])
    assert {(seen[3], truth.position) for seen, truth in wrong} <= {("outside", "before"), ("outside", "after")}
    assert "steps-without-layers" in found.codes


def test_without_any_kernel_the_operators_show_the_layers() -> None:
    found, _ = compare(defects=["no-kernels"])
    assert (found.labels.layer_source, found.labels.layer_count) == ("attention-count", 3)
