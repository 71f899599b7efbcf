"""Graph replays of which most show no kernels are called out, with the way around."""

from __future__ import annotations

import pytest

import xpubreak as xb
from xpubreak.trace import kineto

SPAN = {"ph": "X", "pid": 1, "tid": 1, "dur": 5}
SUBMISSION = {**SPAN, "cat": "xpu_driver", "name": "zeCommandQueueExecuteCommandLists"}
KERNEL = {**SPAN, "cat": "kernel", "name": "k", "pid": 0}


@pytest.mark.parametrize(("showing", "is_told"), [(0, True), (1, True), (2, True), (5, False), (10, False)])
def test_a_kernel_or_two_do_not_speak_for_all_graphs(showing: int, is_told: bool) -> None:
    """Of the two submissions of a replay on XPU one only signals, so that half of them show nothing at best."""
    events = [{**SUBMISSION, "ts": 10 * i, "args": {"correlation": i}} for i in range(1, 21)]
    events += [{**KERNEL, "ts": 1000 + 10 * i, "args": {"correlation": i}} for i in range(1, showing + 1)]
    issues = [issue for issue in xb.load(kineto.from_dicts(events)).issues if issue.code == "graph-hides-kernels"]
    assert [issue.count for issue in issues] == ([20 - showing] if is_told else [])
    assert all("enforce_eager=True" in issue.message for issue in issues)
