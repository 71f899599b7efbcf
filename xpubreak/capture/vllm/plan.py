"""What a recording of engines is asked for, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from xpubreak.capture.vllm.window import Window
from xpubreak.errors import Issue

# stage ("capturing", "stopping", "collecting"), bytes done, bytes in all where that is known
Progress = Callable[[str, int, int | None], None]


class Teller:
    """Passes progress on, and remembers the stage.

    Parameters
    ----------
    on_progress
        Who is told.
    """

    def __init__(self, on_progress: Progress | None) -> None:
        self._on_progress = on_progress or (lambda _stage, _done_bytes, _total_bytes: None)
        self.stage = ""

    def __call__(self, stage: str, done_bytes: int = 0, total_bytes: int | None = None) -> None:
        """Tell about a stage."""
        self.stage = stage
        self._on_progress(stage, done_bytes, total_bytes)


@dataclass(frozen=True)
class Plan:
    """What is asked for, the same for all engines of a recording.

    Parameters
    ----------
    device, stacks, shapes, modules, title, window
        As for `EngineCapture`.
    folder
        Private folder of this recording.
    token
        Name of a file in it, by which a worker knows that it sees the same folder.
    prefix
        Unique part of the traces' names.
    timeout_seconds
        How long to wait for a file that does not grow.
    on_progress
        Told how far it is.
    """

    folder: Path
    token: str
    prefix: str
    device: str = "auto"
    stacks: bool = False
    shapes: bool = True
    modules: bool = True
    title: str = ""
    window: Window = field(default_factory=Window)
    timeout_seconds: float = 60.0
    on_progress: Progress = lambda _stage, _done_bytes, _total_bytes: None


@dataclass
class Yield:
    """What came of one engine.

    Parameters
    ----------
    traces
        One per rank: what to call it, and where it is.
    front_ends
        Traces of processes that only feed the workers.
    issues
        What a reader has to know.
    switching_ns
        How long starting and stopping within the run has held it up.
    """

    traces: list[tuple[str, Path]] = field(default_factory=list)
    front_ends: list[Path] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    switching_ns: int = 0
