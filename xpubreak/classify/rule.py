"""One classification rule: a pattern on a name, and what a match means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from xpubreak.classify.backend import Confidence, Role


@dataclass(frozen=True, slots=True)
class Rule:
    """A name pattern and the backend it stands for.

    Parameters
    ----------
    name
        Id that `explain` shows; unique among the rules in force.
    pattern
        Regular expression, searched in the name; anchor it with ``^`` where it must start there.
    role
        The backend; None for a name that several libraries use, so that the operators around the launch decide.
    category
        One of ``CATEGORIES``; empty leaves it to the name.
    confidence
        Of a match.
    devices
        Targets on which the rule holds; empty for all.
    subject
        ``"base"``: the demangled name without wrappers and arguments. ``"raw"``: the name as recorded.
    alone
        For ``role=None``: the backend where no operator decides (graph replay, no host side), with weak confidence.
        None leaves it open.
    note
        What else a reader of the evidence has to know.
    """

    name: str
    pattern: str
    role: Role | None
    category: str = ""
    confidence: Confidence = Confidence.STRONG
    devices: tuple[str, ...] = ()
    subject: str = "base"
    alone: Role | None = None
    note: str = ""

    def holds_on(self, device: str) -> bool:
        """Whether the rule is meant for a target."""
        return not self.devices or device in self.devices

    def matches(self, name: str) -> bool:
        """Whether the pattern is found in the name; for the patterns of xpubreak itself, which are known to be tame."""
        return _compiled(self.pattern)(name) is not None


@cache
def _compiled(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(pattern).search
