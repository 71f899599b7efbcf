"""``%%xpu_breakdown`` in a real IPython shell, over real recordings of torch."""

from __future__ import annotations

import pickle

import pytest
from IPython.core.error import UsageError

import xpubreak as xb

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("stand_in")]


@pytest.fixture
def ready(notebook):
    notebook.run("import torch\nmodel = torch.nn.Sequential(torch.nn.Linear(4, 4))\nx = torch.ones(2, 4)")
    return notebook


def test_the_cell_runs_once_and_its_breakdown_is_shown(ready):
    ready.run("runs = 0")
    ready.run("%%xpu_breakdown\nruns += 1\ny = model(x)")
    assert ready["runs"] == 1
    assert ready["y"].shape == (2, 4)
    assert ready.shown == ["<stand-in In [3]>"]
    assert "aten::linear" in xb.last.operators
    assert xb.last.modules == ["xpb:<root>:Sequential", "xpb:0:Linear"]


def test_the_last_expression_shows_and_is_kept(ready):
    assert "Out[2]: torch.Size([2, 4])" in ready.run("%%xpu_breakdown\nmodel(x).shape")
    assert ready.result.result == (2, 4)
    assert ready["_"] == ready["_2"] == ready["Out"][2] == (2, 4)
    assert "Out[3]: torch.Size([2, 4])" in ready.run("_")


def test_showing_the_value_is_not_recorded(ready):
    ready.run("%%xpu_breakdown --device cpu\nx")  # the text of a tensor takes a hundred operators
    assert xb.last.operators == []


def test_a_semicolon_hides_the_value_as_ever(ready):
    assert "Out[" not in ready.run("%%xpu_breakdown\nmodel(x).shape;  # quiet")
    assert "aten::linear" in xb.last.operators


@pytest.mark.parametrize(
    ("interactivity", "shown"),
    [("none", []), ("last", ["3"]), ("last_expr", ["3"]), ("all", ["1", "3"]), ("last_expr_or_assign", ["3"])],
)
def test_interactivity_is_the_shell_s(ready, interactivity, shown):
    ready.shell.ast_node_interactivity = interactivity
    out = ready.run("%%xpu_breakdown\n1\na = 2\n3")
    assert [line.partition(": ")[2] for line in out.splitlines() if line.startswith("Out[")] == shown


def test_an_assignment_shows_where_the_shell_shows_assignments(ready):
    ready.shell.ast_node_interactivity = "last_expr_or_assign"
    assert "Out[2]: 2" in ready.run("%%xpu_breakdown\na = 2")


def test_an_exception_stops_with_one_traceback_at_the_user_s_lines(ready):
    source = "%%xpu_breakdown\n\nmodel(x)\ndef divide():\n    return 1 / 0\n\ndivide()"
    out = ready.run(source, fails=ZeroDivisionError)
    assert out.count("Traceback (most recent call last)") == 1
    assert "----> 7 divide()" in out
    assert "----> 5     return 1 / 0" in out
    assert "xpubreak/" not in out
    assert "During handling" not in out
    assert ready.shown == ["<stand-in In [2]>"]
    assert "aten::linear" in xb.last.operators


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "SystemExit(3)"])
def test_leaving_early_shows_the_part_that_ran(ready, error):
    ready.run(f"%%xpu_breakdown\nmodel(x)\nraise {error}", fails=BaseException)
    assert ready.shown == ["<stand-in In [2]>"]
    assert "aten::linear" in xb.last.operators


def test_a_syntax_error_has_the_cell_s_line_and_nothing_is_recorded(ready):
    out = ready.run("%%xpu_breakdown\n\nx = (1,\n", fails=SyntaxError)
    assert "In[2], line 3" in out
    assert ready.shown == []


def test_the_history_has_the_cell_as_it_was_written(ready):
    source = "%%xpu_breakdown --quiet\nmodel(x)"
    ready.run(source)
    assert ready["In"][-1].startswith("get_ipython().run_cell_magic('xpu_breakdown', '--quiet', ")
    assert ready.shell.history_manager.input_hist_raw[-1] == source
    assert ready.shell.execution_count == 3


def test_strings_arrive_byte_for_byte(ready):
    text = "'''a\n  b\n\n\tc \\\n d\n    e'''"
    ready.run(f"%%xpu_breakdown\ntext = {text}")
    assert ready["text"] == "a\n  b\n\n\tc  d\n    e"


def test_definitions_belong_to_main(ready):
    ready.run("%%xpu_breakdown\nclass Point:\n    pass\n\ndef one():\n    global made\n    made = Point()\n\none()")
    assert type(ready["made"]).__module__ == "__main__"
    assert isinstance(pickle.loads(pickle.dumps(ready["made"])), ready["Point"])
    assert "    made = Point()" in ready.run("import inspect; print(inspect.getsource(one))")


def test_future_imports_hold_as_in_any_cell(ready):
    ready.run("%%xpu_breakdown\nfrom __future__ import annotations\ndef f(a: no_such_name): ...")
    ready.run("def g(a: no_such_name): ...")
    assert ready["f"].__annotations__ == ready["g"].__annotations__ == {"a": "no_such_name"}


def test_other_magics_work_inside(ready):
    out = ready.run("%%xpu_breakdown\n%time y = model(x)\nfiles = !echo one\n!echo two")
    assert "Wall time" in out
    assert ready["files"] == ["one"]
    assert "aten::linear" in xb.last.operators
    assert "Wall time" in ready.run("%%xpu_breakdown\n%%time\nmodel(x).shape")
    assert ready["_"] == (2, 4)


@pytest.mark.parametrize("inner", ["%%xpu_breakdown\n1", "\n%%xpu_breakdown -h\n1"])
def test_a_nested_one_is_refused_before_anything_runs(ready, inner):
    ready.run(f"%%xpu_breakdown\n{inner}", fails=UsageError)
    assert "cannot run inside another one" in ready.err
    assert ready.shown == []


def test_a_nested_one_that_is_met_at_run_time_is_refused_and_the_outer_one_ends_well(ready):
    ready.run("%%xpu_breakdown\nmodel(x)\nget_ipython().run_cell_magic('xpu_breakdown', '', '1')", fails=UsageError)
    assert "cannot run inside another one" in ready.err
    assert "aten::linear" in xb.last.operators
    ready.run("%%xpu_breakdown\nmodel(x)")


def test_beside_another_profiler_the_cell_does_not_run(ready):
    with torch.profiler.profile():
        ready.run("%%xpu_breakdown\nran = True", fails=UsageError)
    assert "The cell was not run. Another torch profiler is already active" in ready.err
    assert "ran" not in ready.shell.user_ns


def test_a_missing_device_is_said_and_the_cell_does_not_run(ready, monkeypatch):
    monkeypatch.setattr(torch.xpu, "_is_compiled", lambda: False)
    ready.run("%%xpu_breakdown --device xpu\nran = True", fails=UsageError)
    assert "The cell was not run. xpu requested, but this torch" in ready.err
    assert "ran" not in ready.shell.user_ns


def test_what_the_chosen_device_lacks_is_among_the_issues(ready, monkeypatch):
    for device in (torch.xpu, torch.cuda):
        monkeypatch.setattr(device, "is_available", lambda: False)
    ready.run("%%xpu_breakdown\nmodel(x)")
    assert "no-accelerator" in [issue.code for issue in xb.last.issues]


@pytest.mark.parametrize("line", ["-h", "--help"])
def test_help_does_not_run_the_cell(ready, line):
    out = ready.run(f"%%xpu_breakdown {line}\nran = True")
    assert out.startswith("usage: %%xpu_breakdown")
    assert "ran" not in ready.shell.user_ns


def test_the_help_is_the_docstring(ready):
    assert ready.shell.find_cell_magic("xpu_breakdown").__doc__.startswith("usage: %%xpu_breakdown")
    assert "--no-modules" in ready.run("%%xpu_breakdown?")
    assert "PATH" in ready.run("%xpu_trace?")


def test_an_empty_cell_is_refused(ready):
    ready.run("%%xpu_breakdown\n\n", fails=UsageError)
    assert "is empty" in ready.err


def test_into_assigns_and_title_names(ready):
    ready.run('%%xpu_breakdown --into eager --title "eager, batch 8"\nmodel(x)')
    assert ready["eager"] is xb.last
    assert ready.shown == ["<stand-in eager, batch 8>"]


def test_python_values_expand_in_the_line(ready):
    ready.run("name = 'run 7'")
    ready.run('%%xpu_breakdown --title "{name}"\nmodel(x)')
    assert xb.last.title == "run 7"


def test_quiet_writes_the_report(ready):
    assert "report of T: " in ready.run("%%xpu_breakdown --quiet --title T\nmodel(x)")
    assert ready.shown == []


def test_no_show_shows_nothing(ready):
    assert ready.run("%%xpu_breakdown --no-show --into b\nmodel(x);") == ""
    assert ready.shown == []
    assert "aten::linear" in ready["b"].operators


@pytest.mark.parametrize(("option", "has_frames"), [("--stack", True), ("--no-stack", False)])
def test_stacks(ready, option, has_frames):
    from xpubreak.trace.events import Kind

    ready.run(f"%%xpu_breakdown {option}\nmodel(x)")
    assert bool((xb.last.trace.events.kind == Kind.PYTHON).any()) == has_frames


@pytest.mark.parametrize(("option", "has_shapes"), [("--shapes", True), ("--no-shapes", False)])
def test_shapes(ready, option, has_shapes, tmp_path):
    ready.run(f"%%xpu_breakdown {option} --save {tmp_path}/t.json\nmodel(x)")
    assert ('"Input Dims"' in (tmp_path / "t.json").read_text()) == has_shapes


def test_no_modules(ready):
    ready.run("%%xpu_breakdown --no-modules\nmodel(x)")
    assert xb.last.modules == []


def test_save_keeps_the_trace_and_the_breakdown_knows_where(ready, tmp_path):
    ready.run(f"%%xpu_breakdown --save {tmp_path}/t.json.gz\nmodel(x)")
    assert xb.last.trace.metadata.source == str(tmp_path / "t.json.gz")
    ready.run(f"%xpu_trace {tmp_path}/t.json.gz --no-show")


def test_a_trace_that_cannot_be_kept_is_an_error_after_everything_is_shown(ready, tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    out = ready.run(
        f"%%xpu_breakdown --save {folder}/t.json\nimport os; os.rmdir({str(folder)!r})\nmodel(x).shape",
        fails=xb.CaptureError,
    )
    assert "Out[2]: torch.Size([2, 4])" in out
    assert ready.shown == ["<stand-in In [2]>"]


def test_the_user_s_exception_comes_before_ours(ready, monkeypatch):
    def fail(source, *, title=None):
        raise xb.NotATraceError("torn")

    monkeypatch.setitem(vars(xb), "load", fail)
    out = ready.run("%%xpu_breakdown\n1 / 0", fails=ZeroDivisionError)
    assert "torn" not in out
    assert "no breakdown of the part that ran: torn" in ready.err


def test_the_value_is_shown_even_if_there_is_no_breakdown(ready, monkeypatch):
    def fail(source, *, title=None):
        raise xb.NotATraceError("torn")

    monkeypatch.setitem(vars(xb), "load", fail)
    assert "Out[2]: 3" in ready.run("%%xpu_breakdown\n3", fails=xb.NotATraceError)


def test_the_extension_can_be_loaded_again_and_unloaded(ready):
    before = len(ready.shell.input_transformers_post)
    ready.run("%reload_ext xpubreak")
    assert len(ready.shell.input_transformers_post) == before
    ready.run("%unload_ext xpubreak")
    assert len(ready.shell.input_transformers_post) == before - 1
