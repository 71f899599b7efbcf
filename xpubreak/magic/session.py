"""One run of ``%%xpu_breakdown``: record, show the cell's value, read the trace, show the breakdown."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from xpubreak.breakdown import display as hooks
from xpubreak.capture.engines import Engine, engines_elsewhere, explain_elsewhere, find_engines
from xpubreak.capture.interrupts import INTERRUPTS
from xpubreak.capture.names import names_used
from xpubreak.capture.spans import without_unused_compiled
from xpubreak.capture.vllm.window import DEFAULT_STEPS, Window
from xpubreak.errors import CaptureError, Issue, XpubreakError
from xpubreak.magic.arguments import BreakdownOptions, TraceOptions
from xpubreak.magic.baseline import compared, find_baseline
from xpubreak.magic.cell import Cell
from xpubreak.magic.overhead import Overhead, Stopwatch, compare
from xpubreak.magic.progress import Progress
from xpubreak.magic.targets import choose_engines
from xpubreak.profiled import Profile

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.compare.comparison import Comparison

NESTED = "%%xpu_breakdown cannot run inside another one: there is one profiler in a process."
_SLOW_BYTES = 20_000_000  # read in half a second


class CellSession:
    """Runs a cell as the line of its magic says; `run`, or `run_async` for one that awaits.

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
        Before anything has run: nothing can be recorded, an option fits nothing, or there is no room.
    """

    _is_active = False  # in this process, since the profiler is the process's

    def __init__(self, shell: InteractiveShell, options: BreakdownOptions, cell: Cell) -> None:
        self._shell = shell
        self._options = options
        self.cell = cell
        self._baseline = find_baseline(options.compare, shell.user_ns) if options.compare else None
        engines = {} if options.server else choose_engines(options.llm, cell.codes, shell.user_ns)
        window = self._window(bool(engines or options.server))
        self._recorded = {id(engine) for engine in engines.values()}  # not the engines: a cell may delete them
        target: Any = options.server or engines or None
        self._progress = Progress(
            shell,
            options.server or ", ".join(engines),
            is_shown=options.show and not options.quiet,
            from_bytes=0 if target else _SLOW_BYTES,
        )
        self._plain, self._profiled = Stopwatch(), Stopwatch()
        self._profile = Profile(
            device=options.device,
            stacks=options.stacks,
            shapes=options.shapes,
            modules="auto" if options.modules else None,
            title=options.title or f"In [{shell.displayhook.prompt_count}]",
            save=options.save,
            namespace=without_unused_compiled(shell.user_ns, names_used(cell.codes, shell.user_ns)),
            llm=target,
            window=window,
            trace_dir=options.trace_dir,
            force=options.force,
            on_progress=self._progress,
        )
        self._has_rehearsed = False
        self._runs = 0  # begun, which are fewer than asked for where one fails
        self.value: Any = None

    def run(self) -> None:
        """Run the cell as often as asked for, recorded and not."""
        __tracebackhide__ = True  # IPython leaves frames with this name out of tracebacks
        with _Alone(self._progress):
            for watch in self._rehearsals():
                with watch:
                    self.cell.run(self._shell)
            with self:
                for run in range(1, self._options.repeat + 1):
                    self._runs = run
                    with self._profiled:
                        self.value = self.cell.run(self._shell)

    async def run_async(self) -> None:
        """As `run`, in the running event loop."""
        __tracebackhide__ = True
        with _Alone(self._progress):
            for watch in self._rehearsals():
                with watch:
                    await self.cell.run_async(self._shell)
            async with self:
                for run in range(1, self._options.repeat + 1):
                    self._runs = run
                    with self._profiled:
                        self.value = await self.cell.run_async(self._shell)

    def __enter__(self) -> CellSession:
        try:
            self._profile.recording.__enter__()
        except CaptureError as error:
            raise UsageError(self._refusal(error)) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        failure = None
        try:
            self._profile.recording.__exit__(kind, error, trace)
        except BaseException as caught:  # noqa: BLE001 - raised again
            failure = caught
        self._conclude(error, failure)

    async def __aenter__(self) -> CellSession:
        try:
            await self._profile.recording.__aenter__()
        except CaptureError as error:
            raise UsageError(self._refusal(error)) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        failure = None
        try:
            await self._profile.recording.__aexit__(kind, error, trace)
        except BaseException as caught:  # noqa: BLE001 - raised again
            failure = caught
        self._conclude(error, failure)

    def _window(self, has_steps: bool) -> Window:
        options = self._options
        if not has_steps:
            if options.has_window:
                raise UsageError(
                    "The cell was not run. --steps and --max-steps count steps of a vLLM engine, and the cell names "
                    "none; --llm NAME says which one is meant."
                )
            return Window()
        if options.steps is not None:
            first, end = options.steps
            return Window(first, end - first)
        max_steps = DEFAULT_STEPS * options.repeat if options.max_steps is None else options.max_steps
        return Window(max_steps=max_steps or None)

    def _rehearsals(self) -> Iterator[Stopwatch]:
        """Runs that are not recorded: the warm-up, then the one that the overhead is measured against."""
        options = self._options
        if options.warmup or options.measure_overhead:
            self._check()
        for number in range(options.warmup):
            self._has_rehearsed = True
            self._progress(f"warming up, run {number + 1} of {options.warmup}")
            yield Stopwatch()
        if options.measure_overhead:
            self._has_rehearsed = True
            self._progress("running without the profiler")
            yield self._plain

    def _check(self) -> None:
        try:
            self._profile.recording.check()
        except CaptureError as error:
            raise UsageError(self._refusal(error)) from None

    def _refusal(self, error: CaptureError) -> str:
        return f"The cell was not {'recorded' if self._has_rehearsed else 'run'}. {error}"

    def _conclude(self, error: BaseException | None, failure: BaseException | None) -> None:
        """After the recording: the cell's value, then the breakdown of what there is, also after an interrupt."""
        __tracebackhide__ = True
        if error is None:
            self.cell.show(self.value)
        if failure is not None and not isinstance(failure, INTERRUPTS):
            if error is None:
                raise failure.with_traceback(None) from None  # what is inside of xpubreak is of no use to the user
            sys.stderr.write(f"xpubreak: no breakdown of the part that ran: {failure!r}\n")
            return
        try:
            self._show()
        except Exception as unread:
            if error is None and failure is None:
                raise
            # An exception follows, and is the one that counts.
            sys.stderr.write(f"xpubreak: no breakdown of the part that ran: {unread}\n")
        except INTERRUPTS as late:
            self._progress.say(f"xpubreak: {self._profile.rescue()}")
            failure = failure or late
        if failure is not None and error is None:  # else the cell has its exception already
            raise failure.with_traceback(None) from None

    def _show(self) -> None:
        __tracebackhide__ = True
        built = self._unrecorded(engines_elsewhere(self.cell.codes, self._shell.user_ns))
        if built and not self._recorded and not self._options.server:
            sys.stderr.write(f"xpubreak shows no breakdown of this cell. {_explain_built(built)}\n")
            return
        cost = compare(self._plain, self._profiled, self._profile.recording.switching_ns)
        issues = [cost.issue] if cost else []
        try:
            breakdown = self._profile.read(if_empty=self._causes(), issues=issues, extra=self._circumstances(cost))
        except XpubreakError as failure:
            if self._profile.is_read:  # it could only not be saved
                present(self._shell, self._profile.breakdown, self._options, self._progress)
            raise failure.with_traceback(None) from None
        comparison = None
        if self._baseline is not None:
            comparison = compared(self._baseline, str(self._options.compare), breakdown, self._options.into)
        present(self._shell, breakdown, self._options, self._progress, comparison)

    def _circumstances(self, cost: Overhead | None) -> dict[str, Any]:
        counts = {"warmup": self._options.warmup, "repeat": self._runs}
        return counts if cost is None else {**counts, "overhead": cost.ratio}

    def _causes(self) -> list[Issue]:
        """Engines elsewhere that the cell may have used in a way that its names do not tell: through a library, say."""
        hidden = self._unrecorded(engine for engine in find_engines(self._shell.user_ns) if not engine.is_in_process)
        return [Issue("engine-elsewhere", "error", explain_elsewhere(hidden))] if hidden else []

    def _unrecorded(self, engines: Iterable[Engine]) -> list[Engine]:
        return [engine for engine in engines if id(self._shell.user_ns[engine.variable]) not in self._recorded]


class _Alone:
    """While it is entered, no other cell is recorded; afterwards nothing is left of the progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __enter__(self) -> None:
        if CellSession._is_active:
            raise UsageError(NESTED)
        CellSession._is_active = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        CellSession._is_active = False
        is_interrupted = error is not None and not isinstance(error, Exception)
        self._progress.end(f"xpubreak was interrupted while {self._progress.stage}." if is_interrupted else "")


def _explain_built(engines: Iterable[Engine]) -> str:
    what = ", ".join(f"{engine.variable} ({engine.class_name})" for engine in engines)
    return (
        f"The work of {what} happens in another process, and an engine has to be there before its recording starts: "
        "build it in a cell of its own, above."
    )


def present(
    shell: InteractiveShell,
    breakdown: Breakdown,
    options: BreakdownOptions | TraceOptions,
    progress: Progress | None = None,
    comparison: Comparison | None = None,
) -> None:
    """Assign and show a breakdown, or what it is compared with, as the line of a magic asks."""
    if options.into is not None:
        shell.push({options.into: breakdown})
    if not options.show:
        return
    shown = breakdown if comparison is None else comparison
    if options.quiet:
        sys.stdout.write((shown.redacted() if options.redact else shown).report().rstrip("\n") + "\n")
    elif getattr(shell, "kernel", None) is None:
        (progress or Progress(shell)).end()
        display(shown)
    else:
        hook = "outputs_of" if comparison is None else "outputs_of_comparison"
        (progress or Progress(shell)).become(hooks.call(hook, shown, snapshot=options.snapshot, redact=options.redact))
