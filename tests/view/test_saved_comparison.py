"""A saved comparison fits its size, says what it folds, and adds up to the same sums."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpubreak as xb
from tests.breakdown.noisy import DECODE, PREFILL, noisy_run
from xpubreak.trace import kineto
from xpubreak.units import format_share
from xpubreak.view import outputs as outputs_module
from xpubreak.view.comparison.folding import FOLDED_NAME, folded
from xpubreak.view.comparison.payload import packed, pairs_of
from xpubreak.view.comparison.saved import save
from xpubreak.view.comparison.widget import ComparisonExplorer, outputs_of
from xpubreak.view.copy import COPY_BYTES

EXACT = ("phase", "backend", "category", "layer")
FOLDING = ("op", "kernel")


@pytest.fixture(scope="module")
def story() -> xb.Comparison:
    runs = [xb.load(xb.samples.path(name)) for name in ("h200-vllm-eager", "h200-vllm-compiled")]
    return xb.compare(*runs, runs[0], titles=["eager", "compiled", "again"])


@pytest.fixture(scope="module")
def large() -> xb.Comparison:
    """Of runs with so many long names that everything does not fit."""
    return xb.compare(*(many_kernels(1_500, longest) for longest in (9, 11)))


def many_kernels(count: int, longest: int) -> xb.Breakdown:
    def name(number: int) -> str:
        return f"gemm_{number:05d}_" + "".join(format(number * place % 9973, "x") for place in range(1, 160))

    one = {"ph": "X", "cat": "kernel", "pid": 0, "tid": 7}
    events = [{**one, "name": name(at), "ts": 20 * at, "dur": 1 + at % longest} for at in range(count)]
    return xb.load(kineto.from_dicts(events), title=f"longest {longest}")


def many_operators(count: int, longest: int) -> xb.Breakdown:
    """One kernel, launched by many operators with long names."""
    events: list[dict[str, Any]] = []
    for at in range(count):
        name = f"lib::op_{at:05d}_" + "".join(format(at * place % 9973, "x") for place in range(1, 60))
        host = {"ph": "X", "pid": 1, "tid": 1, "args": {"correlation": at + 1}}
        events += [
            {**host, "cat": "cpu_op", "name": name, "ts": 40 * at, "dur": 20, "args": {}},
            {**host, "cat": "cuda_runtime", "name": "cudaLaunchKernel", "ts": 40 * at + 2, "dur": 3},
            {"ph": "X", "cat": "kernel", "pid": 0, "tid": 7, "name": f"gemm_{at:05d}", "ts": 40 * at + 10,
             "dur": 1 + at % longest, "args": {"correlation": at + 1}},
        ]  # fmt: skip
    return xb.load(kineto.from_dicts(events), title=f"longest {longest}")


def opened(content: bytes) -> list[dict[str, Any]]:
    pairs: list[dict[str, Any]] = json.loads(gzip.decompress(content))["pairs"]
    return pairs


def sums(pair: dict[str, Any], name: str, side: str) -> list[float]:
    found = [0.0] * len(pair[name])
    for key, ns in zip(pair["leaves"][name], pair["leaves"][side], strict=True):
        found[key] += ns
    return found


def same_sums(less: dict[str, Any], whole: dict[str, Any]) -> None:
    for side in ("a", "b"):
        for name in EXACT:
            assert less[name] == whole[name], "rows, intervals and verdicts stay as they are"
            assert sums(less, name, side) == pytest.approx(sums(whole, name, side), abs=0.1)
        for name in FOLDING:
            assert sums(less, name, side) == pytest.approx([row[side] for row in less[name]], abs=0.1)
    assert less["totals"] == whole["totals"]
    for name in FOLDING:
        kept = {row["label"]: row for row in less[name] if row["verdict"] != "folded"}
        for row in whole[name]:
            if row["label"] in kept:
                assert {**kept[row["label"]], "key": 0} == {**row, "key": 0}
    same_phases(less, whole)


def same_phases(less: dict[str, Any], whole: dict[str, Any]) -> None:
    """Within each phase: what does not fold is as it was, what folds adds up to the same."""
    assert len(less["within"]) == len(whole["within"])
    for mine, full in zip(less["within"], whole["within"], strict=True):
        for name in full:
            if name in EXACT:
                assert mine[name] == full[name]
            assert {"a", "b", "key"} <= set(mine[name])
            assert len(set(mine[name]["key"])) == len(mine[name]["key"])
            for side in ("a", "b"):
                assert sum(mine[name][side]) == pytest.approx(sum(full[name][side]), abs=0.1)


@given(st.data(), st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=30))
def test_folding_keeps_every_sum_but_those_of_small_kernels(
    data: st.DataObject, times: list[tuple[int, int]]
) -> None:  # fmt: skip
    sizes = {name: data.draw(st.integers(1, 4)) for name in EXACT}
    sizes["op"] = data.draw(st.integers(1, 6))
    leaves: dict[str, list[Any]] = {name: [] for name in (*EXACT, *FOLDING, "a", "b")}
    for kernel, (a_ns, b_ns) in enumerate(times):
        for part in range(data.draw(st.integers(1, 3))):
            for name in (*EXACT, "op"):
                leaves[name].append(data.draw(st.integers(0, sizes[name] - 1)))
            leaves["kernel"].append(kernel)
            leaves["a"].append(a_ns / 1000 if part == 0 else 0.0)
            leaves["b"].append(b_ns / 1000 if part == 0 else 0.0)
    pair: dict[str, Any] = {
        "kernel": [
            {"key": key, "label": str(key), "a": a_ns / 1000, "b": b_ns / 1000, "verdict": "slower"}
            for key, (a_ns, b_ns) in enumerate(times)
        ],
        "leaves": leaves,
        "totals": [],
        "within": [],
        **{name: [{"key": key} for key in range(size)] for name, size in sizes.items()},
    }
    times_of_ops = zip(*(sums(pair, "op", side) for side in ("a", "b")), strict=True)
    pair["op"] = [
        {"key": key, "label": str(key), "a": a, "b": b, "verdict": "noise"} for key, (a, b) in enumerate(times_of_ops)
    ]
    most = data.draw(st.integers(0, len(times)))
    less = folded(pair, most)
    same_sums(less, pair)
    if len(less["kernel"]) < len(pair["kernel"]):
        *kept, one = less["kernel"]
        assert len(kept) == most
        assert one["label"] == FOLDED_NAME
        gone = {row["label"] for row in pair["kernel"]} - {row["label"] for row in kept}
        size = {row["label"]: row["a"] + row["b"] for row in pair["kernel"]}
        assert max(size[name] for name in gone) <= min((size[row["label"]] for row in kept), default=float("inf"))
        assert f"the {len(gone)} smallest of {len(times)} kernels" in less["folded"]
        assert format_share(one["a"] + one["b"], sum(size.values())) in less["folded"]
        assert f"; {len(gone)} of them changed by more than noise" in less["folded"]
    if len(less["op"]) < len(pair["op"]):
        assert len(less["op"]) == most + 1
        assert f"the {len(pair['op']) - most} smallest of {len(pair['op'])} operators" in less["folded"]


@pytest.mark.parametrize("most", [0, 1, 3, 6])
def test_rows_within_a_phase_fold_with_the_whole(most: int) -> None:
    runs = [noisy_run(seed, step_names=[DECODE, PREFILL] * 6) for seed in (1, 2)]
    [whole] = pairs_of(xb.compare(*runs, draws=200))
    less = folded(whole, most)
    same_sums(less, whole)
    assert len(less["kernel"]) == most + 1
    for phase, mine in enumerate(less["within"]):
        for name, side in (("op", "a"), ("kernel", "b")):
            of_phase = [0.0] * len(less[name])
            for at, key in enumerate(less["leaves"][name]):
                of_phase[key] += less["leaves"][side][at] * (less["leaves"]["phase"][at] == phase)
            listed = dict(zip(mine[name]["key"], mine[name][side], strict=True))
            assert [listed.get(key, 0.0) for key in range(len(of_phase))] == pytest.approx(of_phase, abs=0.1)


def test_many_operators_fold_too() -> None:
    """Names of operators alone would break the size."""
    runs = [many_operators(900, longest) for longest in (9, 11)]
    cmp = xb.compare(*runs, draws=200)
    whole = save(cmp)
    assert len(opened(whole.content)[0]["op"]) == 900
    saved = save(cmp, whole.size_bytes // 3)
    [pair] = opened(saved.content)
    assert saved.size_bytes <= whole.size_bytes // 3
    assert len(pair["op"]) < 900
    assert "of 900 operators" in saved.notes[0]
    same_sums(pair, json.loads(json.dumps(pairs_of(cmp)[0])))


@pytest.mark.parametrize("budget_bytes", [None, 40_000, 12_000, 6_000])
def test_real_runs_add_up_in_every_size(story: xb.Comparison, budget_bytes: int | None) -> None:
    saved = save(story, budget_bytes)
    pairs, whole = opened(saved.content), pairs_of(story)
    assert budget_bytes is None or saved.size_bytes <= budget_bytes
    for less, full in zip(pairs, json.loads(json.dumps(whole)), strict=False):
        same_sums(less, full)
        if less != full:
            assert less["folded"], "it is said in the page"
    assert bool(saved.notes) == (saved.content != packed(story))
    if len(pairs) < len(whole):
        assert f"{len(pairs)} of {len(whole)} pairs" in saved.notes[-1]


def test_small_fits_and_full_holds_the_rest_and_none_nothing(large: xb.Comparison, monkeypatch: Any) -> None:
    monkeypatch.setitem(outputs_module.BUDGETS_BYTES, "small", 160_000)
    outputs = {name: outputs_of(ComparisonExplorer(large, snapshot=name)) for name in ("small", "full", "none")}
    small, full = (outputs[name][1][0]["text/html"] for name in ("small", "full"))
    assert len(small.encode()) + len(outputs["small"][0][0]["image/png"]) * 4 / 3 <= 160_000
    assert len(small.encode()) > 60_000, "and uses its room"
    assert len(full) > 160_000
    assert "smallest of 1,500 kernels" in small[: small.index("data-xpubreak-place")], "for where no script runs"
    assert "smallest of" not in full
    assert 'type="text/plain"' not in outputs["none"][0][0]["text/html"]


def test_nothing_is_cut_off_where_everything_is_held(large: xb.Comparison) -> None:
    [pair] = opened(packed(large))
    assert len(pair["leaves"]["a"]) >= 1_500
    assert save(large, COPY_BYTES).size_bytes <= COPY_BYTES
