"""What a breakdown can become: views, pages, pictures, tables, traces, saved files.

Whatever is made to leave the machine is redacted first, unless told not to (`xpubreak.breakdown.redact`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from xpubreak.breakdown import display
from xpubreak.breakdown.redact import Redaction, redact
from xpubreak.breakdown.thismachine import own_names

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

Place = str | PathLike[str]


class Exports:
    """Part of `Breakdown`."""

    def explore(self, **options: Any) -> Any:
        """Open the linked explorer; needs a notebook."""
        return display.call("explore", self, **options)

    @cached_property
    def redaction(self) -> Redaction:
        """What of this may leave the machine, and what is left out then."""
        hosts, users = own_names()
        return redact(cast("Breakdown", self), hosts=hosts, users=users)

    def redacted(self) -> Breakdown:
        """Return the same without names of people, hosts and places; its issues say what was left out."""
        return self.redaction.breakdown

    def to_html(self, path: Place, *, redact: bool = True, **options: Any) -> Path:
        """Write a stand-alone HTML file that explores without a kernel or a network."""
        return self._written("to_html", path, redact, options)

    def to_image(self, path: Place, *, redact: bool = True, **options: Any) -> Path:
        """Write a picture, PNG or SVG."""
        return self._written("to_image", path, redact, options)

    def to_csv(self, path: Place, table: str | Sequence[str] | None = None, *, redact: bool = True) -> Path:
        """Write a table as CSV, for spreadsheets and other programs.

        Parameters
        ----------
        path
            Where to; gzipped where the name ends in ``.gz``.
        table
            ``"kernels"``, ``"ops"``, ``"steps"``, ``"issues"``, ``"summary"``; or one or more dimensions to add up by,
            as in `by`. By default, kernels, or operators where no device activity was recorded.
        redact
            Leave out names of people, hosts and places.

        Returns
        -------
        pathlib.Path
            The path.
        """
        from xpubreak.breakdown.spreadsheet import write_csv  # noqa: PLC0415

        return write_csv(leaving(self, path) if redact else cast("Breakdown", self), path, table)

    def to_excel(self, path: Place, *, redact: bool = True) -> Path:
        """Write an Excel file with a sheet for each of summary, backend, layer, kernels or operators, steps, issues.

        Parameters
        ----------
        path
            Where to; ``.xlsx``.
        redact
            Leave out names of people, hosts and places.

        Returns
        -------
        pathlib.Path
            The path.

        Raises
        ------
        XpubreakError
            Neither xlsxwriter nor openpyxl is installed: the ``excel`` extra brings one.
        """
        from xpubreak.breakdown.spreadsheet import engine, write_excel  # noqa: PLC0415

        engine()  # asked for first: nothing is to be said of a file that cannot be written
        return write_excel(leaving(self, path) if redact else cast("Breakdown", self), path)

    def to_perfetto(self, path: Place, *, redact: bool = True) -> Path:
        """Write a Chrome trace with backend, layer, phase and step of everything, for https://ui.perfetto.dev.

        Parameters
        ----------
        path
            Where to; gzipped where the name ends in ``.gz``, which Perfetto opens as well.
        redact
            Leave out names of people, hosts and places.

        Returns
        -------
        pathlib.Path
            The path.
        """
        from xpubreak.breakdown.perfetto import write  # noqa: PLC0415

        return write(leaving(self, path) if redact else cast("Breakdown", self), path)

    def to_speedscope(self, path: Place, *, redact: bool = True) -> Path:
        """Write call paths and their time for https://www.speedscope.app: by call, and by phase and layer.

        Parameters
        ----------
        path
            Where to; gzipped where the name ends in ``.gz``.
        redact
            Leave out names of people, hosts and places.

        Returns
        -------
        pathlib.Path
            The path.
        """
        from xpubreak.breakdown.speedscope import write  # noqa: PLC0415

        return write(leaving(self, path) if redact else cast("Breakdown", self), path)

    def save(self, path: Place, *, compress: bool = True, redact: bool = True) -> Path:
        """Write everything to one file, whole or not at all; ``xb.open`` reads it again.

        Parameters
        ----------
        path
            Where to; ``.xpb`` is the custom.
        compress
            Several times smaller. Without, columns are mapped into memory when it is opened.
        redact
            Leave out names of people, hosts and places; numbers stay as they are.

        Returns
        -------
        pathlib.Path
            The path.
        """
        from xpubreak.breakdown import store  # noqa: PLC0415 - pyarrow is only needed here

        return store.save(leaving(self, path) if redact else cast("Breakdown", self), path, compress=compress)

    def _ipython_display_(self) -> None:
        display.call("show", self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return display.call("mimebundle", self)

    def _written(self, hook: str, path: Place, is_redacted: bool, options: dict[str, Any]) -> Path:
        bd = cast("Breakdown", self)
        if is_redacted:
            bd = leaving(self, path)
            if options.get("title"):
                options = {**options, "title": self.redaction.texts.text(options["title"])}
        elif bd.tables.private is not None and not options.get("title"):
            is_redacted = True  # it was before
        written: Path = display.call(hook, bd, path, redacted=is_redacted, **options)
        return written


def leaving(bd: Exports, path: Place) -> Breakdown:
    """Return what may leave the machine, and say on standard output what was left out of it, if anything."""
    redaction = bd.redaction
    if redaction:
        # Not print: in a notebook as in a script one line, whatever the name of the file holds.
        sys.stdout.write(f"{Path(path).name}: left out {redaction}; redact=False keeps it.\n")
    return redaction.breakdown
