"""The command itself: read, select, write, judge."""

from __future__ import annotations

import argparse
import os
import traceback
from collections.abc import Sequence

from xpubreak.breakdown import display
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.command.arguments import parser, selected
from xpubreak.command.comparing import compare_runs, report_saved
from xpubreak.command.inputs import read, read_run
from xpubreak.command.missing import check_there
from xpubreak.command.report import writer_of
from xpubreak.command.streams import hint, note, open_streams, settle, show
from xpubreak.command.table import table_text
from xpubreak.command.waiting import Waiting
from xpubreak.errors import XpubreakError

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        Those of the process by default.

    Returns
    -------
    int
        0 done, 1 a ``--fail-if`` is true, 2 wrong usage, unreadable input or a failure of its own, 130 interrupted.
        That nobody reads what is written does not change it: a pipe into ``head`` must not make a gate pass.
    """
    open_streams()
    try:
        return _guarded(arguments)
    finally:
        settle()


def _guarded(arguments: Sequence[str] | None) -> int:
    options = parser().parse_args(arguments)
    try:
        return DONE if _run(options) else FAILED
    except XpubreakError as error:
        note("error", str(error))
        return UNUSABLE
    except OSError as error:
        note("error", f"{error.filename or 'input'}: {error.strerror or error}")
        return UNUSABLE
    except KeyboardInterrupt:
        hint("\nxpubreak: interrupted; files are written whole or not at all\n")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - Python would exit with 1, which says that a gate is true
        if os.environ.get("XPUBREAK_DEBUG"):
            hint(traceback.format_exc())
        note("error", f"{type(error).__name__}: {error}. This is a bug of xpubreak; XPUBREAK_DEBUG=1 shows where.")
        return UNUSABLE


def _run(options: argparse.Namespace) -> bool:
    """Do what was asked; returns whether all gates pass."""
    if options.command == "share":
        show(display.call("share", options.notebook, options.output, redact=options.redact).report())
        return True
    if options.command == "compare":
        return compare_runs(options)
    found = (read if options.command == "report" else read_run)(options, options.traces, options.title)
    if not isinstance(found, Breakdown):
        report_saved(found, options)
        return True
    return _report(found, options)


def _report(bd: Breakdown, options: argparse.Namespace) -> bool:
    for issue in bd.issues:
        if issue.severity != "info" and not options.quiet:
            note(issue.severity, issue.message)
    asked = [(f"--fail-if {gate.text!r}", gate.selection) for gate in options.fail_if]
    check_there(bd, options, asked, is_judged=bool(asked))
    bd = bd.select(selected(options.select))
    verdicts = [gate.check(bd) for gate in options.fail_if]  # before redaction: names are as the user knows them
    if options.redact:
        if bd.redaction and not options.quiet:
            note("left out", f"{bd.redaction}; --no-redact keeps it")
        bd = bd.redacted()
    if options.command == "table":
        show(table_text(bd, options.by, options.form, options.top))
    elif not options.output:
        show(f"{bd.report()}\n")
    else:
        for path in options.output:
            with Waiting(f"writing {path}", is_shown=not options.quiet):
                writer_of(path)(bd, path)
    for verdict in verdicts:
        if verdict.is_true or not options.quiet:
            note("FAILED" if verdict.is_true else "passed", verdict.text)
    return not any(verdict.is_true for verdict in verdicts)
