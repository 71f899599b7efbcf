"""What of a comparison is saved: everything where that is small, else the smallest kernels and operators as one row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xpubreak.view.comparison.folding import folded
from xpubreak.view.comparison.payload import compressed_pairs, pairs_of

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison

_NEAR_FRAC = 0.9
"""A copy that takes so much of its room need not be tried larger."""
_BASE64 = 4 / 3


@dataclass(frozen=True)
class SavedComparison:
    """A comparison for a file.

    Parameters
    ----------
    content
        Gzipped JSON, as `xpubreak.view.comparison.payload.packed` writes it.
    notes
        What is folded or left out, for the reader.
    """

    content: bytes
    notes: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """As text, in base64."""
        return int(len(self.content) * _BASE64) + 4


def save(cmp: Comparison, budget_bytes: int | None = None) -> SavedComparison:
    """Pack a comparison.

    Parameters
    ----------
    cmp
        What to save.
    budget_bytes
        Room as text. The smallest kernels and operators are folded first, all of their leaves together; then further
        pairs of runs are left out. Sums by phase, backend, category and layer never change. None: no limit.
    """
    pairs = pairs_of(cmp)
    whole = SavedComparison(compressed_pairs(pairs))
    if budget_bytes is None or whole.size_bytes <= budget_bytes:
        return whole
    best = None
    low, high = 0, max(len(pair[name]) for pair in pairs for name in ("kernel", "op")) - 2
    while low <= high:
        middle = (low + high) // 2
        tried = _packed([folded(pair, middle) for pair in pairs])
        if tried.size_bytes > budget_bytes:
            high = middle - 1
            continue
        best, low = tried, middle + 1
        if tried.size_bytes >= _NEAR_FRAC * budget_bytes:
            break
    if best is not None:
        return best
    smallest = [folded(pair, 0) for pair in pairs]
    for kept in range(len(smallest) - 1, 0, -1):
        note = f"This saved copy holds {kept} of {len(pairs)} pairs of runs: more would not fit its size."
        last = _packed(smallest[:kept], note)
        if last.size_bytes <= budget_bytes:
            return last
    return last if len(smallest) > 1 else _packed(smallest)


def _packed(pairs: list[dict[str, Any]], *notes: str) -> SavedComparison:
    first = pairs[0].get("folded", "")
    left_out = " ".join(notes)
    if left_out:
        pairs = [{**pair, "folded": f"{pair.get('folded', '')} {left_out}".strip()} for pair in pairs]
    return SavedComparison(compressed_pairs(pairs), tuple(note for note in (first, *notes) if note))
