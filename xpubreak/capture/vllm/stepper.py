"""Stands where a vLLM worker keeps its profiler, and so hears of every iteration of the engine.

vLLM's ``Worker.annotate_profile`` asks it for a context around each iteration, named as vLLM names its steps; from that
come the step spans and the window. The surface is the one of ``vllm.profiler.wrapper.WorkerProfiler``.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

from xpubreak.capture.recorder import Recorder
from xpubreak.capture.vllm.window import Window

# With nothing scheduled, as the core's last call; the parentheses hold tokens or more, versions up to 0.13 have none.
_IDLE = re.compile(r"context_0\(.*generation_0\(|new_0_cached_0$")


class Stepper:
    """Starts and stops a recorder by the iterations of an engine, and names them.

    Parameters
    ----------
    torch
        The imported module.
    recorder
        Started and stopped here; None where another engine of this process records already.
    window
        Which iterations to record.
    before_stop
        Called while the recording still runs.

    Attributes
    ----------
    steps_seen, steps_recorded
        Iterations with work, so far.
    switching_ns
        How long starting and stopping has held up the iterations.
    failure
        What the recorder said when it could not be started or stopped within an iteration; empty where all went well.
    """

    is_running = True
    should_annotate = True
    has_cuda_graph_session = False

    def __init__(
        self, torch: ModuleType, recorder: Recorder | None, window: Window, before_stop: Callable[[], None]
    ) -> None:
        self._record_function = torch.profiler.record_function
        self._recorder = recorder
        self._window = window
        self._before_stop = before_stop
        self._is_recording = False
        self.has_recorded = False
        self.steps_seen = 0
        self.steps_recorded = 0
        self.switching_ns = 0
        self.failure = ""

    def begin(self) -> None:
        """Start the recording, unless it begins at a later step; raises what `Recorder.start` does."""
        if self._window.first_step is None:
            self._start()
        elif self._recorder is not None:
            self._recorder.prepare()

    def finish(self) -> None:
        """End the recording if it still runs; raises what `Recorder.stop` does."""
        if not self._is_recording:
            return
        self._is_recording = False
        try:
            self._before_stop()
        finally:
            if self._recorder is not None:
                self._recorder.stop()

    def annotate_context_manager(self, name: str) -> AbstractContextManager[Any]:
        """Called by vLLM before each iteration, with its name; what it returns encloses the iteration."""
        if _IDLE.search(name):
            return contextlib.nullcontext()
        step, self.steps_seen = self.steps_seen, self.steps_seen + 1
        try:
            self._follow_window(step)
        except Exception as error:  # noqa: BLE001 - the user's generation must go on
            self.failure = str(error)
        if not self._is_recording:
            return contextlib.nullcontext()
        self.steps_recorded += 1
        return self._record_function(name)

    def step(self) -> None:
        """Called by vLLM before each iteration; its name comes with the annotation."""

    def start(self, *_args: Any, **_options: Any) -> None:
        """The engine's own start, which is not to interfere."""

    def stop(self) -> None:
        """The engine's own stop, which is not to interfere."""

    def set_output_name(self, _name: str) -> None:
        """A name for the trace, which is not used."""

    def capture_cuda_graphs(self) -> AbstractContextManager[None]:
        """An observation of graph captures, which is not needed."""
        return contextlib.nullcontext()

    def shutdown(self) -> None:
        """The engine ends."""
        with contextlib.suppress(Exception):
            self.finish()

    def _follow_window(self, step: int) -> None:
        window = self._window
        begins = window.first_step is not None and not self.has_recorded and step >= window.first_step
        ends = self._is_recording and window.max_steps is not None and self.steps_recorded >= window.max_steps
        if not (begins or ends):
            return
        started_ns = time.perf_counter_ns()
        try:
            if begins:
                self._start()
            else:
                self.finish()
        finally:
            self.switching_ns += time.perf_counter_ns() - started_ns

    def _start(self) -> None:
        self.has_recorded = True  # also where it fails: it is not tried again at every step
        if self._recorder is not None:
            self._recorder.start()
        self._is_recording = True
