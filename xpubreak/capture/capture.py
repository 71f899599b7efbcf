"""Run something under the profiler and keep its trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from xpubreak.capture.devices import Device, choose
from xpubreak.capture.interrupts import INTERRUPTS, interrupts_later
from xpubreak.capture.recorder import ALREADY_ACTIVE, Recorder, is_profiling
from xpubreak.capture.runtime import import_torch
from xpubreak.capture.spans import ModuleSpans, find_roots
from xpubreak.capture.stamp import STAMP_KEY, operators, stamp
from xpubreak.capture.trace_folder import copy_trace, make_folder
from xpubreak.errors import CaptureError, Issue


class Capture:
    """Record everything that this process does with torch inside a ``with`` block.

    Parameters
    ----------
    device
        ``"auto"``, ``"xpu"``, ``"cuda"`` or ``"cpu"``.
    stacks
        Record Python frames: several times the events, and a slower run.
    shapes
        Record the shapes of operator inputs.
    modules
        Modules whose forwards become spans: ``"auto"`` finds them in `namespace`; a mapping of names to modules; some
        modules; or nothing.
    namespace
        Where ``"auto"`` looks for modules, e.g. the user's variables.
    title
        Stamped into the trace.

    Notes
    -----
    The exception of the body is never replaced: where the body raises and the trace cannot be had either, the latter
    is kept in `failure`. The trace lies in a private temporary folder that vanishes with this object; it is plain JSON,
    since compressing takes longer than reading it once.
    """

    def __init__(
        self,
        device: str = "auto",
        *,
        stacks: bool = False,
        shapes: bool = True,
        modules: str | Mapping[str, Any] | Iterable[Any] | None = "auto",
        namespace: Mapping[str, Any] | None = None,
        title: str = "",
    ) -> None:
        self._requested = device
        self._stacks = stacks
        self._shapes = shapes
        self._modules = modules
        self._namespace = namespace or {}
        self._title = title
        self._torch: ModuleType | None = None
        self._recorder: Recorder | None = None
        self._spans: ModuleSpans | None = None
        self._stamped = ("", -1)
        self.device: Device | None = None
        self.failure: CaptureError | None = None
        self._trace_path: Path | None = None

    @property
    def trace_path(self) -> Path:
        """The trace.

        Raises
        ------
        CaptureError
            There is none: the block was not left yet, or the trace could not be had.
        """
        if self._trace_path is None:
            raise self.failure or CaptureError("There is no trace before the `with` block has been left.")
        return self._trace_path

    @property
    def trace_paths(self) -> tuple[Path, ...]:
        """The trace, as the one of several that other recordings have; raises as `trace_path`."""
        return (self.trace_path,)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What a reader of the trace has to know."""
        return self.device.issues if self.device else ()

    @property
    def switching_ns(self) -> int:
        """How long starting and stopping has held up what was recorded: not at all, it happens outside."""
        return 0

    @property
    def route(self) -> str:
        """How vLLM engines were recorded; empty: whatever ran in this process was."""
        return ""

    def check(self) -> None:
        """Raise what entering would raise, as far as that can be told without starting anything."""
        torch = import_torch()
        choose(self._requested)
        if is_profiling(torch):
            raise CaptureError(ALREADY_ACTIVE)

    def __enter__(self) -> Capture:
        if self._recorder is not None:
            raise CaptureError("A Capture records once; make another one.")
        torch = self._torch = import_torch()
        self.device = choose(self._requested)
        recorder = Recorder(torch, self.device, stacks=self._stacks, shapes=self._shapes)
        spans = ModuleSpans(torch, *self._roots(torch))
        self._namespace = {}  # it may hold the user's tensors alive
        self._stamped = (self._stamp(torch), len(operators(torch)))
        try:
            spans.install()
            recorder.start()
        except BaseException:
            spans.remove()
            raise
        self._recorder, self._spans = recorder, spans
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._finish()
        except CaptureError as failure:
            self.failure = failure
            if error is None:
                raise
            failure.__context__ = None  # the user's own error is not part of this one
        except Exception as failure:  # a device that is lost
            if error is None:
                raise
            self.failure = CaptureError(f"The recording did not end in order: {failure}")
        except INTERRUPTS:
            if error is None:  # else the user has their exception already
                raise

    async def __aenter__(self) -> Capture:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def keep(self, path: str | Path) -> Path:
        """Copy the trace to a path of your own, compressed where its name ends in ``.gz``.

        Raises
        ------
        CaptureError
            It cannot be written there.
        """
        target = Path(path).expanduser()
        copy_trace(self.trace_path, target)
        return target

    def _finish(self) -> None:
        torch, recorder, spans = self._torch, self._recorder, self._spans
        if torch is None or recorder is None or spans is None:
            return
        try:
            spans.remove()  # ends the spans that an interrupt left open, while they are still recorded
        finally:
            try:
                text, count = self._stamped
                if len(operators(torch)) != count:  # the body has loaded a kernel library
                    text = self._stamp(torch)
                recorder.annotate(STAMP_KEY, text)
            finally:
                try:
                    recorder.stop()
                finally:  # what was recorded until an interrupt is kept
                    with interrupts_later():
                        self._export(recorder)

    def _export(self, recorder: Recorder) -> None:
        if not recorder.has_recording:
            return
        path = make_folder(self) / "trace.json"
        recorder.export(path)
        self._trace_path = path

    def _stamp(self, torch: ModuleType) -> str:
        device = self.device
        return stamp(
            torch,
            title=self._title,
            requested_device=self._requested,
            device=device.name if device else "",
            stacks=self._stacks,
            shapes=self._shapes,
        )

    def _roots(self, torch: ModuleType) -> tuple[dict[str, Any], set[int]]:
        modules = self._modules
        if modules is None:
            return {}, set()
        if isinstance(modules, str):
            if modules != "auto":
                raise CaptureError(f'modules={modules!r}: pass "auto", modules, or None.')
            return find_roots(torch, self._namespace)
        if isinstance(modules, torch.nn.Module):  # before it is taken for an iterable, as a Sequential is
            return {"": modules}, set()
        named = modules if isinstance(modules, Mapping) else {f"module{i}": part for i, part in enumerate(modules)}
        for name, module in named.items():
            if not isinstance(module, torch.nn.Module):
                raise CaptureError(f"modules: {name} is a {type(module).__name__}, not a torch.nn.Module.")
        return dict(named), set()
