"""What tests ask of recordings of stand-in engines: their steps, their issues, and that nothing is left behind."""

from __future__ import annotations

import torch

from tests.capture.decoder import names
from tests.capture.standin_engine import hook_count
from xpubreak.capture.recorder import is_profiling

PREFILL, DECODE = "execute_context_1(4)_generation_0(0)", "execute_context_0(0)_generation_1(1)"


def steps(path):
    return [name for name in names(path, "user_annotation") if name.startswith("execute_")]


def issue(capture, code):
    (found,) = [issue for issue in capture.issues if issue.code == code]
    return found


def assert_untouched(*workers):
    assert [hook_count(worker) for worker in workers] == [0] * len(workers)
    assert [worker.profiler for worker in workers] == [None] * len(workers)
    assert [name for worker in workers for name in vars(worker) if name.startswith("_xpb")] == []
    assert not is_profiling(torch)
