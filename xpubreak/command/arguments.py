"""What the command understands."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xpubreak.breakdown.compare.within import read_limit
from xpubreak.breakdown.dimension import DIMENSIONS
from xpubreak.breakdown.selection import Selection
from xpubreak.command.clauses import read_clauses
from xpubreak.command.gate import read_gate
from xpubreak.command.report import EITHER, writer_of
from xpubreak.errors import XpubreakError
from xpubreak.version import __version__

_EPILOG = """\
exit codes:
  0    done
  1    a --fail-if is true, or a run is slower than --within allows
  2    wrong usage, an input that cannot be read or judged, or a failure of xpubreak itself
  130  interrupted

examples:
  xpubreak report run7/ -o run7.html -o run7.png
  xpubreak report rank0.json.gz rank1.json.gz --select phase=decode -o decode.xlsx
  xpubreak table run7/ --by backend layer --csv > layers.csv
  xpubreak table run7/ --fail-if 'backend=cpu > 5%' --fail-if 'phase=decode,backend=framework > 2ms'
  xpubreak compare main.xpb run7/ --select phase=decode --within 5% -o change.html"""
_REPORT = """\
Write reports; what a file is, is told by its name:
  .html              page that explores, without kernel or network
  .png .svg          picture
  .xpb               saved breakdown, which xpubreak and xb.open read again
  .xlsx .csv         tables for spreadsheets
  .perfetto.json     trace for https://ui.perfetto.dev
  .speedscope.json   call paths for https://www.speedscope.app
  .txt .md           text
.csv and .json may end in .gz. Without -o the text report goes to standard output.
A saved comparison (.xpb of xpubreak compare) becomes .html .png .svg .xpb .xlsx .csv .txt."""


def parser() -> argparse.ArgumentParser:
    """Make the parser of the command."""
    made = _Parser(
        prog="xpubreak",
        description="Where the time of LLM inference goes: break down traces of torch's profiler by backend.",
        epilog=_EPILOG,
    )
    made.add_argument("--version", action="version", version=f"xpubreak {__version__}")
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)
    report = commands.add_parser(
        "report", help="write pages, pictures, tables, traces", description=_REPORT, epilog=_EPILOG
    )
    _add_input(report)
    report.add_argument(
        "-o", "--output", metavar="FILE", action="append", type=_checked(_output), default=[], help="may be repeated"
    )
    table = commands.add_parser("table", help="print a table", description="Print a table.", epilog=_EPILOG)
    _add_input(table)
    table.add_argument(
        "--by",
        metavar="DIMENSION",
        nargs="+",
        choices=tuple(DIMENSIONS),
        help=f"add up by these: {', '.join(DIMENSIONS)}. Default: kernel and backend, or operator and backend",
    )
    table.add_argument("--top", metavar="N", type=_top, help="the first N rows (text: 30, else all)")
    form = table.add_mutually_exclusive_group()
    form.add_argument("--csv", dest="form", action="store_const", const="csv", help="as CSV")
    form.add_argument("--json", dest="form", action="store_const", const="json", help="as JSON, with totals and issues")
    table.set_defaults(form="text")
    compare = commands.add_parser(
        "compare",
        help="hold runs against a baseline",
        description="Compare runs. Without -o the text report goes to standard output.",
    )
    compare.add_argument("traces", metavar="RUN", nargs="+", help="the baseline, then one or more; as TRACE, or .xpb")
    compare.add_argument(
        "-o", "--output", metavar="FILE", action="append", type=_checked(_comparison_output), default=[],
        help="page (.html), picture (.png, .svg), tables (.xlsx), kernels (.csv), text (.txt), all of it (.xpb); may "
        "be repeated",
    )  # fmt: skip
    compare.add_argument("--title", metavar="TEXT", action="append", default=[], help="once for each run")
    _add_reading(compare)
    compare.add_argument(
        "--within",
        metavar="LIMIT",
        type=_checked(_limit),
        help="exit with 1 if a step is slower than the baseline's by more than this, and by more than noise: "
        "5%% or 200us",
    )
    compare.add_argument(
        "--allow", metavar="CODE", action="append", default=[],
        help="check --within in spite of this error, such as other-model or set-aside-steps; may be repeated",
    )  # fmt: skip
    _add_redaction(compare)
    compare.add_argument("--quiet", action="store_true", help="no notes and no progress on standard error")
    share = commands.add_parser(
        "share",
        help="make a notebook ready to send",
        description="Write a copy of a saved notebook that is ready to send.",
    )
    share.add_argument("notebook", metavar="NOTEBOOK", help="as it was saved; it is not changed")
    share.add_argument("-o", "--output", metavar="OUT", help="default: NAME-shared.ipynb beside it")
    _add_redaction(share)
    return made


class _Parser(argparse.ArgumentParser):
    """Also of the subcommands."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            allow_abbrev=False,  # an abbreviation would change its meaning when options are added
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **options,
        )


def _add_input(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "traces",
        metavar="TRACE",
        nargs="+",
        help="trace file, folder or glob, several are the ranks of one run; or one saved breakdown (.xpb)",
    )
    command.add_argument("--title", metavar="TEXT", default="", help="what to call it")
    _add_reading(command)
    command.add_argument(
        "--fail-if",
        metavar="CONDITION",
        type=_checked(read_gate),
        action="append",
        default=[],
        help="exit with 1 if it is true: 'backend=cpu > 5%%' (of the selected device time, or host time on a CPU), "
        "'phase=decode > 2ms'; signs: > >= < <=; may be repeated",
    )
    _add_redaction(command)
    command.add_argument("--quiet", action="store_true", help="no notes and no progress on standard error")


def _add_reading(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--select",
        metavar="CLAUSES",
        type=_checked(read_clauses),
        action="append",
        default=[],
        help="look at a part: 'phase=decode,layer=0:4,backend=cpu|triton'; may be repeated",
    )
    command.add_argument(
        "--allow-missing",
        action="store_true",
        help="conditions hold for names, layers and steps that the profile lacks, too; without, they exit with 2",
    )
    command.add_argument("--rules", metavar="FILE", type=Path, help="classification rules of your own, TOML")


def _add_redaction(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--no-redact", dest="redact", action="store_false", help="keep names of people, hosts and places"
    )


def _checked(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        try:
            return read(text)
        except XpubreakError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def _output(text: str) -> Path:
    writer_of(text)
    return Path(text)


def _comparison_output(text: str) -> Path:
    writer_of(text, EITHER)
    return Path(text)


def _limit(text: str) -> str:
    read_limit(text)
    return text


def _top(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1 << 40:
        raise argparse.ArgumentTypeError(f"{text!r} is no count of at least 1")
    return int(text)


def selected(several: list[Selection]) -> Selection:
    """Put the selections of a line together."""
    whole = Selection()
    for one in several:
        whole = whole & one
    return whole
