"""Ways in which real XPU traces are broken, done to a synthetic one; the truth follows.

Sources: intel/torch-xpu-ops#3985 (no kernels), #2713 (identical durations), pytorch#171689 (replays hide kernels).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from xpubreak.samples.host import Event, microseconds
from xpubreak.samples.truth import Activity

ACTIVITY_CATEGORIES = ("kernel", "gpu_memcpy", "gpu_memset")
SKEW_NS = -350_000
FORCED_US = {
    **dict.fromkeys(("rms_norm", "qk_norm", "rotary", "cache"), 90.319),
    **dict.fromkeys(("fused_add_rms_norm", "silu_and_mul"), 88.017),
    **dict.fromkeys(("fill", "fmha_split_kv"), 61.105),
    **dict.fromkeys(("softmax", "argmax", "index"), 7.365),
}
"""Durations as intel/torch-xpu-ops#2713 shows them: the same for different kernels."""

DEFECTS = {
    "graph-hides-kernels": "Kernels of replayed graphs have no events (with mode='graph').",
    "no-kernels": "Launches are recorded, device activities are not.",
    "identical-durations": "Different kernels have the same duration to the nanosecond.",
    "unlinked": "Every seventh activity lacks its calls; half of those keep their External id.",
    "clock-skew": "The device clock is 350 µs behind: activities start before their launch.",
    "truncated": "The file ends in the middle of an event.",
    "missing-tid": "Some activities and leaf operators have no thread id.",
    "duplicate-correlation": "Some launches reuse the correlation id of the same launch one step earlier.",
    "hostile-names": "Names are markup, links, formulas, controls, 20,000 characters long, or empty.",
    "scope-twins": "The scope profiler wrote each kernel twice, and counters.",
}
"""Name: what it does."""


@dataclass
class Draft:
    """Events before they become a document, and the truth about them.

    Parameters
    ----------
    events
        Host events, then calls, activities and flows.
    activities
        The truth about the device activities, in the same order.
    """

    events: list[Event]
    activities: list[Activity]

    def pairs(self) -> list[tuple[Event, Activity]]:
        """Device activities as events, each with its truth."""
        return list(zip(filter(is_activity, self.events), self.activities, strict=True))


def is_activity(event: Event) -> bool:
    """Whether an event is a device activity."""
    return (
        event["ph"] == "X"
        and event.get("cat") in ACTIVITY_CATEGORIES
        and not str(event["name"]).startswith("metrics: ")
    )


def apply_defects(draft: Draft, defects: tuple[str, ...]) -> None:
    """Break a draft in every named way that can be done afterwards; the others were done while it was made."""
    for defect in defects:
        breaker = _BREAKERS.get(defect)
        if breaker is not None:
            breaker(draft)


def _drop_kernels(draft: Draft) -> None:
    gone = (*ACTIVITY_CATEGORIES, "gpu_user_annotation")
    draft.events[:] = [event for event in draft.events if event.get("cat") not in gone and event["ph"] != "f"]
    draft.activities.clear()
    for event in draft.events:
        if event["name"] == "urEnqueueKernelLaunch":
            event["name"] = "urEnqueueKernelLaunchWithArgsExp"
        elif event["name"] == "zeCommandListAppendLaunchKernel":
            event["name"] = "zeCommandListAppendLaunchKernelWithArguments"


def _unlink(draft: Draft) -> None:
    lost: set[int] = set()
    for number, (event, truth) in enumerate(draft.pairs()):
        if number % 7 != 3 or truth.link != "runtime":
            continue
        args = event["args"]
        lost.add(args["correlation"])
        if number % 2 and "External id" in args:
            draft.activities[number] = replace(truth, link="external-id")
        else:
            args.pop("External id", None)
            told_by = "none" if truth.told_by == "op" else truth.told_by
            draft.activities[number] = replace(truth, link="none", op="", told_by=told_by)
    draft.events[:] = [event for event in draft.events if not _is_call_of(event, lost)]


def _is_call_of(event: Event, correlations: set[int]) -> bool:
    if event["ph"] in ("s", "f"):
        return event["id"] in correlations
    return event.get("cat") in ("xpu_runtime", "xpu_driver") and event["args"].get("correlation") in correlations


def _skew(draft: Draft) -> None:
    device_side = (*ACTIVITY_CATEGORIES, "gpu_user_annotation")
    for event in draft.events:
        if event.get("cat") in device_side or event["ph"] == "f":
            event["ts"] = microseconds(round(event["ts"] * 1000) + SKEW_NS)
    draft.activities[:] = [replace(truth, start_ns=truth.start_ns + SKEW_NS) for truth in draft.activities]


def _drop_threads(draft: Draft) -> None:
    leaves = [event for event in draft.events if event["name"] in ("aten::as_strided", "aten::empty", "aten::slice")]
    for event in leaves[::9]:
        del event["tid"]
    for number, (event, truth) in enumerate(draft.pairs()):
        if number % 11 == 5:
            del event["tid"]
            draft.activities[number] = replace(truth, queue=-1)


def _reuse_correlations(draft: Draft) -> None:
    latest: dict[tuple[str, int, str], tuple[int, int]] = {}
    reused: dict[int, int] = {}
    for number, (event, truth) in enumerate(draft.pairs()):
        same = (truth.name, truth.layer, truth.op)
        before = latest.get(same)
        if number % 13 == 6 and before is not None and truth.link == "runtime":
            if draft.activities[before[0]].step == truth.step - 1:
                reused[event["args"]["correlation"]] = before[1]
                for one in (before[0], number):
                    draft.activities[one] = replace(draft.activities[one], link="duplicate")
        else:
            latest[same] = (number, event["args"]["correlation"])
    for event in draft.events:
        if event["ph"] in ("s", "f"):
            event["id"] = reused.get(event["id"], event["id"])
        elif "correlation" in event["args"]:
            event["args"]["correlation"] = reused.get(event["args"]["correlation"], event["args"]["correlation"])


def _add_twins(draft: Draft) -> None:
    twins: list[Event] = []
    for event, truth in draft.pairs():
        if event["cat"] != "kernel":
            continue
        around = {"ts": microseconds(truth.start_ns - 1), "dur": microseconds(truth.dur_ns + 2)}
        twins.append({**event, "name": f"metrics: {event['name']}", **around, "args": {"GpuTime": truth.dur_ns}})
        where = {"pid": event["pid"], "tid": event.get("tid", 0), "ts": around["ts"]}
        twins.append({"ph": "C", "cat": "xpu_scope_profiler", "name": "GpuTime", **where, "args": {"ns": truth.dur_ns}})
    draft.events.extend(twins)


_BREAKERS: dict[str, Callable[[Draft], None]] = {
    "no-kernels": _drop_kernels,
    "unlinked": _unlink,
    "clock-skew": _skew,
    "missing-tid": _drop_threads,
    "duplicate-correlation": _reuse_correlations,
    "scope-twins": _add_twins,
}
