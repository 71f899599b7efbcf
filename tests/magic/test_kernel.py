"""The magic in a real Jupyter kernel: what depends on its event loop, its signals and its messages."""

from __future__ import annotations

import time
from pathlib import Path

import nbclient
import nbformat
import pytest

from tests.livekernel import live_kernel

pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
SETUP = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from tests.magic import standin; standin.install()
import asyncio, os, signal, threading, time, torch, xpubreak as xb
%load_ext xpubreak
x = torch.ones(3)
"""


@pytest.fixture(scope="module")
def kernel():
    with live_kernel() as ready:
        ready.run(SETUP)
        yield ready


def test_value_then_breakdown_and_no_noise(kernel):
    outputs = kernel.run("%%xpu_breakdown --title T\nprint('hi')\nx.sin().shape")
    assert outputs == [
        ("stream", "hi\n"),
        ("execute_result", "torch.Size([3])"),
        ("display_data", "<stand-in T>"),
    ]


def test_awaiting_cells_run_in_the_kernel_s_loop(kernel):
    outputs = kernel.run("%%xpu_breakdown --title T\nawait asyncio.sleep(0.01)\ny = x.cos()\nxb.last\n'done'")
    assert outputs == [("execute_result", "'done'"), ("display_data", "<stand-in T>")]
    assert kernel.run("xb.last.operators") == [("execute_result", "['aten::cos']")]


def test_the_other_way_to_wait(kernel):
    outputs = kernel.run(
        "async with xb.profile() as p:\n    await asyncio.sleep(0)\n    x.tan()\np.breakdown.operators"
    )
    assert outputs == [("execute_result", "['aten::tan']")]


def test_an_exception_is_one_error_after_the_breakdown(kernel):
    outputs = kernel.run("%%xpu_breakdown --title T\nx.sin()\n1 / 0", fails="ZeroDivisionError")
    assert outputs == [("display_data", "<stand-in T>"), ("error", "ZeroDivisionError")]


# What Jupyter's stop button does, from within the cell: however slow the machine, not before it has begun.
STOP = "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
# In short pieces: ipykernel itself notices a signal only when its loop wakes up.
AWAIT = "for _ in range(3000):\n    await asyncio.sleep(0.1)"


@pytest.mark.parametrize(("wait", "ends"), [("time.sleep(300)", "KeyboardInterrupt"), (AWAIT, "CancelledError")])
def test_interrupting_shows_the_part_that_ran(kernel, wait, ends):
    started = time.monotonic()
    outputs = kernel.run(f"%%xpu_breakdown --title T\nx.sinh()\n{STOP}{wait}\nx.cosh()", fails=ends)
    assert time.monotonic() - started < 200
    assert outputs == [("display_data", "<stand-in T>"), ("error", ends)]
    assert kernel.run("xb.last.operators") == [("execute_result", "['aten::sinh']")]
    kernel.run("%%xpu_breakdown\nx.sin()")


def test_usage_errors_are_errors(kernel):
    (output,) = kernel.run("%%xpu_breakdown --bogus\nran = True", fails="UsageError")
    assert "unrecognized arguments: --bogus" in output[1]
    assert kernel.run("'ran' in globals()") == [("execute_result", "False")]


def test_run_all_stops_at_the_exception():
    cells = [SETUP, "%%xpu_breakdown\nraise ValueError('mine')", "open('/dev/null'); after = 1"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="mine"):
        nbclient.NotebookClient(notebook, timeout=300, startup_timeout=300, kernel_name="python3").execute()
    ran = [cell.execution_count is not None for cell in notebook.cells]
    assert ran == [True, True, False]
    assert [output.output_type for output in notebook.cells[1].outputs] == ["display_data", "error"]
