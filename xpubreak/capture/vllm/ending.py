"""The end of a recording: whose exception the user gets, once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from xpubreak.capture.interrupts import INTERRUPTS
from xpubreak.errors import CaptureError


class Recording(Protocol):
    """What is ended: it keeps why nothing could be read of it."""

    failure: CaptureError | None


async def end_recording(
    recording: Recording,
    error: BaseException | None,
    stop: Callable[[], Awaitable[BaseException | None]],
    take: Callable[[BaseException | None], Awaitable[None]],
) -> None:
    """Stop it and take what there is.

    Parameters
    ----------
    recording
        Gets the failure, if there is one.
    error
        What the user's own code has raised; it goes on its way, and nothing else is raised then.
    stop
        Ends the profilers; returns an interrupt that came meanwhile.
    take
        Reads what was recorded; told of that interrupt.

    Raises
    ------
    CaptureError
        Nothing could be read, and neither the user's code nor an interrupt has raised anything.
    BaseException
        An interrupt, unless the user's code has raised already.
    """
    interrupt: BaseException | None = None
    try:
        interrupt = await stop()
        await take(interrupt)
    except CaptureError as failure:
        recording.failure = failure
        failure.__context__ = None  # the user's own error is not part of this one
        if error is None and interrupt is None:
            raise
    except INTERRUPTS as late:
        interrupt = interrupt or late
    if interrupt is not None and error is None:
        raise interrupt
