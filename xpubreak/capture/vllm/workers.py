"""Calls to all workers of an engine, by name or by function."""

from __future__ import annotations

from typing import Any

from xpubreak.capture.engines import held
from xpubreak.capture.interrupts import interrupts_later
from xpubreak.capture.vllm import worker_session
from xpubreak.capture.vllm.driver import Driver
from xpubreak.capture.vllm.routes import WORKER_EXTENSION
from xpubreak.errors import CaptureError

_CHUNK_BYTES = 4 << 20
# Belongs to __main__, so that it is sent as code and not as the name of a module that the worker may lack.
_CAN_IMPORT: Any = eval(  # noqa: S307 - a constant
    "lambda worker: __import__('importlib.util').util.find_spec('xpubreak') is not None", {"__name__": "__main__"}
)


class Workers:
    """The workers of an engine.

    Parameters
    ----------
    engine
        With a ``collective_rpc``, coroutine or not. It is not kept beyond the calls.
    by
        ``"worker-extension"`` or ``"callables"``.
    driver
        To call with.
    is_core_local
        Whether this very process talks to the workers: then a call that is cut short leaves replies unread, which the
        next one would take for its own. Otherwise every call has its own reply.
    """

    def __init__(self, engine: Any, by: str, driver: Driver, *, is_core_local: bool) -> None:
        self._is_core_local = is_core_local
        self._engine = engine
        self._by = by
        self._driver = driver

    async def check_import(self) -> None:
        """Make sure that functions of this package can be sent; a worker that fails to load one mixes up replies.

        Raises
        ------
        CaptureError
            A worker has no xpubreak.
        """
        if not all(await self._ask_all(_CAN_IMPORT, {})):
            raise CaptureError("xpubreak is not installed where the workers of this engine run. Install it there too.")

    async def start(self, options: dict[str, Any]) -> list[worker_session.Reply]:
        """Begin a session in each."""
        return await self._call("start", options)

    async def stop(self, *, keep: bool = True) -> list[worker_session.Reply]:
        """End the session of each."""
        return await self._call("stop", {"keep": keep})

    async def read(self, position: str, offset: int) -> bytes:
        """A piece of the trace of one of them, empty at its end."""
        pieces = await self._call("read", {"position": position, "offset": offset, "size": _CHUNK_BYTES})
        return next((bytes(piece) for piece in pieces if piece), b"")

    async def _call(self, name: str, options: dict[str, Any]) -> list[Any]:
        method = f"xpb_{name}" if self._by == WORKER_EXTENSION else getattr(worker_session, name)
        if self._driver.is_async or not (self._is_core_local or name == "start"):
            return await self._ask_all(method, options)
        with interrupts_later():
            return await self._ask_all(method, options)

    async def _ask_all(self, method: Any, options: dict[str, Any]) -> list[Any]:
        """The replies of all workers, of every data-parallel replica where this vLLM gives them."""
        core = held(self._engine, "engine_core")
        replicas = held(core, "core_engines")
        ask_replicas = getattr(type(core), "call_utility_all_async", None)
        if self._driver.is_async and ask_replicas is not None and isinstance(replicas, list) and len(replicas) > 1:
            # collective_rpc() calls all of them, but returns the replies of the first only (vLLM 0.32).
            found = await ask_replicas(core, "collective_rpc", method, None, (), options)
            return [reply for replies in found for reply in replies]
        return list(await self._driver.call(self._engine.collective_rpc, method, kwargs=options))
