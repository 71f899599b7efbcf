"""The plug-ins: pure functions of a breakdown that return findings, xpubreak's own and the user's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from xpubreak.breakdown.findings.extent import extent
from xpubreak.breakdown.findings.finding import Finding
from xpubreak.breakdown.findings.listing import Findings
from xpubreak.errors import SEVERITIES, Issue

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

Plugin = Callable[["Breakdown"], Iterable[Finding]]

_OWN = (
    "quality",
    "fallbacks",
    "hostcompute",
    "launchbound",
    "synchronisation",
    "copies",
    "slowpath",
    "oddlayers",
    "oddsteps",
    "interference",
    "communication",
    "headroom",
)
"""Modules of this folder; each has a function ``find``."""

_OF_SUMS = ("quality",)
"""The ones that need no single events, which folded tables of many ranks have no more."""

_OF_WHOLE_STEPS = ("fallbacks", "hostcompute", "launchbound", "synchronisation", "oddsteps", "interference")
"""The ones that count idle time or compare lengths of steps: of picked events, both are of what was not picked."""

_PICKED = ("row", "duration_ns")
"""Clauses that pick single events out of their steps."""

_added: list[Plugin] = []


def add(plugin: Plugin) -> Plugin:
    """Have a function look at every breakdown from now on; can be used as a decorator.

    Parameters
    ----------
    plugin
        Takes a `Breakdown`, returns findings. Where it raises, the others speak all the same, and the failure becomes
        an issue of the breakdown.

    Returns
    -------
    callable
        The function itself.
    """
    if not callable(plugin):
        raise TypeError(f"A plug-in is a function of a Breakdown; {plugin!r} cannot be called.")
    if plugin not in _added:
        _added.append(plugin)
    return plugin


def remove(plugin: Plugin) -> None:
    """Forget a function that was added."""
    if plugin in _added:
        _added.remove(plugin)


def plugins(*, is_folded: bool = False, is_picked: bool = False) -> tuple[Plugin, ...]:
    """All functions in the order in which they are asked: xpubreak's own first.

    Parameters
    ----------
    is_folded
        Of a breakdown without single events: most of xpubreak's own would see intervals that are none.
    is_picked
        Of a selection of single events, not of whole steps, layers or names.
    """
    names = [name for name in (_OF_SUMS if is_folded else _OWN) if not (is_picked and name in _OF_WHOLE_STEPS)]
    own = [import_module(f"xpubreak.breakdown.findings.{name}").find for name in names]
    return (*own, *_added)


def find_all(breakdown: Breakdown, asked: Iterable[Plugin] | None = None) -> Findings:
    """Ask every plug-in.

    Returns
    -------
    Findings
        Worst first: by severity, then what makes the profile itself doubtful, then by time at stake.
    """
    found: list[Finding] = []
    failures: list[Issue] = []
    whole = extent(breakdown)
    if asked is None:
        is_picked = any(name in _PICKED for name, _ in breakdown.selection.clauses)
        asked = plugins(is_folded=bool(breakdown.tables.folded), is_picked=is_picked)
    for plugin in asked:
        try:
            mine = list(plugin(breakdown))
            stray = next((item for item in mine if not isinstance(item, Finding)), None)
            if stray is not None:
                raise TypeError(f"it returned {type(stray).__name__}, not findings")
            found += [item for item in mine if not _is_outside(breakdown, plugin, item, whole.span_ns)]
        except Exception as error:  # noqa: BLE001 - whatever a plug-in does, the others speak
            name = f"{getattr(plugin, '__module__', '')}.{getattr(plugin, '__qualname__', type(plugin).__name__)}"
            message = (
                f"The findings plug-in {name} failed ({type(error).__name__}: {str(error)[:300]}); what it looks for "
                "is not reported."
            )
            failures.append(Issue("finding-failed", "warning", message))
    found.sort(key=_order)
    return Findings(found, whole, failures)


def _is_outside(breakdown: Breakdown, plugin: Plugin, item: Finding, span_ns: int) -> bool:
    """Whether idle time before selected events is longer than all that is selected, from its first to its last event.

    Such a selection, of one kernel of one step, say, is no part of a run whose idle time could be told.
    """
    folder, _, name = getattr(plugin, "__module__", "").rpartition(".")
    is_of_steps = folder == "xpubreak.breakdown.findings" and name in _OF_WHOLE_STEPS
    return bool(breakdown.selection) and is_of_steps and item.at_stake_ns > span_ns


def _order(item: Finding) -> tuple[int, bool, int, str]:
    return -SEVERITIES.index(item.severity), item.kind != "profile", -item.at_stake_ns, item.key
