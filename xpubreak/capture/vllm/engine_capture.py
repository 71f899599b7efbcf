"""Record what vLLM engines do inside a ``with`` block, wherever their workers run."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xpubreak.capture.interrupts import INTERRUPTS
from xpubreak.capture.trace_folder import make_folder
from xpubreak.capture.vllm.anatomy import Anatomy
from xpubreak.capture.vllm.driver import Driver
from xpubreak.capture.vllm.engine_session import EngineSession
from xpubreak.capture.vllm.expected import engine_room, engine_workload, refuse_without_room
from xpubreak.capture.vllm.gathered import Gathered
from xpubreak.capture.vllm.named import named
from xpubreak.capture.vllm.plan import Plan, Progress, Teller
from xpubreak.capture.vllm.profiler_session import ProfilerSession
from xpubreak.capture.vllm.recording import Recording
from xpubreak.capture.vllm.routes import PROFILER_CONFIG, Route, choose_route
from xpubreak.capture.vllm.versions import loaded_version, version_issues
from xpubreak.capture.vllm.window import Window
from xpubreak.errors import CaptureError, Issue

_recording: set[int] = set()  # engines of this process that a capture holds at present


class EngineCapture(Recording):
    """Record one or several vLLM engines.

    Parameters
    ----------
    engines
        ``LLM``, ``LLMEngine`` or ``AsyncLLM`` objects: one, some, or some by the names of their variables. They are
        held weakly. An ``AsyncLLM`` needs ``async with``; the others take either.
    device
        ``"auto"``, ``"xpu"``, ``"cuda"`` or ``"cpu"``.
    stacks
        Record Python frames: several times the events, and workers that wait fill the trace.
    shapes
        Record the shapes of operator inputs.
    modules
        Make a span of every forward of a module.
    title
        Stamped into the traces.
    window
        Which iterations to record.
    on_progress
        Told the stage, ``"capturing"``, ``"stopping"`` or ``"collecting"``, bytes done and bytes in all (None where
        that is not known).
    timeout_seconds
        How long to wait for a rank whose trace does not grow.
    force
        Record even where memory or disk will probably not suffice.

    Attributes
    ----------
    failure
        Why there is no trace although the block was left; None otherwise.

    Notes
    -----
    The exception of the body is never replaced: where the body raises and no trace can be had either, the latter is
    kept in `failure`. How each engine is recorded is in `route` and in `issues`.
    """

    def __init__(
        self,
        engines: Any,
        *,
        device: str = "auto",
        stacks: bool = False,
        shapes: bool = True,
        modules: bool = True,
        title: str = "",
        window: Window | None = None,
        on_progress: Progress | None = None,
        timeout_seconds: float = 60.0,
        force: bool = False,
    ) -> None:
        self._engines = named(engines)
        self._force = force
        folder = make_folder(self)
        self._tell = Teller(on_progress)
        self._plan = Plan(
            folder,
            token=secrets.token_hex(8),
            prefix=f"xpb{secrets.token_hex(4)}",
            device=device,
            stacks=stacks,
            shapes=shapes,
            modules=modules,
            title=title,
            window=window or Window(),
            timeout_seconds=timeout_seconds,
            on_progress=self._tell,
        )
        self._sessions: list[EngineSession] = []
        self._held: set[int] = set()
        self._is_used = False
        self._found = Gathered()

    @property
    def route(self) -> str:
        """How the engines are recorded: names of `xpubreak.capture.vllm.routes`, joined by commas."""
        return ", ".join(dict.fromkeys(session.route.name for session in self._sessions))

    @property
    def trace_paths(self) -> tuple[Path, ...]:
        """One trace per rank.

        Raises
        ------
        CaptureError
            There is none: the block was not left yet, or no trace could be had.
        """
        if not self._found.traces:
            raise self.failure or CaptureError("There is no trace before the `with` block has been left.")
        return tuple(path for _, path in self._found.traces)

    @property
    def ranks(self) -> tuple[str, ...]:
        """What to call the traces, in the order of `trace_paths`."""
        return tuple(name for name, _ in self._found.traces)

    @property
    def switching_ns(self) -> int:
        """How long starting and stopping within the run, at the edges of the window, has held it up."""
        return max((session.result.switching_ns for session in self._sessions), default=0)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What a reader of the traces has to know."""
        return tuple(self._found.issues)

    def check(self) -> None:
        """Raise what entering would raise, as far as that can be told without starting anything."""
        self._check(self._engines)

    def __enter__(self) -> EngineCapture:
        coroutines = [name for name, engine in self._engines.items() if Anatomy(engine).is_async]
        if coroutines:
            raise CaptureError(
                f"The methods of {', '.join(coroutines)} are coroutines. Record it in a cell that awaits, or with "
                "`async with xb.profile(llm=...) as p:`."
            )
        return super().__enter__()

    async def _start(self, driver: Driver) -> None:
        if self._is_used:
            raise CaptureError("An EngineCapture records once; make another one.")
        self._is_used = True
        engines, self._engines = self._engines, {}
        ways = self._check(engines)
        self._found.issues += version_issues(loaded_version())
        self._make_sessions(engines, ways)
        try:
            self._mark_folder()
            for session in self._sessions:
                await session.start(driver)
            self._tell("capturing")  # an interrupt may come while it is shown, too
        except BaseException:
            await self._abort(driver)
            raise

    def _mark_folder(self) -> None:
        try:
            (self._plan.folder / self._plan.token).touch()
        except OSError as error:
            raise CaptureError(
                f"Nothing can be written to {self._plan.folder}: {error.strerror or error}. Make room there, or set "
                "TMPDIR to a folder with room."
            ) from error

    def _check(self, engines: Mapping[str, Any]) -> dict[str, tuple[Anatomy, Route]]:
        """Make sure that every engine can be recorded, and that there is room for it."""
        found = {name: _passable(name, engine) for name, engine in engines.items()}
        if not self._force:
            workloads = [
                (name, engine_workload(anatomy, route, self._plan)) for name, (anatomy, route) in found.items()
            ]
            refuse_without_room(workloads, engine_room(anatomy for anatomy, _ in found.values()))
        return found

    def _make_sessions(self, engines: Mapping[str, Any], ways: Mapping[str, tuple[Anatomy, Route]]) -> None:
        is_recorder_taken = False
        for name, engine in engines.items():
            anatomy, route = ways[name]
            kind = ProfilerSession if route.name == PROFILER_CONFIG else EngineSession
            self._sessions.append(kind(name, engine, anatomy, route, self._plan, record=not is_recorder_taken))
            # There is one profiler in a process: the first engine in it records the others, too.
            is_recorder_taken |= anatomy.is_in_process
        self._held = {id(engine) for engine in engines.values()}
        _recording.update(self._held)

    async def _leave(self, error: BaseException | None, driver: Driver) -> None:
        if not self._sessions or not self._held:
            return

        async def take(_interrupt: BaseException | None) -> None:
            self._found.settle()
            await driver.call_blocking(self._found.merge, self._plan.folder)

        await self._end(error, lambda: self._stop(driver), take)

    async def _stop(self, driver: Driver) -> BaseException | None:
        """End all sessions and take what they left; an interrupt ends every wait, and is returned."""
        interrupt: BaseException | None = None
        stage = ""
        try:
            try:
                self._tell("stopping")
            except INTERRUPTS as error:
                interrupt, stage = error, self._tell.stage
            for session in reversed(self._sessions):  # the one that has the recorder comes last
                try:
                    await session.stop(driver)
                except INTERRUPTS as error:
                    if interrupt is None:
                        interrupt, stage = error, self._tell.stage
                    await self._take(session, driver)
        except BaseException:
            await self._abort(driver)
            raise
        finally:
            self._release()
        self._found.take(self._sessions)
        if interrupt is not None:
            self._found.note_interrupt(stage, self._sessions)
        return interrupt

    async def _take(self, session: EngineSession, driver: Driver) -> None:
        try:
            await session.take(driver)
        except INTERRUPTS:  # another one, while a session is ended that nobody had asked to end before
            await session.abort(driver)
            await session.take(driver)  # now without a wait

    async def _abort(self, driver: Driver) -> None:
        try:
            for session in reversed(self._sessions):
                with contextlib.suppress(Exception):
                    await session.abort(driver)
        finally:
            self._release()

    def _release(self) -> None:
        _recording.difference_update(self._held)
        self._held = set()


def _passable(name: str, engine: Any) -> tuple[Anatomy, Route]:
    if id(engine) in _recording:
        raise CaptureError(f"{name} is being recorded already; there is one profiler in a worker.")
    anatomy = Anatomy(engine)
    route = choose_route(anatomy, name)
    if not route.name:
        raise CaptureError(route.obstacle)
    if anatomy.is_session_active:
        raise CaptureError(f"The profiler of {name} is active already; call its stop_profile() first.")
    return anatomy, route
