"""Every kind of finding: reports what was planted within 2 %, and is silent on twins that differ in one thing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.breakdown.plants import Plant, plants
from tests.breakdown.problems import Run
from xpubreak.breakdown import findings
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.findings.finding import Finding

PLANTS = plants()
TWINS = [
    pytest.param(plant.kind, twin, id=f"{plant.kind}-{plant.name}-{name}")
    for plant in PLANTS
    for name, twin in plant.twins.items()
]


def of_kind(bd: Breakdown, kind: str) -> list[Finding]:
    assert [issue.message for issue in bd.issues if issue.code == "finding-failed"] == []
    return [finding for finding in bd.findings if finding.kind == kind]


@pytest.mark.parametrize("plant", [pytest.param(plant, id=f"{plant.kind}-{plant.name}") for plant in PLANTS])
def test_what_was_planted_is_found_at_its_cost(plant: Plant) -> None:
    bd = plant.planted()
    found = of_kind(bd, plant.kind)
    assert len(found) == 1, [finding.key for finding in bd.findings]
    assert plant.cost_us > 0
    assert found[0].at_stake_ns == pytest.approx(1000 * plant.cost_us, rel=0.02)
    assert 0 < len(bd.select(found[0].evidence)) <= len(bd)


@pytest.mark.parametrize(("kind", "twin"), TWINS)
def test_the_twin_without_it_is_clean(kind: str, twin: Run) -> None:
    assert of_kind(twin(), kind) == []


def test_every_kind_is_planted() -> None:
    """Those about the profile as a whole cost nothing and have tests of their own."""
    pattern = re.compile(r'key=f?"([a-z-]+)[:"](?: if \w+ else "([a-z-]+)")?')
    files = Path(findings.__file__).parent.glob("[a-z]*.py")
    written = {kind for path in files for kinds in pattern.findall(path.read_text("utf-8")) for kind in kinds if kind}
    assert written - {"profile"} == {plant.kind for plant in PLANTS}
