"""A short report in Markdown, for comments and summaries of CI jobs."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from xpubreak.breakdown.text import clip
from xpubreak.units import format_ns, format_share

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_ROWS, _LONGEST = 15, 120
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~$@:/-])")


def markdown(bd: Breakdown) -> str:
    """Write totals, issues, backends and the names that take most."""
    totals, is_device = bd.totals, bd.weight == "device"
    times = [("device", totals.device_ns), ("busy", totals.busy_ns)] if is_device else [("host", totals.host_ns)]
    times.append(("wall", totals.wall_ns))
    about = [bd.metadata.device_name or bd.metadata.device.upper(), *(["synthetic"] if bd.metadata.synthetic else [])]
    lines = [f"### {plain(bd.title or 'Breakdown')}", "", plain(" · ".join(about)), ""]
    lines += [" · ".join(f"{name} {format_ns(time_ns)}" for name, time_ns in times), ""]
    if bd.selection:
        lines += [f"selected: {plain(str(bd.selection))}", ""]
    lines += [f"- **{issue.severity}**: {plain(issue.message)}" for issue in bd.issues if issue.severity != "info"]
    noun = "kernel" if is_device else "name"
    for names in (["backend"], [noun, "backend"]):
        lines += ["", *_table(bd, names)]
    return "\n".join(lines) + "\n"


def _table(bd: Breakdown, names: list[str]) -> list[str]:
    column = f"{bd.weight}_ns"
    frame = bd.by(*names)
    frame = frame[frame[column] > 0]
    whole_ns = int(frame[column].sum())
    lines = [
        f"| {' | '.join(names)} | {bd.weight} time | share | calls |",
        f"|{' --- |' * len(names)} ---: | ---: | ---: |",
    ]
    for row in frame.head(_ROWS).to_dict("records"):
        shown = [bd.backend_label(str(row[name])) if name == "backend" else plain(str(row[name])) for name in names]
        time_ns = int(row[column])
        lines.append(
            f"| {' | '.join(shown)} | {format_ns(time_ns)} | {format_share(time_ns, whole_ns)} | {row['count']:,} |"
        )
    left = len(frame) - _ROWS
    return [*lines, "", f"and {left:,} more"] if left > 0 else lines


def plain(text: str) -> str:
    """Make a stranger's text that is neither Markdown nor HTML nor a link nor a mention."""
    escaped = _MARKUP.sub(r"\\\1", clip(text, _LONGEST))
    return html.escape(escaped, quote=False)
