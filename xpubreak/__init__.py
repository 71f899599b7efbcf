"""xpubreak: where the time of LLM inference goes on Intel XPUs.

::

    %load_ext xpubreak                  %%xpu_breakdown and %xpu_trace in a notebook

    xb.load("traces/run7/")             → Breakdown
    xb.profile()                        context manager: p.breakdown
    xb.last                             → the Breakdown that a magic or xb.profile made last

    Breakdown   .by(…) .select(…) .kernels .ops .steps .explain(…) .issues .report() .explore() .to_html(…)

Everything is loaded when it is first used: importing this package imports no torch, pandas, bokeh or widgets.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# `profile` is not lazy: importing the module of that name from elsewhere would put the module in the function's place.
from xpubreak.breakdown import display
from xpubreak.profile import latest, profile
from xpubreak.version import __version__

if TYPE_CHECKING:
    from xpubreak import samples
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.load import load
    from xpubreak.breakdown.selection import Selection
    from xpubreak.classify.rules import rules
    from xpubreak.errors import (
        CaptureError,
        Issue,
        NotATraceError,
        RuleError,
        SelectionError,
        XpubreakError,
    )

_HOME = {
    "Breakdown": "xpubreak.breakdown.breakdown",
    "CaptureError": "xpubreak.errors",
    "Issue": "xpubreak.errors",
    "NotATraceError": "xpubreak.errors",
    "RuleError": "xpubreak.errors",
    "Selection": "xpubreak.breakdown.selection",
    "SelectionError": "xpubreak.errors",
    "XpubreakError": "xpubreak.errors",
    "load": "xpubreak.breakdown.load",
    "rules": "xpubreak.classify.rules",
}
_MODULES = {"samples": "xpubreak.samples"}

__all__ = [
    "Breakdown",
    "CaptureError",
    "Issue",
    "NotATraceError",
    "RuleError",
    "Selection",
    "SelectionError",
    "XpubreakError",
    "__version__",
    "last",
    "load",
    "profile",
    "rules",
    "samples",
]


for _hook in ("explore", "mimebundle", "to_html"):
    display.provide(_hook, "xpubreak.view.show", _hook)


def __getattr__(name: str) -> Any:
    if name == "last":
        return latest()
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(ipython: Any) -> None:
    """Register the magics: ``%load_ext xpubreak``."""
    from xpubreak.magic.magics import register

    register(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Undo it: ``%unload_ext xpubreak``."""
    from xpubreak.magic.magics import unregister

    unregister(ipython)
