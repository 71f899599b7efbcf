"""``xb.profile``: the magic without the magic. Joins capture and breakdown, which do not know each other."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from xpubreak.errors import CaptureError, Issue, XpubreakError

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.capture.capture import Capture

_latest: list[Breakdown] = []


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

    Attributes
    ----------
    recording
        The `Capture` underneath; who needs to act between the end of the recording and the reading of its trace
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
    ) -> None:
        from xpubreak.capture.capture import Capture  # noqa: PLC0415 - `import xpubreak` stays light

        self.recording: Capture = Capture(
            device, stacks=stacks, shapes=shapes, modules=modules, namespace=namespace, title=title
        )
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
        try:
            self.recording.__exit__(kind, error, trace)
            self.read()
        except XpubreakError as failure:
            self.failure = failure
            if error is None:
                raise

    async def __aenter__(self) -> Profile:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def read(self, *, if_empty: Iterable[Issue] = ()) -> Breakdown:
        """Make the breakdown of what `recording` holds; `with` does it on leaving.

        Parameters
        ----------
        if_empty
            To be added to the issues of the breakdown if nothing was recorded: what may be the cause.

        Raises
        ------
        XpubreakError
            There is no trace, it cannot be read, or it could not be saved (then `breakdown` is there nevertheless).
        """
        from xpubreak.trace import kineto  # noqa: PLC0415

        path = self.recording.trace_path
        unsaved = None
        if self._save is not None:
            try:
                path = self.recording.keep(self._save)
            except CaptureError as error:
                unsaved = error
        trace = kineto.read(path)
        known = self.recording.device.issues if self.recording.device else ()
        is_empty = not len(trace.spans) and not len(trace.activities)
        trace = replace(trace, issues=(*trace.issues, *known, *(if_empty if is_empty else ())))
        self._breakdown = load_breakdown(trace, title=self._title or "profile")
        remember(self._breakdown)
        if unsaved is not None:
            raise unsaved
        return self._breakdown


def profile(
    *,
    device: str = "auto",
    stacks: bool = False,
    shapes: bool = True,
    modules: str | Mapping[str, Any] | Iterable[Any] | None = "auto",
    title: str = "",
    save: str | Path | None = None,
) -> Profile:
    """Profile a block of code: ``with xb.profile() as p: …``, then ``p.breakdown``; ``async with`` works too.

    Parameters
    ----------
    device
        ``"auto"`` (XPU before CUDA before CPU), ``"xpu"``, ``"cuda"`` or ``"cpu"``.
    stacks
        Record Python frames: several times the events, and a slower run.
    shapes
        Record the shapes of operator inputs.
    modules
        Modules whose forwards are told apart, for layers: ``"auto"`` takes the ``torch.nn.Module`` variables of the
        caller; modules by name, some modules, one module, or None.
    title
        For the header of the breakdown.
    save
        Keep the trace in this file; compressed where its name ends in ``.gz``.

    Returns
    -------
    Profile
        To be entered; its `breakdown` is there afterwards, also where the block raised.

    Raises
    ------
    CaptureError
        On entering: torch or the device is missing, or another profiler is active. On leaving: the trace could not be
        written. Never in place of the block's own exception.
    """
    frame = inspect.currentframe()
    caller = frame.f_back if frame else None
    namespace = {**caller.f_globals, **caller.f_locals} if caller else {}
    return Profile(
        device=device, stacks=stacks, shapes=shapes, modules=modules, title=title, save=save, namespace=namespace
    )


def load_breakdown(source: Any, *, title: str | None = None) -> Breakdown:
    """Read what ``xb.load`` takes into a breakdown that can show itself."""
    import xpubreak  # noqa: PLC0415 - through the front door, which brings the views along

    return xpubreak.load(source, title=title)


def remember(breakdown: Breakdown) -> None:
    """Make a breakdown the latest one."""
    _latest[:] = [breakdown]


def latest() -> Breakdown | None:
    """The breakdown that was made last by a magic or `profile` in this process; None before the first."""
    return _latest[0] if _latest else None
