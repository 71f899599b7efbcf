"""What is known of the vLLM that is loaded. Features decide what is done; versions only what is said."""

from __future__ import annotations

import inspect
import re
import sys
from typing import Any

from xpubreak.errors import Issue

# The first of these has V1 workers that annotate their iterations or can be made to; the last was run against.
OLDEST = (0, 12)
NEWEST = (0, 32)


def loaded_version() -> str | None:
    """Version of the vLLM in this process; empty where it does not say, None where none is loaded."""
    loaded = sys.modules.get("vllm")
    version = getattr(loaded, "__version__", "")
    return None if loaded is None else version if isinstance(version, str) else ""


def version_issues(version: str | None) -> tuple[Issue, ...]:
    """What to say about a version: nothing about those that are known."""
    if version is None:
        return ()
    match = re.match(r"(\d+)\.(\d+)", version)
    known = f"{'.'.join(map(str, OLDEST))} to {'.'.join(map(str, NEWEST))}"
    if match is None or match.group() == "0.0" or version.startswith("0.1.dev"):
        message = f"The version of vLLM ({version or 'none given'}) is unknown; known are {known}. It was tried."
        return (Issue("vllm-version", "warning", message),)
    found = int(match[1]), int(match[2])
    if OLDEST <= found <= NEWEST:
        return ()
    age = "older" if found < OLDEST else "newer"
    return (Issue("vllm-version", "warning", f"vLLM {version} is {age} than what is known ({known}). It was tried."),)


def accepted(function: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Those options that a function of this version takes."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return dict(options)
    return {name: value for name, value in options.items() if name in parameters}
