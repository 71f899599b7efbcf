"""Gates of a CI job: ``backend=cpu > 5%``, ``phase=decode,backend=framework > 2ms``. Read by hand, never evaluated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from xpubreak.breakdown.savedselection import LEFT_OUT
from xpubreak.breakdown.selection import Selection
from xpubreak.command.clauses import read_clauses
from xpubreak.errors import SelectionError, XpubreakError
from xpubreak.units import NS_PER_MS, NS_PER_S, NS_PER_US, format_ns, format_share

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_UNITS_NS = {"ns": 1, "us": NS_PER_US, "µs": NS_PER_US, "ms": NS_PER_MS, "s": NS_PER_S}
# From the end, since names of kernels hold < and >.
_GATE = re.compile(
    r"(?P<clauses>.*?)\s*(?P<sign>>=|<=|>|<)\s*(?P<limit>\d{1,15}(?:\.\d{1,15})?)\s*(?P<unit>%|ns|us|µs|ms|s)"
)
_FORM = "write it as 'backend=cpu > 5%' or 'phase=decode,backend=framework > 2ms'"


@dataclass(frozen=True)
class Gate:
    """A condition under which the command fails.

    Parameters
    ----------
    text
        As it was written.
    selection
        What is measured; everything where there are no clauses.
    sign
        One of ``> >= < <=``.
    limit
        Exactly, in percent or nanoseconds.
    is_share
        Whether it is of a share of the whole, not of time.
    """

    text: str
    selection: Selection
    sign: str
    limit: Fraction
    is_share: bool

    def check(self, bd: Breakdown) -> Verdict:
        """Measure.

        Raises
        ------
        XpubreakError
            Nothing was recorded of which there could be a share, or not what was saved is looked at: a gate must not
            pass for want of data.
        """
        for issue in bd.issues:
            if issue.code == LEFT_OUT:
                raise XpubreakError(f"--fail-if {self.text!r} cannot be decided: {issue.message}")
        whole_ns = int(bd.weights_ns.sum())
        if whole_ns == 0:
            raise XpubreakError(f"--fail-if {self.text!r} cannot be decided: no {bd.weight} time was recorded.")
        part_ns = int(bd.select(self.selection).weights_ns.sum())
        measured = Fraction(100 * part_ns, whole_ns) if self.is_share else Fraction(part_ns)
        is_true = {
            ">": measured > self.limit,
            ">=": measured >= self.limit,
            "<": measured < self.limit,
            "<=": measured <= self.limit,
        }[self.sign]
        shown = f"{format_share(part_ns, whole_ns)} of the {bd.weight} time" if self.is_share else format_ns(part_ns)
        return Verdict(self, is_true, f"{self.text}: {shown}")


@dataclass(frozen=True)
class Verdict:
    """What a gate found.

    Parameters
    ----------
    gate
        Whose it is.
    is_true
        The command fails.
    text
        The condition and what was measured.
    """

    gate: Gate
    is_true: bool
    text: str


def read_gate(text: str) -> Gate:
    """Read a condition.

    Parameters
    ----------
    text
        Clauses as in `read_clauses`, a sign, and a share in percent or a time with its unit.

    Raises
    ------
    SelectionError
        It cannot be read.
    """
    match = _GATE.fullmatch(text.strip())
    if match is None:
        raise SelectionError(f"{text!r} is no condition: {_FORM}.")
    is_share = match["unit"] == "%"
    if is_share and not match["clauses"]:
        raise SelectionError(f"{text!r} says of what: {_FORM}.")
    selection = read_clauses(match["clauses"]) if match["clauses"] else Selection()
    limit = Fraction(match["limit"]) * (1 if is_share else _UNITS_NS[match["unit"]])
    return Gate(text.strip(), selection, match["sign"], limit, is_share)
