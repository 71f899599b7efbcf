"""Worker extensions of users joined with ours, importable by name wherever a worker runs.

A worker is told a string, ``"package.module.Class"``, and imports it in a process of its own. The name of a joined
class says which class of the user it is made from, and the class is made when it is first asked for.
"""

from __future__ import annotations

import re
from importlib import import_module

from xpubreak.capture.vllm.extension import WorkerExtension

_PREFIX = "With_"
_ESCAPES = {"_": "_u", ".": "_d"}
_PLAIN = {escape: character for character, escape in _ESCAPES.items()}


def join(extension: str) -> str:
    """Name a class that is both ours and the user's, e.g. ``xpubreak.capture.vllm.combined.With_my_dExtension``."""
    return f"{__name__}.{_PREFIX}{re.sub('[_.]', lambda match: _ESCAPES[match.group()], extension)}"


def __getattr__(name: str) -> type:
    if not name.startswith(_PREFIX):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    qualified = re.sub("_[ud]", lambda match: _PLAIN[match.group()], name.removeprefix(_PREFIX))
    module, _, attribute = qualified.rpartition(".")
    theirs = getattr(import_module(module), attribute)  # their error, if there is one, is the one vLLM would raise
    joined = theirs if issubclass(theirs, WorkerExtension) else type(name, (theirs, WorkerExtension), {})
    globals()[name] = joined
    return joined
