"""Data-parallel replicas: each answers for itself, also where vLLM passes on the first one's answers only."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from tests.capture.standin_engine import Worker, hook_count, make_engine, vllm_class  # noqa: E402
from xpubreak.capture.recorder import is_profiling  # noqa: E402
from xpubreak.capture.vllm.engine_capture import EngineCapture  # noqa: E402
from xpubreak.capture.vllm.window import Window  # noqa: E402
from xpubreak.errors import CaptureError  # noqa: E402


def replicated(*workers):
    """An engine of as many replicas, of a worker each."""

    async def call_utility_all_async(self, method, name, timeout, args, kwargs):
        assert method == "collective_rpc"
        return [[getattr(worker, name)(*args, **kwargs)] for worker in workers]

    llm = make_engine(workers[0], class_name="AsyncLLM")
    llm.engine_core = vllm_class("DPLBAsyncMPClient", call_utility_all_async=call_utility_all_async)()
    llm.engine_core.core_engines = [bytes([number]) for number in range(len(workers))]
    for number, worker in enumerate(workers):
        worker.parallel_config = SimpleNamespace(data_parallel_index=number)
    return llm


def record(llm, *, run=lambda: None, **options):
    async def flow():
        async with EngineCapture(llm, timeout_seconds=5, **options) as capture:
            run()
        return capture

    return asyncio.run(flow())


def test_one_that_does_not_start_stops_all():
    """They share this process here, whose profiler is taken by the first."""
    workers = Worker(), Worker()
    with pytest.raises(CaptureError, match="does not start in worker dp1_rank0: Another torch profiler"):
        record(replicated(*workers))
    assert [hook_count(worker) for worker in workers] == [0, 0]
    assert not is_profiling(torch)


def test_one_that_is_idle_is_told_and_not_missed():
    busy, idle = Worker(), Worker()
    llm = replicated(busy, idle)
    # Neither has begun to record when the second one is asked, so that they do not meet in this process.
    capture = record(llm, run=lambda: llm.generate(3), window=Window(1, 2))
    assert capture.ranks == ("dp0_rank0",)
    told = {issue.code: issue.severity for issue in capture.issues}
    assert "missing-rank" not in told
    assert any("dp1_rank0 ran no step that was to be recorded" in issue.message for issue in capture.issues)
