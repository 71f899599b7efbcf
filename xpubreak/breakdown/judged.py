"""What a breakdown says about its time: what is wrong, what it waits for, what could be had."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from xpubreak.breakdown.cost.costs import Costs, costs
from xpubreak.breakdown.cost.roofline import roofline
from xpubreak.breakdown.findings.extent import Extent
from xpubreak.breakdown.findings.idle import Gaps, find_gaps
from xpubreak.breakdown.findings.listing import Findings
from xpubreak.breakdown.findings.plugins import find_all
from xpubreak.errors import Issue

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.breakdown import Breakdown


class Judged:
    """Part of `Breakdown`."""

    @cached_property
    def findings(self) -> Findings:
        """What is wrong or worth doing, worst first; each with its cost, evidence and advice."""
        breakdown = cast("Breakdown", self)
        private = breakdown.tables.private
        try:
            found = find_all(breakdown)
        except Exception as error:  # noqa: BLE001 - a breakdown is worth being seen without what is said about it
            message = f"Findings could not be looked for ({type(error).__name__}: {str(error)[:300]})."
            found = Findings((), Extent(0, 0), [Issue("finding-failed", "warning", message)])
        return found if private is None else found.redacted(private)

    @cached_property
    def gaps(self) -> Gaps:
        """Idle time of the device before selected activities, each gap with its cause; rows are of ``tables.rows``."""
        breakdown = cast("Breakdown", self)
        breakdown._needs_events("Idle time by cause")
        return find_gaps(breakdown)

    @cached_property
    def work(self) -> Costs:
        """What operators have to compute and move, call by call."""
        return costs(cast("Breakdown", self))

    @cached_property
    def costs(self) -> pd.DataFrame:
        """Work, achieved rates and headroom by operator and shape; columns in `cost.roofline.COST_COLUMNS`.

        Empty where no shapes were recorded; replays of graphs have none, nor have sums without single events.
        """
        return roofline(cast("Breakdown", self), self.work)
