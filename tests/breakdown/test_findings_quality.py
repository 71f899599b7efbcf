"""Findings about the profile itself, plug-ins of the user's own, and the list of findings."""

from __future__ import annotations

from typing import Any

import pytest

import xpubreak as xb
from tests.breakdown.planted import STEPS, Machine, Model
from tests.breakdown.test_findings import Fallback, OddLayer, Waits, found
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.findings.finding import Finding


@pytest.mark.parametrize("defect", ["no-kernels", "identical-durations", "clock-skew", "graph-hides-kernels"])
def test_quality_of_the_profile(tmp_path: Any, defect: str) -> None:
    mode = "graph" if defect.startswith("graph") else "eager"
    codes = {"no-kernels": "no-kernel-records"}
    path = tmp_path / "trace.json"
    for defects, expected in (((defect,), 1), ((), 0)):
        xb.samples.synthesize(mode=mode, layers=6, decode_steps=6, defects=defects).save(path)
        bd = xb.load(path)
        keys = [finding.key for finding in bd.findings]
        assert keys.count(f"profile:{codes.get(defect, defect)}") == expected
        if expected:
            assert bd.findings[0].severity == "error"


def test_idle_is_not_reliable_where_graphs_hide_their_kernels(tmp_path: Any) -> None:
    path = tmp_path / "trace.json"
    xb.samples.synthesize(mode="graph", layers=6, decode_steps=6, defects=("graph-hides-kernels",)).save(path)
    bd = xb.load(path)
    fallback = next(finding for finding in bd.findings if finding.kind == "cpu-fallback")
    assert fallback.caveat.startswith("Not reliable")
    hidden = next(finding for finding in bd.findings if finding.key == "profile:graph-hides-kernels")
    assert "so long may hidden kernels have run" in hidden.arithmetic


@pytest.mark.parametrize("defects", [(), ("identical-durations",)])
def test_numbers_that_compare_durations_say_where_durations_are_wrong(tmp_path: Any, defects: tuple[str, ...]) -> None:
    path = tmp_path / "trace.json"
    xb.samples.synthesize(layers=4, decode_steps=6, defects=defects).save(path)
    compared = [item for item in xb.load(path).findings if item.kind in ("headroom", "slower-twin", "odd-layers")]
    assert "headroom" in {item.kind for item in compared}
    assert {item.caveat.startswith("Not reliable: the profiler reports wrong durations") for item in compared} == {
        bool(defects)
    }


def profile_keys(bd: Breakdown) -> set[str]:
    return {finding.key for finding in bd.findings if finding.kind == "profile"}


def test_one_rank_of_two() -> None:
    both = [Model(Machine(rank, 2)).run().machine.analysis() for rank in range(2)]
    assert profile_keys(Breakdown.of(both)) == set()
    assert profile_keys(Breakdown.of(both[:1])) == {"profile:missing-ranks"}
    assert "rank 1" in found(Breakdown.of(both[:1]), "profile").arithmetic


@pytest.mark.parametrize(("share", "is_told"), [(0.03, False), (0.08, True)])
def test_time_of_no_known_backend(share: float, is_told: bool) -> None:
    """From 5 % of the device time on."""

    class Strange(Model):
        def layer(self, layer: int) -> None:
            super().layer(layer)
            with self.machine.span("otherlib::work"):
                self.machine.spend(5)
                self.machine.launch("zzz::strange<int>", 210 * share / (1 - share))

    assert ("profile:unattributed" in profile_keys(Strange().run().machine.breakdown())) == is_told


@pytest.mark.parametrize("lost_frac", [0.0, 0.12])
def test_launches_that_are_not_known(lost_frac: float) -> None:
    model = Model().run()
    kernels = [event for event in model.machine.events if event["cat"] == "kernel"]
    for event in kernels[: int(lost_frac * len(kernels))]:
        event["args"].pop("correlation")
    assert ("profile:unlinked" in profile_keys(model.machine.breakdown())) == (lost_frac > 0)


def test_lost_activities() -> None:
    assert profile_keys(Model().run().machine.breakdown()) == set()
    model = Model().run()
    kernels = [event for event in model.machine.events if event["cat"] == "kernel"]
    gone = {id(event) for event in kernels[40:70]}
    model.machine.events = [event for event in model.machine.events if id(event) not in gone]
    finding = found(model, "profile")
    assert finding.key == "profile:lost-activities"
    assert "30 of" in finding.arithmetic


def test_the_profilers_own_overhead() -> None:
    for share, is_told in ((0.2, True), (0.001, False)):
        model = Model().run()
        model.machine._event("Buffer Flush", "overhead", -1, 0, 1000, share * model.machine.end_us, {})
        assert ("profile:profiler-overhead" in profile_keys(model.machine.breakdown())) == is_told


class TestPlugins:
    def test_a_user_adds_one(self) -> None:
        bd = Model().run().machine.breakdown()

        @xb.findings.add
        def mine(breakdown: Breakdown) -> list[Finding]:
            return [
                xb.findings.costing(
                    breakdown,
                    key="mine",
                    title="Mine",
                    at_stake_ns=breakdown.totals.device_ns // 2,
                    arithmetic="half of it",
                    evidence=xb.Selection.of(category="gemm"),
                    advice="none",
                    source="this test",
                )
            ]

        try:
            assert [finding.key for finding in bd.findings] == ["mine"]
            assert bd.findings[0].severity == "error"
        finally:
            xb.findings.remove(mine)

    def test_one_that_fails_does_not_break_the_others(self) -> None:
        def broken(breakdown: Breakdown) -> list[Finding]:
            raise RuntimeError("no idea")

        xb.findings.add(broken)
        try:
            bd = OddLayer().run().machine.breakdown()
            assert "odd-layers" in {finding.kind for finding in bd.findings}
            failed = [issue for issue in bd.issues if issue.code == "finding-failed"]
            assert len(failed) == 1
            assert "broken failed (RuntimeError: no idea)" in failed[0].message
        finally:
            xb.findings.remove(broken)

    def test_what_is_no_finding_is_no_finding(self) -> None:
        def stray(breakdown: Breakdown) -> Any:
            return ["text"]

        xb.findings.add(stray)
        try:
            assert "it returned str" in Model().run().machine.breakdown().issues[0].message
        finally:
            xb.findings.remove(stray)


class TestListing:
    def test_worst_first_and_as_pandas(self) -> None:
        bd = Fallback(host_us=180).run().machine.breakdown()
        severities = [xb.errors.SEVERITIES.index(finding.severity) for finding in bd.findings]
        assert severities == sorted(severities, reverse=True)
        frame = bd.findings.table
        assert list(frame["at_stake_ns"]) == [finding.at_stake_ns for finding in bd.findings]
        assert bd.findings.at_stake_ns <= bd.totals.wall_ns * 1.01

    def test_the_report_says_the_worst(self) -> None:
        report = Fallback().run().machine.breakdown().report()
        assert "aten::linalg_eig falls back to the CPU: at most" in report

    def test_findings_of_a_selection_are_about_it(self) -> None:
        bd = Waits().run().machine.breakdown()
        half = bd.select(step=range(STEPS // 2))
        whole, part = found(bd, "sync"), found(half, "sync")
        assert part.at_stake_ns == pytest.approx(whole.at_stake_ns / 2, rel=0.1)
