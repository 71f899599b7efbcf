"""The documentation names every column and dimension, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from xpubreak.breakdown.cost.roofline import COST_COLUMNS
from xpubreak.breakdown.dimension import DIMENSIONS, RANGES, UNDER
from xpubreak.breakdown.ranktable import COLLECTIVE_COLUMNS, RANK_COLUMNS
from xpubreak.breakdown.step_statistics import STATISTICS_COLUMNS
from xpubreak.breakdown.tables import KERNEL_COLUMNS, OP_COLUMNS, STEP_COLUMNS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"


def test_docs_tables() -> None:
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    listed = [re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) for section in sections]
    named = [columns for columns in listed if columns]  # a section may be about something else
    selectable = [*DIMENSIONS, *RANGES, UNDER.name, "text"]
    assert named == [
        list(KERNEL_COLUMNS),
        list(OP_COLUMNS),
        list(STEP_COLUMNS),
        list(COST_COLUMNS),
        list(STATISTICS_COLUMNS),
        list(RANK_COLUMNS),
        list(COLLECTIVE_COLUMNS),
        selectable,
    ]


def test_docs_findings_names_every_kind() -> None:
    text = (PAGE.parent / "findings.md").read_text(encoding="utf-8")
    named = {key.partition(":")[0] for key in re.findall(r"`([a-z-]+)(?::[A-Z…:]+)?`", text)}
    folder = PAGE.parents[1] / "xpubreak" / "breakdown" / "findings"
    written = {
        key
        for path in folder.glob("[a-z]*.py")
        for key in re.findall(r'key=f?"([a-z-]+)[:"]', path.read_text(encoding="utf-8"))
    }
    assert len(written) > 10
    assert written - named == set()
