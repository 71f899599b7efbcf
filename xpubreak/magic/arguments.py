"""What the magics understand on their line. The parsers' help is the magics' docstring."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from IPython.core.error import UsageError

from xpubreak.magic import values
from xpubreak.magic.epilog import EPILOG

DEVICES = ("auto", "xpu", "cuda", "cpu")
SNAPSHOTS = ("small", "full", "none")  # not from the view floor: widgets are loaded when something is shown
_HELP_WIDTH = 100


class HelpRequested(Exception):  # noqa: N818 - not an error: the help has been printed, nothing is to be run
    """The line asked for help."""


class LineParser(argparse.ArgumentParser):
    """An argument parser that neither exits the kernel nor prints to where notebooks do not look."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(
            prog=prog,
            allow_abbrev=False,  # an abbreviation would change its meaning when options are added
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=_HELP_WIDTH),
            **options,
        )
        self.color = False  # Python 3.14 colours help, which a docstring must not be

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the line."""
        raise UsageError(f"{message}\n{self.format_usage().strip()}\n`{self.prog} -h` explains the options.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Called by ``-h`` after it has printed the help."""
        raise HelpRequested

    def print_help(self, file: Any = None) -> None:
        """Print to the cell's output."""
        (file or sys.stdout).write(self.format_help())


@dataclass(frozen=True)
class BreakdownOptions:
    """The line of ``%%xpu_breakdown``."""

    into: str | None
    title: str
    device: str
    stacks: bool
    shapes: bool
    modules: bool
    save: Path | None
    quiet: bool
    show: bool
    snapshot: str = "small"
    redact: bool = True
    llm: tuple[str, ...] = ()
    server: str | None = None
    trace_dir: Path | None = None
    steps: tuple[int, int] | None = None
    max_steps: int | None = None
    warmup: int = 0
    repeat: int = 1
    measure_overhead: bool = False
    force: bool = False
    compare: str | None = None

    @property
    def has_window(self) -> bool:
        """Whether the line says which engine steps to record."""
        return self.steps is not None or self.max_steps is not None


@dataclass(frozen=True)
class TraceOptions:
    """The line of ``%xpu_trace``."""

    paths: tuple[str, ...]
    into: str | None
    title: str
    quiet: bool
    show: bool
    snapshot: str = "small"
    redact: bool = True


def breakdown_parser() -> LineParser:
    """Options of ``%%xpu_breakdown``."""
    parser = LineParser(
        "%%xpu_breakdown",
        description="Run the cell under torch's profiler; show which backend, layer and kernel took its time.",
        epilog=EPILOG,
    )
    parser.add_argument(
        "--device", choices=DEVICES, default="auto", help="what to record; auto: XPU, else CUDA, else CPU"
    )
    _add_output_options(parser)
    stacks = parser.add_mutually_exclusive_group()
    stacks.add_argument(
        "--stack",
        dest="stacks",
        action="store_true",
        help="record Python frames too: slower, several times the events; a vLLM worker that waits for work then "
        "writes some 700,000 events a second",
    )
    stacks.add_argument("--no-stack", dest="stacks", action="store_false", help="record no Python frames (default)")
    shapes = parser.add_mutually_exclusive_group()
    shapes.add_argument("--shapes", dest="shapes", action="store_true", help="record operator shapes (default)")
    shapes.add_argument("--no-shapes", dest="shapes", action="store_false", help="record no operator shapes")
    parser.add_argument(
        "--no-modules", dest="modules", action="store_false", help="no hooks on torch modules; layers are then guessed"
    )
    parser.add_argument(
        "--save", metavar="PATH", type=values.trace_file, help="keep the trace: PATH ends in .json or .json.gz"
    )
    parser.add_argument("--compare", metavar="BASELINE", help="show what changed since a Breakdown or a file (.xpb)")
    _add_run_options(parser)
    _add_engine_options(parser)
    parser.set_defaults(stacks=False, shapes=True)
    return parser


def trace_parser() -> LineParser:
    """Options of ``%xpu_trace``."""
    parser = LineParser(
        "%xpu_trace",
        description="Show the breakdown of traces that were recorded elsewhere. It is also in `xb.last`.",
        epilog="examples:\n  %xpu_trace run7.json.gz\n  %xpu_trace /data/traces/run7/ --into run7\n  %xpu_trace {path}",
    )
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="trace file, folder or glob; several files are the ranks of one run"
    )
    _add_output_options(parser)
    return parser


def parse_breakdown(line: str) -> BreakdownOptions:
    """Read the line of ``%%xpu_breakdown``.

    Raises
    ------
    UsageError
        For options that do not exist, contradict each other, or cannot work.
    HelpRequested
        For ``-h``; the help has been printed.
    """
    parser = breakdown_parser()
    found, rest = parser.parse_known_args(split_line(line))
    if rest:
        hint = "" if rest[0].startswith("-") else " (the code goes below the magic's line)"
        parser.error(f"unrecognized arguments: {' '.join(rest)}{hint}")
    _check_output(parser, found)
    if found.server and found.llm:
        parser.error("argument --llm: not allowed with argument --server")
    if found.trace_dir and not found.server:
        parser.error("argument --trace-dir: only with argument --server; an engine's own folder is known")
    return BreakdownOptions(**{**vars(found), "llm": tuple(dict.fromkeys(found.llm or ()))})


def parse_trace(line: str) -> TraceOptions:
    """Read the line of ``%xpu_trace``; raises as `parse_breakdown` does."""
    parser = trace_parser()
    found = parser.parse_args(split_line(line))
    _check_output(parser, found)
    paths = tuple(str(Path(path).expanduser()) if path.startswith("~") else path for path in found.paths)
    return TraceOptions(**{**vars(found), "paths": paths})


def split_line(line: str) -> list[str]:
    """Split as a shell would, up to a comment (``#`` at the start of a word, outside quotes)."""
    is_posix = os.name != "nt"  # backslashes are part of Windows paths
    try:
        words = shlex.split(_without_comment(line), posix=is_posix)
    except ValueError as error:
        raise UsageError(f"{error} in: {line.strip()}") from None
    return words if is_posix else [_unquoted(word) for word in words]


def documented_by(parser: LineParser) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make the parser's help the docstring of a magic, so that ``%%magic?`` shows it."""

    def document(function: Callable[..., Any]) -> Callable[..., Any]:
        function.__doc__ = parser.format_help()
        return function

    return document


def _add_output_options(parser: LineParser) -> None:
    parser.add_argument(
        "--into", metavar="NAME", type=values.variable, help="also assign the Breakdown to this variable"
    )
    parser.add_argument("--title", metavar="TEXT", default="", help="what to call it in the header")
    parser.add_argument("--quiet", action="store_true", help="show the text report only")
    parser.add_argument("--no-show", dest="show", action="store_false", help="show nothing")
    parser.add_argument(
        "--snapshot",
        choices=SNAPSHOTS,
        default="small",
        help="what is saved in the notebook: a picture and a copy that explores without a kernel, of at most 600 kB "
        "(small) or with everything (full), or a table only (none)",
    )
    parser.add_argument(
        "--no-redact",
        dest="redact",
        action="store_false",
        help="save names of people, hosts and places in the notebook, too",
    )


def _add_run_options(parser: LineParser) -> None:
    runs = parser.add_argument_group("runs of the cell (whatever the cell changes, changes again in each)")
    runs.add_argument(
        "--warmup", metavar="N", type=values.count, default=0, help="run it N times before, unrecorded (default 0)"
    )
    runs.add_argument(
        "--repeat", metavar="N", type=values.positive_count, default=1, help="record N runs, for statistics of steps"
    )
    runs.add_argument(
        "--measure-overhead",
        action="store_true",
        help="run it once more, before and without the profiler, and say what the profiler costs",
    )


def _add_engine_options(parser: LineParser) -> None:
    engines = parser.add_argument_group("vLLM engines")
    engines.add_argument(
        "--llm",
        metavar="NAME",
        type=values.dotted_name,
        action="append",
        help="record this engine, a variable or an attribute of one (runner.llm); may be repeated. Default: the "
        "engines that the cell names",
    )
    engines.add_argument("--server", metavar="URL", type=values.url, help="record the vLLM server that listens there")
    engines.add_argument(
        "--trace-dir", metavar="DIR", type=values.folder, help="where the traces of that server are found from here"
    )
    window = engines.add_mutually_exclusive_group()
    window.add_argument(
        "--steps", metavar="A:B", type=values.step_range, help="record engine steps A to B-1, counted from 0"
    )
    window.add_argument(
        "--max-steps",
        metavar="N",
        type=values.count,
        help="record N engine steps at most, the cell runs on; 0: no limit (default 16, times --repeat)",
    )
    engines.add_argument(
        "--force", action="store_true", help="record even where memory or disk will probably not suffice"
    )


def _check_output(parser: LineParser, found: argparse.Namespace) -> None:
    if found.quiet and not found.show:
        parser.error("argument --quiet: not allowed with argument --no-show")


def _without_comment(line: str) -> str:
    quote = ""
    for position, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#" and (position == 0 or line[position - 1].isspace()):
            return line[:position]
    return line


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"" else word
