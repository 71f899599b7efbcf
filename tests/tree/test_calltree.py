"""Call trees: merged paths, times, inverted and collapsed."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xpubreak.trace import kineto
from xpubreak.trace.strings import Strings
from xpubreak.tree.calltree import CallTree, build, depth_first
from xpubreak.tree.launches import link
from xpubreak.tree.nest import nest
from xpubreak.tree.paths import as_table
from xpubreak.tree.timings import self_time, total_time
from xpubreak.tree.transforms import collapse, invert


def drawn(tree: CallTree, strings: Strings, self_ns: np.ndarray) -> list[str]:
    total_ns = total_time(tree, self_ns)
    return [
        f"{'  ' * depth}{strings.text(name)} {self_us}/{total_us}"
        for depth, name, self_us, total_us in zip(tree.depth, tree.name, self_ns // 1000, total_ns // 1000, strict=True)
    ]


def event(name: str, start: float, end: float, cat: str = "cpu_op", **args: Any) -> dict[str, Any]:
    pid, tid = (0, 7) if cat == "kernel" else (1, 1)
    return {"ph": "X", "cat": cat, "name": name, "pid": pid, "tid": tid, "ts": start, "dur": end - start, "args": args}


def built(*events: dict[str, Any]) -> tuple[CallTree, np.ndarray, Any]:
    trace = kineto.from_dicts(events)
    spans = nest(trace.events, trace.spans)
    launches = link(trace, spans)
    tree, node = build(trace.events, trace.events.name, spans, launches)
    return tree, node, trace


LAYER = [
    event("mlp", 0, 40),
    event("aten::mm", 1, 10),
    event("launch", 2, 4, "xpu_runtime", correlation=1),
    event("aten::mm", 11, 20),
    event("launch", 12, 14, "xpu_runtime", correlation=2),
    event("gemm_kernel", 50, 57, "kernel", correlation=1),
    event("gemm_kernel", 60, 68, "kernel", correlation=2),
    event("lost_kernel", 90, 95, "kernel"),
]


def test_equal_paths_merge_and_kernels_stand_below_their_operator() -> None:
    tree, node, trace = built(*LAYER)
    activities = trace.activities
    times = self_time(tree, node[activities], trace.events.dur_ns[activities])
    assert drawn(tree, trace.strings, times) == [
        "mlp 0/15",
        "  aten::mm 0/15",
        "    launch 0/0",
        "    gemm_kernel 15/15",
    ]
    assert node[activities].tolist() == [3, 3, -1]


def test_graph_replays_stand_below_the_replaying_call() -> None:
    tree, _, trace = built(
        event("step", 0, 9, "user_annotation"),
        event("cudaGraphLaunch", 1, 5, "cuda_runtime", correlation=1),
        event("k", 50, 57, "kernel", correlation=1),
        event("k", 60, 68, "kernel", correlation=1),
    )
    assert drawn(tree, trace.strings, np.zeros(3, dtype=np.int64)) == ["step 0/0", "  cudaGraphLaunch 0/0", "    k 0/0"]


def test_inverted_and_collapsed() -> None:
    tree, node, trace = built(*LAYER)
    activities = trace.activities
    times = self_time(tree, node[activities], trace.events.dur_ns[activities])
    inverted, inclusive = invert(tree, times)
    names = [trace.strings.text(name) for name in inverted.name]
    assert list(zip(names, inverted.depth.tolist(), (inclusive // 1000).tolist(), strict=True)) == [
        ("gemm_kernel", 0, 15),
        ("aten::mm", 1, 15),
        ("mlp", 2, 15),
    ]
    keep = np.array([trace.strings.text(name) != "aten::mm" for name in tree.name])
    collapsed, home = collapse(tree, keep)
    moved = np.zeros(len(collapsed), dtype=np.int64)
    np.add.at(moved, home, times)
    assert drawn(collapsed, trace.strings, moved) == ["mlp 0/15", "  launch 0/0", "  gemm_kernel 15/15"]


@st.composite
def trees(draw: st.DrawFn) -> tuple[CallTree, np.ndarray]:
    paths: dict[tuple[int, int, int], int] = {}
    for _ in range(draw(st.integers(0, 25))):
        parent = draw(st.integers(-1, len(paths) - 1))
        paths.setdefault((parent, draw(st.integers(0, 4)), 0), len(paths))
    tree, _ = depth_first(as_table(paths))
    weights = draw(st.lists(st.integers(0, 9), min_size=len(tree), max_size=len(tree)))
    return tree, np.array(weights, dtype=np.int64)


@given(trees())
def test_depth_first_order(pair: tuple[CallTree, np.ndarray]) -> None:
    tree, _ = pair
    assert (tree.parent < np.arange(len(tree))).all()
    for node in range(len(tree)):
        below = [other for other in range(len(tree)) if node in tree.path(other)[:-1]]
        assert below == list(range(node + 1, tree.subtree_end[node] + 1))
        assert tree.depth[node] == len(tree.path(node)) - 1


@given(trees())
def test_totals_are_sums_over_subtrees(pair: tuple[CallTree, np.ndarray]) -> None:
    tree, weights = pair
    total = total_time(tree, weights)
    for node in range(len(tree)):
        assert total[node] == weights[node : tree.subtree_end[node] + 1].sum()
    assert total[tree.parent < 0].sum() == weights.sum()


@given(trees())
def test_inverting_conserves_time(pair: tuple[CallTree, np.ndarray]) -> None:
    tree, weights = pair
    inverted, inclusive = invert(tree, weights)
    assert inclusive[inverted.parent < 0].sum() == weights.sum()
    for name in set(tree.name.tolist()):
        top = (inverted.parent < 0) & (inverted.name == name)
        assert inclusive[top].sum() == weights[tree.name == name].sum()


@given(trees(), st.data())
def test_collapsing_conserves_time_of_what_is_kept(pair: tuple[CallTree, np.ndarray], data: st.DataObject) -> None:
    tree, weights = pair
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(tree), max_size=len(tree))), dtype=bool)
    collapsed, home = collapse(tree, keep)
    moved = self_time(collapsed, home, weights)
    orphans = weights[home < 0].sum()
    assert moved.sum() + orphans == weights.sum()
    assert len(collapsed) <= keep.sum()
    keys = list(zip(collapsed.parent.tolist(), collapsed.name.tolist(), strict=True))
    assert len(keys) == len(set(keys)), "equal siblings have merged"
