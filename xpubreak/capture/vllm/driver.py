"""One way of talking to engines whose methods are coroutines and to those whose methods are not.

The flow of a session is written once, as coroutines. For an ordinary engine nothing in them ever waits for an event
loop, so that they can be run to their end by hand, inside a notebook's running loop too.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from xpubreak.errors import CaptureError

_Result = TypeVar("_Result")


class Driver:
    """Calls and waits, in an event loop or without one.

    Parameters
    ----------
    is_async
        Whether an event loop may be waited for.
    """

    def __init__(self, *, is_async: bool) -> None:
        self.is_async = is_async

    async def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a method, and wait for what it returns if that is to be waited for."""
        result = function(*args, **kwargs)
        return await result if inspect.isawaitable(result) else result

    async def call_blocking(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function that takes its time, beside the event loop where there is one."""
        if self.is_async:
            return await asyncio.to_thread(function, *args, **kwargs)
        return function(*args, **kwargs)

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        if self.is_async:
            await asyncio.sleep(seconds)
        else:
            time.sleep(seconds)


def run_through(flow: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine that never waits for an event loop."""
    try:
        flow.send(None)
    except StopIteration as end:
        result: _Result = end.value
        return result
    flow.close()
    raise CaptureError("This engine's methods are coroutines: use `async with`, or a cell that awaits.")
