"""A short report in Markdown, for comments and summaries of CI jobs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xpubreak.breakdown.text import clip
from xpubreak.units import format_ns, format_share

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_ROWS, _LONGEST, _LONGEST_MESSAGE = 15, 120, 600
_BREAKS = re.compile("[\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}]")  # which `clip` takes for blanks
_FENCES = re.compile("`+")


def markdown(bd: Breakdown) -> str:
    """Write totals, issues, backends and the names that take most."""
    totals, is_device = bd.totals, bd.weight == "device"
    times = [("device", totals.device_ns), ("busy", totals.busy_ns)] if is_device else [("host", totals.host_ns)]
    times.append(("wall", totals.wall_ns))
    device = code(bd.metadata.device_name or bd.metadata.device.upper())
    lines = [f"### {code(bd.title or 'Breakdown')}", "", device + (" · synthetic" * bd.metadata.synthetic), ""]
    lines += [" · ".join(f"{name} {format_ns(time_ns)}" for name, time_ns in times), ""]
    if bd.selection:
        lines += [f"selected: {code(str(bd.selection))}", ""]
    lines += [
        f"- **{issue.severity}**: {code(issue.message, _LONGEST_MESSAGE)}"
        for issue in bd.issues
        if issue.severity != "info"
    ]
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
        shown = [bd.backend_label(str(row[name])) if name == "backend" else cell(str(row[name])) for name in names]
        time_ns = int(row[column])
        lines.append(
            f"| {' | '.join(shown)} | {format_ns(time_ns)} | {format_share(time_ns, whole_ns)} | {row['count']:,} |"
        )
    left = len(frame) - _ROWS
    return [*lines, "", f"and {left:,} more"] if left > 0 else lines


def code(text: str, longest: int = _LONGEST) -> str:
    """Write a stranger's text as a code span, which is neither Markdown nor HTML nor a link nor a mention.

    Escapes would not do: GitHub makes links of ``www.…`` and addresses of mail, and mentions of ``@…`` and ``#…``,
    in any text but code, whatever is escaped in it (https://github.github.com/gfm/#autolinks-extension-).
    """
    shown = _BREAKS.sub("\N{REPLACEMENT CHARACTER}", clip(text, longest)) or "–"
    fence = "`" * (1 + max(map(len, _FENCES.findall(shown)), default=0))
    # One blank at each end is taken away again; without, a backtick would be one of the fence.
    is_padded = shown.strip(" ") and (shown[0] in "` " or shown[-1] in "` ")
    return f"{fence} {shown} {fence}" if is_padded else f"{fence}{shown}{fence}"


def cell(text: str) -> str:
    """Write a stranger's text as a code span in a table, whose columns are told apart before its code is."""
    return code(text).replace("|", "\\|")
