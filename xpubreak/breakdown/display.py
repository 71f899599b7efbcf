"""The seam to the floor above: a breakdown can show itself without knowing how.

``xpubreak/__init__.py`` says where each hook lives; it is imported when it is first called, so that neither widgets nor
bokeh are loaded before something is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from xpubreak.errors import XpubreakError

_PLACES: dict[str, tuple[str, str]] = {}


def provide(hook: str, module: str, function: str) -> None:
    """Say that a hook is ``function`` of ``module``."""
    _PLACES[hook] = (module, function)


def call(hook: str, *arguments: Any, **options: Any) -> Any:
    """Call a hook.

    Raises
    ------
    XpubreakError
        Nothing provides it: the package was imported piecemeal.
    """
    place = _PLACES.get(hook)
    if place is None:
        raise XpubreakError(f"Nothing shows {hook!r}: import xpubreak as a whole.")
    function: Callable[..., Any] = getattr(import_module(place[0]), place[1])
    return function(*arguments, **options)
