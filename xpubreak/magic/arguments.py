"""What the magics understand on their line. The parsers' help is the magics' docstring."""

from __future__ import annotations

import argparse
import keyword
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from IPython.core.error import UsageError

DEVICES = ("auto", "xpu", "cuda", "cpu")
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


@dataclass(frozen=True)
class TraceOptions:
    """The line of ``%xpu_trace``."""

    paths: tuple[str, ...]
    into: str | None
    title: str
    quiet: bool
    show: bool


def breakdown_parser() -> LineParser:
    """Options of ``%%xpu_breakdown``."""
    parser = LineParser(
        "%%xpu_breakdown",
        description="Run the cell once under torch's profiler; show which backend, layer and kernel took its time.",
        epilog=(
            "The cell runs as it would without the magic: its last expression shows, `await` works, its exception\n"
            "stops Run All (the breakdown of what ran until then is shown all the same). The breakdown is also in\n"
            "`xb.last`. Layers come from the forwards of the torch modules that variables hold when the cell starts;\n"
            "compiled modules are left alone. A vLLM engine that computes in another process cannot be recorded\n"
            "from here: a cell that uses one is refused before it runs, with what to do instead.\n\n"
            "examples:\n"
            "  %%xpu_breakdown\n"
            '  %%xpu_breakdown --into eager --title "eager, batch 8"\n'
            "  %%xpu_breakdown --device cpu --save run7.json.gz --quiet"
        ),
    )
    parser.add_argument(
        "--device", choices=DEVICES, default="auto", help="what to record; auto: XPU, else CUDA, else CPU"
    )
    _add_output_options(parser)
    stacks = parser.add_mutually_exclusive_group()
    stacks.add_argument(
        "--stack", dest="stacks", action="store_true", help="record Python frames too: slower, several times the events"
    )
    stacks.add_argument("--no-stack", dest="stacks", action="store_false", help="record no Python frames (default)")
    shapes = parser.add_mutually_exclusive_group()
    shapes.add_argument("--shapes", dest="shapes", action="store_true", help="record operator shapes (default)")
    shapes.add_argument("--no-shapes", dest="shapes", action="store_false", help="record no operator shapes")
    parser.add_argument(
        "--no-modules", dest="modules", action="store_false", help="no hooks on torch modules; layers are then guessed"
    )
    parser.add_argument(
        "--save", metavar="PATH", type=_trace_file, help="keep the trace: PATH ends in .json or .json.gz"
    )
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
    return BreakdownOptions(**vars(found))


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
    parser.add_argument("--into", metavar="NAME", type=_variable, help="also assign the Breakdown to this variable")
    parser.add_argument("--title", metavar="TEXT", default="", help="what to call it in the header")
    parser.add_argument("--quiet", action="store_true", help="show the text report only")
    parser.add_argument("--no-show", dest="show", action="store_false", help="show nothing")


def _check_output(parser: LineParser, found: argparse.Namespace) -> None:
    if found.quiet and not found.show:
        parser.error("argument --quiet: not allowed with argument --no-show")


def _variable(name: str) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise argparse.ArgumentTypeError(f"{name!r} is no name for a variable")
    return name


def _trace_file(text: str) -> Path:
    """Checked before the cell runs: a run must not be lost to a typing mistake."""
    path = Path(text).expanduser()
    if not path.name.endswith((".json", ".json.gz")):
        raise argparse.ArgumentTypeError(f"{text!r} ends neither in .json nor in .json.gz")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be written")
    return path


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
