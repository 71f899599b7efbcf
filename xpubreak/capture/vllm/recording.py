"""A recording as a ``with`` block: how it is entered and left, and whose exception the user gets, once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from xpubreak.capture.interrupts import INTERRUPTS
from xpubreak.capture.trace_folder import copy_traces
from xpubreak.capture.vllm.driver import Driver, run_through
from xpubreak.errors import CaptureError

R = TypeVar("R", bound="Recording")


class Recording(ABC):
    """What engines and servers are recorded by; it takes ``with`` and ``async with``.

    Attributes
    ----------
    failure
        Why there is no trace although the block was left; None otherwise.
    """

    failure: CaptureError | None = None

    @property
    @abstractmethod
    def trace_paths(self) -> tuple[Path, ...]:
        """One trace per rank; raises `CaptureError` where there is none."""

    @abstractmethod
    async def _start(self, driver: Driver) -> None: ...

    @abstractmethod
    async def _leave(self, error: BaseException | None, driver: Driver) -> None: ...

    def __enter__(self: R) -> R:
        run_through(self._start(Driver(is_async=False)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        run_through(self._leave(error, Driver(is_async=False)))

    async def __aenter__(self: R) -> R:
        await self._start(Driver(is_async=True))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._leave(error, Driver(is_async=True))

    def keep(self, path: str | Path) -> Path:
        """Copy the traces to a path of your own, compressed where its name ends in ``.gz``.

        Several ranks go to names with ``.rank0``, ``.rank1`` … before ``.json``; the first of them is returned.

        Raises
        ------
        CaptureError
            They cannot be written there.
        """
        return copy_traces(self.trace_paths, Path(path).expanduser())[0]

    async def _end(
        self,
        error: BaseException | None,
        stop: Callable[[], Awaitable[BaseException | None]],
        take: Callable[[BaseException | None], Awaitable[None]],
    ) -> None:
        """Stop it and take what there is.

        Parameters
        ----------
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
            self.failure = failure
            failure.__context__ = None  # the user's own error is not part of this one
            if error is None and interrupt is None:
                raise
        except INTERRUPTS as late:
            interrupt = interrupt or late
        if interrupt is not None and error is None:
            raise interrupt
