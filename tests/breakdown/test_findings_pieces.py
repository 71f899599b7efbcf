"""What lies behind the number of a finding: by layer, by step, and what a graph would leave of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import xpubreak as xb
from tests.breakdown.planted import ATTENTION, LAYERS, NORM, STEPS, Machine, Model
from tests.breakdown.problems import Fallback, HostCompute
from tests.breakdown.test_findings import found
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.findings.finding import Finding
from xpubreak.breakdown.findings.pieces import piece_lines
from xpubreak.units import format_ns


class TwoFallbacks(Fallback):
    """As in layer 3, and in layer 6 as well."""

    def attention(self, layer: int) -> None:
        if layer == 6:
            self.special()
        super().attention(layer)


def test_a_fallback_is_told_layer_by_layer() -> None:
    """Copies there and back of 50 and 30 µs a call; the host computes 900 µs and waits for them."""
    finding = found(TwoFallbacks().run(), "cpu-fallback")
    table = finding.table.set_index("layer")
    assert table.index.tolist() == [3, 6]
    assert table["calls"].tolist() == [STEPS, STEPS]
    assert table["copies"].tolist() == [2 * STEPS, 2 * STEPS]
    assert table["copies_ns"].tolist() == [80_000 * STEPS] * 2
    assert (table["host_ns"] >= 980_000 * STEPS).all()
    assert (table["idle_ns"] >= 900_000 * STEPS).all()
    assert table[["idle_ns", "copies_ns"]].to_numpy().sum() == finding.at_stake_ns
    assert "layer 3" in finding.arithmetic and "layer 6" in finding.arithmetic


def test_host_compute_is_told_layer_by_layer() -> None:
    finding = found(HostCompute().run(), "host-compute")
    assert finding.columns["layer"] == (4.0,)
    assert sum(finding.columns["idle_ns"]) == finding.at_stake_ns
    assert finding.columns["host_ns"][0] == pytest.approx(3_000_000 * STEPS, rel=0.001)


class Slowing(Model):
    """The host runs ahead at first; from step 4 on it launches later than the device needs."""

    def start_of_step(self) -> None:
        self.host_us = 20 if self.step_number < STEPS / 2 else 180


def test_delay_and_depth_of_the_queue_step_by_step() -> None:
    """Behind a host that is ahead, activities wait in the queue; the other way round they start 2 µs after launch."""
    finding = found(Slowing().run(), "launch-bound")
    table = finding.table.set_index("step")
    assert table["launches"].tolist() == [3 * LAYERS] * STEPS
    ahead, behind = table.loc[: STEPS // 2 - 1], table.loc[STEPS // 2 :]
    assert (ahead["depth"] >= 3).all() and (behind["depth"] == 0).all()
    # A launch takes 5 µs, from its start to its end.
    assert (behind["delay_ns"] == 7_000).all() and (ahead["delay_ns"] > 100_000).all()
    assert "from 0 to" in finding.arithmetic


def test_few_steps_are_told_part_by_part() -> None:
    model = Model(host_us=180).run(steps=2)
    table = found(model, "launch-bound").table
    assert table.columns[0] == "at_ns"
    assert table["launches"].sum() == 2 * 3 * LAYERS
    assert np.all(np.diff(table["at_ns"]) > 0)


class Captured(Model):
    """A step is one replay of the same kernels."""

    def run(self, steps: int = STEPS, names: list[str] | None = None) -> Model:
        kernels = [(NORM, 50.0), ("gemm_kernel", 100.0), (ATTENTION, 60.0)] * LAYERS
        for _ in range(steps):
            with self.machine.span("execute_context_0(0)_generation_4(4)", "user_annotation"):
                self.machine.replay(kernels, is_hidden=self.is_hidden)
            self.machine.wait()
            self.machine.spend(self.between_us)
            self.step_number += 1
        return self

    is_hidden = False


def test_what_a_graph_saves_is_what_the_captured_run_takes_less() -> None:
    """The device leaves 4 µs between kernels, however early they were launched: a graph does not change that."""

    def machine() -> Machine:
        made = Machine()
        made.own_gap_us = 4.0
        return made

    class OneByOne(Model):
        """Slow launches in six steps of eight; the other two show what the device leaves."""

        def start_of_step(self) -> None:
            self.host_us = 20 if self.step_number < 2 else 180

    eager = OneByOne(machine()).run()
    finding = found(eager, "launch-bound")
    assert finding.estimate_ns is not None
    saved_us = _within_steps_us(eager) - _within_steps_us(Captured(machine()).run())
    assert finding.estimate_ns == pytest.approx(1000 * saved_us, rel=0.02)
    assert finding.estimate_ns < finding.at_stake_ns
    assert "4 µs" in finding.arithmetic


def _within_steps_us(model: Model) -> float:
    """From the first to the last activity of each step, added up."""
    kernels = [event for event in model.machine.events if event["cat"] == "kernel"]
    size = 3 * LAYERS
    steps = [kernels[at : at + size] for at in range(0, len(kernels), size)]
    return float(sum(step[-1]["ts"] + step[-1]["dur"] - step[0]["ts"] for step in steps))


def test_without_a_kernel_launched_in_time_there_is_no_estimate() -> None:
    finding = found(Model(host_us=180).run(), "launch-bound")
    assert finding.estimate_ns is None
    assert "at most" in finding.arithmetic


def test_a_captured_run_is_not_launch_bound() -> None:
    assert "launch-bound" not in {finding.kind for finding in Captured(host_us=180).run().machine.breakdown().findings}


def test_hidden_graphs_are_opaque_for_as_long_as_they_ran() -> None:
    """Replays of 8 × 210 µs of which nothing is recorded, but for a copy of 10 µs behind each."""

    class Hidden(Captured):
        is_hidden = True

        def run(self, steps: int = STEPS, names: list[str] | None = None) -> Model:
            for _ in range(steps):
                super().run(1)
                with self.machine.span("aten::copy_"):
                    self.machine.copy_and_wait("Memcpy D2H (DEVICE -> HOST)", 10)
            return self

    bd = Hidden().run().machine.breakdown()
    finding = next(item for item in bd.findings if item.key == "profile:graph-hides-kernels")
    assert finding.columns["opaque_ns"][0] == pytest.approx(1000 * LAYERS * 210 * STEPS, rel=0.02)
    shown = Captured().run().machine.breakdown().findings
    assert finding.key not in {item.key for item in shown}


class TestOfASelection:
    def test_launches_of_a_layer_are_those_of_the_layer(self) -> None:
        bd = Model(host_us=180).run().machine.breakdown()
        whole, part = found(bd, "launch-bound"), found(bd.select(layer=2), "launch-bound")
        assert f"{3 * LAYERS} launches a step" in whole.arithmetic
        assert "3 launches a step" in part.arithmetic
        assert part.at_stake_ns == pytest.approx(whole.at_stake_ns / LAYERS, rel=0.05)
        assert part.columns["launches"] == (3.0,) * STEPS

    def test_layers_add_up_to_the_whole(self) -> None:
        bd = Model(host_us=180).run().machine.breakdown()
        parts = [found(bd.select(layer=layer), "launch-bound") for layer in range(LAYERS)]
        assert sum(part.at_stake_ns for part in parts) == found(bd, "launch-bound").at_stake_ns
        assert len({part.arithmetic.split("(")[1].split("%")[0][:2] for part in parts[1:]}) == 1

    @pytest.mark.parametrize("kind", ["sync", "cpu-fallback"])
    def test_steps_add_up_to_the_whole(self, kind: str) -> None:
        bd = _fallback_and_wait()
        halves = [bd.select(step=range(at, at + STEPS // 2)) for at in (0, STEPS // 2)]
        assert sum(found(half, kind).at_stake_ns for half in halves) == found(bd, kind).at_stake_ns

    def test_a_single_event_is_charged_no_idle_time(self) -> None:
        """Gaps before a picked kernel are no part of it: they were found to be 361 times as long as the selection."""
        bd = xb.load(xb.samples.path("h200-vllm-eager"))
        assert {"launch-bound", "between-steps"} & {item.kind for item in bd.findings}
        for row in bd.row_numbers[bd.rows.is_activity][::97].tolist():
            picked = bd.select(row=row)
            assert all(item.at_stake_ns <= picked.totals.wall_ns for item in picked.findings)

    def test_no_idle_time_is_longer_than_what_is_selected(self) -> None:
        bd = xb.load(xb.samples.path("h200-vllm-eager"))
        step = int(bd.rows.step[bd.rows.is_activity].max())
        for name in bd.kernels["display_name"].unique()[:25]:
            part = bd.select(step=step, kernel=name)
            assert all(item.at_stake_ns <= part.findings.whole.span_ns for item in part.findings), name

    def test_picked_events_are_no_steps(self) -> None:
        bd = _fallback_and_wait()
        of_steps = {"launch-bound", "between-steps", "sync", "cpu-fallback", "host-compute", "odd-steps", "warm-up"}
        assert of_steps & {item.kind for item in bd.findings}
        for picked in (bd.select(row=bd.row_numbers[:40].tolist()), bd.select(duration_ns=(0, 60_000))):
            assert not of_steps & {item.kind for item in picked.findings}


def test_an_estimate_is_printed_beside_the_bound() -> None:
    bd = Slowing().run().machine.breakdown()
    finding = found(bd, "launch-bound")
    assert finding.estimate_ns is not None
    assert f"{finding.stake_text}, {finding.estimate_text}" in str(bd.findings)
    assert finding.estimate_text == f"about {format_ns(finding.estimate_ns / STEPS)} a step"
    without = Model(host_us=180).run().machine.breakdown()
    assert found(without, "launch-bound").estimate_text == ""


def _fallback_and_wait() -> Breakdown:
    class Problems(Fallback):
        def layer(self, layer: int) -> None:
            if layer == 6:
                with self.machine.span("aten::item"), self.machine.span("aten::_local_scalar_dense"):
                    self.machine.copy_and_wait("Memcpy D2H (DEVICE -> HOST)", 10)
                self.machine.spend(100)
            super().layer(layer)

    return Problems().run().machine.breakdown()


class TestColumns:
    def _finding(self, columns: dict[str, Any]) -> Finding:
        bd = Model().run(steps=1).machine.breakdown()
        return xb.findings.costing(
            bd, key="mine", title="Mine", at_stake_ns=1, arithmetic="", evidence=xb.Selection(), advice="",
            source="this test", columns=columns,
        )  # fmt: skip

    def test_they_are_printed_as_a_small_table(self) -> None:
        finding = self._finding({"layer": (-1.0, 2.0), "host_ns": (1500.0, 2_000_000.0)})
        assert list(piece_lines(finding)) == ["  layer     host", "outside   1.5 µs", "      2  2.00 ms"]

    @pytest.mark.parametrize("columns", [{"layer": (1.0,), "a": (1.0, 2.0)}, {"layer": (float("nan"),)}])
    def test_what_is_no_table_is_refused(self, columns: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="Columns of mine"):
            self._finding(columns)
