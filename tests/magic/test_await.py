"""Cells that await at top level."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

import xpubreak as xb

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("stand_in")]


@pytest.fixture
def ready(notebook):
    notebook.run(
        "import asyncio, torch\nx = torch.ones(2, 4)\nasync def later(y):\n    await asyncio.sleep(0)\n    return y"
    )
    return notebook


def test_what_runs_before_during_and_after_waiting_is_recorded(ready):
    out = ready.run("%%xpu_breakdown --title T\na = x.sin()\nb = (await later(x)).cos()\nb.shape")
    assert "Out[2]: torch.Size([2, 4])" in out
    assert xb.last.operators == ["aten::sin", "aten::cos"]
    assert ready.shown == ["<stand-in T>"]


@pytest.mark.parametrize(
    "body", ["async for i in items():\n    pass", "async with lock:\n    pass", "[await later(1)]"]
)
def test_every_form_of_waiting(ready, body):
    ready.run("lock = asyncio.Lock()\nasync def items():\n    yield 1")
    ready.run(f"%%xpu_breakdown\nx.sin()\n{body}")
    assert "aten::sin" in xb.last.operators


def test_a_coroutine_function_alone_does_not_make_a_cell_wait(ready):
    ready.run("%%xpu_breakdown\nasync def f():\n    await later(1)\nx.sin()")
    assert "aten::sin" in xb.last.operators


def test_an_exception_after_waiting_has_one_traceback_and_the_cell_s_lines(ready):
    out = ready.run("%%xpu_breakdown\n\nx.sin()\nawait later(1)\n1 / 0", fails=ZeroDivisionError)
    assert "----> 5 1 / 0" in out
    assert out.count("Traceback (most recent call last)") == 1
    assert "xpubreak/" not in out
    assert ready.shown == ["<stand-in In [2]>"]


def test_the_line_expands_and_is_checked_as_ever(ready):
    ready.run("%%xpu_breakdown --bogus\nawait later(1)", fails=UsageError)
    ready.run("name = 'run 7'")
    ready.run('%%xpu_breakdown --title "{name}"\nawait later(1)')
    assert xb.last.title == "run 7"
    assert "usage:" in ready.run("%%xpu_breakdown -h\nran = await later(1)")
    assert "ran" not in ready.shell.user_ns


def test_where_nobody_can_wait_the_usage_says_what_to_do(ready):
    call = "get_ipython().run_cell_magic('xpu_breakdown', '', 'await later(1)')"
    ready.run(f"def f():\n    {call}\nf()", fails=UsageError)
    assert "async with xb.profile() as p:" in ready.err


def test_without_autoawait_an_await_is_the_syntax_error_that_it_is(ready):
    ready.run("%autoawait False")
    ready.run("%%xpu_breakdown\nawait later(1)", fails=SyntaxError)
