"""The command itself: read, select, write, judge."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from xpubreak.breakdown import display
from xpubreak.breakdown.load import load
from xpubreak.breakdown.text import clip
from xpubreak.command.arguments import parser, selected
from xpubreak.command.comparing import write_comparison
from xpubreak.command.missing import missing, refuse_missing
from xpubreak.command.report import writer_of
from xpubreak.command.table import table_text
from xpubreak.command.waiting import Waiting
from xpubreak.errors import SlowerError, XpubreakError

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.selection import Selection

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
_LONGEST_NOTE = 600


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
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without these letters is no reason to fail
    options = parser().parse_args(arguments)
    try:
        return _run(options)
    except XpubreakError as error:
        _note("error", str(error))
        return UNUSABLE
    except BrokenPipeError:
        # Whoever read has read enough. Python flushes once more at exit, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        _note("error", f"{error.filename or 'input'}: {error.strerror or error}")
        return UNUSABLE
    except KeyboardInterrupt:
        sys.stderr.write("\nxpubreak: interrupted; files are written whole or not at all\n")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - Python would exit with 1, which says that a gate is true
        if os.environ.get("XPUBREAK_DEBUG"):
            traceback.print_exc()
        _note("error", f"{type(error).__name__}: {error}. This is a bug of xpubreak; XPUBREAK_DEBUG=1 shows where.")
        return UNUSABLE


def _run(options: argparse.Namespace) -> int:
    if options.command == "share":
        sys.stdout.write(display.call("share", options.notebook, options.output, redact=options.redact).report())
        return DONE
    if options.command == "compare":
        return _compare(options)
    with _own_rules(options), Waiting(f"reading {', '.join(options.traces)}", is_shown=not options.quiet):
        bd = _read(options)
    for issue in bd.issues:
        if issue.severity != "info" and not options.quiet:
            _note(issue.severity, issue.message)
    asked = [(f"--fail-if {gate.text!r}", gate.selection) for gate in options.fail_if]
    _check_there(bd, options, asked, is_judged=bool(asked))
    bd = bd.select(selected(options.select))
    verdicts = [gate.check(bd) for gate in options.fail_if]  # before redaction: names are as the user knows them
    if options.redact:
        if bd.redaction and not options.quiet:
            _note("left out", f"{bd.redaction}; --no-redact keeps it")
        bd = bd.redacted()
    if options.command == "table":
        sys.stdout.write(table_text(bd, options.by, options.form, options.top))
    elif not options.output:
        sys.stdout.write(f"{bd.report()}\n")
    else:
        for path in options.output:
            with Waiting(f"writing {path}", is_shown=not options.quiet):
                writer_of(path)(bd, path)
    sys.stdout.flush()
    for verdict in verdicts:
        if verdict.is_true or not options.quiet:
            _note("FAILED" if verdict.is_true else "passed", verdict.text)
    return FAILED if any(verdict.is_true for verdict in verdicts) else DONE


def _compare(options: argparse.Namespace) -> int:
    from xpubreak.breakdown.compare.compare import compare  # noqa: PLC0415

    runs = []
    if options.allow and options.within is None:
        raise XpubreakError("--allow: it tells --within what to check in spite of, and there is no --within.")
    if options.title and len(options.title) != len(options.traces):
        raise XpubreakError(f"--title: {len(options.title)} titles for {len(options.traces)} runs; give one for each.")
    for place, title in zip(options.traces, options.title or [""] * len(options.traces), strict=True):
        one = argparse.Namespace(traces=[place], title=title, rules=options.rules)
        with _own_rules(options), Waiting(f"reading {place}", is_shown=not options.quiet):
            whole = _read(one)
        _check_there(whole, options, [], is_judged=options.within is not None)
        runs.append(whole.select(selected(options.select)))
        for issue in runs[-1].issues:
            if issue.severity != "info" and not options.quiet:
                _note(f"{issue.severity}: {runs[-1].title}", issue.message)
    found = compare(*runs)
    found = found.redacted() if options.redact else found
    if found.left_out and not options.quiet:
        _note("left out", f"{found.left_out}; --no-redact keeps it")
    if not options.output:
        sys.stdout.write(f"{found.report()}\n")
    for path in options.output:
        with Waiting(f"writing {path}", is_shown=not options.quiet):
            write_comparison(found, path)
    sys.stdout.flush()
    # After the reports: runs that cannot be judged are an error, and the reports say why.
    slower = [] if options.within is None else _slower(runs, options.within, options.allow)
    for text in slower:
        _note("FAILED", text)
    if options.within is not None and not slower and not options.quiet:
        _note("passed", f"no run is slower than the baseline by more than {options.within}")
    return FAILED if slower else DONE


def _check_there(
    bd: Breakdown, options: argparse.Namespace, asked: list[tuple[str, Selection]], *, is_judged: bool
) -> None:
    """Say which values match nothing: a warning, but where something is judged by them."""
    asked = [("--select", selected(options.select)), *asked]
    if is_judged and not options.allow_missing:
        refuse_missing(bd, asked)
    for _, selection in asked:
        for what in missing(bd, selection) if not options.quiet else ():
            _note("warning", f"{what} matches nothing in this profile")


def _slower(runs: Sequence[Breakdown], limit: str, allow: Sequence[str]) -> list[str]:
    """What is said of the runs that are slower than the first one by more than a limit."""
    found = []
    for run in runs[1:]:
        try:
            run.assert_within(runs[0], limit, allow=allow)
        except SlowerError as error:
            found.append(str(error))
    return found


def _read(options: argparse.Namespace) -> Breakdown:
    saved = [path for path in options.traces if Path(path).suffix.lower() == ".xpb"]
    if not saved:
        source = options.traces[0] if len(options.traces) == 1 else options.traces
        return load(source, title=options.title or None)
    if len(options.traces) > 1:
        raise XpubreakError(f"{saved[0]} is a saved breakdown: give it alone, or give the traces.")
    if options.rules is not None:
        raise XpubreakError(f"--rules: {saved[0]} was classified when it was made; give the trace instead.")
    from xpubreak.breakdown.store import open_saved  # noqa: PLC0415 - pyarrow is only needed here

    bd = open_saved(saved[0])
    return type(bd)(bd.tables, options.title, bd.selection) if options.title else bd


@contextmanager
def _own_rules(options: argparse.Namespace) -> Iterator[None]:
    """Rules of a file, for as long as the traces are read."""
    if options.rules is None:
        yield
        return
    from xpubreak.classify.rules import rules  # noqa: PLC0415

    with rules.kept():
        rules.load(options.rules)
        yield


def _note(what: str, text: str) -> None:
    sys.stderr.write(f"xpubreak: {what}: {clip(text, _LONGEST_NOTE)}\n")
