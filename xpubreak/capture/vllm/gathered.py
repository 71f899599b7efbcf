"""What the sessions of a recording have left: traces, issues, and what the front end recorded of itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xpubreak.capture.trace_folder import leave
from xpubreak.capture.vllm.engine_session import EngineSession
from xpubreak.capture.vllm.front_end import MERGED, front_end_events, merge
from xpubreak.errors import CaptureError, Issue

_FRONT_END_ONLY = Issue(
    "front-end-only",
    "error",
    "Only what the notebook's own process recorded of itself is shown: of the workers there is no trace.",
)


class Gathered:
    """Traces with what to call them, and what a reader of them has to know."""

    def __init__(self) -> None:
        self.traces: list[tuple[str, Path]] = []
        self.issues: list[Issue] = []
        self._front_ends: list[Path] = []

    def take(self, sessions: Sequence[EngineSession]) -> None:
        """Add what sessions have left."""
        for session in sessions:
            label = f"{session.variable} " if len(sessions) > 1 else ""
            self.traces += [(f"{label}{name}", path) for name, path in session.result.traces]
            self.issues += session.result.issues
            self._front_ends += session.result.front_ends

    def note_interrupt(self, stage: str, sessions: Sequence[EngineSession]) -> None:
        """Say how many traces were there when somebody did not want to wait; what is still written is kept."""
        found, expected = len(self.traces), sum(session.expected_count for session in sessions)
        message = f"Interrupted while {stage}: the traces of {found} of {expected} ranks were there."
        if found < expected:
            folders = sorted({session.folder for session in sessions if session.expected_count})
            leave(folders)
            where = " and ".join(str(folder) for folder in folders)
            message += f" What the others still write comes to {where} and stays there: xb.load({str(folders[0])!r})."
        self.issues.append(Issue("interrupted", "error" if found < expected else "info", message))

    def settle(self) -> None:
        """Make do with the front end's trace where there is no other.

        Raises
        ------
        CaptureError
            There is none at all.
        """
        if not self.traces:
            self.traces = [("front end", path) for path in self._front_ends if front_end_events(path)[0]]
            self._front_ends = []
            self.issues += [_FRONT_END_ONLY] * bool(self.traces)
        if not self.traces:
            reasons = [issue.message for issue in self.issues if issue.severity == "error"]
            raise CaptureError(" ".join(reasons) or "No engine left a trace.")

    def merge(self, folder: Path) -> None:
        """Put what the front end recorded beside the first rank, in a file below a folder."""
        if not self._front_ends:
            return
        target = folder / "merged" / "with-front-end.json"  # apart, so that the folder itself has each rank once
        name, first = self.traces[0]
        try:
            target.parent.mkdir(exist_ok=True)
            if merge(first, self._front_ends, target):
                self.traces[0] = (name, target)
                self.issues.append(MERGED)
        except OSError as error:
            self.issues.append(
                Issue("front-end-left-out", "warning", f"The trace of the front end was left out: {error}.")
            )
