"""xpubreak: where the time of LLM inference goes on Intel XPUs.

::

    %load_ext xpubreak                  %%xpu_breakdown, %xpu_trace and %xpu_share in a notebook

    xb.load("traces/run7/")             → Breakdown
    xb.profile()                        context manager: p.breakdown
    xb.last                             → the Breakdown that a magic or xb.profile made last

    xb.compare(a, b)                    → Comparison: .by(…) .kernels .totals .notes .report() .explore() …

    xb.FlameGraph(bd), xb.Timeline(bd), xb.LayerBars(bd), xb.KernelTable(bd), xb.Filters(bd), xb.Details(bd),
    xb.Roofline(bd)
                                        → one view each, linked when given the same ``selection=``

    Breakdown   .by(…) .select(…) .kernels .ops .steps .explain(…) .issues .findings .report() .explore() .to_html(…)

Everything is loaded when it is first used: importing this package imports no torch, pandas, bokeh or widgets.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# `profile` is not lazy: importing the module of that name from elsewhere would put the module in the function's place.
from xpubreak.breakdown import display
from xpubreak.latest import latest
from xpubreak.profile import profile
from xpubreak.version import __version__

if TYPE_CHECKING:
    from xpubreak import samples
    from xpubreak.breakdown import executors, findings
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.compare.compare import compare
    from xpubreak.breakdown.compare.comparefile import open_any as open  # noqa: A004 - `xb.open`, as the documentation says
    from xpubreak.breakdown.compare.comparison import Comparison
    from xpubreak.breakdown.load import load
    from xpubreak.breakdown.selection import Selection
    from xpubreak.classify.rules import rules
    from xpubreak.errors import (
        CaptureError,
        DetailError,
        Issue,
        NotATraceError,
        RuleError,
        SelectionError,
        SlowerError,
        XpubreakError,
    )
    from xpubreak.peaks import measure_peaks
    from xpubreak.view.explorer import (
        Details,
        Explorer,
        Filters,
        FindingList,
        FlameGraph,
        KernelTable,
        LayerBars,
        Roofline,
        Timeline,
    )
    from xpubreak.view.shared import SharedSelection

_HOME = {
    "Breakdown": "xpubreak.breakdown.breakdown",
    "CaptureError": "xpubreak.errors",
    "Comparison": "xpubreak.breakdown.compare.comparison",
    "DetailError": "xpubreak.errors",
    "Issue": "xpubreak.errors",
    "NotATraceError": "xpubreak.errors",
    "RuleError": "xpubreak.errors",
    "Selection": "xpubreak.breakdown.selection",
    "SelectionError": "xpubreak.errors",
    "SlowerError": "xpubreak.errors",
    "XpubreakError": "xpubreak.errors",
    "SharedSelection": "xpubreak.view.shared",
    "compare": "xpubreak.breakdown.compare.compare",
    "load": "xpubreak.breakdown.load",
    "measure_peaks": "xpubreak.peaks",
    "open": "xpubreak.breakdown.compare.comparefile",
    "rules": "xpubreak.classify.rules",
}
_VIEWS = (
    "Details",
    "Explorer",
    "Filters",
    "FindingList",
    "FlameGraph",
    "KernelTable",
    "LayerBars",
    "Roofline",
    "Timeline",
)
_HOME |= dict.fromkeys(_VIEWS, "xpubreak.view.explorer")
_CALLED = {"open": "open_any"}
"""Where a module calls something by another name: within it, ``open`` has to be Python's."""
_MODULES = {
    "executors": "xpubreak.breakdown.executors",
    "findings": "xpubreak.breakdown.findings",
    "samples": "xpubreak.samples",
}

__all__ = [
    "Breakdown",
    "CaptureError",
    "Comparison",
    "DetailError",
    "Details",
    "Explorer",
    "Filters",
    "FindingList",
    "FlameGraph",
    "Issue",
    "KernelTable",
    "LayerBars",
    "NotATraceError",
    "Roofline",
    "RuleError",
    "Selection",
    "SelectionError",
    "SharedSelection",
    "SlowerError",
    "Timeline",
    "XpubreakError",
    "__version__",
    "compare",
    "executors",
    "findings",
    "last",
    "load",
    "measure_peaks",
    "open",
    "profile",
    "rules",
    "samples",
]


for _hook in ("explore", "mimebundle", "outputs_of", "show", "to_html", "to_image"):
    display.provide(_hook, "xpubreak.view.show", _hook)
display.provide("share", "xpubreak.view.share", "share")
display.provide("assert_within", "xpubreak.breakdown.compare.within", "assert_within")
for _hook, _function in {
    "explore_comparison": "explore",
    "show_comparison": "show",
    "outputs_of_comparison": "bundles",
    "comparison_to_html": "to_html",
    "comparison_to_image": "to_image",
}.items():
    display.provide(_hook, "xpubreak.view.comparison.widget", _function)


def __getattr__(name: str) -> Any:
    if name == "last":
        return latest()
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), _CALLED.get(name, name))
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
