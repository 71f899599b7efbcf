"""Alignment: how far two sequences of work go together, a few odd pieces in between allowed."""

from __future__ import annotations

from collections.abc import Sequence

Item = tuple[int, int]
"""Exact identity and family of one piece of work; families are shared by what differs only in a generated number."""

_SAME, _KIN, _DIFFERENT, _SKIPPED = 2, 1, -3, -2
_BAND = 12  # odd pieces on either side; more and the sequences have nothing to do with each other
_GIVE_UP = 8  # below the best score so far


def extend(left: Sequence[Item], right: Sequence[Item]) -> tuple[int, int]:
    """Align two sequences from their beginnings, as far as it pays.

    Parameters
    ----------
    left, right
        Items; alignment starts with the first of both.

    Returns
    -------
    int, int
        How many items of ``left`` and of ``right`` the best alignment covers; the shortest of equally good ones.
    """
    best, where = 0, (0, 0)
    above = {j: j * _SKIPPED for j in range(min(_BAND, len(right)) + 1)}
    for i in range(1, len(left) + 1):
        symbol, family = left[i - 1]
        row: dict[int, int] = {}
        first = max(0, i - _BAND)
        for j in range(first, min(len(right), i + _BAND) + 1):
            score = above.get(j, -_LOST) + _SKIPPED
            if j > 0:
                other = right[j - 1]
                pair = _SAME if other[0] == symbol else _KIN if other[1] == family else _DIFFERENT
                score = max(score, above.get(j - 1, -_LOST) + pair, row.get(j - 1, -_LOST) + _SKIPPED)
                if score > best and pair > 0:
                    best, where = score, (i, j)
            row[j] = score
        if not row or max(row.values()) < best - _GIVE_UP:
            break
        above = row
    return where


_LOST = 1 << 30
