"""Breakdowns of real traces: tables, selection, several ranks, what is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xpubreak as xb
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.tables import KERNEL_COLUMNS, OP_COLUMNS, STEP_COLUMNS
from xpubreak.trace import kineto
from xpubreak.units import format_ns


@pytest.fixture(scope="module")
def eager() -> Breakdown:
    return xb.load(xb.samples.path("h200-vllm-eager"))


@pytest.fixture(scope="module")
def on_cpu() -> Breakdown:
    return xb.load(xb.samples.path("cpu-vllm-eager"))


def codes(breakdown: Breakdown) -> set[str]:
    return {issue.code for issue in breakdown.issues}


class TestTables:
    def test_columns_are_the_documented_ones(self, eager: Breakdown) -> None:
        assert list(eager.kernels) == list(KERNEL_COLUMNS)
        assert list(eager.ops) == list(OP_COLUMNS)
        assert list(eager.steps) == list(STEP_COLUMNS)
        promised = (
            "name backend role category confidence rule op module layer phase step stream rank start_ns device_ns"
        )
        assert set(promised.split()) <= set(eager.kernels)

    def test_numbers_are_whole_and_never_missing(self, eager: Breakdown) -> None:
        frame = eager.kernels
        assert all(frame[name].dtype == np.int64 for name in ("layer", "step", "start_ns", "device_ns", "stream"))
        assert not frame.isna().to_numpy().any()

    def test_one_row_per_activity_in_order_of_start(self, eager: Breakdown) -> None:
        assert len(eager.kernels) == eager.totals.activities
        assert eager.kernels["start_ns"].is_monotonic_increasing

    def test_by_adds_up(self, eager: Breakdown) -> None:
        frame = eager.by("backend", "category")
        assert frame["share"].sum() == pytest.approx(1)
        expected = eager.kernels.groupby(["role", "category"], observed=True)["device_ns"].sum()
        for row in frame[frame["device_ns"] > 0].itertuples():
            assert row.device_ns == expected[(row.backend, row.category)]

    def test_ordered_dimensions_come_in_order(self, eager: Breakdown) -> None:
        assert eager.by("step")["step"].is_monotonic_increasing
        assert eager.by("layer", "backend")["layer"].is_monotonic_increasing

    def test_kernel_time_of_operators_is_conserved(self, eager: Breakdown) -> None:
        linked = eager.kernels[eager.kernels["op"] != ""]
        assert eager.ops["device_ns"].sum() == linked["device_ns"].sum()

    def test_a_cpu_target_has_no_kernels_and_weighs_host_time(self, on_cpu: Breakdown) -> None:
        assert on_cpu.weight == "host"
        assert len(on_cpu.kernels) == 0
        assert list(on_cpu.kernels) == list(KERNEL_COLUMNS)
        assert on_cpu.by("backend")["share"].sum() == pytest.approx(1)
        assert on_cpu.ops["host_ns"].sum() <= on_cpu.totals.host_ns

    def test_unknown_dimensions_name_the_known_ones(self, eager: Breakdown) -> None:
        with pytest.raises(xb.SelectionError, match="backend, category"):
            eager.by("bakend")
        with pytest.raises(xb.SelectionError, match="one or more"):
            eager.by()


class TestSelect:
    def test_by_role_or_by_label(self, eager: Breakdown) -> None:
        part = eager.select(backend="vllm-cuda-kernels")
        assert part == eager.select(backend="vllm")
        assert set(part.kernels["role"]) == {"vllm"}

    @pytest.mark.parametrize("layers", [range(2, 4), slice(2, 4), [2, 3], np.array([2, 3])])
    def test_ranges(self, eager: Breakdown, layers: Any) -> None:
        assert set(eager.select(layer=layers).kernels["layer"]) == {2, 3}

    def test_text_is_found_in_kernel_and_operator_names(self, eager: Breakdown) -> None:
        frame = eager.select(text="RMS_norm").kernels
        assert len(frame)
        assert (frame["name"].str.contains("rms_norm") | frame["op"].astype(str).str.contains("rms_norm")).all()

    def test_text_looks_at_the_names_that_views_show(self, eager: Breakdown) -> None:
        kernels = eager.kernels
        names, shown = kernels["name"].astype(str), kernels["display_name"].astype(str)
        raw = names[(names != shown) & (names.str.len() <= 200)].iloc[0]
        assert not len(eager.select(text=raw))
        assert len(eager.select(name=raw)) == int((names == raw).sum())

    @pytest.mark.parametrize("kernels", [1, 3])
    def test_kernels_by_name(self, eager: Breakdown, kernels: int) -> None:
        names = eager.kernels["display_name"].astype(str).value_counts().index[:kernels].tolist()
        assert set(eager.select(kernel=names).kernels["display_name"]) == set(names)

    def test_spans_by_name_are_no_kernels(self, eager: Breakdown) -> None:
        rows = eager.rows
        names = {eager.strings[i] for i in rows.display[~rows.is_activity].tolist()}
        name = "aten::mm" if "aten::mm" in names else sorted(names)[0]
        found = eager.select(span=name)
        assert len(found) == sum(eager.strings[i] == name for i in rows.display[~rows.is_activity].tolist())
        assert not found.rows.is_activity.any()
        assert len(eager.select(span="")) == int(rows.is_activity.sum())

    def test_outside_of_steps_with_others(self, eager: Breakdown) -> None:
        both = eager.select(phase=["decode", ""])
        assert len(both) == len(eager.select(phase="decode")) + len(eager.select(phase=""))
        assert len(eager.select(phase=""))

    @pytest.mark.parametrize(
        "clause",
        [
            {"backend": "vlm"},
            {"layer": "three"},
            {"layer": 1.5},
            {"colour": "red"},
            {"text": "/(/"},
            {"text": "x" * 999},
        ],
    )
    def test_what_cannot_be_selected_is_refused(self, eager: Breakdown, clause: dict[str, Any]) -> None:
        with pytest.raises(xb.SelectionError):
            eager.select(**clause)

    def test_nothing_selected_is_an_empty_breakdown(self, eager: Breakdown) -> None:
        nothing = eager.select(layer=99)
        assert (len(nothing), nothing.totals.device_ns) == (0, 0)
        assert len(nothing.kernels) == len(nothing.by("backend")) == 0
        assert "selected: layer 99" in nothing.report()


class TestRanks:
    def test_two_ranks(self) -> None:
        both = xb.load([xb.samples.path("cpu-vllm-tp2-rank1"), xb.samples.path("cpu-vllm-tp2-rank0")])
        assert both.ranks == (0, 1)
        alone = [xb.load(xb.samples.path(f"cpu-vllm-tp2-rank{rank}")).totals.host_ns for rank in (0, 1)]
        assert both.by("rank")["host_ns"].tolist() == alone
        assert "missing-ranks" not in codes(both)

    def test_one_rank_of_two_says_so(self) -> None:
        assert "missing-ranks" in codes(xb.load(xb.samples.path("cpu-vllm-tp2-rank0")))

    def test_separate_runs_are_kept_apart(self, eager: Breakdown) -> None:
        path = xb.samples.path("h200-vllm-eager")
        twice = xb.load([path, path])
        assert twice.totals.device_ns == 2 * eager.totals.device_ns
        assert "duplicate-rank" in codes(twice)

    def test_folder_and_glob(self, tmp_path: Path) -> None:
        for rank in (0, 1):
            (tmp_path / f"r{rank}.json").write_text(
                json.dumps({"distributedInfo": {"rank": rank, "world_size": 2}, "traceEvents": [ONE]})
            )
        (tmp_path / "broken.json").write_text("nothing")
        (tmp_path / "notes.txt").write_text("nothing")
        loaded = xb.load(tmp_path)
        assert loaded.ranks == (0, 1)
        assert "unreadable-file" in codes(loaded)
        assert xb.load(str(tmp_path / "r*.json")).ranks == (0, 1)

    @pytest.mark.parametrize("name", ["nowhere", "*.none", "s3://bucket/x"])
    def test_nothing_there(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(xb.NotATraceError):
            xb.load(name if "://" in name else tmp_path / name)
        with pytest.raises(xb.NotATraceError):
            xb.load(tmp_path)
        with pytest.raises(xb.NotATraceError):
            xb.load([])


ONE = {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 1, "tid": 1, "ts": 0, "dur": 5}


class TestWhatIsMissing:
    def test_the_drivers_own_process_records_nothing(self) -> None:
        empty = xb.load(xb.samples.path("cpu-vllm-driver-only"))
        assert len(empty) == 0
        assert "empty-trace" in codes(empty)
        assert "other processes" in empty.report().replace("\n  ", " ")
        assert len(empty.kernels) == len(empty.ops) == len(empty.steps) == len(empty.by("backend")) == 0
        assert str(empty.explain("x")).startswith("Nothing here is called")

    def test_identical_durations_are_called_out(self) -> None:
        def kernels(duration: Any) -> list[dict[str, Any]]:
            return [
                {**ONE, "cat": "kernel", "name": f"kernel_{i % 4}", "ts": i * 100, "dur": duration(i)}
                for i in range(60)
            ]

        assert "identical-durations" in codes(xb.load(kineto.from_dicts(kernels(lambda _: 90.319))))
        assert "identical-durations" not in codes(xb.load(kineto.from_dicts(kernels(lambda i: 90 + i / 7))))

    def test_graphs_whose_kernels_are_missing_are_called_out(self) -> None:
        call = {**ONE, "cat": "xpu_runtime", "name": "urEnqueueGraphExp", "args": {"correlation": 7}}
        other = {**ONE, "cat": "kernel", "name": "k", "pid": 0, "ts": 9}
        hidden = xb.load(kineto.from_dicts([call, other]))
        assert "graph-hides-kernels" in codes(hidden)
        seen = xb.load(kineto.from_dicts([call, {**other, "args": {"correlation": 7}}]))
        assert "graph-hides-kernels" not in codes(seen)
        assert "graph-hides-kernels" in codes(xb.load(kineto.from_dicts([call, ONE]))), "nothing else ran on the device"

    def test_copies_without_kernels_are_called_out(self) -> None:
        launch = {**ONE, "cat": "xpu_runtime", "name": "urEnqueueKernelLaunchWithArgsExp", "args": {"correlation": 7}}
        copy = {**ONE, "cat": "gpu_memcpy", "name": "Memcpy H2D", "pid": 0, "ts": 9}
        (issue,) = [one for one in xb.load(kineto.from_dicts([launch, copy])).issues if one.code == "no-kernel-records"]
        assert "SYCL_UR_USE_LEVEL_ZERO_V2=0" in issue.message
        kernel = {**copy, "cat": "kernel", "name": "k"}
        assert "no-kernel-records" not in codes(xb.load(kineto.from_dicts([launch, copy, kernel])))
        assert "no-kernel-records" not in codes(xb.load(kineto.from_dicts([copy])))


class TestReport:
    def test_the_measured_overhead_is_in_the_head(self) -> None:
        trace = kineto.from_dicts([ONE])
        noted = replace(trace.metadata, extra={**trace.metadata.extra, "xpubreak": {"overhead": 1.318}})
        measured = xb.load(replace(trace, metadata=noted))
        assert measured.overhead_ratio == 1.318
        assert measured.report().splitlines()[0].endswith("profiler 1.32×")
        assert xb.load(trace).overhead_ratio is None
        assert "profiler" not in xb.load(trace).report()

    def test_the_spread_of_steps_is_told_where_there_are_enough(self, eager: Breakdown) -> None:
        times = eager.steps.groupby("phase")["device_ns"]
        told = [line.split()[0] for line in eager.report().splitlines() if " step: " in line]
        assert told == [phase for phase in ("prefill", "mixed", "decode") if times.size().get(phase, 0) >= 5]
        assert f"decode step: {format_ns(times.median()['decode'])} of device time" in eager.report()


class TestTotals:
    def test_busy_is_the_union_over_streams(self) -> None:
        kernel = {**ONE, "cat": "kernel", "pid": 0}
        loaded = xb.load(
            kineto.from_dicts([{**kernel, "tid": 1, "ts": 0, "dur": 10}, {**kernel, "tid": 2, "ts": 5, "dur": 10},
                               {**kernel, "tid": 1, "ts": 40, "dur": 10}])
        )  # fmt: skip
        totals = loaded.totals
        assert (totals.device_ns, totals.busy_ns, totals.wall_ns) == (30_000, 25_000, 50_000)
        assert totals.idle_frac == pytest.approx(0.5)


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "](javascript:alert(1))",
    "\x1b[31mred",
    "a\nb",
    "\u202eevil",
    "=cmd|'/c'!A1",
    "x" * 20_000,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text_on_one_line(name: str) -> None:
    kernel = {**ONE, "cat": "kernel", "name": name, "pid": 0}
    loaded = xb.load(kineto.from_dicts([kernel, {**ONE, "name": name}]))
    for text in (loaded.report(80), str(loaded.explain(0))):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert all(len(line) <= 400 for line in text.splitlines())
    assert loaded.kernels["name"].tolist() == [name]


def test_explain_says_rule_source_key_chain_and_confidence(eager: Breakdown) -> None:
    text = str(eager.explain("vllm::rms_norm_kernel"))
    for word in ("vllm-cuda-kernels", "norm", "because", "rule", "matched", "_C::rms_norm", "takes"):
        assert word in text
    row = eager.kernels.reset_index(drop=True).iloc[3]
    (case,) = eager.explain(3).cases
    assert (case.name, case.rule) == (row["name"], row["rule"])
    with pytest.raises(xb.SelectionError, match="no row"):
        eager.explain(10**9)


def test_import_is_light() -> None:
    import subprocess
    import sys

    code = (
        "import sys, xpubreak as xb; xb.load, xb.profile, xb.rules, xb.samples; "
        "heavy = {'torch', 'numba', 'bokeh', 'pandas', 'ipywidgets', 'anywidget', 'IPython', 'vllm', 'traitlets'}; "
        "heavy &= set(sys.modules); print(sorted(heavy)); assert not heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
