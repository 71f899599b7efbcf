"""Findings: what is wrong or worth doing, what it costs, and where to look."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from xpubreak.breakdown.findings.extent import extent
from xpubreak.breakdown.selection import Selection
from xpubreak.units import format_ns

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.privatetexts import PrivateTexts

_LARGE_FRAC, _NOTABLE_FRAC = 0.10, 0.02


@dataclass(frozen=True)
class Finding:
    """Something that costs time or misleads, with the arithmetic behind it.

    Parameters
    ----------
    key
        Stable identifier; behind a colon what tells findings of a kind apart: ``"cpu-fallback:aten::linalg_eig"``.
    title
        One line. May hold names from the trace: untrusted text.
    severity
        ``"error"``, ``"warning"`` or ``"info"``, as of issues.
    at_stake_ns
        Upper bound of what fixing it saves in the whole profile, summed over ranks; 0 where it misleads but costs
        nothing, or where nobody can say.
    at_stake_per_step_ns
        The same for one step of one rank; None where there are no steps.
    arithmetic
        How the time at stake comes about, with the numbers.
    evidence
        Selects the events in tables and views.
    advice
        What to do.
    source
        Where the knowledge behind it comes from.
    caveat
        Why the number may be off; empty for no reason known.
    estimate_ns
        What fixing it is likely to save, at most ``at_stake_ns``, where that can be estimated; else None.
    columns
        What lies behind the number, piece by piece: columns of equal length, such as ``layer``, ``host_ns``. The first
        one tells the rows apart. Empty where there is nothing to add.
    """

    key: str
    title: str
    severity: str
    at_stake_ns: int
    at_stake_per_step_ns: float | None
    arithmetic: str
    evidence: Selection
    advice: str
    source: str
    caveat: str = ""
    estimate_ns: int | None = None
    columns: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len({len(values) for values in self.columns.values()}) > 1:
            raise ValueError(f"Columns of {self.key} differ in length.")
        if not all(math.isfinite(value) for values in self.columns.values() for value in values):
            raise ValueError(f"Columns of {self.key} hold what is no number.")

    @property
    def table(self) -> pd.DataFrame:
        """``columns`` as pandas."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        frame: pd.DataFrame = pd.DataFrame({name: list(values) for name, values in self.columns.items()})
        return frame

    @property
    def kind(self) -> str:
        """The key up to its colon."""
        return self.key.partition(":")[0]

    @property
    def stake_text(self) -> str:
        """Time at stake in words: ``"at most 1.20 ms a step"``."""
        if not self.at_stake_ns:
            return ""
        if self.at_stake_per_step_ns is None:
            return f"at most {format_ns(self.at_stake_ns)}"
        return f"at most {format_ns(self.at_stake_per_step_ns)} a step"

    @property
    def estimate_text(self) -> str:
        """The estimate in words: ``"about 0.90 ms a step"``; empty where there is none."""
        if self.estimate_ns is None or not self.at_stake_ns:
            return ""
        if self.at_stake_per_step_ns is None:
            return f"about {format_ns(self.estimate_ns)}"
        return f"about {format_ns(self.estimate_ns * self.at_stake_per_step_ns / self.at_stake_ns)} a step"

    def redacted(self, private: PrivateTexts) -> Finding:
        """Return the same finding without names of people, hosts and places."""
        texts = ("key", "title", "arithmetic", "advice", "source", "caveat")
        evidence = {
            name: [private.value(name, item) for item in values] for name, values in self.evidence.to_json().items()
        }
        told: dict[str, Any] = {name: private.text(getattr(self, name)) for name in texts}
        return replace(self, evidence=Selection.of(**evidence), **told)

    def to_json(self) -> dict[str, Any]:
        """Write as plain JSON; the selection as `Selection.to_json` does."""
        return {
            "key": self.key,
            "title": self.title,
            "severity": self.severity,
            "at_stake_ns": self.at_stake_ns,
            "at_stake_per_step_ns": self.at_stake_per_step_ns,
            "arithmetic": self.arithmetic,
            "evidence": self.evidence.to_json(),
            "advice": self.advice,
            "source": self.source,
            "caveat": self.caveat,
            "estimate_ns": self.estimate_ns,
            "columns": {name: list(values) for name, values in self.columns.items()},
        }


def severity_of(at_stake_ns: float, whole_ns: float) -> str:
    """Grade a time at stake by its share of the time of all steps."""
    share = at_stake_ns / whole_ns if whole_ns else 0.0
    return "error" if share >= _LARGE_FRAC else "warning" if share >= _NOTABLE_FRAC else "info"


def costing(
    breakdown: Breakdown,
    *,
    key: str,
    title: str,
    at_stake_ns: float,
    arithmetic: str,
    evidence: Selection,
    advice: str,
    source: str,
    caveat: str = "",
    estimate_ns: float | None = None,
    columns: Mapping[str, tuple[float, ...]] | None = None,
) -> Finding:
    """Make a finding that costs time: severity and time per step follow from the breakdown."""
    found = extent(breakdown)
    at_stake_ns = round(at_stake_ns)
    return Finding(
        key=key,
        title=title,
        severity=severity_of(at_stake_ns, found.span_ns),
        at_stake_ns=at_stake_ns,
        at_stake_per_step_ns=at_stake_ns / found.steps if found.steps else None,
        arithmetic=arithmetic,
        evidence=evidence,
        advice=advice,
        source=source,
        caveat=caveat,
        estimate_ns=None if estimate_ns is None else round(estimate_ns),
        columns=columns or {},
    )
