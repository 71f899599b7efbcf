"""What to call the engines of a recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from xpubreak.capture.engines import engine_class
from xpubreak.errors import CaptureError


def named(engines: Any) -> dict[str, Any]:
    """Give every engine a name, once.

    Parameters
    ----------
    engines
        One, some, or some by the names of their variables.

    Raises
    ------
    CaptureError
        There is none, or something else among them.
    """
    if isinstance(engines, Mapping):
        found = {str(name): engine for name, engine in engines.items()}
    elif engine_class(engines):
        found = {"llm": engines}
    elif isinstance(engines, Iterable):
        several = list(engines)
        found = {f"llm{place}" if len(several) > 1 else "llm": engine for place, engine in enumerate(several)}
    else:
        found = {"llm": engines}
    unique = {id(engine): (name, engine) for name, engine in reversed(found.items())}
    strangers = [name for name, engine in found.items() if not engine_class(engine)]
    if strangers or not unique:
        what = ", ".join(f"{name} ({type(found[name]).__name__})" for name in strangers) or "nothing"
        raise CaptureError(f"{what} is no vLLM engine; give an LLM, LLMEngine or AsyncLLM.")
    return dict(reversed(unique.values()))
