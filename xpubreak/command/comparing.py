"""Comparisons on the command line: ``xpubreak compare``, and saved ones in ``xpubreak report``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xpubreak.command.arguments import selected
from xpubreak.command.inputs import read_run
from xpubreak.command.missing import check_there
from xpubreak.command.report import EITHER, writer_of
from xpubreak.command.streams import note, show
from xpubreak.command.waiting import Waiting
from xpubreak.errors import SlowerError, XpubreakError

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.compare.comparison import Comparison


def compare_runs(options: argparse.Namespace) -> bool:
    """Compare runs, write it, and judge it.

    Returns
    -------
    bool
        Whether no run is slower than ``--within`` allows.
    """
    from xpubreak.breakdown.compare.compare import compare  # noqa: PLC0415

    runs = []
    if options.allow and options.within is None:
        raise XpubreakError("--allow: it tells --within what to check in spite of, and there is no --within.")
    if options.title and len(options.title) != len(options.traces):
        raise XpubreakError(f"--title: {len(options.title)} titles for {len(options.traces)} runs; give one for each.")
    for place, title in zip(options.traces, options.title or [""] * len(options.traces), strict=True):
        whole = read_run(options, [place], title)
        check_there(whole, options, [], is_judged=options.within is not None)
        runs.append(whole.select(selected(options.select)))
        _warn(runs[-1], options)
    write_comparison(compare(*runs), options)
    # After the reports: runs that cannot be judged are an error, and the reports say why.
    slower = [] if options.within is None else _slower(runs, options.within, options.allow)
    for text in slower:
        note("FAILED", text)
    if options.within is not None and not slower and not options.quiet:
        note("passed", f"no run is slower than the baseline by more than {options.within}")
    return not slower


def report_saved(found: Comparison, options: argparse.Namespace) -> None:
    """Report a saved comparison.

    Raises
    ------
    XpubreakError
        Options are of a single run.
    """
    for name, given in (("--select", options.select), ("--fail-if", options.fail_if), ("--title", options.title)):
        if given:
            place = options.traces[0]
            raise XpubreakError(f"{name} is for a single run, {place} is a saved comparison: compare the runs again.")
    for run in found.runs:
        _warn(run, options)
    write_comparison(found, options)


def write_comparison(found: Comparison, options: argparse.Namespace) -> None:
    """Write a comparison to all files of a line, or to standard output."""
    writers = [writer_of(path, EITHER) for path in options.output]
    found = found.redacted() if options.redact else found
    if found.left_out and not options.quiet:
        note("left out", f"{found.left_out}; --no-redact keeps it")
    if not options.output:
        show(f"{found.report()}\n")
    for path, write in zip(options.output, writers, strict=True):
        with Waiting(f"writing {path}", is_shown=not options.quiet):
            write(found, path)


def _warn(run: Breakdown, options: argparse.Namespace) -> None:
    for issue in run.issues if not options.quiet else ():
        if issue.severity != "info":
            note(f"{issue.severity}: {run.title}", issue.message)


def _slower(runs: Sequence[Breakdown], limit: str, allow: Sequence[str]) -> list[str]:
    """What is said of the runs that are slower than the first one by more than a limit."""
    found = []
    for run in runs[1:]:
        try:
            run.assert_within(runs[0], limit, allow=allow)
        except SlowerError as error:
            found.append(str(error))
    return found
