"""Labels of real captures."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.attribute.labelled import Labelled, label_trace
from xpubreak import samples
from xpubreak.attribute.label import POSITIONS, label
from xpubreak.trace.events import Kind
from xpubreak.trace.kineto import read
from xpubreak.tree.nest import nest

EXTRA = os.environ.get("XPUBREAK_EXTRA_TRACES", "")
extra = pytest.mark.skipif(not EXTRA, reason="XPUBREAK_EXTRA_TRACES names no folder with further traces")


@cache
def captured(name: str) -> Labelled:
    return label_trace(read(samples.path(name)))


def layers_per_step(found: Labelled) -> list[int]:
    labels = found.labels
    return [len(np.unique(labels.layer[(labels.step == step.index) & (labels.layer >= 0)])) for step in labels.steps]


def outside_of_layers(found: Labelled, step: int) -> dict[str, list[str]]:
    """Names of a step's kernels by position, in order of start; the beginnings of names."""
    events, labels = found.trace.events, found.labels
    names: dict[str, list[str]] = {position: [] for position in POSITIONS}
    rows = np.flatnonzero((events.kind == Kind.KERNEL) & (labels.step == step))
    for row in rows[np.argsort(events.start_ns[rows])].tolist():
        names[POSITIONS[labels.position[row]]].append(found.trace.name(row))
    return names


@pytest.mark.parametrize(
    ("name", "layers", "steps", "layer_source"),
    [
        ("h200-vllm-eager", 6, 8, "repeats"),
        ("h200-vllm-compiled", 6, 8, "repeats"),
        ("h200-torch-graph", 6, 5, "repeats"),
        ("h200-transformers", 6, 6, "nn-module-frames"),
        ("cpu-vllm-eager", 4, 8, "module-spans"),
        ("cpu-vllm-stack", 4, 9, "nn-module-frames"),
        ("cpu-vllm-compiled", 4, 8, "attention-count"),
        ("cpu-vllm-compiled-cpp", 4, 8, "attention-count"),
        ("cpu-vllm-piecewise", 4, 8, "attention-count"),
        ("cpu-vllm-moe", 4, 8, "attention-count"),
        ("cpu-vllm-tp2-rank0", 4, 8, "module-spans"),
        ("cpu-vllm-tp2-rank1", 4, 8, "module-spans"),
    ],
)
def test_every_step_has_all_layers(name: str, layers: int, steps: int, layer_source: str) -> None:
    found = captured(name)
    assert found.labels.layer_source == layer_source
    assert found.labels.layer_count == layers
    assert layers_per_step(found) == [layers] * steps
    assert "layer-counts-differ" not in found.codes


def test_what_profiling_the_wrong_process_recorded_has_no_labels() -> None:
    labels = captured("cpu-vllm-driver-only").labels
    assert (labels.steps, labels.layer_count, labels.layer_source, labels.modules) == ((), 0, "none", ())


@pytest.mark.parametrize("name", ["h200-vllm-eager", "h200-vllm-compiled", "cpu-vllm-eager", "cpu-vllm-compiled"])
def test_phases_of_vllm(name: str) -> None:
    assert captured(name).phases == ["prefill"] + ["decode"] * 7


@pytest.mark.parametrize("name", ["h200-transformers", "cpu-vllm-compiled-cpp"])
def test_phases_from_shapes_where_no_annotation_tells(name: str) -> None:
    found = captured(name)
    assert found.labels.phase_source == "shapes"
    assert found.phases == ["prefill"] + ["decode"] * (len(found.phases) - 1)


@pytest.mark.parametrize("step", range(1, 8))
def test_a_replayed_decode_step_layer_by_layer(step: int) -> None:
    found = captured("h200-vllm-compiled")
    names = outside_of_layers(found, step)
    assert names["before"][-1] == "triton_per_fused__to_copy_embedding_rms_norm_0"
    assert len(names["layer"]) == 6 * 13 - 1  # the first norm is fused with the embedding
    assert names["after"][0] == "triton_per_fused_fused_add_rms_norm_2"  # final norm
    lm_head = [name for name in names["after"] if name.startswith("nvjet")]
    assert len(lm_head) == 1
    assert "_gumbel_sample_kernel" in names["after"]
    assert names["outside"] == []


@pytest.mark.parametrize("step", range(8))
def test_an_eager_step_layer_by_layer(step: int) -> None:
    found = captured("h200-vllm-eager")
    names = outside_of_layers(found, step)
    assert len(names["layer"]) == 6 * 14
    assert any("prepare_varlen_num_blocks" in name for name in names["before"])
    assert "gather" in names["before"][-1] or "index" in names["before"][-1]  # embedding
    assert "fused_add_rms_norm" in names["after"][0]
    assert "_gumbel_sample_kernel" in names["after"]


def without_modules(found: Labelled) -> Labelled:
    """Label again, as if nothing had told modules."""
    hidden = np.array([text.startswith(("nn.Module: ", "xpb:", "xpb|")) for text in found.trace.strings], dtype=bool)
    spans, names = found.spans, found.trace.events.name
    keep = np.flatnonzero(~hidden[names[spans.rows]])
    bare = nest(found.trace.events, spans.rows[keep])
    labels = label(found.trace, bare, None, found.launches, found.backends)
    return Labelled(found.trace, bare, None, found.launches, found.backends, labels)


def agreement(found: Labelled, other: Labelled, rows: np.ndarray) -> float:
    rows = rows[(found.labels.step[rows] >= 0) & (other.labels.step[rows] >= 0)]
    same = (found.labels.layer[rows] == other.labels.layer[rows]) & (
        found.labels.position[rows] == other.labels.position[rows]
    )
    return float(same.mean())


def test_repeats_of_operators_agree_with_module_spans() -> None:
    # The bar is not 1: vLLM's CPU build adds the residual in pieces, and nothing in their order tells that these belong
    # to the norm of the layer that follows. That is the boundary, 8 of 221 spans of a layer; all else has to agree.
    found = captured("cpu-vllm-eager")
    bare = without_modules(found)
    assert bare.labels.layer_source == "attention-count"
    is_module = np.array([text.startswith("xpb:") for text in found.trace.strings])
    rows = found.spans.rows[~is_module[found.trace.events.name[found.spans.rows]]]
    assert agreement(found, bare, rows) > 0.95
    products = [
        row
        for row in rows.tolist()
        if found.trace.name(row) in ("_C::onednn_mm", "vllm::unified_attention_with_output")
    ]
    assert agreement(found, bare, np.array(products)) == 1


def test_repeats_of_kernels_agree_with_module_frames() -> None:
    found = captured("h200-transformers")
    # The profile has no annotations: without frames, steps come from the embedding.
    bare = without_modules(found)
    assert (bare.labels.layer_source, bare.labels.step_source) == ("repeats", "embedding")
    # Before the embedding a pass has a few kernels that go with the step before.
    activities = found.launches.activity
    inner = activities[(found.labels.layer[activities] >= 0) | (bare.labels.layer[activities] >= 0)]
    assert agreement(found, bare, inner) == 1


@extra
@pytest.mark.parametrize(
    ("file", "layers", "source"),
    [
        ("tl_vllm_prefilldecode_piecewise_exec.json.gz", 24, "repeats"),
        ("tl_vllm_decode_full_exec.json.gz", 24, "repeats"),  # alternating attention: the period is two layers
        ("tl_b200_eager.json.gz", 36, "nn-module-frames"),
    ],
)
def test_further_traces(file: str, layers: int, source: str) -> None:
    found = label_trace(read(Path(EXTRA) / file))
    assert layers_per_step(found) == [layers]
    assert found.labels.layer_source == source


@extra
def test_repeats_agree_with_frames_in_a_tensor_parallel_trace() -> None:
    found = label_trace(read(Path(EXTRA) / "tl_b200_eager.json.gz"))
    bare = without_modules(found)
    assert bare.labels.layer_source == "repeats"
    assert agreement(found, bare, found.launches.activity) == 1


@extra
def test_training_has_steps_but_no_layers() -> None:
    found = label_trace(read(Path(EXTRA) / "hta_ns_resolution_rank0.json.gz"))
    assert (found.labels.step_source, len(found.labels.steps)) == ("profiler-step", 5)
    assert (found.labels.layer_source, found.labels.layer_count) == ("none", 0)
