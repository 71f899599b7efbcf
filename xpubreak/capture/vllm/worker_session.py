"""What happens in the processes of vLLM's workers while a session lasts.

The functions take a worker and plain values, and return plain values: they travel through vLLM's serialisation. They
never raise: with several workers only the first error would be read, and the other replies would be taken for those of
the next call. What went wrong is in the reply, under ``"error"``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xpubreak.capture.recorder import Recorder, is_profiling
from xpubreak.capture.runtime import import_torch
from xpubreak.capture.spans import ModuleSpans
from xpubreak.capture.stamp import STAMP_KEY, stamp
from xpubreak.capture.vllm.stepper import Stepper
from xpubreak.capture.vllm.tables import without_tables
from xpubreak.capture.vllm.unannotated import annotate_steps, replaced
from xpubreak.capture.vllm.window import Window
from xpubreak.capture.vllm.worker_parts import device_of, models_of, position_of
from xpubreak.errors import CaptureError

_SLOT = "_xpb_session"

Reply = dict[str, Any]

_live: dict[str, WorkerSession] = {}


class WorkerSession:
    """One session in one worker; `start` and `stop` below are its way in.

    Parameters
    ----------
    worker
        vLLM's worker.
    options
        Plain values, see `start`.
    """

    def __init__(self, worker: Any, options: dict[str, Any]) -> None:
        self._options = options
        self._torch = import_torch()
        self.device = device_of(self._torch, worker, options["device"])
        self._spans: ModuleSpans | None = None
        self._undo: list[Callable[[], None]] = []
        self._folder, self._is_shared = _folder(options["folder"], options["token"])
        self.position = position_of(worker)
        self.path = self._folder / f"{options['prefix']}_{self.position}.json"
        window = Window(options["first_step"], options["max_steps"])
        is_recording = options["record"]
        recorder = Recorder(self._torch, self.device, stacks=options["stacks"], shapes=options["shapes"])
        self._recorder = recorder if is_recording else None
        self.stepper = Stepper(self._torch, self._recorder, window, self._annotate) if options["steps"] else None

    def start(self, worker: Any) -> Reply:
        """Install what is needed; whatever fails leaves nothing behind."""
        hooked, closed = 0, 0
        try:
            if self._options["modules"]:
                roots, shut = models_of(worker)
                self._spans = ModuleSpans(self._torch, roots, shut)
                hooked, closed = self._spans.install(), len(shut)
            if self.stepper is not None:
                self._undo.append(replaced(worker, "profiler", self.stepper))
                if not hasattr(worker, "annotate_profile"):
                    self._undo.append(annotate_steps(worker, self.stepper))
                self.stepper.begin()
            else:
                self._join_own_profiler(worker)
        except BaseException:
            self._restore()
            raise
        issues = [[issue.code, issue.severity, issue.message] for issue in self.device.issues]
        _live[self._options["prefix"]] = self
        about = {"hooked": hooked, "closed": closed, "device": self.device.name, "issues": issues}
        return {**about, "file": str(self.path)}

    def stop(self, *, keep: bool) -> Reply:
        """Undo it, and write the trace."""
        _live.pop(self._options["prefix"], None)
        stepper = self.stepper
        try:
            if stepper is not None:
                stepper.finish()
        finally:
            self._restore()
        reply: Reply = {"path": "", "bytes": 0, "shared": self._is_shared}
        if stepper is not None:
            reply |= {"steps": stepper.steps_recorded, "seen": stepper.steps_seen, "error": stepper.failure}
            reply["switching_ns"] = stepper.switching_ns
        if keep and self._recorder is not None and stepper is not None and stepper.has_recorded:
            # A reader that waits for the name never sees half a file.
            part = self.path.with_suffix(".part")
            try:
                self._recorder.export(part)
                part.replace(self.path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
            reply |= {"path": str(self.path), "bytes": self.path.stat().st_size}
        return reply

    def forget(self) -> None:
        """Remove the trace where nobody else sees its folder."""
        if not self._is_shared:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _restore(self) -> None:
        if self._spans is not None:
            self._spans.remove()
        while self._undo:
            self._undo.pop()()

    def _annotate(self) -> None:
        """Write the stamp, shortly before the recording ends."""
        if self._spans is not None:
            self._spans.remove()  # ends open spans while they are still recorded
        if self._recorder is not None:
            self._recorder.annotate(STAMP_KEY, self._stamp())

    def _join_own_profiler(self, worker: Any) -> None:
        """Write the stamp into what vLLM's own profiler records, and spare the cell its tables."""
        profiler = getattr(worker, "profiler", None)
        if profiler is not None:
            without_tables(profiler)
        if is_profiling(self._torch):
            with contextlib.suppress(Exception):  # it may be another than Kineto
                self._torch.autograd._add_metadata_json(STAMP_KEY, self._stamp())

    def _stamp(self) -> str:
        """The versions and operators of this process, not of the notebook's."""
        options = self._options
        return stamp(
            self._torch,
            title=options["title"],
            route=options["route"],
            device=self.device.name,
            requested_device=options["device"],
            stacks=options["stacks"],
            shapes=options["shapes"],
        )


def start(
    worker: Any,
    *,
    folder: str,
    token: str,
    prefix: str,
    route: str,
    device: str = "auto",
    stacks: bool = False,
    shapes: bool = True,
    modules: bool = True,
    steps: bool = True,
    record: bool = True,
    first_step: int | None = None,
    max_steps: int | None = None,
    title: str = "",
) -> Reply:
    """Begin a session in this worker.

    Parameters
    ----------
    worker
        vLLM's worker, or what wraps it.
    folder, token
        Where to write, and the name of a file that is there if this process sees the same folder as the notebook's.
    prefix
        Of the trace's name; unique.
    route
        For the stamp.
    device, stacks, shapes, modules, title
        As for `xpubreak.capture.capture.Capture`.
    steps
        Follow the engine's iterations; False where vLLM's own profiler does.
    record
        Record; False where another session of the same process does.
    first_step, max_steps
        The window.
    """
    options = {name: value for name, value in locals().items() if name != "worker"}
    inner = _inner(worker)
    reply = _about(inner)
    try:
        stale = inner.__dict__.pop(_SLOT, None)
        if stale is not None:  # of a kernel that was interrupted too hard to end it
            with contextlib.suppress(Exception):
                stale.stop(keep=False)
        active = getattr(inner, "profiler", None)
        if steps and active is not None and getattr(active, "_active", getattr(active, "is_running", False)):
            raise CaptureError("vLLM's own profiler is active in it; call stop_profile() of the engine first.")
        session = WorkerSession(inner, options)
        reply |= session.start(inner)
        inner.__dict__[_SLOT] = session
    except BaseException as error:  # noqa: BLE001 - see above; a worker is no place to be interrupted either
        reply["error"] = _text(error)
    return reply


def stop(worker: Any, *, keep: bool = True) -> Reply:
    """End the session of this worker, if there is one: hooks away, profiler off, trace written if it is to be kept."""
    inner = _inner(worker)
    reply = _about(inner)
    session = inner.__dict__.get(_SLOT)
    try:
        if session is not None:
            inner.__dict__.pop(_SLOT)
            reply |= session.stop(keep=keep)
            if keep and not reply["shared"]:
                inner.__dict__[_SLOT + "_unread"] = session
    except BaseException as error:  # noqa: BLE001 - see above
        reply["error"] = _text(error)
    return reply


def stop_orphan(prefix: str) -> list[Reply]:
    """End the session of a worker of this process that was deleted meanwhile; its trace ends there."""
    session = _live.get(prefix)
    if session is None:
        return []
    reply: Reply = {"position": session.position, "error": ""}
    try:
        reply |= session.stop(keep=True)
    except BaseException as error:  # noqa: BLE001 - as in `stop`
        reply["error"] = _text(error)
    return [reply]


def read(worker: Any, *, position: str, offset: int, size: int) -> bytes:
    """A piece of the trace, from the worker at that position, for a notebook that does not see its folder.

    An empty piece is the end; all others answer with nothing too. The end removes the trace.
    """
    inner = _inner(worker)
    session = inner.__dict__.get(_SLOT + "_unread")
    if session is None or position_of(inner) != position:
        return b""
    try:
        with session.path.open("rb") as file:
            file.seek(offset)
            piece: bytes = file.read(size)
    except OSError:
        piece = b""
    if not piece:
        inner.__dict__.pop(_SLOT + "_unread")
        session.forget()
    return piece


def _inner(worker: Any) -> Any:
    return getattr(worker, "__dict__", {}).get("worker") or worker  # WorkerWrapperBase holds the worker


def _about(worker: Any) -> Reply:
    return {"position": position_of(worker), "pid": os.getpid(), "host": socket.gethostname(), "error": ""}


def _folder(wanted: str, token: str) -> tuple[Path, bool]:
    folder = Path(wanted)
    if (folder / token).exists():
        return folder, True
    return Path(tempfile.mkdtemp(prefix="xpubreak-")), False  # a machine without that folder


def _text(error: BaseException) -> str:
    return str(error) if isinstance(error, CaptureError) else f"{type(error).__name__}: {error}"
