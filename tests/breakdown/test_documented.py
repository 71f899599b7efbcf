"""The documentation names every column and dimension, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from xpubreak.breakdown.dimension import DIMENSIONS
from xpubreak.breakdown.tables import KERNEL_COLUMNS, OP_COLUMNS, STEP_COLUMNS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"


def test_docs_tables() -> None:
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    named = [re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) for section in sections]
    assert named == [list(KERNEL_COLUMNS), list(OP_COLUMNS), list(STEP_COLUMNS), [*DIMENSIONS, "text"]]
