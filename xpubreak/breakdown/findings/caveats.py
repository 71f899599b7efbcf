"""Caveats: why a number of a finding may be off, from what is known about the profile as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xpubreak.breakdown.health import recorded_issues

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_HIDES_WORK = ("graph-hides-kernels", "no-kernel-records", "device-not-recorded", "lost-activities")
_OFF_CLOCK = ("clock-skew",)
_WRONG_DURATIONS = ("identical-durations",)


def idle_caveat(breakdown: Breakdown) -> str:
    """What makes the idle time of the device doubtful; empty for nothing known."""
    codes = {issue.code for issue in recorded_issues(breakdown.tables)}
    if codes & set(_HIDES_WORK):
        return "Not reliable: the profiler did not record all kernels, so the device may have been busy in this time."
    if codes & set(_OFF_CLOCK):
        return "The clocks of host and device differ in this trace: what the device waited for is uncertain."
    return ""


def host_caveat(breakdown: Breakdown) -> str:
    """As `idle_caveat`, and what recording does to times that the host causes."""
    found = idle_caveat(breakdown)
    if found:
        return found
    ratio = breakdown.overhead_ratio
    if ratio is not None:
        return f"Recorded with a profiler that made the whole {ratio:.2f}× as long, most of it on the host."
    return "The profiler slows every launch on the host; without it less time is lost."


def duration_caveat(breakdown: Breakdown) -> str:
    """What makes durations of single kernels doubtful, and so what compares them; empty for nothing known."""
    codes = {issue.code for issue in recorded_issues(breakdown.tables)}
    if codes & set(_WRONG_DURATIONS):
        return "Not reliable: the profiler reports wrong durations of kernels, and this number compares durations."
    return ""
