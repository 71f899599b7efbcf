"""The pieces behind the number of a finding, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xpubreak.units import format_ns

if TYPE_CHECKING:
    from xpubreak.breakdown.findings.finding import Finding

_MOST_ROWS = 8


def piece_lines(finding: Finding) -> Iterator[str]:
    """A small table: all pieces, or as many evenly spaced ones as fit."""
    names = list(finding.columns)
    count = len(finding.columns[names[0]]) if names else 0
    if not count:
        return
    shown = sorted({round(at * (count - 1) / max(1, _MOST_ROWS - 1)) for at in range(_MOST_ROWS)})
    if count <= _MOST_ROWS:
        shown = list(range(count))
    cells = [[_title(name), *(_cell(name, finding.columns[name][at]) for at in shown)] for name in names]
    widths = [max(map(len, column)) for column in cells]
    for line in zip(*cells, strict=True):
        yield "  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True))
    if count > len(shown):
        yield f"({len(shown)} of {count} rows; all of them: the finding's .table)"


def _title(name: str) -> str:
    return name.removesuffix("_ns").replace("_", " ")


def _cell(name: str, value: float) -> str:
    if name == "layer" and value < 0:
        return "outside"
    if name.endswith("_ns"):
        return format_ns(value)
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
