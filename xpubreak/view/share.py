"""Sharing a notebook file: ``%xpu_share`` and the command line say what this one returns."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from xpubreak.view.handout import Handout, prepare
from xpubreak.view.notebookfile import beside, read_notebook, saved_at, write_notebook

_WORTH_A_LINE_BYTES = 20_000


@dataclass(frozen=True)
class Written:
    """A handout in a file.

    Parameters
    ----------
    path
        Of the handout.
    source
        Of the notebook it was made from.
    saved
        When that was saved, by the clock.
    handout
        What it holds.
    """

    path: Path
    source: Path
    saved: str
    handout: Handout

    def report(self) -> str:
        """For people: sizes by cell, what was removed, what a reader will miss."""
        made = self.handout
        lines = [
            f"{self.path}: {megabytes(made.after_bytes)}, from {self.source.name} as saved at {self.saved} "
            f"({megabytes(made.before_bytes)})"
        ]
        for cell in made.cells:
            if not cell.holds and cell.before_bytes < _WORTH_A_LINE_BYTES:
                continue
            sizes = f"{megabytes(cell.before_bytes)} → {megabytes(cell.after_bytes)}"
            lines.append(f"  {cell.label:<9} {sizes:<20} {' and '.join(cell.holds) or 'other outputs'}")
        if made.models:
            lines.append(f"  state of {made.models} widget models removed")
        if made.redacted:
            lines.append(f"  left out of what cells printed: {made.redacted}; --no-redact keeps it")
        lines += [f"  ! {problem}" for problem in made.problems]
        return "\n".join(lines) + "\n"


def share(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str] | None = None,
    *,
    redact: bool = True,
) -> Written:
    """Write a notebook that is ready to send beside the one that was saved; that one stays as it is.

    Parameters
    ----------
    source
        The notebook.
    target
        Where to; else ``NAME-shared.ipynb`` beside it.
    redact
        Shorten what cells printed where it names people, hosts and places.

    Raises
    ------
    XpubreakError
        The source is no notebook, or the target is the source or cannot be written.
    """
    origin = Path(source).expanduser()
    made = prepare(read_notebook(origin), redact=redact)
    path = write_notebook(made.notebook, beside(origin) if target is None else target, origin)
    return Written(path, origin, saved_at(origin), made)


def megabytes(size_bytes: int) -> str:
    """A size for people."""
    return f"{size_bytes / 1e6:.2f} MB" if size_bytes >= 100_000 else f"{size_bytes / 1e3:.1f} kB"
