"""Processes of this machine that read ranks side by side, kept warm between loads.

They are plain child processes, not ``multiprocessing``: a script without ``if __name__ == "__main__"`` is not run a
second time, a notebook needs nothing importable, and an interrupted load ends them at once.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from xpubreak.breakdown.rank import rules_to_json
from xpubreak.breakdown.remote import is_url
from xpubreak.classify.rule import Rule
from xpubreak.trace.ahead import processors

_IDLE_S = 120.0
"""Idle workers are ended after this time: each holds some hundred megabytes."""
_TRIES = 2
_POLL_S = 0.2


class WorkersError(RuntimeError):
    """Processes cannot be started here."""


class _Worker:
    """One child process."""

    def __init__(self) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self.environment = dict(os.environ)
        environment = {**self.environment, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}
        # Ctrl-C reaches the whole group of a terminal or kernel; who started the workers decides when they end.
        apart: dict[str, Any] = (
            {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
            if os.name == "nt"
            else {"start_new_session": True}
        )
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "xpubreak.breakdown.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=environment,
                text=True,
                encoding="utf-8",
                **apart,
            )
        except BaseException:
            self._errors.close()
            raise
        self._is_ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request and wait; ``{"died": why}`` where the process ends instead of answering."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if not self._is_ready:
                self._is_ready = bool(process.stdout.readline())
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):
            line = ""
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        status = process.wait()
        return {"died": self._cause(status), "never_ready": not self._is_ready}

    def end(self) -> None:
        """End it at once; what it was doing is lost."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            try:
                if stream is not None:
                    stream.close()
            except OSError:
                pass  # a pipe to a process that is gone

    def _cause(self, status: int) -> str:
        if status < 0:
            hint = ", for want of memory?" if status == -9 else ""
            return f"it was ended by signal {-status}{hint}"
        self._errors.seek(0)
        last = self._errors.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
        return f"it ended with status {status}" + (f": {last[-1][:200]}" if last else "")


class Workers:
    """A pool of such processes."""

    def __init__(self) -> None:
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._owner = os.getpid()

    @property
    def is_warm(self) -> bool:
        """Whether processes are waiting for work."""
        return bool(self._idle) and self._owner == os.getpid()

    def read(
        self,
        sources: Sequence[str],
        rules: Sequence[Rule],
        folder: Path,
        processes: int,
        access: str = "{}",
        job: Mapping[str, Any] = MappingProxyType({}),
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Read ranks.

        Parameters
        ----------
        sources
            Paths or URLs.
        rules
            Of the user.
        folder
            Where the tables go.
        processes
            How many at a time.
        access
            How URLs are reached, as `xpubreak.breakdown.access.Access.as_json` wrote it.
        job
            What else to tell the worker: ``is_narrow`` for tables that are merged next; ``store`` and ``uses_cache`` to
            keep events there, and answer with sums.

        Yields
        ------
        int, dict
            Number of the source, and the answer of `xpubreak.breakdown.worker`, or ``{"died": why}``; as they come.

        Raises
        ------
        WorkersError
            No process can be started.
        """
        pending: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
        for number in range(len(sources)):
            pending.put((number, 0))
        answers: queue.SimpleQueue[tuple[int, dict[str, Any]]] = queue.SimpleQueue()
        packed = rules_to_json(rules)
        is_over, changing = threading.Event(), threading.Lock()
        if any(is_url(source) for source in sources):
            self._end_outdated()
        team = self._taken(processes)
        is_crowded = 2 * processes > processors()
        threads = []

        def work(place: int) -> None:
            while not is_over.is_set():
                try:
                    number, tries = pending.get_nowait()
                except queue.Empty:
                    return
                target = folder / f"{number}-{tries}.xpb"
                told = {"source": sources[number], "rules": packed, "target": str(target), "access": access}
                request = {**job, **told, "one_thread": is_crowded}
                answer = team[place].ask(request)
                if "died" in answer and not is_over.is_set():
                    team[place].end()
                    with changing:
                        if is_over.is_set():
                            return
                        try:
                            team[place] = _Worker()
                        except OSError:
                            answers.put((number, answer))
                            return
                    if tries + 1 < _TRIES and not answer["never_ready"]:
                        pending.put((number, tries + 1))
                        continue
                answers.put((number, answer))

        try:
            for place in range(len(team)):
                thread = threading.Thread(target=work, args=(place,), daemon=True, name=f"xpubreak-worker-{place}")
                threads.append(thread)
                thread.start()
            left = len(sources)
            while left:
                try:
                    number, answer = answers.get(timeout=_POLL_S)
                except queue.Empty:
                    if any(thread.is_alive() for thread in threads) or not answers.empty():
                        continue
                    raise WorkersError("no worker is left") from None
                left -= 1
                if answer.get("never_ready"):
                    raise WorkersError(answer["died"])
                yield number, answer
        except BaseException:
            with changing:  # from now on nobody starts another one
                is_over.set()
            for worker in team:
                worker.end()
            raise
        self._give_back(team)

    def end(self) -> None:
        """End all processes that are waiting."""
        with self._lock:
            idle, self._idle = self._idle, []
        if self._owner == os.getpid():
            for worker in idle:
                worker.end()

    def _end_outdated(self) -> None:
        """End those who know another environment: what reaches URLs finds addresses and credentials there."""
        if any(worker.environment != os.environ for worker in self._idle):
            self.end()

    def _taken(self, processes: int) -> list[_Worker]:
        if not sys.executable:
            raise WorkersError("it is not known where Python is")
        with self._lock:
            if self._owner != os.getpid():  # forked: the children are those of the parent
                self._idle, self._owner = [], os.getpid()
            if self._timer is not None:
                self._timer.cancel()
            team = [self._idle.pop() for _ in range(min(processes, len(self._idle)))]
        try:
            while len(team) < processes:
                team.append(_Worker())
        except OSError as error:
            for worker in team:
                worker.end()
            raise WorkersError(str(error)) from error
        return team

    def _give_back(self, team: list[_Worker]) -> None:
        with self._lock:
            self._idle += team
            self._timer = threading.Timer(_IDLE_S, self.end)
            self._timer.daemon = True
            self._timer.start()


WORKERS = Workers()
atexit.register(WORKERS.end)
