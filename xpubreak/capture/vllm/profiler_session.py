"""The recording of an engine by vLLM's own profiler, with which the user has built it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xpubreak.capture.engines import held
from xpubreak.capture.interrupts import interrupts_later
from xpubreak.capture.vllm.anatomy import Anatomy
from xpubreak.capture.vllm.arrival import arrived, total_bytes
from xpubreak.capture.vllm.driver import Driver
from xpubreak.capture.vllm.engine_session import EngineSession
from xpubreak.capture.vllm.plan import Plan
from xpubreak.capture.vllm.profiler_costs import COSTS
from xpubreak.capture.vllm.routes import Route
from xpubreak.capture.vllm.tables import without_tables
from xpubreak.capture.vllm.versions import accepted
from xpubreak.capture.vllm.window import Window
from xpubreak.errors import CaptureError

_FRONT_END = ".async_llm."


class ProfilerSession(EngineSession):
    """One engine, recorded by its own ``start_profile`` and ``stop_profile``; parameters as for `EngineSession`.

    Where its workers can be called too, they get module spans and the stamp.
    """

    def __init__(
        self, variable: str, engine: Any, anatomy: Anatomy, route: Route, plan: Plan, *, record: bool = True
    ) -> None:
        super().__init__(variable, engine, anatomy, route, plan, record=record)
        self._folder = Path(anatomy.trace_folder)
        self._config = anatomy.profiler_config
        self._is_prefixed = False
        self._before: set[Path] = set()
        self._has_spans = False

    async def start(self, driver: Driver) -> None:
        """Begin; raises as `EngineSession.start`."""
        engine = self._engine()
        self._before = set(self._folder.glob("*.json*")) if self._folder.is_dir() else set()
        offered = {"profile_prefix": self._prefix, **self._bounds()}
        options = accepted(engine.start_profile, offered) if engine is not None else {}
        self._is_prefixed = "profile_prefix" in options
        self._is_started = True
        try:
            await driver.call(getattr(engine, "start_profile"), **options)  # noqa: B009 - it may be gone by now
        except Exception as error:
            # vLLM refuses a second session before it tells the workers; anything else may run in some of them.
            if type(error).__name__ == "ProfilerAlreadyActiveError":
                self._is_started = False
            await self.abort(driver)
            raise CaptureError(f"The profiler of {self.variable} does not start: {error}") from error
        except BaseException:
            await self.abort(driver)
            raise
        front = held(engine, "profiler")  # AsyncLLM's, of this process
        if front is not None:
            without_tables(front)
        await self._start_spans(driver)  # its profiler is made when it first starts
        self._note_route()
        self._note_costs(set(offered) - set(options))

    async def stop(self, driver: Driver) -> None:
        """End, and take what there is."""
        if not self._is_started:
            return
        engine = self._engine()
        if engine is None:
            self._say("engine-gone", "error", f"{self.variable} was deleted while it was recorded; its trace went too.")
            return
        expected = self._rank_count
        try:
            # Hooks first: an interrupt may end the wait for the profiler, which takes its time.
            await self._stop_spans(driver)
            # A wait for another process may be interrupted: it ends the session all the same.
            self._is_started = self._is_core_local
            with interrupts_later() if self._is_core_local else contextlib.nullcontext():
                await driver.call(engine.stop_profile)
        except Exception as error:  # noqa: BLE001 - whatever a dying engine raises
            self._say("engine-failed", "error", f"{self.variable} failed before its recording ended: {error}")
            expected = 0
        self._is_started = False
        if not self._folder.is_dir():
            self._note_unseen(list(self._places))
            return
        complete, torn = await arrived(
            self._files,
            driver,
            expected=expected,
            timeout_seconds=self._plan.timeout_seconds,
            tell=lambda done: self._tell("collecting", done, None),
        )
        self._tell("collecting", total_bytes(complete), total_bytes(complete))
        self._take(complete)
        elsewhere = [position for position, host in self._places.items() if host != socket.gethostname()]
        if len(complete) < expected and elsewhere and not torn:
            self._note_unseen(elsewhere)
        else:
            self._note_missing({}, torn)

    @property
    def folder(self) -> Path:
        """Where its traces are written: the user's own folder."""
        return self._folder

    async def take(self, driver: Driver) -> None:
        """As for `EngineSession`."""
        with contextlib.suppress(Exception):
            await self._stop_spans(driver)
        await super().take(driver)

    async def abort(self, driver: Driver) -> None:
        """End without looking for a trace."""
        engine = self._engine()
        if self._is_started and engine is not None:
            self._is_started = False
            with contextlib.suppress(Exception):
                await driver.call(engine.stop_profile)
        with contextlib.suppress(Exception):
            await self._stop_spans(driver)

    def _options(self) -> dict[str, Any]:
        return {**super()._options(), "steps": False, "record": False}

    async def _start_spans(self, driver: Driver) -> None:
        if not self.route.by:
            self._say("no-module-spans", "info", f"The workers of {self.variable} have no hooks on modules.")
            return
        workers = self._workers(driver)
        if self.route.by == "callables" and not self._is_in_process:
            await workers.check_import()
        self._has_spans = True
        replies = await workers.start(self._options())
        self._places = {reply["position"]: reply["host"] for reply in replies}
        failed = [str(reply["error"]) for reply in replies if reply["error"]]
        if failed:
            await self._stop_spans(driver)
            self._say("no-module-spans", "warning", f"Modules of {self.variable} have no spans: {failed[0]}")
        else:
            self._note_compiled(replies)

    async def _stop_spans(self, driver: Driver) -> None:
        if self._has_spans:
            self._has_spans = False
            await self._workers(driver).stop(keep=False)

    def _bounds(self) -> dict[str, int]:
        """The window in vLLM's words; nothing where the profiler_config has one and no other is asked for."""
        window, config = self._plan.window, self._config
        has_own = bool(getattr(config, "delay_iterations", 0) or getattr(config, "max_iterations", 0))
        if has_own and window == Window():
            return {}
        # With a delay of n the n-th iteration is the first that is recorded.
        delay = window.skipped_steps + 1 if window.skipped_steps else 0
        return {"delay_iterations": delay, "max_iterations": window.max_steps or 0}

    def _new(self) -> list[Path]:
        if self._is_prefixed:
            return sorted(self._folder.glob(f"{self._prefix}_*.json*"))
        return sorted(set(self._folder.glob("*.pt.trace.json*")) - self._before)

    def _files(self) -> list[Path]:
        return [path for path in self._new() if _FRONT_END not in path.name]

    def _take(self, complete: Sequence[Path]) -> None:
        self.result.traces = [(path.name, path) for path in complete]
        self.result.front_ends = [path for path in self._new() if _FRONT_END in path.name]

    def _note_unseen(self, positions: Sequence[str]) -> None:
        """Tell which ranks have written to a folder that is not seen from here, and what to do."""
        hosts = sorted({self._places[position] for position in positions})
        where = f" on {' and '.join(hosts)}" if hosts else ", on another machine perhaps"
        ranks = ", ".join(positions) or ("the worker" if self._rank_count == 1 else f"the {self._rank_count} workers")
        self._say(
            "folder-not-shared",
            "error",
            f"This process does not see what {ranks} of {self.variable} wrote to {self._folder}"
            f"{where}. Copy "
            f"{self._prefix if self._is_prefixed else ''}* from there and open them with xb.load([...]); or build the "
            "engine without a profiler_config, after %load_ext xpubreak: its traces are then brought here.",
        )

    def _lost(self, explained: Sequence[str]) -> list[str]:
        """Of no worker in particular: the names of vLLM's files do not tell which one wrote them."""
        hosts = " and ".join(sorted(set(self._places.values())))
        return [f"in {self._folder}{', by workers on ' if hosts else ''}{hosts}; their log says why"]

    def _note_costs(self, refused: set[str]) -> None:
        costs = [text for name, text in COSTS.items() if getattr(self._config, name, False)]
        if costs:
            message = f"The profiler_config of {self.variable} is respected, at its cost: {'; '.join(costs)}."
            self._say("profiler-config-cost", "info", message)
        config, plan = self._config, self._plan
        asked = {"torch_profiler_with_stack": plan.stacks, "torch_profiler_record_shapes": plan.shapes}
        fixed = [name for name, wanted in asked.items() if bool(getattr(config, name, wanted)) != wanted]
        if fixed:
            message = (
                f"{' and '.join(fixed)} of {self.variable}: its profiler_config counts, not what was asked for "
                "here. An engine built without one is recorded as asked."
            )
            self._say("profiler-config-options", "info", message)
        if refused & {"delay_iterations", "max_iterations"} and self._plan.window.max_steps is not None:
            self._say("window", "warning", f"This vLLM cannot limit the steps of {self.variable}: all were recorded.")
