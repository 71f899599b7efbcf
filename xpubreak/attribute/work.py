"""The work of one step as a sequence: what the search for repeats looks at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from xpubreak.attribute.align import Item
from xpubreak.trace.columns import BoolArray, IntArray


@dataclass(frozen=True)
class Work:
    """Kernels in the order in which they were enqueued, or operators in the order in which they began.

    Parameters
    ----------
    symbol
        int64[n]: equal for equal work.
    family
        int64[n]: equal for work that differs in no more than a generated number; all norms are one family.
    anchor
        bool[n]: attention, or the recurrence that stands in its place: once a layer.
    heavy
        bool[n]: matrix products, also of experts.
    norm
        bool[n]: normalisations, alone or fused with anything.
    embedding
        bool[n]: looks tokens up, alone or fused with anything.
    collective
        bool[n]: communication, not fused with a norm.
    """

    symbol: IntArray
    family: IntArray
    anchor: BoolArray
    heavy: BoolArray
    norm: BoolArray
    embedding: BoolArray
    collective: BoolArray

    def __len__(self) -> int:
        return len(self.symbol)

    @cached_property
    def items(self) -> list[Item]:
        """Symbol and family of every piece, for alignment."""
        return list(zip(self.symbol.tolist(), self.family.tolist(), strict=True))

    def key(self, first: int, end: int) -> bytes:
        """Equal for stretches of equal work."""
        return self.symbol[first:end].tobytes()

    def behind_collectives(self, first: int, end: int) -> int:
        """First index behind the communication that leads a stretch, before any norm or matrix product."""
        stops = (self.heavy[first:end] | self.norm[first:end]).nonzero()[0]
        leading = self.collective[first : first + int(stops[0]) if len(stops) else end].nonzero()[0]
        return first + int(leading[-1]) + 1 if len(leading) else first

    def norms_between_products(self, first: int, end: int) -> list[int]:
        """Norms of a stretch that have a matrix product before and behind them: where a block can begin."""
        heavy = self.heavy[first:end].nonzero()[0]
        if len(heavy) < 2:
            return []
        norms = self.norm[first:end].nonzero()[0]
        inside = norms[(norms > heavy[0]) & (norms < heavy[-1])]
        return [first + int(at) for at in inside]
