"""Interrupts while an engine is recorded: the traces there are stay, the engine is as it was, one exception is told."""

from __future__ import annotations

import asyncio
import gc
import shutil
import signal

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from tests.capture.recordings import PREFILL, assert_untouched, issue, steps  # noqa: E402
from tests.capture.standin_engine import Worker, WorkerElsewhere, make_engine  # noqa: E402
from xpubreak.capture.vllm.engine_capture import EngineCapture  # noqa: E402


def interrupting(*stages):
    """Progress that is interrupted at the first telling of each of these stages."""
    pending = list(stages)

    def tell(stage, *_):
        if pending and stage == pending[0]:
            pending.pop(0)
            raise KeyboardInterrupt

    return tell


def test_an_interrupt_before_the_body_leaves_the_engine_as_it_was():
    worker = Worker()
    llm = make_engine(worker)
    with pytest.raises(KeyboardInterrupt), EngineCapture(llm, on_progress=interrupting("capturing")):
        pytest.fail("the body ran")
    assert_untouched(worker)


@pytest.mark.parametrize(
    "stages", [["stopping"], ["collecting"], ["stopping", "collecting"], ["collecting", "collecting", "collecting"]]
)
@pytest.mark.parametrize("error", [None, ValueError("mine"), KeyboardInterrupt()])
def test_an_interrupt_after_the_body_keeps_the_traces_and_the_first_exception(stages, error):
    worker = Worker(0)
    llm = make_engine(worker, WorkerElsewhere(1))
    capture = EngineCapture(llm, on_progress=interrupting(*stages))
    with pytest.raises(type(error) if error else KeyboardInterrupt) as raised, capture:
        llm.generate(1)
        if error:
            raise error
    assert error is None or raised.value is error
    assert capture.ranks == ("rank0", "rank1")
    assert steps(capture.trace_paths[0]) == [PREFILL]
    told = f"Interrupted while {stages[0]}: the traces of 2 of 2 ranks were there."
    assert issue(capture, "interrupted").message == told
    assert_untouched(worker)
    with EngineCapture(llm) as again:
        llm.generate(1)
    assert steps(again.trace_paths[0]) == [PREFILL]


def test_of_workers_that_still_write_the_folder_is_told_and_stays():
    """The second one is slow: what it still writes can be opened later."""
    first, slow = Worker(0), WorkerElsewhere(1)
    llm = make_engine(first, slow)
    finish, asked = slow.xpb_stop, []

    def wait(**options):
        asked.append(options)
        raise KeyboardInterrupt

    slow.xpb_stop = wait
    capture = EngineCapture(llm)
    with pytest.raises(KeyboardInterrupt), capture:
        llm.generate(1)
    assert capture.ranks == ("rank0",)
    told, folder = issue(capture, "interrupted"), capture.trace_paths[0].parent
    assert told.severity == "error"
    assert told.message.startswith("Interrupted while stopping: the traces of 1 of 2 ranks were there.")
    assert f"xb.load({str(folder)!r})" in told.message
    assert_untouched(first)
    finish(**asked.pop())
    assert asked == []
    del capture, told
    gc.collect()
    assert len(list(folder.glob("*_dp0_rank?.json"))) == 2
    shutil.rmtree(folder)


def test_of_several_engines_all_are_ended():
    workers = Worker(0), WorkerElsewhere(0)
    one, two = (make_engine(worker) for worker in workers)
    capture = EngineCapture({"one": one, "two": two}, on_progress=interrupting("stopping"))
    with pytest.raises(KeyboardInterrupt), capture:
        one.generate(1)
    assert capture.ranks == ("one rank0", "two rank0")
    assert_untouched(workers[0])


def test_an_interrupt_while_stopping_leaves_the_engine_as_it_was(monkeypatch):
    worker = Worker()
    llm = make_engine(worker)
    stop = Worker.xpb_stop

    def interrupted(self, **options):
        reply = stop(self, **options)
        signal.raise_signal(signal.SIGINT)
        return reply

    with pytest.raises(KeyboardInterrupt), EngineCapture(llm) as capture:
        llm.generate(1)
        llm.calls.clear()
        monkeypatch.setattr(Worker, "xpb_stop", interrupted)
    assert steps(capture.trace_paths[0]) == [PREFILL]
    assert llm.calls == ["xpb_stop"]  # asked once: nobody waits a second time for what is under way
    monkeypatch.undo()
    assert_untouched(worker)
    with EngineCapture(llm) as again:
        llm.generate(1)
    assert steps(again.trace_paths[0]) == [PREFILL]


def test_a_cell_that_awaits_is_cancelled_and_keeps_its_traces_too():
    """Jupyter cancels what awaits; here while the reply of the workers, which have written, does not come."""
    worker = Worker()
    llm = make_engine(worker, class_name="AsyncLLM")
    ask = type(llm).collective_rpc

    async def collective_rpc(self, method, **options):
        replies = await ask(self, method, **options)
        if method == "xpb_stop":
            await asyncio.Event().wait()
        return replies

    type(llm).collective_rpc = collective_rpc
    capture = EngineCapture(llm)

    async def record():
        async with capture:
            llm.generate(1)

    async def cancel():
        task = asyncio.create_task(record())
        while "xpb_stop" not in llm.calls:
            await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancel())
    assert steps(capture.trace_paths[0]) == [PREFILL]
    assert issue(capture, "interrupted").message.startswith("Interrupted while stopping: the traces of 1 of 1 ranks")
    assert_untouched(worker)
