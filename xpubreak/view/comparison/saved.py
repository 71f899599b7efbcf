"""What of a comparison is saved: everything where that is small, else the smallest kernels of each pair as one row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xpubreak.units import format_share
from xpubreak.view.comparison.payload import compressed_pairs, pairs_of

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison

FOLDED_NAME = "(smaller)"
"""Stands for every kernel that was folded."""
FOLDED = "folded"
"""Its verdict: it has none."""
_CHANGED = ("slower", "faster", "only in A", "only in B")
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
        Room as text. The smallest kernels are folded first, all of their leaves together; then further pairs of runs
        are left out. Sums by backend, category and layer never change. None: no limit.
    """
    pairs = pairs_of(cmp)
    whole = SavedComparison(compressed_pairs(pairs))
    if budget_bytes is None or whole.size_bytes <= budget_bytes:
        return whole
    best = None
    low, high = 0, max(len(pair["kernel"]) for pair in pairs) - 2
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


def folded(pair: dict[str, Any], most: int) -> dict[str, Any]:
    """Fold the kernels of a pair that take least of the time of both runs, until ``most`` and their sum are left."""
    kernels, leaves = pair["kernel"], pair["leaves"]
    whole_ns = sum(row["a"] + row["b"] for row in kernels)
    by_size = sorted(kernels, key=lambda row: (-row["a"] - row["b"], row["key"]))
    small = {row["key"] for row in by_size[most:]}
    if len(small) < 2:
        return pair  # one row would stand for one row
    kept = [row for row in kernels if row["key"] not in small]
    number = {row["key"]: at for at, row in enumerate(kept)}
    gone = [row for row in kernels if row["key"] in small]
    one: dict[str, Any] = {
        "key": len(kept), "label": FOLDED_NAME, "how": FOLDED, "backends": ["", ""], "category": "",
        "a": _sum(gone, "a"), "b": _sum(gone, "b"), "low": None, "high": None, "q": None, "detectable": None,
        "verdict": FOLDED,
    }  # fmt: skip
    rows = [*({**row, "key": number[row["key"]]} for row in kept), one]
    changed = sum(row["verdict"] in _CHANGED for row in gone)
    return {**pair, "kernel": rows, "leaves": _folded_leaves(leaves, number, len(kept)), "folded": (
        f"This saved copy shows the {len(gone):,} smallest of {len(kernels):,} kernels as “{FOLDED_NAME}”, together "
        f"{format_share(one['a'] + one['b'], whole_ns)} of the time of both runs; {changed:,} of them changed by more "
        "than noise. Sums by backend, category and layer are exact."
    )}  # fmt: skip


def _folded_leaves(leaves: dict[str, list[Any]], number: dict[int, int], other: int) -> dict[str, list[Any]]:
    sums: dict[tuple[int, int, int, int], list[float]] = {}
    names = ("backend", "category", "layer")
    columns = [leaves[name] for name in (*names, "kernel", "a", "b")]
    for backend, category, layer, kernel, a_ns, b_ns in zip(*columns, strict=True):
        found = sums.setdefault((backend, category, layer, number.get(kernel, other)), [0.0, 0.0])
        found[0] += a_ns
        found[1] += b_ns
    made: dict[str, list[Any]] = {name: [key[at] for key in sums] for at, name in enumerate((*names, "kernel"))}
    for at, side in enumerate(("a", "b")):
        made[side] = [round(times_ns[at], 3) for times_ns in sums.values()]
    return made


def _sum(rows: list[dict[str, Any]], side: str) -> float:
    return round(sum(row[side] for row in rows), 3)
