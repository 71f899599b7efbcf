"""The list of findings of a breakdown, as text and as pandas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xpubreak.breakdown.findings.extent import Extent
from xpubreak.breakdown.findings.finding import Finding
from xpubreak.breakdown.findings.pieces import piece_lines
from xpubreak.breakdown.tables import encodable
from xpubreak.breakdown.text import clip, wrap
from xpubreak.errors import Issue
from xpubreak.units import format_ns

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.privatetexts import PrivateTexts

FINDING_COLUMNS = {
    "key": "stable identifier",
    "title": "in one line",
    "severity": "error, warning, info",
    "at_stake_ns": "upper bound of what fixing it saves, over the whole profile",
    "at_stake_per_step_ns": "the same for one step of one rank; nan without steps",
    "arithmetic": "how that comes about",
    "evidence": "selection, as select takes it",
    "advice": "what to do",
    "source": "where the knowledge is from",
    "caveat": "why the number may be off; empty for no reason known",
    "estimate_ns": "what fixing it is likely to save, where that can be estimated; else nan",
}
_MARKS = {"error": "✖", "warning": "⚠", "info": "·"}


class Findings(tuple[Finding, ...]):
    """A tuple of findings, worst first, that prints itself.

    Parameters
    ----------
    found
        The findings.
    whole
        Extent of the steps, which nothing can save more than.
    failures
        One issue for each plug-in that failed.
    """

    whole: Extent
    failures: tuple[Issue, ...]

    def __new__(cls, found: Iterable[Finding], whole: Extent, failures: Iterable[Issue] = ()) -> Findings:
        made = super().__new__(cls, found)
        made.whole, made.failures = whole, tuple(failures)
        return made

    def redacted(self, private: PrivateTexts) -> Findings:
        """Return the same without names of people, hosts and places: plug-ins and exceptions may hold any."""
        failures = [
            replace(issue, message=private.text(issue.message), example=private.text(issue.example))
            for issue in self.failures
        ]
        return Findings([finding.redacted(private) for finding in self], self.whole, failures)

    @property
    def at_stake_ns(self) -> int:
        """Time at stake in all of them, over the whole profile; never more than there is.

        An upper bound: findings may be about the same time.
        """
        return min(sum(finding.at_stake_ns for finding in self), self.whole.span_ns)

    @property
    def at_stake_per_step_ns(self) -> float | None:
        """The same for one step of one rank; None without steps."""
        return self.at_stake_ns / self.whole.steps if self.whole.steps else None

    @property
    def summary(self) -> str:
        """One line: ``"5 findings, up to 61.0 ms a step at stake"``."""
        count = f"{len(self)} {'finding' if len(self) == 1 else 'findings'}" if self else "No findings"
        if not self.at_stake_ns:
            return count
        per_step = self.at_stake_per_step_ns
        stake = format_ns(self.at_stake_ns) if per_step is None else f"{format_ns(per_step)} a step"
        return f"{count}, up to {stake} at stake"

    @property
    def table(self) -> pd.DataFrame:
        """As pandas; columns in `FINDING_COLUMNS`."""
        import pandas as pd  # noqa: PLC0415  # loaded when a table is asked for

        columns: dict[str, Any] = {
            name: [getattr(finding, name) for finding in self] for name in FINDING_COLUMNS if name != "evidence"
        }
        columns = {name: encodable(found) if isinstance(next(iter(found), None), str) else found
                   for name, found in columns.items()}  # fmt: skip
        columns["evidence"] = [finding.evidence.to_json() for finding in self]
        for name in ("at_stake_per_step_ns", "estimate_ns"):
            columns[name] = pd.array(columns[name], dtype="float64")
        frame: pd.DataFrame = pd.DataFrame(columns, columns=list(FINDING_COLUMNS))
        return frame

    def text(self, width: int = 100, most: int | None = None) -> str:
        """For a terminal.

        Parameters
        ----------
        width
            Columns.
        most
            Only so many findings, and these as one line each.
        """
        lines = [self.summary]
        for finding in self[:most]:
            stake = ", ".join(filter(None, (finding.stake_text, finding.estimate_text)))
            stake = f": {stake}" if stake else ""
            lines.append(clip(f"{_MARKS[finding.severity]} {finding.title}{stake}", width))
            if most is None:
                told = (finding.arithmetic, finding.advice, finding.caveat)
                lines += [f"  {line}" for text in told if text for line in wrap(clip(text, 4000), width - 2)]
                lines += [f"  {clip(line, width - 2)}" for line in piece_lines(finding)]
        if most is not None and len(self) > most:
            lines.append(f"  and {len(self) - most} more: print(bd.findings)")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__
