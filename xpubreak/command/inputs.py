"""What the command reads: traces, a saved breakdown, a saved comparison."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.load import load
from xpubreak.command.waiting import Waiting
from xpubreak.errors import XpubreakError

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison


def read(options: argparse.Namespace, traces: Sequence[str], title: str) -> Breakdown | Comparison:
    """Read what a line names.

    Parameters
    ----------
    options
        Of the line.
    traces
        Places of the ranks of one run, or of one saved file.
    title
        What to call it; empty for its own name.

    Raises
    ------
    XpubreakError
        It cannot be read, or other options do not go with it.
    """
    with _own_rules(options), Waiting(f"reading {', '.join(traces)}", is_shown=not options.quiet):
        saved = [path for path in traces if Path(path).suffix.lower() == ".xpb"]
        if not saved:
            return load(traces[0] if len(traces) == 1 else list(traces), title=title or None)
        if len(traces) > 1:
            raise XpubreakError(f"{saved[0]} is a saved breakdown: give it alone, or give the traces.")
        if options.rules is not None:
            raise XpubreakError(f"--rules: {saved[0]} was classified when it was made; give the trace instead.")
        return _saved(saved[0], title)


def read_run(options: argparse.Namespace, traces: Sequence[str], title: str) -> Breakdown:
    """As `read`, where only a single run will do."""
    found = read(options, traces, title)
    if not isinstance(found, Breakdown):
        raise XpubreakError(f"{traces[0]} is a saved comparison: give one of its runs, or see it with xpubreak report.")
    return found


def _saved(path: str, title: str) -> Breakdown | Comparison:
    from xpubreak.breakdown.compare.comparefile import open_any  # noqa: PLC0415 - pyarrow is only needed here

    found: Breakdown | Comparison = open_any(path)
    return Breakdown(found.tables, title, found.selection) if title and isinstance(found, Breakdown) else found


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
