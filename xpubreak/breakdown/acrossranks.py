"""What a breakdown says about its ranks: beside each other, between them, and one in detail."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from xpubreak.breakdown.access import Access
from xpubreak.errors import DetailError

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.trace.trace import Metadata


class AcrossRanks:
    """Part of `Breakdown`."""

    @property
    def metadatas(self) -> tuple[Metadata, ...]:
        """One per rank."""
        return tuple(run.metadata for run in cast("Breakdown", self).tables.runs)

    @property
    def ranks(self) -> tuple[int, ...]:
        """Rank numbers, ascending."""
        return tuple(metadata.rank for metadata in self.metadatas)

    @property
    def origins_ns(self) -> Mapping[int, int]:
        """Start of each rank's trace on the clock that all ranks share."""
        return cast("Breakdown", self).tables.origins_ns

    @cached_property
    def rank_table(self) -> pd.DataFrame:
        """One row per rank: totals, skew, waiting, stragglers; columns in `ranktable.RANK_COLUMNS`.

        Of whole ranks, whatever is selected.
        """
        from xpubreak.breakdown import ranktable  # noqa: PLC0415

        return ranktable.rank_table(cast("Breakdown", self))

    @cached_property
    def collectives(self) -> pd.DataFrame:
        """One row per collective that was matched over ranks; columns in `ranktable.COLLECTIVE_COLUMNS`."""
        from xpubreak.breakdown import ranktable  # noqa: PLC0415

        self._needs_events("A table of single collectives")
        return ranktable.collective_table(cast("Breakdown", self))

    def detail(self, *ranks: int, storage_options: Mapping[str, Any] | None = None) -> Breakdown:
        """Read the single events of some ranks from the data set that a load with ``store=`` wrote.

        Parameters
        ----------
        *ranks
            Their numbers.
        storage_options
            As in ``xb.load``; by default those of the load, which saved breakdowns do not have.

        Returns
        -------
        Breakdown
            Everything about these ranks, with what is selected here.

        Raises
        ------
        DetailError
            There is no data set, or the rank is not in it.
        """
        from xpubreak.breakdown.dataset import open_ranks  # noqa: PLC0415 - Parquet is needed for this only

        me = cast("Breakdown", self)
        if not me.tables.folded:
            return me.select(rank=list(ranks))
        if not me.tables.store:
            raise DetailError("Single events were not kept: load again with store=, a folder or URL to keep them in.")
        access = me.tables.access if storage_options is None else Access.given(storage_options)
        return open_ranks(me.tables.store, ranks, me.title, access).select(me.selection)

    def _needs_events(self, what: str) -> None:
        tables = cast("Breakdown", self).tables
        if tables.folded:
            how = "bd.detail(rank) has those of a rank" if tables.store else "load with store=…, then bd.detail(rank)"
            raise DetailError(f"{what} needs single events, which were added up here: {how}.")
