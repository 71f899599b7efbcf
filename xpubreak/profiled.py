"""A block of code that is profiled: joins capture and breakdown, which do not know each other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from xpubreak.errors import CaptureError, Issue, XpubreakError
from xpubreak.latest import load_breakdown, remember

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.capture.capture import Capture
    from xpubreak.capture.vllm.engine_capture import EngineCapture
    from xpubreak.capture.vllm.server_capture import ServerCapture
    from xpubreak.capture.vllm.window import Window


class Profile:
    """Profile a ``with`` block, or an ``async with`` block; `breakdown` is there when it has been left.

    Where the block raises, its exception passes through untouched, and the breakdown of what ran until then is made all
    the same; if that fails too, `failure` says why.

    Parameters
    ----------
    device
        ``"auto"`` (XPU before CUDA before CPU), ``"xpu"``, ``"cuda"`` or ``"cpu"``.
    stacks
        Record Python frames: several times the events, and a slower run.
    shapes
        Record the shapes of operator inputs.
    modules
        Modules whose forwards are told apart, for layers: ``"auto"`` takes the ``torch.nn.Module`` variables of
        `namespace`; modules by name, some modules, one module, or None.
    title
        For the header of the breakdown.
    save
        Keep the trace in this file; compressed where its name ends in ``.gz``.
    namespace
        Variables to look for modules in.
    llm
        vLLM engines to record instead of this process: one, some, some by name, or the URL of a server.
    window
        Which iterations of the engines to record; None takes the default of `Window`.
    trace_dir
        Where the server writes its traces; found out where it runs on this machine.
    force
        Record engines even where memory or disk will probably not suffice.
    on_progress
        Told the stage (``"capturing"``, ``"stopping"``, ``"collecting"``, ``"reading"``, ``"classifying"``), bytes done
        and bytes in all (None where that is not known).

    Attributes
    ----------
    recording
        What records underneath; who needs to act between the end of the recording and the reading of its trace
        enters it alone and calls `read` afterwards.
    failure
        Why there is no breakdown although the block was left; None otherwise.
    """

    def __init__(
        self,
        *,
        device: str = "auto",
        stacks: bool = False,
        shapes: bool = True,
        modules: str | Mapping[str, Any] | Iterable[Any] | None = "auto",
        title: str = "",
        save: str | Path | None = None,
        namespace: Mapping[str, Any] | None = None,
        llm: Any = None,
        window: Window | None = None,
        trace_dir: str | Path | None = None,
        force: bool = False,
        on_progress: Callable[[str, int, int | None], None] | None = None,
    ) -> None:
        # Imported late: `import xpubreak` stays light.
        from xpubreak.capture.capture import Capture  # noqa: PLC0415
        from xpubreak.capture.vllm.engine_capture import EngineCapture  # noqa: PLC0415
        from xpubreak.capture.vllm.server_capture import ServerCapture  # noqa: PLC0415

        self.recording: Capture | EngineCapture | ServerCapture
        if llm is None:
            self.recording = Capture(
                device, stacks=stacks, shapes=shapes, modules=modules, namespace=namespace, title=title
            )
        elif isinstance(llm, str):
            self.recording = ServerCapture(
                llm,
                trace_dir=trace_dir,
                window=window,
                on_progress=on_progress,
                force=force,
                device=device,
                stacks=stacks,
                shapes=shapes,
            )
        else:
            self.recording = EngineCapture(
                llm,
                device=device,
                stacks=stacks,
                shapes=shapes,
                modules=modules is not None,
                title=title,
                window=window,
                on_progress=on_progress,
                force=force,
            )
        self._on_progress = on_progress or (lambda _stage, _done_bytes, _total_bytes: None)
        self._stage = "reading"
        self._kept: tuple[Path, ...] = ()
        self._title = title
        self._save = save
        self._breakdown: Breakdown | None = None
        self.failure: XpubreakError | None = None

    @property
    def breakdown(self) -> Breakdown:
        """What was recorded.

        Raises
        ------
        CaptureError
            The block has not been left yet, or the recording could not be had.
        """
        if self._breakdown is None:
            raise self.failure or CaptureError("The breakdown is there when the `with` block has been left.")
        return self._breakdown

    @property
    def is_read(self) -> bool:
        """Whether there is a breakdown."""
        return self._breakdown is not None

    def __enter__(self) -> Profile:
        self.recording.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failure = None
        try:
            self.recording.__exit__(kind, error, trace)
        except BaseException as caught:  # noqa: BLE001 - raised again where it is not to be shown what there is
            failure = caught
        self._conclude(error, failure)

    async def __aenter__(self) -> Profile:
        await self.recording.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failure = None
        try:
            await self.recording.__aexit__(kind, error, trace)
        except BaseException as caught:  # noqa: BLE001 - as above
            failure = caught
        self._conclude(error, failure)

    def _conclude(self, error: BaseException | None, failure: BaseException | None) -> None:
        """Read what there is, also where the block or the end of the recording was interrupted."""
        from xpubreak.capture.interrupts import INTERRUPTS  # noqa: PLC0415

        if failure is not None and not isinstance(failure, INTERRUPTS):
            self.failure = (
                failure if isinstance(failure, XpubreakError) else CaptureError(f"It did not end: {failure!r}")
            )
            if error is None:
                raise failure
            return
        try:
            self.read()
        except XpubreakError as unread:
            self.failure = unread
            if error is None and failure is None:
                raise
        except INTERRUPTS as late:
            self.failure = CaptureError(self.rescue())
            sys.stderr.write(f"xpubreak: {self.failure}\n")
            failure = failure or late
        if failure is not None and error is None:  # else the user has their exception already
            raise failure

    def rescue(self) -> str:
        """After an interrupt: let the traces lie where they are, and say where and how to open them."""
        from xpubreak.capture.trace_folder import rescue  # noqa: PLC0415

        if self.is_read:
            return "Interrupted while it was shown; the breakdown is xb.last."
        try:
            return f"Interrupted while {self._stage}. {rescue(self._kept or self.recording.trace_paths)}"
        except CaptureError as absent:
            return f"Interrupted; there is no trace: {absent}"

    def read(
        self,
        *,
        if_empty: Iterable[Issue] = (),
        issues: Iterable[Issue] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> Breakdown:
        """Make the breakdown of what `recording` holds; `with` does it on leaving.

        Parameters
        ----------
        if_empty
            To be added to the issues of the breakdown if nothing was recorded: what may be the cause.
        issues
            To be added in any case.
        extra
            Merged into the ``"xpubreak"`` entry of every rank's ``metadata.extra``, where ``route`` is, too.

        Raises
        ------
        XpubreakError
            There is no trace, it cannot be read, or it could not be saved (then `breakdown` is there nevertheless).
        """
        from xpubreak import reading  # noqa: PLC0415

        recording = self.recording
        paths = recording.trace_paths
        unsaved = None
        if self._save is not None:
            try:
                kept = recording.keep(self._save)
                paths = paths if len(paths) > 1 else (kept,)
                self._kept = paths if len(paths) == 1 else ()
            except CaptureError as error:
                unsaved = error
        traces = reading.read_ranks(paths, self._tell)
        causes = if_empty if reading.is_empty(traces) else ()
        traces = reading.with_issues(traces, [*recording.issues, *issues, *causes])
        traces = reading.with_notes(
            traces, {**({"route": recording.route} if recording.route else {}), **(extra or {})}
        )
        self._tell("classifying", 0, reading.size_bytes(paths))
        self._breakdown = load_breakdown(traces[0] if len(traces) == 1 else traces, title=self._title or "profile")
        remember(self._breakdown)
        if unsaved is not None:
            raise unsaved
        return self._breakdown

    def _tell(self, stage: str, done_bytes: int, total_bytes: int | None) -> None:
        self._stage = stage
        self._on_progress(stage, done_bytes, total_bytes)
