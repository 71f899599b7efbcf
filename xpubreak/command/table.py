"""Tables on standard output."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any

from xpubreak.breakdown.spreadsheet import csv_text, labelled
from xpubreak.breakdown.text import cells, clip
from xpubreak.units import format_ns, format_share

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.breakdown import Breakdown

_TOP = 30
_WIDEST_NAME = 4096


def table_text(bd: Breakdown, by: list[str] | None, form: str, top: int | None) -> str:
    """Write a breakdown as a table.

    Parameters
    ----------
    bd
        What of.
    by
        Dimensions; None for names and backends.
    form
        ``"text"``, ``"csv"`` or ``"json"``.
    top
        Most rows; None for all, or as many as are easily read.
    """
    names = by or ["kernel" if bd.weight == "device" else "name", "backend"]
    frame = labelled(bd, bd.by(*names))
    if form == "csv":
        return csv_text(frame if top is None else frame.head(top))
    if form == "json":
        return _json(bd, frame if top is None else frame.head(top))
    return _text(bd, frame, names, _TOP if top is None else top)


def _json(bd: Breakdown, frame: pd.DataFrame) -> str:
    totals = asdict(bd.totals)
    document = {
        "title": bd.title,
        "device": bd.device,
        "synthetic": bd.metadata.synthetic,
        "weight": bd.weight,
        "selection": bd.selection.to_json(),
        "totals": {name: value if isfinite(value) else None for name, value in totals.items()},
        "issues": [asdict(issue) for issue in bd.issues],
        "rows": frame.to_dict("records"),
    }
    return json.dumps(document, indent=1, default=int) + "\n"  # ASCII only: nothing in it moves a terminal's cursor


def _text(bd: Breakdown, frame: pd.DataFrame, names: list[str], top: int) -> str:
    column = f"{bd.weight}_ns"
    whole_ns = int(bd.weights_ns.sum())
    shown = frame[(frame[column] > 0) | (frame["count"] > 0)]
    head = [*names, f"{bd.weight} time", "share", "calls"]
    rows = [
        [
            *(_named(row[name]) for name in names),
            format_ns(int(row[column])),
            format_share(int(row[column]), whole_ns),
            f"{row['count']:,}",
        ]
        for row in shown.head(top).to_dict("records")
    ]
    widths = [max(cells(row[i]) for row in [head, *rows]) for i in range(len(head))]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if room is not None:
        _narrow(widths, len(names), room - 2 * (len(head) - 1))
    lines = [
        "  ".join(
            _padded(text, width, i < len(names)) for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    ]
    left = len(shown) - len(rows)
    if left > 0:
        lines.append(f"and {left:,} more rows: --top {len(shown)} shows all")
    return "\n".join(lines) + "\n"


def _named(value: Any) -> str:
    return (clip(str(value), _WIDEST_NAME) or "–") if not isinstance(value, int) or value >= 0 else "–"


def _narrow(widths: list[int], count: int, room: int) -> None:
    """Shorten the widest names until the line fits."""
    while sum(widths) > room:
        widest = max(range(count), key=lambda i: widths[i])
        if widths[widest] <= 12:
            return
        widths[widest] = max(12, widths[widest] - (sum(widths) - room))


def _padded(text: str, width: int, to_left: bool) -> str:
    shown = clip(text, width)
    padding = " " * (width - cells(shown))
    return shown + padding if to_left else padding + shown
