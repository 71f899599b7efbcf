"""torch's profiler, with what one has to know about it in one place.

- Two sessions in one process crash it (torch 2.13: segmentation fault), so a second one is refused here. The flag of
  `torch.autograd` knows the calling thread only; the one in `torch.autograd.profiler` knows the process.
- The first session of a process initialises Kineto and CUPTI or PTI, which takes seconds and may swallow the first
  kernels: a throwaway session takes that blow.
- Without ``profile_all_threads`` operators on threads that the cell starts are lost (``model.generate`` in a thread
  beside a streamer is common).
- On CUDA every session pays some 2 ms at the first launch (measured on an H200), which the trace owns up to as an
  ``overhead`` event, ``Activity Buffer Request``.
- Kernels run behind the host: they are waited for before the recording starts, and before it ends.
- Kineto reports a failed write on standard error and otherwise succeeds: what it wrote is checked.
"""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

from xpubreak.capture.devices import Device
from xpubreak.capture.interrupts import interrupts_later
from xpubreak.capture.noise import without_progress_lines
from xpubreak.errors import CaptureError

ALREADY_ACTIVE = (
    "Another torch profiler is already active in this process, and there can be only one. Leave its `with` block or "
    "call its stop(); after a crash that left it on, restart the kernel."
)

_warmed_up: set[str] = set()


class Recorder:
    """One session of torch's profiler: `start`, `stop`, `export`.

    Parameters
    ----------
    torch
        The imported module.
    device
        What to record.
    stacks, shapes
        Whether to record Python frames and operator shapes.
    """

    def __init__(self, torch: ModuleType, device: Device, *, stacks: bool = False, shapes: bool = True) -> None:
        self._torch = torch
        self._device = device
        self._options = {"with_stack": stacks, "record_shapes": shapes}
        self._profiler: Any = None

    @property
    def has_recording(self) -> bool:
        """Whether there is something to export."""
        return self._profiler is not None

    def prepare(self) -> None:
        """Take the blow of a first session now, so that `start` comes quickly later; raises as `start`."""
        if is_profiling(self._torch):
            raise CaptureError(ALREADY_ACTIVE)
        if self._device.name not in _warmed_up:
            with without_progress_lines():
                self._warm_up()
            _warmed_up.add(self._device.name)

    def start(self) -> None:
        """Begin to record.

        Raises
        ------
        CaptureError
            Another profiler is active in this process, or the profiler does not start.
        """
        self.prepare()
        with without_progress_lines():
            profiler = self._make(**self._options)
            self._synchronise()
            _start(profiler)
            self._profiler = profiler

    def annotate(self, key: str, value_json: str) -> None:
        """Write a top-level key into the trace; only between start and stop."""
        self._profiler.add_metadata_json(key, value_json)

    def stop(self) -> None:
        """End the recording.

        Raises
        ------
        CaptureError
            The profiler does not stop in order.
        """
        with without_progress_lines():
            try:
                self._synchronise()
            finally:  # a device that failed, or a second interrupt, must not leave the profiler on
                with interrupts_later():
                    self._stop()

    def _stop(self) -> None:
        try:
            self._profiler.stop()
        except Exception as error:
            self._profiler = None
            raise CaptureError(f"torch's profiler does not stop: {error}") from error

    def export(self, path: Path) -> None:
        """Write the recording as a Chrome trace; possible once.

        Raises
        ------
        CaptureError
            The file is missing or incomplete afterwards.
        """
        profiler, self._profiler = self._profiler, None
        with without_progress_lines():
            try:
                profiler.export_chrome_trace(str(path))
            except Exception as error:
                raise CaptureError(f"The trace could not be written to {path}: {error}") from error
        if not _is_complete(path):
            free_mb = shutil.disk_usage(path.parent).free >> 20
            raise CaptureError(
                f"The trace could not be written completely to {path.parent}, where {free_mb:,} MB are free. Make room "
                "there or set TMPDIR to another folder; or record less: fewer steps, no stacks, no shapes."
            )

    def _make(self, **options: Any) -> Any:
        profiler = self._torch.profiler
        activities = [getattr(profiler.ProfilerActivity, name) for name in self._device.activities]
        return profiler.profile(activities=activities, experimental_config=_all_threads(self._torch), **options)

    def _synchronise(self) -> None:
        device: Any = getattr(self._torch, self._device.name, None)
        # A device that nobody has used yet has nothing to wait for; asking it would claim its memory.
        is_used = getattr(device, "is_initialized", None)
        if len(self._device.activities) > 1 and is_used is not None and is_used():
            device.synchronize()

    def _warm_up(self) -> None:
        throwaway = self._make()
        try:
            _start(throwaway)
            self._synchronise()
        finally:
            if is_profiling(self._torch):
                throwaway.stop()


def _start(profiler: Any) -> None:
    with warnings.catch_warnings():
        # torch 2.11 says at the first start what would be lost at a second one.
        warnings.filterwarnings("ignore", "Warning: Profiler clears events", UserWarning)
        try:
            profiler.start()
        except Exception as error:
            raise CaptureError(f"torch's profiler does not start: {error}") from error


def is_profiling(torch: ModuleType) -> bool:
    """Whether a torch profiler is active anywhere in this process."""
    in_process = getattr(torch.autograd.profiler, "_is_profiler_enabled", False)
    return bool(in_process) or bool(torch.autograd._profiler_enabled())


def _all_threads(torch: ModuleType) -> Any:
    make = getattr(torch._C._profiler, "_ExperimentalConfig", None)
    try:
        return None if make is None else make(profile_all_threads=True)
    except TypeError:  # older torch knows only the thread that starts the profiler
        return None


def _is_complete(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            size_bytes = file.seek(0, 2)
            file.seek(max(0, size_bytes - 64))
            return file.read().rstrip().endswith(b"}")
    except OSError:
        return False
