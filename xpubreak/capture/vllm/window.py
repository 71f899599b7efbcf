"""How much of a run is recorded, in iterations of the engine."""

from __future__ import annotations

from dataclasses import dataclass

from xpubreak.errors import CaptureError

# 64 layers decoding eagerly make 15,000 events and some 6.5 MB a step (rates in `xpubreak.capture.estimate`).
DEFAULT_STEPS = 16


@dataclass(frozen=True)
class Window:
    """Iterations of the engine that are recorded.

    Parameters
    ----------
    first_step
        The first one, counted from 0 at the start of the recording; None records from the start on, with what happens
        before the first iteration.
    max_steps
        How many at most; None sets no limit.
    """

    first_step: int | None = None
    max_steps: int | None = DEFAULT_STEPS

    def __post_init__(self) -> None:
        if self.first_step is not None and self.first_step < 0:
            raise CaptureError(f"The first step to record is {self.first_step}; steps count from 0.")
        if self.max_steps is not None and self.max_steps < 1:
            raise CaptureError(f"{self.max_steps} steps were asked for; record at least one.")

    @property
    def skipped_steps(self) -> int:
        """Iterations before the first recorded one."""
        return self.first_step or 0
