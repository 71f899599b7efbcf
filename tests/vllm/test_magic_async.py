"""Cells with top-level ``await`` over an ``AsyncLLM`` of two data-parallel replicas, in a Jupyter kernel."""

from __future__ import annotations

import pytest

from tests.livekernel import kinds
from tools.vllm.models import LAYER_COUNT

BUILD = """
%load_ext xpubreak
import asyncio
from vllm import AsyncEngineArgs
from vllm.v1.engine.async_llm import AsyncLLM
engine = AsyncLLM.from_engine_args(AsyncEngineArgs(DENSE, enforce_eager=True, data_parallel_size=2, **ENGINE))
async def answer(prompt, name, count=6):
    async for output in engine.generate(prompt, steps(count), request_id=name):
        pass
    return output.outputs[0].token_ids
"""
ANSWER = "tokens = await asyncio.gather(*[answer(p, f'{i}') for i, p in enumerate(prompts(2))])\n"


@pytest.fixture(scope="module")
def engine(kernel):
    kernel.run(BUILD)
    yield kernel
    kernel.run("engine.shutdown()")


def test_a_cell_that_awaits_is_recorded_in_both_replicas(engine):
    outputs = engine.run(f"%%xpu_breakdown --title two --into bd\n{ANSWER}[len(t) for t in tokens]")
    assert kinds(outputs) == ["breakdown", "execute_result"]
    assert ("execute_result", "[6, 6]") in outputs
    assert engine.value("bd.layer_count, bd.sources['layer'], bd.ranks") == f"({LAYER_COUNT}, 'module-spans', (0, 1))"
    assert engine.value("[work(bd, rank) for rank in bd.ranks]") == "[(32, 5), (32, 5)]"  # each has taken one request


def test_warm_up_overhead_repeats_and_windows_await_too(engine):
    engine.run(
        "%%xpu_breakdown --warmup 1 --measure-overhead --repeat 2 --max-steps 3 --no-show --into bd\n"
        "tokens = await asyncio.gather(*[answer(p, f'{i}', 5) for i, p in enumerate(prompts(2))])"
    )
    assert engine.value("bd.steps['rank'].value_counts().to_dict()") == "{0: 3, 1: 3}"
    assert engine.value("'overhead' in [i.code for i in bd.issues]") == "True"


def test_a_replica_that_is_idle_is_told_and_not_missed(engine):
    engine.run("%%xpu_breakdown --steps 1:4 --no-show --into bd\ntokens = await answer(prompts(1)[0], 'one')")
    assert engine.value("len(bd.steps), len(bd.ranks)") == "(3, 1)"
    assert engine.value("[i.code for i in bd.issues if i.severity != 'info']") == "[]"
    assert "ran no step that was to be recorded" in engine.value("' '.join(i.message for i in bd.issues)")


def test_a_cell_that_does_not_await_says_why_it_is_not_run(engine):
    engine.run("%%xpu_breakdown\nran = engine", fails="UsageError")
    assert engine.value("'ran' in globals()") == "False"


def test_a_failing_cell_leaves_the_engine_usable(engine):
    outputs = engine.run(f"%%xpu_breakdown --title part\n{ANSWER}1 / 0", fails="ZeroDivisionError")
    assert kinds(outputs) == ["breakdown", "error"]
    engine.run(f"%%xpu_breakdown --no-show --into bd\n{ANSWER}")
    assert engine.value("bd.layer_count") == str(LAYER_COUNT)


def test_an_interrupt_leaves_the_engine_usable(engine):
    # In short pieces: ipykernel itself notices a signal only when its loop wakes up.
    outputs = engine.run(
        "%%xpu_breakdown --title part\nruns = 0\ninterrupt_when(lambda: runs)\nfor runs in range(100_000):\n"
        "    await answer(prompts(1)[0], f'long {runs}', 50)",
        fails="CancelledError",
    )
    assert kinds(outputs) == ["breakdown", "error"]
    engine.run(f"%%xpu_breakdown --no-show --into bd\n{ANSWER}")
    assert engine.value("bd.layer_count") == str(LAYER_COUNT)


BUILD_EXPERTS = """
engine.shutdown()
arguments = AsyncEngineArgs(
    EXPERTS, enforce_eager=True, data_parallel_size=2, enable_expert_parallel=True,
    worker_extension_cls="tests.vllm.worker_tools.Tools", **ENGINE
)
engine = AsyncLLM.from_engine_args(arguments)
for name in ("map_experts", "share_tokens"):  # in both replicas: what the CPU build lacks
    await engine.collective_rpc("tool_" + name)
"""


def test_last_replicas_that_share_experts(engine):
    """The work of both is recorded, and the exchange between them."""
    engine.run(BUILD_EXPERTS)
    outputs = engine.run(f"%%xpu_breakdown --into bd\n{ANSWER}[len(t) for t in tokens]")
    assert kinds(outputs) == ["breakdown", "execute_result"]
    assert engine.value("bd.layer_count, bd.ranks") == f"({LAYER_COUNT}, (0, 1))"
    assert engine.value("[work(bd, rank) for rank in bd.ranks]") == "[(32, 5), (32, 5)]"
    engine.run("assert_conserved(bd)")
    assert engine.value("'.layers.3.mlp.experts' in modules(bd)") == "True"
    assert engine.value("['allgather' in ' '.join(bd.select(rank=r).ops['name']) for r in bd.ranks]") == "[True, True]"
