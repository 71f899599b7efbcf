"""The recording of one engine: start, stop, and what its workers hand over."""

from __future__ import annotations

import contextlib
import re
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xpubreak.capture.vllm import worker_session
from xpubreak.capture.vllm.anatomy import Anatomy
from xpubreak.capture.vllm.arrival import arrived, is_complete
from xpubreak.capture.vllm.driver import Driver
from xpubreak.capture.vllm.plan import Plan, Yield
from xpubreak.capture.vllm.routes import SENTENCES, Route
from xpubreak.capture.vllm.worker_session import Reply
from xpubreak.capture.vllm.workers import Workers
from xpubreak.errors import CaptureError, Issue

_COMPILED = (
    "{variable} runs its model compiled: modules have no spans inside the graph, so that layers come from counting "
    "attention operators and from repeats. With enforce_eager=True every module has its name."
)
_STACKS = (
    "Python stacks were recorded: several times the events, slower steps, and workers that wait fill the trace "
    "(some 700,000 events per idle second)."
)


class EngineSession:
    """One engine, recorded by xpubreak itself in its workers.

    Parameters
    ----------
    variable
        What the user calls the engine.
    engine
        The engine, held weakly: it may be deleted meanwhile.
    anatomy, route
        Of the engine.
    plan
        What is asked for.
    record
        False where another engine of this process has the recorder already.
    """

    def __init__(
        self, variable: str, engine: Any, anatomy: Anatomy, route: Route, plan: Plan, *, record: bool = True
    ) -> None:
        self.variable = variable
        self.route = route
        self._engine = weakref.ref(engine)
        self._plan = plan
        self._record = record
        self._rank_count = anatomy.rank_count
        self._core_count = anatomy.core_count
        self._is_in_process = anatomy.is_in_process
        self._is_core_local = anatomy.is_core_local
        self._prefix = f"{plan.prefix}_{re.sub('[^A-Za-z0-9]+', '-', variable)}"
        self._is_started = False
        self._places: dict[str, str] = {}
        self.result = Yield()

    async def start(self, driver: Driver) -> None:
        """Begin.

        Raises
        ------
        CaptureError
            It does not start in one of the workers; then it runs in none.
        """
        workers = self._workers(driver)
        if self.route.by == "callables" and not self._is_in_process:
            await workers.check_import()
        self._is_started = True
        replies = await workers.start(self._options())
        self._places = {reply["position"]: f"{reply.get('file', '')} on {reply['host']}" for reply in replies}
        failed = [f"{reply['position']}: {reply['error']}" for reply in replies if reply["error"]]
        if failed:
            await self.abort(driver)
            raise CaptureError(f"The recording of {self.variable} does not start in worker {'; '.join(failed)}")
        self._note_start(replies)

    async def stop(self, driver: Driver) -> None:
        """End, and take what there is; what is missing becomes issues."""
        if not self._is_started:
            return
        if self._engine() is None:
            orphans = worker_session.stop_orphan(self._prefix) if self._is_in_process else []
            end = "the trace ends there" if orphans else "its trace went too"
            self._say("engine-gone", "error", f"{self.variable} was deleted while it was recorded; {end}.")
            if orphans:
                await self._collect(driver, orphans)
            return
        # A wait for another process may be interrupted: it ends the session all the same.
        self._is_started = self._is_in_process
        try:
            replies = await self._workers(driver).stop()
        except Exception as error:  # noqa: BLE001 - whatever a dying engine raises
            self._say("engine-failed", "error", f"{self.variable} failed before its recording ended: {error}")
            replies = []
        self._is_started = False
        await self._collect(driver, replies)

    @property
    def folder(self) -> Path:
        """Where its traces are written."""
        return self._plan.folder

    async def take(self, driver: Driver) -> None:
        """After an interrupt: end what nobody has asked to end yet, and take what is complete by now."""
        if self._is_started:
            await self.stop(driver)
        elif self._record:
            self._take([path for path in self._files() if is_complete(path)])

    @property
    def expected_count(self) -> int:
        """How many traces there should be."""
        return self._rank_count if self._record else 0

    async def abort(self, driver: Driver) -> None:
        """End without a trace; says nothing where that is not possible."""
        if self._is_started and self._engine() is not None:
            self._is_started = False
            with contextlib.suppress(Exception):
                await self._workers(driver).stop(keep=False)

    def _workers(self, driver: Driver) -> Workers:
        engine = self._engine()
        if engine is None:
            raise CaptureError(f"{self.variable} was deleted.")
        return Workers(engine, self.route.by, driver, is_core_local=self._is_core_local)

    def _options(self) -> dict[str, Any]:
        plan = self._plan
        return {
            "folder": str(plan.folder),
            "token": plan.token,
            "prefix": self._prefix,
            "route": self.route.name,
            "device": plan.device,
            "stacks": plan.stacks,
            "shapes": plan.shapes,
            "modules": plan.modules,
            "record": self._record,
            "first_step": plan.window.first_step,
            "max_steps": plan.window.max_steps,
            "title": plan.title,
        }

    def _note_start(self, replies: Sequence[Reply]) -> None:
        self._note_route()
        for code, severity, message in {tuple(issue) for reply in replies for issue in reply.get("issues", ())}:
            self._say(code, severity, message)
        self._note_compiled(replies)
        if self._plan.stacks and not self._is_in_process:
            self._say("stacks-cost", "info", _STACKS)

    def _note_route(self) -> None:
        beside = "" if self._is_in_process else "; what the notebook's own process computes is not part of it"
        self._say("vllm-route", "info", f"{self.variable} was recorded {SENTENCES[self.route.name]}{beside}.")

    def _note_compiled(self, replies: Sequence[Reply]) -> None:
        if any(reply.get("closed") for reply in replies):
            self._say("compiled-modules", "info", _COMPILED.format(variable=self.variable))

    async def _collect(self, driver: Driver, replies: Sequence[Reply]) -> None:
        reasons = {reply["position"]: reply["error"] for reply in replies if reply["error"]}
        total = sum(reply.get("bytes", 0) for reply in replies) or None
        self.result.switching_ns = max((reply.get("switching_ns", 0) for reply in replies), default=0)
        self._tell("collecting", 0, total)
        for reply in replies:
            if reply.get("path") and not reply["shared"]:
                try:
                    await self._fetch(driver, reply)
                except Exception as error:  # noqa: BLE001 - this machine's disk is full, or the engine dies
                    reasons[reply["position"]] = self._unfetched(reply, error)
                    reply["path"] = ""
        if not self._record:
            return
        is_empty = bool(replies) and not reasons and not any(reply.get("path") for reply in replies)
        # Where a worker has failed, or has nothing to show, there is nothing to wait for.
        missing = sum(1 for reply in replies if not reply.get("path"))
        expected = 0 if is_empty or not replies else self._rank_count - missing
        complete, torn = await arrived(
            self._files,
            driver,
            expected=expected,
            timeout_seconds=self._plan.timeout_seconds,
            tell=lambda done: self._tell("collecting", done, total),
        )
        self._take(complete)
        self._note_steps(replies, is_empty=is_empty)
        if not is_empty:
            idle = [reply["position"] for reply in replies if not (reply.get("path") or reply["position"] in reasons)]
            self._note_missing(reasons, torn, idle)

    async def _fetch(self, driver: Driver, reply: Reply) -> None:
        """Bring a trace over from a machine that does not share our folder."""
        workers, offset = self._workers(driver), 0
        part = self._plan.folder / f"{self._prefix}_{reply['position']}.part"
        try:
            with part.open("wb") as file:
                while piece := await workers.read(reply["position"], offset):
                    offset += file.write(piece)
                    self._tell("collecting", offset, reply["bytes"])
        except OSError:
            part.unlink(missing_ok=True)
            raise
        if offset != reply["bytes"]:
            part.unlink(missing_ok=True)
            raise CaptureError(f"{offset:,} of {reply['bytes']:,} bytes came")
        part.replace(part.with_suffix(".json"))

    def _unfetched(self, reply: Reply, error: Exception) -> str:
        return (
            f"it could not be brought here, to {self._plan.folder}: {error}. It was written to {reply['path']} on "
            f"{reply['host']}, and stays there until the next recording: copy it from there."
        )

    def _take(self, complete: Sequence[Path]) -> None:
        self.result.traces = [(self._label(path), path) for path in complete]

    def _files(self) -> list[Path]:
        return sorted(self._plan.folder.glob(f"{self._prefix}_*.json"))

    def _label(self, path: Path) -> str:
        position = path.stem.removeprefix(f"{self._prefix}_")
        return position if self._core_count > 1 else position.removeprefix("dp0_")

    def _note_steps(self, replies: Sequence[Reply], *, is_empty: bool) -> None:
        seen = max((reply.get("seen", 0) for reply in replies), default=0)
        recorded = max((reply.get("steps", 0) for reply in replies), default=0)
        if is_empty:
            message = (
                f"{self.variable} ran {seen} steps, and recording was to begin at step {self._plan.window.first_step}: "
                "nothing was recorded."
            )
            self._say("window", "error", message)
        elif recorded < seen:
            self._say(
                "window", "info", f"{recorded} of {seen} steps of {self.variable} were recorded; --max-steps sets more."
            )
        elif not seen and replies:
            self._say("no-steps", "warning", f"{self.variable} ran no step while it was recorded.")

    def _note_missing(self, reasons: dict[str, str], torn: list[Path], idle: Sequence[str] = ()) -> None:
        found = len(self.result.traces)
        if idle:  # replicas go their own ways
            self._say("window", "info", f"{self.variable}: {', '.join(idle)} ran no step that was to be recorded.")
        for position, reason in reasons.items():
            self._say("missing-rank", "error", f"{self.variable}: no trace of {position}: {reason}")
        others = self._rank_count - found - len(reasons) - len(idle)
        if others > 0:
            torn_names = f"{', '.join(path.name for path in torn)} is incomplete" if torn else ""
            said = "; ".join(part for part in (torn_names, *self._lost([*reasons, *idle])) if part)
            self._say(
                "missing-rank",
                "error",
                f"{self.variable}: {others} of {self._rank_count} ranks left no trace{f' ({said})' if said else ''}.",
            )

    def _lost(self, explained: Sequence[str]) -> list[str]:
        """Where those were to write of which there is neither a trace nor a reason."""
        found = {path.stem.removeprefix(f"{self._prefix}_") for _, path in self.result.traces}
        silent = [position for position in self._places if position not in found and position not in explained]
        return [f"{position}, which was to write {self._places[position]}" for position in silent]

    def _say(self, code: str, severity: str, message: str) -> None:
        self.result.issues.append(Issue(code, severity, message))

    def _tell(self, stage: str, done_bytes: int, total_bytes: int | None) -> None:
        self._plan.on_progress(stage, done_bytes, total_bytes)
