"""``xb.compare``."""

from __future__ import annotations

from collections.abc import Sequence

from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.compare.comparison import Comparison
from xpubreak.breakdown.compare.differences import ALPHA, DRAWS
from xpubreak.errors import SelectionError

_MAX_DRAWS, _MIN_DRAWS = 100_000, 200


def compare(
    *runs: Breakdown,
    titles: Sequence[str] = (),
    alpha: float = ALPHA,
    draws: int = DRAWS,
    seed: int = 0,
) -> Comparison:
    """Compare runs: what changed, by how much, and whether that is more than noise.

    Parameters
    ----------
    *runs
        Two or more breakdowns; the first is the baseline.
    titles
        What to call them; by default their own titles.
    alpha
        Of the differences that are called significant, at most this share is chance. Intervals hold with 1 − alpha.
    draws
        How often steps are drawn for the intervals.
    seed
        The same seed gives the same numbers.

    Returns
    -------
    Comparison
        Of the first two; ``pair(2)`` compares the baseline with the third.

    Raises
    ------
    SelectionError
        For fewer than two runs, something else than breakdowns, or options out of range.
    """
    if len(runs) < 2:
        raise SelectionError(f"A comparison needs two runs or more, {len(runs)} given: xb.compare(eager, compiled).")
    for at, run in enumerate(runs):
        if not isinstance(run, Breakdown):
            raise SelectionError(
                f"Run {at} is {type(run).__name__}, not a Breakdown. Make one with xb.load(path) or xb.open(path)."
            )
    if titles and len(titles) != len(runs):
        raise SelectionError(f"{len(titles)} titles for {len(runs)} runs.")
    if not 0 < alpha < 0.5:
        raise SelectionError(f"alpha={alpha!r}: a number between 0 and 0.5, such as 0.05.")
    if not _MIN_DRAWS <= draws <= _MAX_DRAWS:
        raise SelectionError(f"draws={draws!r}: between {_MIN_DRAWS} and {_MAX_DRAWS}.")
    return Comparison(runs, tuple(map(str, titles)), alpha=alpha, draws=draws, seed=seed)
