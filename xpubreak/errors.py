"""What can go wrong, and what a trace lacks.

::

    XpubreakError                 every error that this package raises on purpose
    ├── NotATraceError            the file holds no torch-profiler trace
    ├── SelectionError            a selection names a dimension or value that does not exist
    ├── RuleError                 a user's classification rule cannot be used
    ├── DetailError               single events are asked of a breakdown that has sums only
    ├── CaptureError              a profile could not be taken
    └── SlowerError               a run is slower than its baseline allows

An *error* stops; an `Issue` does not: it says what about a profile is missing, repaired or doubtful, and how often.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


class XpubreakError(Exception):
    """Base of every error that xpubreak raises on purpose."""


class NotATraceError(XpubreakError, ValueError):
    """The input is not a torch-profiler trace."""


class SelectionError(XpubreakError, ValueError):
    """A selection names a dimension or a value that does not exist."""


class RuleError(XpubreakError, ValueError):
    """A user's classification rule cannot be used."""


class DetailError(XpubreakError, ValueError):
    """Single events are asked of a breakdown that has sums only."""


class CaptureError(XpubreakError, RuntimeError):
    """A profile could not be taken."""


class SlowerError(XpubreakError, AssertionError):
    """A run is slower than its baseline allows; ``comparison`` has all the numbers.

    Parameters
    ----------
    message
        What got slower, and by how much.
    comparison
        A `Comparison` of the two.
    """

    def __init__(self, message: str, comparison: object = None) -> None:
        super().__init__(message)
        self.comparison = comparison


SEVERITIES = ("info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Issue:
    """Something about a profile that its reader has to know.

    Parameters
    ----------
    code
        Stable kebab-case identifier, e.g. ``"truncated-file"``.
    severity
        ``"info"`` (repaired without consequence), ``"warning"`` (numbers may be incomplete) or
        ``"error"`` (numbers are incomplete).
    message
        One sentence: what happened, and what to do.
    count
        How many events it concerns.
    example
        One affected event or name, as plain untrusted text; empty where there is none.
    """

    code: str
    severity: str
    message: str
    count: int = 1
    example: str = ""


def merge_issues(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Add up issues with the same code and message, worst first, else in order of appearance."""
    merged: dict[tuple[str, str], Issue] = {}
    for issue in issues:
        key = (issue.code, issue.message)
        seen = merged.get(key)
        merged[key] = issue if seen is None else replace(seen, count=seen.count + issue.count)
    return tuple(sorted(merged.values(), key=lambda issue: -SEVERITIES.index(issue.severity)))
