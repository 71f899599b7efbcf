"""One run of ``%%xpu_breakdown``: record, show the cell's value, read the trace, show the breakdown."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from xpubreak.capture.engines import engines_elsewhere, explain_elsewhere, find_engines
from xpubreak.capture.names import names_used
from xpubreak.capture.spans import without_unused_compiled
from xpubreak.errors import CaptureError, Issue, XpubreakError
from xpubreak.magic.arguments import BreakdownOptions, TraceOptions
from xpubreak.magic.cell import Cell
from xpubreak.profile import Profile

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

NESTED = "%%xpu_breakdown cannot run inside another one: there is one profiler in a process."


class CellSession:
    """Enter it, run the cell, put its value into `value`, leave it.

    The exception of the cell passes through, and nothing that goes wrong afterwards takes its place.

    Parameters
    ----------
    shell
        Of the user.
    options
        Of the magic's line.
    cell
        What will be run.

    Raises
    ------
    UsageError
        On entering, before anything has run: the cell uses an engine in another process, or nothing can be recorded.
    """

    _is_active = False  # in this process, since the profiler is the process's

    def __init__(self, shell: InteractiveShell, options: BreakdownOptions, cell: Cell) -> None:
        self._shell = shell
        self._options = options
        self.cell = cell
        self._profile = Profile(
            device=options.device,
            stacks=options.stacks,
            shapes=options.shapes,
            modules="auto" if options.modules else None,
            title=options.title or f"In [{shell.displayhook.prompt_count}]",
            save=options.save,
            namespace=without_unused_compiled(shell.user_ns, names_used(cell.codes, shell.user_ns)),
        )
        self.value: Any = None

    def __enter__(self) -> CellSession:
        if CellSession._is_active:
            raise UsageError(NESTED)
        elsewhere = engines_elsewhere(self.cell.codes, self._shell.user_ns)
        if elsewhere:
            raise UsageError(f"The cell was not run. {explain_elsewhere(elsewhere)}")
        try:
            self._profile.recording.__enter__()
        except CaptureError as error:
            raise UsageError(f"The cell was not run. {error}") from None
        CellSession._is_active = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        CellSession._is_active = False
        try:
            self._profile.recording.__exit__(kind, error, trace)
        finally:
            if error is None:
                self.cell.show(self.value)
        try:
            self._finish()
        except Exception as failure:
            if error is None:
                raise
            # The cell's own exception follows, and is the one that counts.
            sys.stderr.write(f"xpubreak: no breakdown of the part that ran: {failure}\n")

    def _finish(self) -> None:
        # An engine that the cell itself has built is known only now.
        elsewhere = engines_elsewhere(self.cell.codes, self._shell.user_ns)
        if elsewhere:
            sys.stderr.write(f"xpubreak shows no breakdown of this cell. {explain_elsewhere(elsewhere)}\n")
            return
        try:
            breakdown = self._profile.read(if_empty=self._causes())
        except XpubreakError:
            if self._profile.is_read:  # it could only not be saved
                present(self._shell, self._profile.breakdown, self._options)
            raise
        present(self._shell, breakdown, self._options)

    def _causes(self) -> list[Issue]:
        """Engines elsewhere that the cell may have used in a way that its names do not tell: through a library, say."""
        hidden = [engine for engine in find_engines(self._shell.user_ns) if not engine.is_in_process]
        return [Issue("engine-elsewhere", "error", explain_elsewhere(hidden))] if hidden else []


def present(shell: InteractiveShell, breakdown: Breakdown, options: BreakdownOptions | TraceOptions) -> None:
    """Assign and show a breakdown as the line of a magic asks."""
    if options.into is not None:
        shell.push({options.into: breakdown})
    if not options.show:
        return
    if options.quiet:
        sys.stdout.write(breakdown.report().rstrip("\n") + "\n")
    else:
        display(breakdown)
