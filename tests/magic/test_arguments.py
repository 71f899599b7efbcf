"""The magics' lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.error import UsageError

from xpubreak.magic.arguments import (
    BreakdownOptions,
    HelpRequested,
    TraceOptions,
    parse_breakdown,
    parse_trace,
    split_line,
)

DEFAULTS = BreakdownOptions(
    into=None, title="", device="auto", stacks=False, shapes=True, modules=True, save=None, quiet=False, show=True
)


def changed(options):
    return {name: value for name, value in vars(options).items() if value != getattr(DEFAULTS, name)}


def test_an_empty_line_is_the_defaults():
    assert parse_breakdown("") == DEFAULTS


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--into eager", {"into": "eager"}),
        ("--device cpu", {"device": "cpu"}),
        ('--title "eager, batch 8"', {"title": "eager, batch 8"}),
        ("--title 'it # counts'", {"title": "it # counts"}),
        ("--stack", {"stacks": True}),
        ("--no-stack", {}),
        ("--shapes", {}),
        ("--no-shapes", {"shapes": False}),
        ("--no-modules", {"modules": False}),
        ("--quiet", {"quiet": True}),
        ("--no-show --into b", {"show": False, "into": "b"}),
        ("--quiet   # the report is enough", {"quiet": True}),
        ("# nothing", {}),
        ("--llm llm --llm runner.llm --llm llm", {"llm": ("llm", "runner.llm")}),
        ("--server http://localhost:8000", {"server": "http://localhost:8000"}),
        ("--server https://h/v1 --trace-dir .", {"server": "https://h/v1", "trace_dir": Path()}),
        ("--warmup 2 --repeat 3 --measure-overhead", {"warmup": 2, "repeat": 3, "measure_overhead": True}),
        ("--steps 4:12", {"steps": (4, 12)}),
        ("--steps :12", {"steps": (0, 12)}),
        ("--max-steps 0", {"max_steps": 0}),
        ("--force", {"force": True}),
    ],
)
def test_options(line, expected):
    assert changed(parse_breakdown(line)) == expected


def test_save_takes_a_file_that_can_be_written(tmp_path):
    assert parse_breakdown(f"--save {tmp_path}/t.json.gz").save == Path(tmp_path, "t.json.gz")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--bogus", "unrecognized arguments: --bogus"),
        ("--dev cpu", "unrecognized arguments: --dev"),
        ("llm.generate(x)", "the code goes below the magic's line"),
        ("--device gpu", "invalid choice: 'gpu'"),
        ("--into", "expected one argument"),
        ("--into 3x", "'3x' is no name for a variable"),
        ("--into class", "'class' is no name for a variable"),
        ("--stack --no-stack", "not allowed with argument --stack"),
        ("--shapes --no-shapes", "not allowed with argument --shapes"),
        ("--quiet --no-show", "not allowed with argument --no-show"),
        ("--save trace.txt", "ends neither in .json nor in .json.gz"),
        ("--save /no/such/folder/t.json", "there is no folder '/no/such/folder'"),
        ("--llm engines[0]", "'engines[0]' is no name for a variable"),
        ("--server localhost:8000", "no URL such as http://localhost:8000"),
        ("--server http://h --llm llm", "argument --llm: not allowed with argument --server"),
        ("--trace-dir .", "only with argument --server"),
        ("--server http://h --trace-dir /no/such/folder", "there is no folder '/no/such/folder'"),
        ("--steps 4", "'4' is no range of steps such as 4:12"),
        ("--steps 4:4", "'4:4' is empty"),
        ("--steps 1:2 --max-steps 3", "not allowed with argument --steps"),
        ("--warmup -1", "'-1' is no count"),
        ("--warmup many", "'many' is no count"),
        ("--repeat 0", "at least 1"),
        ('--title "open', "No closing quotation in: --title"),
    ],
)
def test_a_wrong_line_is_a_usage_error_that_says_why(line, words):
    with pytest.raises(UsageError) as raised:
        parse_breakdown(line)
    assert words in str(raised.value)


def test_errors_of_options_show_the_usage_and_the_way_to_help():
    with pytest.raises(UsageError, match=r"(?s)usage: %%xpu_breakdown \[-h\].*`%%xpu_breakdown -h` explains"):
        parse_breakdown("--bogus")


def test_help_is_printed_and_nothing_is_run(capsys):
    with pytest.raises(HelpRequested):
        parse_breakdown("-h")
    assert "--no-modules" in capsys.readouterr().out


def test_traces(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert parse_trace("a.json 'b c/*.json.gz' ~/t --into x --title T") == TraceOptions(
        paths=("a.json", "b c/*.json.gz", "/home/me/t"), into="x", title="T", quiet=False, show=True
    )


def test_a_trace_has_to_be_named():
    with pytest.raises(UsageError, match="required: PATH"):
        parse_trace("--into x")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a 'b c' \"d e\"", ["a", "b c", "d e"]),
        ("a#b '#c' # d", ["a#b", "#c"]),
        ("  ", []),
    ],
)
def test_lines_are_split_as_a_shell_does(line, words):
    assert split_line(line) == words


def test_windows_paths_keep_their_backslashes(monkeypatch):
    monkeypatch.setattr("os.name", "nt")
    assert split_line(r"C:\traces\run7 'D:\my runs'") == [r"C:\traces\run7", r"D:\my runs"]
