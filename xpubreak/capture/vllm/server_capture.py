"""Record what an OpenAI-compatible vLLM server does inside a ``with`` block, by its own profiler."""

from __future__ import annotations

import contextlib
import re
import secrets
from pathlib import Path
from typing import Any

from xpubreak.capture.interrupts import INTERRUPTS
from xpubreak.capture.trace_folder import make_folder, open_trace
from xpubreak.capture.vllm.arrival import arrived, is_complete, total_bytes
from xpubreak.capture.vllm.driver import Driver
from xpubreak.capture.vllm.expected import refuse_without_room, server_room, server_workload
from xpubreak.capture.vllm.front_end import MERGED, front_end_events, merge
from xpubreak.capture.vllm.http import BadAnswerError, Server
from xpubreak.capture.vllm.plan import Progress, Teller
from xpubreak.capture.vllm.recording import Recording
from xpubreak.capture.vllm.routes import SENTENCES, SERVER
from xpubreak.capture.vllm.server_facts import ServerFacts, facts_of
from xpubreak.capture.vllm.server_words import option_issues, refusal, unknown_folder
from xpubreak.capture.vllm.window import Window
from xpubreak.errors import CaptureError, Issue

_FRONT_END = ".async_llm."
_WORLD_SIZE = re.compile(r'"world_size"\s*:\s*(\d+)')


class ServerCapture(Recording):
    """Record a server; surface as `xpubreak.capture.vllm.engine_capture.EngineCapture`.

    Parameters
    ----------
    url
        Its address.
    trace_dir
        Where it writes its traces, as this process sees the folder; found out where it runs on this machine.
    window
        Which iterations to record.
    on_progress
        As for `EngineCapture`.
    timeout_seconds
        How long to wait for a trace that does not grow.
    force
        Record even where memory or disk will probably not suffice.
    device, stacks, shapes
        What was asked for. A server records as it was started: an issue tells where that is something else.

    Attributes
    ----------
    failure
        Why there is no trace although the block was left; None otherwise.
    """

    route = SERVER
    switching_ns = 0  # not known: the server does not say

    def __init__(
        self,
        url: str,
        *,
        trace_dir: str | Path | None = None,
        window: Window | None = None,
        on_progress: Progress | None = None,
        timeout_seconds: float = 60.0,
        force: bool = False,
        device: str = "auto",
        stacks: bool = False,
        shapes: bool = True,
    ) -> None:
        self._server = Server(url)
        self._facts = ServerFacts()
        self._asked: dict[str, Any] = {"device": device, "stacks": stacks, "shapes": shapes}
        self._force = force
        self._folder = None if trace_dir is None else Path(trace_dir).expanduser()
        self._window = window or Window()
        self._tell = Teller(on_progress)
        self._timeout_seconds = timeout_seconds
        self._prefix = f"xpb{secrets.token_hex(4)}"
        self._before: set[Path] = set()
        self._is_started = False
        self._private = make_folder(self)
        self._traces: list[Path] = []
        self._torn: list[Path] = []
        self._interrupted_while = ""
        self._issues: list[Issue] = []

    @property
    def trace_paths(self) -> tuple[Path, ...]:
        """One trace per rank; raises `CaptureError` where there is none."""
        if not self._traces:
            raise self.failure or CaptureError("There is no trace before the `with` block has been left.")
        return tuple(self._traces)

    @property
    def ranks(self) -> tuple[str, ...]:
        """What to call the traces."""
        return tuple(path.name for path in self._traces)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What a reader of the traces has to know."""
        return tuple(self._issues)

    @property
    def _ending(self) -> str:
        return f"POST {self._server.url}/stop_profile ends it"

    def check(self) -> None:
        """Raise what entering would raise, as far as that can be told without starting anything."""
        self._prepare()

    async def _start(self, driver: Driver) -> None:
        if self._is_started or self._traces or self.failure:
            raise CaptureError("A ServerCapture records once; make another one.")
        server = self._server
        folder = await driver.call_blocking(self._prepare)
        self._before = set(folder.glob("*.json*")) if folder.is_dir() else set()
        delay = self._window.skipped_steps + 1 if self._window.skipped_steps else 0
        options = {
            "profile_prefix": self._prefix,
            "delay_iterations": delay,
            "max_iterations": self._window.max_steps or 0,
        }
        self._is_started = True
        try:
            status = await driver.call_blocking(server.post, "/start_profile", options)
            if status != 200:
                raise CaptureError(refusal(server.url, status))
            self._issues.append(Issue("vllm-route", "info", f"{server.url} was recorded {SENTENCES[SERVER]}."))
            self._issues += option_issues(server.url, self._facts, **self._asked)
            self._tell("capturing")
        except BadAnswerError as error:  # it may have started all the same
            self._is_started = False
            with contextlib.suppress(CaptureError):
                await driver.call_blocking(server.post, "/stop_profile")
            raise CaptureError(f"{error} Its profiler may be active nevertheless: {self._ending}.") from error
        except CaptureError:
            self._is_started = False
            raise
        except BaseException:  # an interrupt: the request is under way, or answered
            self._is_started = False
            with contextlib.suppress(CaptureError):
                server.post("/stop_profile")
            raise

    def _prepare(self) -> Path:
        """Find the folder, and make sure that it has room."""
        self._folder = folder = self._find_folder()
        self._facts = facts_of(self._server)
        if not self._force:
            workload = server_workload(self._facts, self._window)
            refuse_without_room([(self._server.url, workload)], server_room(folder, is_here=self._server.is_here))
        return folder

    def _find_folder(self) -> Path:
        if self._folder is not None:
            return self._folder
        found = self._server.trace_folder()
        if found and "://" not in found:
            return Path(found)
        raise CaptureError(unknown_folder(self._server.url, found))

    async def _leave(self, error: BaseException | None, driver: Driver) -> None:
        if not self._is_started:
            return
        self._is_started = False

        async def take(interrupt: BaseException | None) -> None:
            self._settle(interrupt)
            await driver.call_blocking(self._merge)

        await self._end(error, lambda: self._finish(driver), take)

    async def _finish(self, driver: Driver) -> BaseException | None:
        """Stop it, and wait for its traces; an interrupt ends every wait, and is returned."""
        interrupt: BaseException | None = None
        try:
            self._tell("stopping")
        except INTERRUPTS as error:
            interrupt = self._noted(error)
        try:
            status = await driver.call_blocking(self._server.post, "/stop_profile")
            if status != 200:
                self._say("server-failed", "error", f"{self._server.url}/stop_profile answers with status {status}.")
            timeout_seconds = self._timeout_seconds
        except CaptureError as failure:
            self._say("server-failed", "error", f"{failure} Its profiler may still be active: {self._ending}.")
            # Who answered, if badly, may still be writing.
            timeout_seconds = self._timeout_seconds if isinstance(failure, BadAnswerError) else 0.0
        except INTERRUPTS as error:  # the server goes on to answer the request
            return interrupt or self._noted(error)
        try:
            complete, self._torn = await arrived(
                self._files,
                driver,
                expected=None,
                timeout_seconds=timeout_seconds,
                tell=lambda done: self._tell("collecting", done, None),
            )
            self._tell("collecting", total_bytes(complete), total_bytes(complete))
        except INTERRUPTS as error:
            return interrupt or self._noted(error)
        return interrupt

    def _noted(self, interrupt: BaseException) -> BaseException:
        self._interrupted_while = self._tell.stage
        return interrupt

    def _settle(self, interrupt: BaseException | None) -> None:
        """Take the traces that are complete, else what the front end has recorded of itself."""
        self._traces = complete = [path for path in self._files() if is_complete(path)]
        if interrupt is not None:
            where = f"What it still writes comes to {self._folder}: xb.load({str(self._folder)!r})."
            found = f"{len(complete)} trace{'s' * (len(complete) != 1)} of {self._server.url} were there"
            self._say("interrupted", "warning", f"Interrupted while {self._interrupted_while}: {found}. {where}")
        if not complete:
            self._traces = [path for path in self._front_ends() if is_complete(path) and front_end_events(path)[0]]
            if not self._traces:
                raise CaptureError(self._absence(self._torn))
            self._say("front-end-only", "error", f"Only the server's front end is shown. {self._absence(self._torn)}")
        elif interrupt is None:
            self._note_missing(self._torn)

    def _merge(self) -> None:
        front_ends = [path for path in self._front_ends() if path not in self._traces]
        target = self._private / "with-front-end.json"
        try:
            if front_ends and merge(self._traces[0], front_ends, target):
                self._traces[0] = target
                self._issues.append(MERGED)
        except OSError as error:
            self._say("front-end-left-out", "warning", f"The trace of the front end was left out: {error}.")

    def _absence(self, torn: list[Path]) -> str:
        said = "".join(f" {issue.message}" for issue in self._issues if issue.severity == "error")
        folder = self._folder
        if torn:
            return f"{torn[0]} was not written completely; is the disk full?{said}"
        if folder is None or not folder.is_dir():
            return (
                f"This process does not see {folder}, where {self._server.url} writes to. Mount it here and give it as "
                f"trace_dir; or copy {self._prefix}* from {self._server.host} and open the copies with xb.load([...])."
                f"{said}"
            )
        return f"{self._server.url} left no trace in {folder}. Is it the folder of another server?{said}"

    def _note_missing(self, torn: list[Path]) -> None:
        sizes = [int(match[1]) for path in self._traces if (match := _WORLD_SIZE.search(_beginning(path)))]
        missing = max(sizes, default=1) - len(self._traces)
        if missing > 0 or torn:
            names = f" ({', '.join(path.name for path in torn)} is incomplete)" if torn else ""
            count = max(missing, len(torn))
            self._say(
                "missing-rank",
                "error",
                f"{count} rank{'s' * (count != 1)} of the server left no trace{names} in {self._folder}, as seen from "
                f"here. If its workers run on several machines, copy {self._prefix}* from the others.",
            )

    def _new(self) -> list[Path]:
        if self._folder is None:
            return []
        ours = sorted(self._folder.glob(f"{self._prefix}_*.json*"))
        # Versions that do not take the prefix name their traces as they like.
        return ours or sorted(set(self._folder.glob("*.pt.trace.json*")) - self._before)

    def _front_ends(self) -> list[Path]:
        return [path for path in self._new() if _FRONT_END in path.name]

    def _files(self) -> list[Path]:
        return [path for path in self._new() if _FRONT_END not in path.name]

    def _say(self, code: str, severity: str, message: str) -> None:
        self._issues.append(Issue(code, severity, message))


def _beginning(path: Path) -> str:
    with open_trace(path) as file:
        return file.read(1 << 16).decode("utf-8", "replace")
