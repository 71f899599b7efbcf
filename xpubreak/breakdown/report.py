"""The text report: what a breakdown says in a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from xpubreak.breakdown.text import cells, clip, wrap
from xpubreak.units import format_ns, format_share

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_MARKS = {"error": "✖", "warning": "⚠", "info": "·"}
_EIGHTHS = " ▏▎▍▌▋▊▉"
_MAX_ROWS = 10
_MAX_FINDINGS = 5
_MIN_STEPS = 5


def report(breakdown: Breakdown, width: int) -> str:
    """Write a breakdown as text.

    Parameters
    ----------
    breakdown
        What to report on.
    width
        Columns of the terminal; names are shortened to fit.
    """
    lines = [_head(breakdown), _times(breakdown)]
    if breakdown.selection:
        lines.append(f"selected: {breakdown.selection}")
    lines += _issues(breakdown, width)
    if len(breakdown):
        lines += ["", *_backends(breakdown, width), "", *_top(breakdown, width)]
        if breakdown.findings:
            lines += ["", *breakdown.findings.text(width, _MAX_FINDINGS).splitlines()]
        summary = [*_steps(breakdown), *_layers(breakdown)]
        if summary:
            lines += ["", *summary]
    return "\n".join(clip(line, width) for line in lines)


def _head(breakdown: Breakdown) -> str:
    metadata = breakdown.metadata
    parts = [
        "SYNTHETIC" if metadata.synthetic else "",
        breakdown.title,
        metadata.device_name or metadata.device.upper(),
    ]
    if "vllm" in metadata.versions:
        parts.append(f"vLLM {metadata.versions['vllm']}")
    if len(breakdown.ranks) > 1:
        parts.append(f"{len(breakdown.ranks)} ranks")
    steps: Any = breakdown.steps["phase"].value_counts() if len(breakdown) else {}
    if len(steps):
        parts.append("steps: " + ", ".join(f"{count} {phase or 'unknown'}" for phase, count in steps.items()))
    if breakdown.overhead_ratio is not None:
        parts.append(f"profiler {breakdown.overhead_ratio:.2f}×")
    return " · ".join(part for part in parts if part)


def _times(breakdown: Breakdown) -> str:
    found = breakdown.totals
    if breakdown.weight == "host":
        what = "no device activity was recorded: shares are of host time"
        return f"host {format_ns(found.host_ns)}   wall {format_ns(found.wall_ns)}   ({what})"
    idle = "–" if math.isnan(found.idle_frac) else format_share(found.idle_frac, 1)
    busy = format_ns(found.busy_ns) if found.busy_ns >= 0 else "–"
    return f"device {format_ns(found.device_ns)}   busy {busy}   wall {format_ns(found.wall_ns)}   idle {idle}"


def _issues(breakdown: Breakdown, width: int) -> list[str]:
    lines: list[str] = []
    for issue in breakdown.issues:
        if issue.severity == "info":
            continue
        times = f" ({issue.count:,}×)" if issue.count > 1 else ""
        lines += wrap(f"{_MARKS[issue.severity]} {issue.message}{times}", width)
    return lines


def _backends(breakdown: Breakdown, width: int) -> list[str]:
    frame = breakdown.by("backend")
    column = "device_ns" if breakdown.weight == "device" else "host_ns"
    bar_width = max(10, width - 58)
    lines = [f"{'backend':<20} {'time':>10} {'share':>8} {'calls':>10}"]
    for row in frame.to_dict("records"):
        if not row[column] and not row["count"]:
            continue
        label = breakdown.backend_label(str(row["backend"]))
        time = format_ns(row[column])
        bar = _bar(float(row["share"]), bar_width)
        lines.append(f"{label:<20} {time:>10} {_percent(row['share']):>8} {row['count']:>10,}  {bar}")
    return lines


def _top(breakdown: Breakdown, width: int) -> list[str]:
    is_device = breakdown.weight == "device"
    frame = breakdown.by("kernel" if is_device else "name", "backend")
    column = "device_ns" if is_device else "host_ns"
    frame = frame[frame[column] > 0].head(_MAX_ROWS)
    name_width = max(20, width - 54)
    lines = [
        f"{'kernel' if is_device else 'operator':<{name_width}} {'backend':<20} {'time':>10} {'share':>8} {'calls':>8}"
    ]
    for row in frame.to_dict("records"):
        label = breakdown.backend_label(str(row["backend"]))
        name = clip(str(row["kernel" if is_device else "name"]), name_width)
        padding = " " * (name_width - cells(name))
        lines.append(
            f"{name}{padding} {label:<20} {format_ns(row[column]):>10} {_percent(row['share']):>8} {row['count']:>8,}"
        )
    return lines


def _steps(breakdown: Breakdown) -> list[str]:
    """Spread of the steps of a phase, where there are enough to have one."""
    steps: Any = breakdown.steps
    column = "device_ns" if breakdown.weight == "device" else "wall_ns"
    lines = []
    for phase in ("prefill", "mixed", "decode"):
        times = steps.loc[steps["phase"] == phase, column]
        if len(times) >= _MIN_STEPS:
            low, middle, high = (format_ns(times.quantile(fraction)) for fraction in (0.1, 0.5, 0.9))
            what = "device" if breakdown.weight == "device" else "wall"
            lines.append(f"{phase} step: {middle} of {what} time (median of {len(times)}; 80 % take {low} to {high})")
    return lines


def _layers(breakdown: Breakdown) -> list[str]:
    count = breakdown.layer_count
    if not count:
        return []
    frame = breakdown.by("layer")
    inside = frame[frame["layer"] >= 0]
    if not len(inside):
        return []
    column = "device_ns" if breakdown.weight == "device" else "host_ns"
    mean_ns = inside[column].mean()
    slowest: Any = inside.loc[inside[column].idxmax()]
    share = format_share(inside[column].sum(), frame[column].sum())
    return [
        f"{count} layers (found by {breakdown.sources.get('layer', '')}): {share} of the time, "
        f"{format_ns(mean_ns)} each; the longest is layer {int(slowest['layer'])} with {format_ns(slowest[column])}"
    ]


def _percent(share: Any) -> str:
    return format_share(float(share), 1.0)


def _bar(share: float, width: int) -> str:
    eighths = round(share * width * 8)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
