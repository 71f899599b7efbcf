"""Executors for ``xb.load(…, executor=…)`` that are not executors by themselves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from importlib import import_module
from typing import Any

from xpubreak.errors import XpubreakError


def ray(module: Any = None, **options: Any) -> RayExecutor:
    """Use a Ray cluster; starts a local one, or joins what ``RAY_ADDRESS`` says, where none is running yet.

    Parameters
    ----------
    module
        The ray module; imported by default.
    **options
        Of ``ray.remote``, for example ``num_cpus=2``, ``memory=8 << 30``, ``max_retries=3``.

    Raises
    ------
    XpubreakError
        Ray is not installed.
    """
    if module is None:
        try:
            module = import_module("ray")
        except ImportError:
            raise XpubreakError("Ray is not installed: pip install ray.") from None
    if not module.is_initialized():
        module.init(logging_level="warning")
    return RayExecutor(module, options)


class RayExecutor:
    """Submits to Ray as `concurrent.futures` would.

    Parameters
    ----------
    module
        The ray module.
    options
        Of ``ray.remote``.
    """

    def __init__(self, module: Any, options: dict[str, Any]) -> None:
        self._ray, self._options = module, options
        self._remote: dict[Callable[..., Any], Any] = {}

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> RayFuture:
        """Run a function on a worker."""
        known = self._remote.get(function)
        if known is None:
            made = self._ray.remote(function)
            known = self._remote[function] = made.options(**self._options) if self._options else made
        return RayFuture(self._ray, known.remote(*arguments))


class RayFuture:
    """What will be there."""

    def __init__(self, module: Any, reference: Any) -> None:
        self._ray, self._reference = module, reference

    def done(self) -> bool:
        """Whether it is there, or failed."""
        ready, _ = self._ray.wait([self._reference], timeout=0)
        return bool(ready)

    def result(self) -> Any:
        """Wait for it; raises what the function raised."""
        try:
            return self._ray.get(self._reference)
        except self._ray.exceptions.RayTaskError as error:
            raise getattr(error, "cause", None) or error from None
        except self._ray.exceptions.TaskCancelledError as error:
            raise CancelledError from error

    def cancel(self) -> bool:
        """Stop it."""
        self._ray.cancel(self._reference)
        return True
