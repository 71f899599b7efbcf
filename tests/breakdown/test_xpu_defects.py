"""Known defects of XPU profilers are errors in the banner, with the way around. The traces are synthetic."""

from __future__ import annotations

from functools import cache

import pytest

import xpubreak as xb
from xpubreak import samples
from xpubreak.trace import kineto

DEFECTS = {
    "no-kernels": ("no-kernel-records", "eager", ["SYCL_UR_USE_LEVEL_ZERO_V2=0", "torch-xpu-ops#3985"]),
    "identical-durations": ("identical-durations", "eager", ["torch-xpu-ops#2713", "another torch release"]),
    "graph-hides-kernels": ("graph-hides-kernels", "graph", ["enforce_eager=True", "--enforce-eager"]),
}
CODES = {code for code, _, _ in DEFECTS.values()}


@cache
def load(mode: str, defect: str = "") -> xb.Breakdown:
    trace = samples.synthesize(mode=mode, defects=(defect,) if defect else ())
    return xb.load(kineto.read_bytes(trace.to_bytes()))


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_is_an_error_that_says_what_to_do(defect: str) -> None:
    code, mode, words = DEFECTS[defect]
    breakdown = load(mode, defect)
    (issue,) = [issue for issue in breakdown.issues if issue.code in CODES]
    assert (issue.code, issue.severity) == (code, "error")
    assert [word for word in words if word not in issue.message] == []
    banner = " ".join(breakdown.report(width=4000).split())
    assert " ".join(issue.message.split()) in banner


@pytest.mark.parametrize("mode", ["eager", "graph"])
def test_a_sound_trace_has_none_of_them(mode: str) -> None:
    assert [issue.code for issue in load(mode).issues if issue.code in CODES] == []
