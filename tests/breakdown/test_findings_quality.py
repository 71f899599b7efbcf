"""Findings about the profile itself, plug-ins of the user's own, and the list of findings."""

from __future__ import annotations

from typing import Any

import pytest

import xpubreak as xb
from tests.breakdown.planted import STEPS, Machine, Model
from tests.breakdown.test_findings import Fallback, OddLayer, Waits, found
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.findings import doubtful
from xpubreak.breakdown.findings.finding import Finding
from xpubreak.breakdown.health import opaque_submissions


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


def selected(bd: Breakdown, code: str) -> Breakdown:
    """What a click on the finding of an issue leaves."""
    finding = next(item for item in bd.findings if item.key == f"profile:{code}")
    assert finding.evidence, "nothing is selected"
    return bd.select(finding.evidence)


class TestEvidence:
    """A click selects the events that an issue is about, and no others."""

    @pytest.fixture
    def load(self, tmp_path: Any) -> Any:
        def made(*defects: str, mode: str = "eager") -> Breakdown:
            path = tmp_path / "trace.json"
            xb.samples.synthesize(mode=mode, layers=4, decode_steps=6, defects=defects).save(path)
            return xb.load(path)

        return made

    def test_hidden_graphs_select_the_calls_that_submitted_them(self, load: Any) -> None:
        bd = load("graph-hides-kernels", mode="graph")
        chosen = selected(bd, "graph-hides-kernels")
        assert chosen.row_numbers.tolist() == sorted(opaque_submissions(bd.tables).tolist())
        assert 0 < len(chosen) < len(bd)

    def test_kernels_without_records_select_the_launches(self, load: Any) -> None:
        chosen = selected(load("no-kernels"), "no-kernel-records")
        assert set(chosen.dimension_texts("category")) == {"launch"}

    def test_identical_durations_select_the_kernels_that_share_them(self, load: Any) -> None:
        bd = load("identical-durations")
        kernels = selected(bd, "identical-durations").kernels
        issue = next(issue for issue in bd.issues if issue.code == "identical-durations")
        assert len(kernels) == issue.count
        names = kernels.groupby("device_ns")["name"].nunique()
        assert (names >= 2).all()

    def test_lost_activities_select_the_launches_whose_kernels_are_gone(self) -> None:
        bd = _lossy().machine.breakdown()
        chosen = selected(bd, "lost-activities")
        assert len(chosen) == 30
        assert set(chosen.dimension_texts("category")) == {"launch"}
        assert not set(chosen.row_numbers.tolist()) & set(bd.rows.launch.tolist())

    def test_those_of_one_rank_are_told_from_those_of_another(self) -> None:
        analyses = [Model(Machine(0, 2)).run().machine.analysis(), _lossy(Machine(1, 2)).machine.analysis()]
        chosen = selected(Breakdown.of(analyses), "lost-activities")
        assert len(chosen) == 30
        assert set(chosen.rows.rank.tolist()) == {1}

    def test_unlinked_activities_are_selected(self) -> None:
        model = Model().run()
        kernels = [event for event in model.machine.events if event["cat"] == "kernel"]
        for event in kernels[:30]:
            event["args"].pop("correlation")
        assert len(selected(model.machine.breakdown(), "unlinked").kernels) == 30

    def test_so_many_are_not_put_into_a_selection(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doubtful, "MOST_ROWS", 7)
        bd = _lossy().machine.breakdown()
        assert len(selected(bd, "lost-activities")) == 7
        assert "Selected are the first 7 of 30 such events." in found(bd, "profile").arithmetic

    def test_of_a_part_without_them_nothing_is_selected(self) -> None:
        bd = _lossy().machine.breakdown()
        steps = set(selected(bd, "lost-activities").rows.step.tolist())
        rest = bd.select(step=[step for step in range(STEPS) if step not in steps])
        assert not found(rest, "profile").evidence


def _lossy(machine: Machine | None = None) -> Model:
    """Thirty kernels in a row were not recorded."""
    model = Model(machine).run()
    kernels = [event for event in model.machine.events if event["cat"] == "kernel"]
    gone = {id(event) for event in kernels[40:70]}
    model.machine.events = [event for event in model.machine.events if id(event) not in gone]
    return model


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
    model = _lossy()
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
